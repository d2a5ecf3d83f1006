package corpus

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"wenbao/retrieval/document"
	"wenbao/retrieval/indicators"
	"wenbao/retrieval/report"
)

// A Corpus is a set of reports and what was wrong with the documents that
// did not become one. It is immutable after loading.
type Corpus struct {
	Reports  []*report.Report   // by id
	Problems []document.Problem // in the order of the files
	// Indicators is the list that the figures' ids are of, nil for none.
	Indicators *indicators.List
}

// ErrNoDocuments is wrapped by the error for a corpus without any usable
// document.
var ErrNoDocuments = errors.New("no usable document")

// Load reads every NAME.txt below the root of fsys, with NAME.yaml beside it
// where there is one. Hidden files and folders are skipped. A document that
// cannot be used becomes a Problem and the others still load; when none is
// left, the error wraps ErrNoDocuments. Reports of documents that before, which
// may be nil, holds unchanged are taken from it.
func (rd Reader) Load(fsys fs.FS, before *Corpus) (*Corpus, error) {
	l := loader{reader: rd, fsys: fsys, known: before.known()}
	texts, metas := map[string]bool{}, []string{}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if p == "." {
				return err
			}
			l.problem(p, 0, err.Error())
			return fs.SkipDir
		}
		if p != "." && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		switch ext := path.Ext(p); strings.ToLower(ext) {
		case ".txt":
			texts[strings.TrimSuffix(p, ext)] = true
			l.addText(p)
		case ".yaml", ".yml":
			metas = append(metas, p)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read corpus: %w", err)
	}
	for _, p := range metas {
		if base := strings.TrimSuffix(p, path.Ext(p)); !texts[base] {
			l.problem(p, 0, "metadata without a document: there is no "+path.Base(base)+".txt beside it")
		}
	}
	return l.finish()
}

// Report returns the report with this id, or nil.
func (c *Corpus) Report(id string) *report.Report {
	i := sort.Search(len(c.Reports), func(i int) bool { return c.Reports[i].ID >= id })
	if i < len(c.Reports) && c.Reports[i].ID == id {
		return c.Reports[i]
	}
	return nil
}

// BySlug returns the report with this (already unescaped) slug, or nil.
func (c *Corpus) BySlug(slug string) *report.Report {
	if r := c.Report(strings.ReplaceAll(slug, "~", "/")); r != nil {
		return r
	}
	for _, r := range c.Reports { // an id may itself hold a ~
		if r.Slug() == slug {
			return r
		}
	}
	return nil
}

