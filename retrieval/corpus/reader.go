// Package corpus reads documents into a set of reports: a folder, a file or a
// snapshot of one, with what was wrong with documents that did not become a
// report.
package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"wenbao/retrieval/document"
	"wenbao/retrieval/figures"
	"wenbao/retrieval/indicators"
	"wenbao/retrieval/outline"
	"wenbao/retrieval/periods"
	"wenbao/retrieval/report"
)

// A Reader reads documents into reports. Its zero value knows no indicators:
// figures have no ids then.
type Reader struct {
	Indicators *indicators.List
}

// Open reads the corpus at path: a folder, a .jsonl file, or a single text with
// its metadata beside it. Reports of documents that before, which may be nil,
// holds unchanged are taken from it.
func (rd Reader) Open(name string, before *Corpus) (*Corpus, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("open corpus: %w", err)
	}
	if !info.IsDir() {
		return rd.file(name, before)
	}
	c, err := rd.Load(os.DirFS(name), before)
	if err != nil {
		return nil, fmt.Errorf("open corpus %s: %w", name, err)
	}
	return c, nil
}

func (rd Reader) file(name string, before *Corpus) (*Corpus, error) {
	dir, base := filepath.Split(filepath.Clean(name))
	if dir == "" {
		dir = "."
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("open corpus: %w", err)
	}
	l := loader{reader: rd, fsys: os.DirFS(dir), known: before.known()}
	if strings.EqualFold(path.Ext(base), ".jsonl") {
		l.addLines(base, b)
	} else {
		l.addText(base)
	}
	c, err := l.finish()
	if err != nil {
		return nil, fmt.Errorf("open corpus %s: %w", name, err)
	}
	return c, nil
}

// Report reads one document. It is nil where there is a problem.
func (rd Reader) Report(d document.Document) (*report.Report, *document.Problem) {
	l := loader{reader: rd}
	if l.addDocument(d); len(l.problems) > 0 {
		return nil, &l.problems[0]
	}
	return l.read(l.docs[0]), nil
}

// Over returns c with documents laid over it: each takes the place of the
// report with its slug. Reports whose slugs are in without are left out.
// Reports of the documents that before, which may be nil, holds unchanged are
// taken from it. When no report is left, the error wraps ErrNoDocuments.
func (rd Reader) Over(c *Corpus, documents []document.Document, without []string, before *Corpus) (*Corpus, error) {
	l := loader{reader: rd, known: before.known(), problems: slices.Clone(c.Problems)}
	over := make(map[string]bool, len(documents)+len(without))
	for _, slug := range without {
		over[slug] = true
	}
	for _, d := range documents {
		over[d.Slug()] = true
		l.addDocument(d)
	}
	for _, r := range c.Reports {
		if !over[r.Slug()] {
			l.reports = append(l.reports, r)
		}
	}
	next, err := l.finish()
	if err != nil {
		return nil, fmt.Errorf("corpus with what is laid over it: %w", err)
	}
	return next, nil
}

// read is the one way a text becomes a report: its outline, then the time of
// its sentences, then their figures.
func (rd Reader) read(d source) *report.Report {
	r := outline.Parse(d.id, d.text, d.meta)
	periods.Mark(r)
	var namer figures.Namer
	if rd.Indicators != nil {
		namer = rd.Indicators
	}
	figures.Read(r, namer)
	return r
}

// digest names all that a report is made of.
func (rd Reader) digest(d source) string {
	h := sha256.New()
	given, err := json.Marshal(d.meta)
	if err != nil {
		panic(err) // Metadata has no fields that cannot be written
	}
	list := ""
	if rd.Indicators != nil {
		list = rd.Indicators.Digest()
	}
	fmt.Fprintf(h, "%q %s %s\n", d.id, given, list)
	h.Write([]byte(strings.TrimPrefix(d.text, "\uFEFF")))
	return hex.EncodeToString(h.Sum(nil))
}

// addDocument decodes a document and adds it.
func (l *loader) addDocument(d document.Document) {
	text, bad := d.Decode()
	if bad != nil {
		l.problems = append(l.problems, *bad)
		return
	}
	l.add(source{file: d.File, id: d.Name, text: text, meta: d.Given})
}

// Load is that of a Reader without indicators.
func Load(fsys fs.FS) (*Corpus, error) { return Reader{}.Load(fsys, nil) }

// Open is that of a Reader without indicators.
func Open(name string) (*Corpus, error) { return Reader{}.Open(name, nil) }
