// Package document turns the bytes of a document, in whatever encoding, and
// the metadata beside it into what a report is made of.
package document

import (
	"fmt"

	"wenbao/retrieval/report"
)

// A Document is a report as somebody has it, before it is read.
type Document struct {
	Name  string          // what it is called; its id where Given has none
	File  string          // what problems call it
	Text  []byte          // in an encoding that Decode reads
	Given report.Metadata // what is known of it beside its text
}

// ID is that of its report.
func (d Document) ID() string {
	if d.Given.ID != "" {
		return d.Given.ID
	}
	return d.Name
}

// Slug is that of its report.
func (d Document) Slug() string { return report.Slug(d.ID()) }

// Decode returns the text of the document as UTF-8.
func (d Document) Decode() (string, *Problem) {
	text, bad := decode(d.Text)
	if bad != nil {
		return "", &Problem{File: d.File, Line: bad.Line, Message: bad.Error()}
	}
	return text, nil
}

// A Problem is a document, or a part of one, that could not be loaded.
type Problem struct {
	File    string // within the corpus
	Line    int    // from 1, 0 when it concerns the whole file
	Message string
}

func (p Problem) String() string {
	if p.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
	}
	return p.File + ": " + p.Message
}

// Decode turns bytes into UTF-8 text; ok is false where they are in none of
// the encodings that are known.
func Decode(b []byte) (text string, ok bool) {
	text, bad := decode(b)
	return text, bad == nil
}

// FirstInvalid returns the offset of the first byte that is no UTF-8 text, -1
// for none.
func FirstInvalid(b []byte) int { return firstInvalid(b) }
