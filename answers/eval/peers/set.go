package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// set is a pool of passages with questions to it.
type set struct {
	name      string
	corpus    string // path of passages.jsonl
	passages  []passage
	questions []question
	// Paths of the records that the drivers read; see writeRecords.
	passageRecords, questionRecords string
}

type passage struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

type question struct {
	ID       string   `json:"id"`
	Question string   `json:"question"`
	Passages []string `json:"passages"`
	Answers  []string `json:"answers"`
}

// loadSet reads the set in folder.
func loadSet(folder string) (*set, error) {
	s := &set{name: filepath.Base(folder), corpus: filepath.Join(folder, "passages.jsonl")}
	var err error
	if s.passages, err = readLines[passage](s.corpus); err != nil {
		return nil, err
	}
	if s.questions, err = readLines[question](filepath.Join(folder, "questions.jsonl")); err != nil {
		return nil, err
	}
	return s, s.check()
}

// check rejects sets whose numbers would mean nothing.
func (s *set) check() error {
	if len(s.passages) == 0 || len(s.questions) == 0 {
		return fmt.Errorf("%s: no passages or no questions", s.name)
	}
	known := map[string]bool{}
	for _, p := range s.passages {
		known[p.ID] = true
	}
	for _, q := range s.questions {
		if len(q.Passages) == 0 {
			return fmt.Errorf("%s: question %s has no right passage", s.name, q.ID)
		}
		for _, id := range q.Passages {
			if !known[id] {
				return fmt.Errorf("%s: question %s: there is no passage %s", s.name, q.ID, id)
			}
		}
	}
	return nil
}

// readLines decodes a file of JSON values.
func readLines[T any](path string) ([]T, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var values []T
	for d := json.NewDecoder(f); ; {
		var v T
		switch err := d.Decode(&v); {
		case errors.Is(err, io.EOF):
			return values, nil
		case err != nil:
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		values = append(values, v)
	}
}

// writeRecords writes passages and questions into work as lines of id, tab
// and text, which every driver's language reads without a library.
func (s *set) writeRecords(work string) error {
	var passages, questions bytes.Buffer
	for _, p := range s.passages {
		fmt.Fprintf(&passages, "%s\t%s\n", p.ID, oneLine(p.Text))
	}
	for i, q := range s.questions {
		fmt.Fprintf(&questions, "%d\t%s\n", i, oneLine(q.Question))
	}
	s.passageRecords = filepath.Join(work, "passages.tsv")
	s.questionRecords = filepath.Join(work, "questions.tsv")
	return errors.Join(
		os.WriteFile(s.passageRecords, passages.Bytes(), 0o600),
		os.WriteFile(s.questionRecords, questions.Bytes(), 0o600))
}

// oneLine replaces the characters that end a line in some language.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\t', '\n', '\v', '\f', '\r', '\u0085', '\u2028', '\u2029':
			return ' '
		}
		return r
	}, text)
}
