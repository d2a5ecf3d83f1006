// Package eval judges answers by questions with gold.
package eval

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A Case is a question with its gold.
type Case struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind"`
	Question string     `json:"question"`
	History  []string   `json:"history,omitempty"`
	Expect   string     `json:"expect,omitempty"` // answer, none
	Gold     [][]string `json:"gold,omitempty"`   // of every group one alternative must be quoted
	Term     bool       `json:"term,omitempty"`
	Report   string     `json:"report,omitempty"` // asked of this report only

	// Passage sets.
	Passages []string `json:"passages,omitempty"` // ids of the right reports
	Answers  []string `json:"answers,omitempty"`
}

// passageKind marks the questions of a passage set.
const passageKind = "passage"

// Passage reports whether c belongs to a passage set.
func (c Case) Passage() bool { return c.Kind == passageKind }

// ReadCases reads cases, one JSON object a line. name is for errors.
func ReadCases(name string, r io.Reader) ([]Case, error) {
	var out []Case
	s := bufio.NewScanner(r)
	s.Buffer(nil, 4<<20)
	for n := 1; s.Scan(); n++ {
		if len(s.Bytes()) == 0 {
			continue
		}
		var c Case
		if err := json.Unmarshal(s.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		out = append(out, c)
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

func (c Case) check() error {
	switch {
	case c.Question == "":
		return errors.New("a case needs a question")
	case c.Passage():
		if len(c.Passages) == 0 {
			return errors.New("a passage question needs its passages")
		}
	case c.Expect != "answer" && c.Expect != "none":
		return fmt.Errorf("expect is %q; it must be answer or none", c.Expect)
	case c.Expect == "answer" && len(c.Gold) == 0:
		return errors.New("an answerable question needs gold")
	}
	return nil
}
