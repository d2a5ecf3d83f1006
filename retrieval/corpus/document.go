package corpus

import (
	"fmt"
	"slices"
	"strings"
)

// A Document is a report as somebody has it, before it is parsed.
type Document struct {
	Name  string   // what it is called; its id where Given has none
	File  string   // what problems call it
	Text  []byte   // in an encoding that Load reads
	Given Metadata // what is known of it beside its text
}

// ID is that of its report.
func (d Document) ID() string {
	if d.Given.ID != "" {
		return d.Given.ID
	}
	return d.Name
}

// Slug is that of its report.
func (d Document) Slug() string { return slugOf(d.ID()) }

func slugOf(id string) string { return strings.ReplaceAll(id, "/", "~") }

// Report parses the document. It is nil where there is a problem.
func (d Document) Report() (*Report, *Problem) {
	l := loader{}
	if l.addDocument(d); len(l.problems) > 0 {
		return nil, &l.problems[0]
	}
	return l.parse(l.docs[0]), nil
}

// Over returns c with documents laid over it: each takes the place of the
// report with its slug. Reports whose slugs are in without are left out.
// Reports of the documents that before, which may be nil, holds unchanged are
// taken from it. When no report is left, the error wraps ErrNoDocuments.
func (c *Corpus) Over(documents []Document, without []string, before *Corpus) (*Corpus, error) {
	l := loader{known: before.known(), problems: slices.Clone(c.Problems)}
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

// Decode returns the text of a document as UTF-8.
func (d Document) Decode() (string, *Problem) {
	text, bad := decode(d.Text)
	if bad != nil {
		return "", &Problem{File: d.File, Line: bad.Line, Message: bad.Error()}
	}
	return text, nil
}

// addDocument decodes a document and adds it.
func (l *loader) addDocument(d Document) {
	text, bad := d.Decode()
	if bad != nil {
		l.problems = append(l.problems, *bad)
		return
	}
	l.add(document{file: d.File, id: d.Name, text: text, meta: d.Given})
}