// Digest identifies the content of the corpus: hex SHA-256 over its reports'
// ids and digests.
func (c *Corpus) Digest() string {
	h := sha256.New()
	for _, r := range c.Reports {
		fmt.Fprintf(h, "%q %s\n", r.ID, r.Digest)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// source is one document before it is read.
type source struct {
	file string
	line int
	id   string
	text string
	meta report.Metadata
}

type loader struct {
	reader   Reader
	fsys     fs.FS
	known    map[string]*report.Report // parsed before, by digest
	reports  []*report.Report          // taken as they are, with slugs that no document has
	docs     []source
	problems []document.Problem
}

func (l *loader) problem(file string, line int, message string) {
	l.problems = append(l.problems, document.Problem{File: file, Line: line, Message: message})
}

func (l *loader) addText(p string) {
	b, err := fs.ReadFile(l.fsys, p)
	if err != nil {
		l.problem(p, 0, err.Error())
		return
	}
	base := strings.TrimSuffix(p, path.Ext(p))
	d := document.Document{Name: base, File: p, Text: b}
	for _, ext := range []string{".yaml", ".yml"} {
		b, err := fs.ReadFile(l.fsys, base+ext)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			l.problem(base+ext, 0, err.Error())
			return
		}
		meta, line, err := document.ParseMetadata(b)
		if err != nil {
			l.problem(base+ext, line, err.Error())
			return
		}
		d.Given = meta
		break
	}
	l.addDocument(d)
}

// addLines adds a document for each line of a .jsonl file.
func (l *loader) addLines(name string, b []byte) {
	// A broken byte in one line should cost that line, not the file: only a
	// file that is wholly in another encoding is decoded as a whole.
	if text, ok := document.Decode(b); ok {
		b = []byte(text)
	}
	b = bytes.TrimPrefix(b, []byte{0xEF, 0xBB, 0xBF})
	for line := 1; len(b) > 0; line++ {
		var row []byte
		row, b, _ = bytes.Cut(b, []byte{'\n'})
		if row = bytes.TrimSpace(row); len(row) == 0 {
			continue
		}
		if i := document.FirstInvalid(row); i >= 0 {
			l.problem(name, line, fmt.Sprintf("byte %d of the line is not UTF-8", i))
			continue
		}
		d, err := parseRow(row)
		if err != nil {
			l.problem(name, line, err.Error())
			continue
		}
		d.file, d.line = name, line
		l.add(d)
	}
}

// parseRow reads one line of a .jsonl file. Keys that are no metadata are
// left alone: such files often carry more than is asked for.
func parseRow(row []byte) (source, error) {
	var d source
	var fields map[string]any
	dec := json.NewDecoder(bytes.NewReader(row))
	dec.UseNumber()
	if err := dec.Decode(&fields); err != nil {
		return d, fmt.Errorf("not a JSON object: %w", err)
	}
	if dec.More() {
		return d, errors.New("more than one JSON value on the line")
	}
	text, ok := fields["text"].(string)
	if !ok {
		return d, errors.New(`"text" is missing or not a string`)
	}
	d.text = text
	for _, key := range report.MetadataKeys() {
		var value string
		switch v := fields[key].(type) {
		case nil:
			continue
		case string:
			value = v
		case json.Number:
			value = v.String()
		default:
			return d, fmt.Errorf("%s: must be a single value", key)
		}
		if value == "" {
			continue
		}
		if _, err := d.meta.Set(key, value); err != nil {
			return d, err
		}
	}
	if d.meta.ID == "" {
		return d, errors.New(`"id" is missing`)
	}
	d.id = d.meta.ID
	return d, nil
}

func (l *loader) add(d source) {
	if strings.TrimSpace(d.text) == "" {
		l.problem(d.file, d.line, "the document is empty")
		return
	}
	if d.meta.ID != "" && !utf8.ValidString(d.meta.ID) {
		l.problem(d.file, d.line, "the id is not UTF-8")
		return
	}
	l.docs = append(l.docs, d)
}

func (l *loader) finish() (*Corpus, error) {
	docs := l.unique()
	reports := make([]*report.Report, len(docs))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(docs)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(docs); i = int(next.Add(1)) - 1 {
				reports[i] = l.read(docs[i])
			}
		})
	}
	wg.Wait()
	reports = append(reports, l.reports...)
	sort.Slice(reports, func(i, j int) bool { return reports[i].ID < reports[j].ID })
	sort.SliceStable(l.problems, func(i, j int) bool { return l.problems[i].File < l.problems[j].File })
	if len(reports) == 0 {
		if len(l.problems) == 0 {
			return nil, fmt.Errorf("%w: there is no .txt file", ErrNoDocuments)
		}
		return nil, fmt.Errorf("%w: %s (%d in all)", ErrNoDocuments, l.problems[0], len(l.problems))
	}
	return &Corpus{Reports: reports, Problems: l.problems, Indicators: l.reader.Indicators}, nil
}

// read makes a report of d, or finds the one that was made of it before.
func (l *loader) read(d source) *report.Report {
	digest := l.reader.digest(d)
	if r := l.known[digest]; r != nil {
		return r
	}
	r := l.reader.read(d)
	r.Digest = digest
	return r
}

// unique drops, as problems, the documents whose id or slug an earlier one
// has: a citation's link must lead to one place.
func (l *loader) unique() []source {
	var docs []source
	first := map[string]source{}
	for _, d := range l.docs {
		id := d.id
		if d.meta.ID != "" {
			id = d.meta.ID
		}
		slug := report.Slug(id)
		if prev, ok := first[slug]; ok {
			at := prev.file
			if prev.line > 0 {
				at = fmt.Sprintf("%s:%d", at, prev.line)
			}
			l.problem(d.file, d.line, fmt.Sprintf("duplicate id %q, first used in %s", id, at))
			continue
		}
		first[slug] = d
		docs = append(docs, d)
	}
	return docs
}
