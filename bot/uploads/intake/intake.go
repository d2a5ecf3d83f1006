// Package intake reads what somebody sends into documents, whatever it really
// holds: a text, a ZIP archive of texts and their metadata, or a form of them.
package intake

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"wenbao/retrieval/document"
	"wenbao/retrieval/report"
)

// What is taken at most. A report of a province has 30 to 100 KB and some 120
// paragraphs.
const (
	MaxBody       = 32 << 20 // bytes of one upload, and of all that it unpacks to
	MaxDocument   = 4 << 20  // bytes of one document
	MaxMetadata   = 64 << 10 // bytes of one NAME.yaml
	MaxFiles      = 1000     // in one upload
	MaxParagraphs = 20_000   // of one document

	maxAllParagraphs = 100_000 // of one upload
	maxProblems      = 50      // that are named
)

// A Body is what was sent.
type Body struct {
	io.ReaderAt
	Size int64
	Type string // Content-Type
	Name string // of the file, where it is one and known; may be ""
}

// Options say how documents are called.
type Options struct {
	ID    string          // of the only document; "": by its file's name
	Under string          // a folder that the names of files are put into
	Given report.Metadata // of the only document; goes before its file of metadata
}

// A Haul is what was found.
type Haul struct {
	Documents []document.Document // by file, in the order they came; usable but for what Parse finds
	Ignored   []string            // files that systems leave in archives
	Problems  []document.Problem  // with them, nothing is to be kept
}

// ErrForm is wrapped where the request is not as uploads are sent.
var ErrForm = errors.New("the upload cannot be read")

// Read reads a body.
func Read(b Body, o Options) (*Haul, error) {
	r := &reader{name: cmp.Or(shown(b.Name), "the upload"), o: o, texts: map[string]*text{}, names: map[string]string{}}
	kind, params, err := mime.ParseMediaType(b.Type)
	switch {
	case err != nil || !strings.HasPrefix(kind, "multipart/"):
		err = r.raw(b)
	case kind == "multipart/form-data":
		err = r.form(b, params["boundary"])
	default:
		err = fmt.Errorf("%w: send multipart/form-data, or the file itself", ErrForm)
	}
	if err != nil {
		return nil, err
	}
	r.finish()
	return &r.haul, nil
}

// reader gathers the files of one body.
type reader struct {
	name  string // of it all, in messages
	o     Options
	haul  Haul
	texts map[string]*text  // by folded name without extension
	names map[string]string // every name taken, by its folded form
	order []*text
	size  int64 // bytes unpacked
	files int
	lines int // paragraphs
	extra int // problems beyond those named
}

// text is a document that may still lack one of its files.
type text struct {
	name     string // without extension
	file     string // "": only its metadata came
	content  []byte // nil: it cannot be used
	metaFile string
	meta     report.Metadata
}

func (r *reader) problem(file string, line int, format string, args ...any) {
	if len(r.haul.Problems) == maxProblems {
		r.extra++
		return
	}
	r.haul.Problems = append(r.haul.Problems, document.Problem{File: file, Line: line, Message: fmt.Sprintf(format, args...)})
}

// raw reads a body that is one file.
func (r *reader) raw(b Body) error {
	name := b.Name
	head, err := headOf(b)
	switch {
	case err != nil:
		return err
	case strings.EqualFold(path.Ext(name), ".zip") || isZip(head) && !strings.EqualFold(path.Ext(name), ".txt"):
		return r.zip(name, b.ReaderAt, b.Size)
	case name == "" && r.o.ID != "":
		name = r.o.ID + ".txt"
	case name == "":
		return fmt.Errorf("%w: the document has no name; give ?id=ID, or ?name=FILE.txt", ErrForm)
	}
	return r.file(name, io.NewSectionReader(b.ReaderAt, 0, b.Size), 0)
}

// file takes one file. packed is its size in an archive, 0 outside. Problems
// are noted; an error is one of the disk below.
func (r *reader) file(given string, content io.Reader, packed int64) error {
	if r.files++; r.files == MaxFiles+1 {
		r.problem(r.name, 0, "there are more than %d files; send them in parts", MaxFiles)
	}
	if r.files > MaxFiles {
		return nil
	}
	name, err := Name(given)
	if err != nil {
		r.problem(shown(given), 0, "%s", err)
		return nil
	}
	if first, taken := r.names[Fold(name)]; taken {
		r.problem(name, 0, "the name is there twice, as %s too", first)
		return nil
	}
	r.names[Fold(name)] = name
	ext := path.Ext(name)
	base := strings.TrimSuffix(name, ext)
	switch strings.ToLower(ext) {
	case ".txt":
		return r.text(base, name, content, packed)
	case ".yaml", ".yml":
		return r.metadata(base, name, content, packed)
	}
	head, err := io.ReadAll(io.LimitReader(content, headBytes))
	if err != nil {
		r.problem(name, 0, "it is damaged: %s", err)
		return nil
	}
	kind := kindOf(head)
	if reason := refusal(kind); reason != "" {
		r.problem(name, 0, "%s", reason)
	} else {
		r.problem(name, 0, "only .txt files are taken, .yaml files beside them, and .zip files of both; name a plain text .txt")
	}
	return nil
}

// shown is a name in a message: long ones are cut, and what cannot be seen is
// marked.
func shown(name string) string {
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "") + "…"
	}
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return utf8.RuneError
		}
		return c
	}, name)
}

