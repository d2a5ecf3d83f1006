package corpus

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"wenbao/retrieval/document"
	"wenbao/retrieval/report"
)

func (c *Corpus) known() map[string]*report.Report {
	if c == nil {
		return nil
	}
	known := make(map[string]*report.Report, len(c.Reports))
	for _, r := range c.Reports {
		known[r.Digest] = r
	}
	return known
}

// snapshotLine is one line of a snapshot: a document, or a problem.
type snapshotLine struct {
	Name    string            `json:"name,omitempty"`
	Given   *report.Metadata  `json:"given,omitempty"`
	Text    string            `json:"text,omitempty"`
	Problem *document.Problem `json:"problem,omitempty"`
}

// Write writes a snapshot of the corpus: every document with its metadata as
// given, and what was wrong with others.
func (c *Corpus) Write(w io.Writer) error {
	buffered := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(buffered)
	enc.SetEscapeHTML(false)
	for _, r := range c.Reports {
		if err := enc.Encode(snapshotLine{Name: r.Name, Given: &r.Given, Text: r.Text}); err != nil {
			return fmt.Errorf("write corpus: %w", err)
		}
	}
	for i := range c.Problems {
		if err := enc.Encode(snapshotLine{Problem: &c.Problems[i]}); err != nil {
			return fmt.Errorf("write corpus: %w", err)
		}
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("write corpus: %w", err)
	}
	return nil
}

// Snapshot reads what Write wrote, and reads its documents into reports, but
// for those that before, which may be nil, holds already.
func (rd Reader) Snapshot(r io.Reader, before *Corpus) (*Corpus, error) {
	l := loader{reader: rd, known: before.known()}
	dec := json.NewDecoder(bufio.NewReaderSize(r, 1<<16))
	for {
		var line snapshotLine
		err := dec.Decode(&line)
		switch {
		case errors.Is(err, io.EOF):
			return l.finish()
		case err != nil:
			return nil, fmt.Errorf("read corpus: %w", err)
		case line.Problem != nil:
			l.problems = append(l.problems, *line.Problem)
		case line.Given != nil:
			l.docs = append(l.docs, source{file: line.Name, id: line.Name, text: line.Text, meta: *line.Given})
		}
	}
}
