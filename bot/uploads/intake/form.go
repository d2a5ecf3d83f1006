package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"path"
	"strings"
)

// form reads the files of a form, one after the other.
func (r *reader) form(b Body, boundary string) error {
	if boundary == "" {
		return fmt.Errorf("%w: its Content-Type has no boundary", ErrForm)
	}
	parts := multipart.NewReader(io.NewSectionReader(b.ReaderAt, 0, b.Size), boundary)
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) && n > 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrForm, err)
		}
		if err := r.part(part); err != nil {
			return err
		}
	}
}

func (r *reader) part(part *multipart.Part) error {
	// Part.FileName leaves out folders; a name with tricks is to be refused.
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	name := params["filename"]
	if err != nil || name == "" {
		return fmt.Errorf("%w: the field %q is no file; files have a name, and everything else is a parameter of the address", ErrForm, part.FormName())
	}
	if part.Header.Get("Content-Transfer-Encoding") != "" {
		return fmt.Errorf("%w: files are sent as they are, without a transfer encoding", ErrForm)
	}
	broken := &noting{Reader: part}
	if strings.EqualFold(path.Ext(name), ".zip") {
		content, err := io.ReadAll(broken) // of a body that is bounded
		if err == nil {
			return r.zip(name, bytes.NewReader(content), int64(len(content)))
		}
	} else if err := r.file(name, broken, 0); err != nil {
		return err
	}
	if broken.err != nil {
		return fmt.Errorf("%w: %w", ErrForm, broken.err)
	}
	return nil
}

// noting remembers what went wrong while reading.
type noting struct {
	io.Reader
	err error
}

func (n *noting) Read(p []byte) (int, error) {
	size, err := n.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		n.err = err
	}
	return size, err
}