func (r *reader) text(base, name string, content io.Reader, packed int64) error {
	t := r.entry(base)
	t.file = name
	b, ok := r.read(name, content, packed, MaxDocument)
	if !ok {
		return nil
	}
	kind := kindOf(b)
	if marked(kind) {
		r.problem(name, 0, "%s", refusal(kind))
		return nil
	}
	d := document.Document{File: name, Text: b}
	decoded, bad := d.Decode()
	if bad != nil {
		if reason := refusal(kind); reason != "" {
			bad.Line, bad.Message = 0, reason
		}
		r.problem(name, bad.Line, "%s", bad.Message)
		return nil
	}
	n := paragraphs(decoded)
	r.lines += n
	switch {
	case n == 0:
		r.problem(name, 0, "the document is empty")
	case n > MaxParagraphs:
		r.problem(name, 0, "it has %d paragraphs (lines that are not empty); at most %d are taken", n, MaxParagraphs)
	case r.lines > maxAllParagraphs:
		r.problem(name, 0, "the documents so far have more than %d paragraphs; send them in parts", maxAllParagraphs)
	default:
		t.content = b
	}
	return nil
}

func paragraphs(text string) int {
	n := 0
	for line := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == '\n' || c == '\r' }) {
		if strings.TrimSpace(line) != "" {
			n++
		}
	}
	return n
}

func (r *reader) metadata(base, name string, content io.Reader, packed int64) error {
	b, ok := r.read(name, content, packed, MaxMetadata)
	if !ok {
		return nil
	}
	meta, line, err := document.ParseMetadata(bytes.TrimPrefix(b, []byte("\uFEFF")))
	if err != nil {
		r.problem(name, line, "%s", err)
		return nil
	}
	t := r.entry(base)
	if t.metaFile != "" {
		r.problem(name, 0, "there is metadata for the document already, in %s", t.metaFile)
		return nil
	}
	t.metaFile, t.meta = name, meta
	return nil
}

func (r *reader) entry(base string) *text {
	key := Fold(base)
	t := r.texts[key]
	if t == nil {
		t = &text{name: base}
		r.texts[key] = t
		r.order = append(r.order, t)
	}
	return t
}

// An archive may unpack to maxRatio times its size; less than ratioFloor is
// no bomb.
const (
	maxRatio   = 100
	ratioFloor = 64 << 10
)

// read reads a file of at most most bytes, never trusting what an archive
// says of its size.
func (r *reader) read(name string, content io.Reader, packed, most int64) ([]byte, bool) {
	limit := min(most, MaxBody-r.size)
	dense := packed > 0 && maxRatio*packed < limit
	if dense {
		limit = max(maxRatio*packed, ratioFloor)
	}
	b, err := io.ReadAll(io.LimitReader(content, limit+1))
	r.size += int64(len(b))
	switch {
	case err != nil:
		r.problem(name, 0, "it is damaged: %s", strings.TrimPrefix(err.Error(), "zip: "))
	case int64(len(b)) <= limit:
		return b, true
	case dense:
		r.problem(name, 0, "it unpacks to more than %d times its size: this is no report", maxRatio)
	case limit == most:
		r.problem(name, 0, "it has more than %s; that is the most for one file of this kind", megabytes(most))
	default:
		r.problem(name, 0, "what was sent unpacks to more than %s; send it in parts", megabytes(MaxBody))
	}
	return nil, false
}

func megabytes(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// finish names the documents and sees to it that no two have one name.
func (r *reader) finish() {
	for _, t := range r.order {
		if t.file == "" {
			r.problem(t.metaFile, 0, "metadata without a document: there is no %s.txt beside it", path.Base(t.name))
		}
	}
	if n := len(r.order); n > 1 && (r.o.ID != "" || !r.o.Given.IsZero()) {
		r.problem(r.name, 0, "an id and metadata are for one document, but there are %d; put them into NAME.yaml files", n)
		r.o.ID, r.o.Given = "", report.Metadata{}
	}
	if len(r.order) == 0 && len(r.haul.Problems) == 0 {
		r.problem(r.name, 0, "there is no .txt file in it")
	}
	ids := map[string]string{}
	for _, t := range r.order {
		if d, ok := r.document(t); ok && !r.taken(ids, d) {
			r.haul.Documents = append(r.haul.Documents, d)
		}
	}
	if r.extra > 0 {
		r.haul.Problems = append(r.haul.Problems, document.Problem{File: r.name, Message: fmt.Sprintf("%d more problems", r.extra)})
	}
}

func (r *reader) document(t *text) (document.Document, bool) {
	d := document.Document{Name: t.name, File: t.file, Text: t.content, Given: merged(t.meta, r.o.Given)}
	if t.content == nil {
		return d, false
	}
	if r.o.Under != "" {
		d.Name = strings.TrimSuffix(r.o.Under, "/") + "/" + t.name
	}
	if r.o.ID != "" {
		d.Name = r.o.ID
		if d.Given.ID != "" && d.Given.ID != r.o.ID {
			r.problem(t.metaFile, 0, "it says that the id is %q, but %q is asked for", d.Given.ID, r.o.ID)
			return d, false
		}
	}
	name, err := Name(d.Name)
	if err == nil && d.Given.ID != "" {
		d.Given.ID, err = Name(d.Given.ID)
	}
	if err != nil {
		r.problem(t.file, 0, "the id %q will not do: %s", shown(d.ID()), strings.Replace(err.Error(), "the name", "it", 1))
		return d, false
	}
	d.Name = name
	return d, true
}

func (r *reader) taken(ids map[string]string, d document.Document) bool {
	first, taken := ids[Fold(d.ID())]
	if taken {
		r.problem(d.File, 0, "the id %q is that of %s too", d.ID(), first)
	}
	ids[Fold(d.ID())] = d.File
	return taken
}

// merged is what over says, and m where it says nothing.
func merged(m, over report.Metadata) report.Metadata {
	for _, key := range report.MetadataKeys() {
		if v := over.Get(key); v != "" {
			_, _ = m.Set(key, v) // it was set before
		}
	}
	return m
}
