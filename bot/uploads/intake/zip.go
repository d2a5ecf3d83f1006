package intake

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// zip takes the files of an archive. name is the archive's own, "" where it
// has none.
func (r *reader) zip(name string, content io.ReaderAt, size int64) error {
	name = cmp.Or(shown(name), r.name)
	head, err := headOf(content)
	if err != nil {
		return err
	}
	kind := kindOf(head)
	entries, err := countEntries(content, size)
	if err != nil {
		return err
	}
	if entries > MaxFiles {
		r.problem(name, 0, "there are more than %d files in it; send them in parts", MaxFiles)
		return nil
	}
	archive, err := zip.NewReader(content, size)
	switch {
	case isOffice(kind), err != nil && !isZip(head) && refusal(kind) != "":
		r.problem(name, 0, "%s", refusal(kind))
		return nil
	case err != nil:
		r.problem(name, 0, "this is no ZIP archive, or not all of it arrived: %s", strings.TrimPrefix(err.Error(), "zip: "))
		return nil
	}
	if reason := tricks(archive.File); reason != "" {
		r.problem(name, 0, "%s", reason)
		return nil
	}
	for _, f := range archive.File {
		if err := r.zipFile(f); err != nil {
			return err
		}
	}
	return nil
}

// headOf returns the first bytes of a file.
func headOf(content io.ReaderAt) ([]byte, error) {
	head := make([]byte, headBytes)
	n, err := content.ReadAt(head, 0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return head[:n], err
}

// entryMark begins each entry of an archive's directory.
var entryMark = []byte("PK\x01\x02")

// countEntries counts the entries of an archive before its directory is read
// into memory: an archive of 32 MiB may list 700,000.
func countEntries(content io.ReaderAt, size int64) (int, error) {
	const block = 64 << 10
	buffer := make([]byte, block+len(entryMark)-1)
	n := 0
	for at := int64(0); at < size; at += block {
		got, err := content.ReadAt(buffer, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("read archive: %w", err)
		}
		n += bytes.Count(buffer[:got], entryMark)
	}
	return n, nil
}

// tricks says what about the entries as a whole is not as archivers make it.
func tricks(files []*zip.File) string {
	type span struct {
		start, end uint64
		name       string
	}
	var spans []span
	for _, f := range files {
		start, err := f.DataOffset()
		if err != nil {
			return fmt.Sprintf("%s is not where the archive says; not all of it may have arrived", shown(f.Name))
		}
		spans = append(spans, span{uint64(start), uint64(start) + f.CompressedSize64, f.Name})
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	for i := 1; i < len(spans); i++ {
		if spans[i].start < spans[i-1].end || spans[i].start == spans[i-1].start {
			return fmt.Sprintf("%s and %s share bytes of the archive: this is a trick", shown(spans[i-1].name), shown(spans[i].name))
		}
	}
	return ""
}

func (r *reader) zipFile(f *zip.File) error {
	raw, err := entryName(f.Name, f.Flags&0x800 != 0)
	if err != nil {
		r.problem(shown(strings.ToValidUTF8(f.Name, "?")), 0, "%s", err)
		return nil
	}
	if junk(raw) && !strings.Contains(raw, "..") {
		r.haul.Ignored = append(r.haul.Ignored, shown(raw))
		return nil
	}
	if folder, isFolder := strings.CutSuffix(raw, "/"); isFolder {
		if _, err := Name(folder); err != nil {
			r.problem(shown(raw), 0, "%s", err)
		} else if f.UncompressedSize64 > 0 || f.CompressedSize64 > 2 {
			r.problem(shown(raw), 0, "it says that it is a folder, but has content")
		}
		return nil
	}
	switch {
	case !f.Mode().IsRegular():
		r.problem(shown(raw), 0, "it is a link, a folder or a device; only files are taken")
		return nil
	case f.Flags&1 != 0:
		r.problem(shown(raw), 0, "it is encrypted; pack it without a password")
		return nil
	}
	content, err := f.Open()
	if err != nil {
		r.problem(shown(raw), 0, "it cannot be unpacked: %s", strings.TrimPrefix(err.Error(), "zip: "))
		return nil
	}
	defer content.Close()
	return r.file(raw, content, max(1, int64(min(f.CompressedSize64, 1<<40))))
}
