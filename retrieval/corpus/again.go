package corpus

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Reopen is Open, but takes the reports of documents that have not changed
// from c instead of parsing them again. c may be nil.
func (c *Corpus) Reopen(path string) (*Corpus, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open corpus: %w", err)
	}
	if !info.IsDir() {
		return loadFile(path, c.known())
	}
	next, err := load(os.DirFS(path), c.known())
	if err != nil {
		return nil, fmt.Errorf("open corpus %s: %w", path, err)
	}
	return next, nil
}

// Reload is to Load what Reopen is to Open.
func (c *Corpus) Reload(fsys fs.FS) (*Corpus, error) { return load(fsys, c.known()) }

func (c *Corpus) known() map[string]*Report {
	if c == nil {
		return nil
	}
	known := make(map[string]*Report, len(c.Reports))
	for _, r := range c.Reports {
		known[r.Digest] = r
	}
	return known
}

// snapshotLine is one line of a snapshot: a document, or a problem.
type snapshotLine struct {
	Name    string    `json:"name,omitempty"`
	Given   *Metadata `json:"given,omitempty"`
	Text    string    `json:"text,omitempty"`
	Problem *Problem  `json:"problem,omitempty"`
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

// Read reads a snapshot, and parses its documents, but for those that c,
// which may be nil, holds already.
func (c *Corpus) Read(r io.Reader) (*Corpus, error) {
	l := loader{known: c.known()}
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
			l.docs = append(l.docs, document{file: line.Name, id: line.Name, text: line.Text, meta: *line.Given})
		}
	}
}
