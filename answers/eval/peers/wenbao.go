package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"time"
)

// maxQuote is the length that quotes are judged at.
const maxQuote = 100

// answer is the part of wenbao's answer that is measured.
type answer struct {
	ID       string `json:"id"`
	Error    string `json:"error"`
	TookUS   int64  `json:"took_us"`
	Excerpts []struct {
		Quote    string `json:"quote"`
		Citation struct {
			Report string `json:"report"`
		} `json:"citation"`
	} `json:"excerpts"`
}

// runWenbao asks wenbao's command line everything in one batch. What the same
// batch without questions takes is the time to start and to index.
func runWenbao(ctx context.Context, binary string, s *set) (*result, error) {
	_, idle, err := execute(batch(ctx, binary, s, nil))
	if err != nil {
		return nil, err
	}
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for i, q := range s.questions {
		if err := encoder.Encode(map[string]string{"id": strconv.Itoa(i), "question": q.Question}); err != nil {
			return nil, err
		}
	}
	output, busy, err := execute(batch(ctx, binary, s, &lines))
	if err != nil {
		return nil, err
	}
	findings, err := readAnswers(output)
	if err == nil && len(findings) != len(s.questions) {
		err = fmt.Errorf("%d answers to %d questions", len(findings), len(s.questions))
	}
	asking := max(busy.wall-idle.wall, time.Microsecond)
	return &result{index: idle.wall, asking: asking, peak: busy.peak, findings: findings}, err
}

func batch(ctx context.Context, binary string, s *set, stdin io.Reader) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, "ask", "--batch", "--json", "--top", strconv.Itoa(top),
		"--max-quote", strconv.Itoa(maxQuote), "--corpus", s.corpus)
	cmd.Stdin = stdin
	return cmd
}

// readAnswers takes answers in the order of the questions.
func readAnswers(output []byte) ([]finding, error) {
	var findings []finding
	for d := json.NewDecoder(bytes.NewReader(output)); ; {
		var a answer
		switch err := d.Decode(&a); {
		case errors.Is(err, io.EOF):
			return findings, nil
		case err != nil:
			return nil, fmt.Errorf("after answer %d: %w", len(findings), err)
		case a.Error != "":
			return nil, fmt.Errorf("question %s: %s", a.ID, a.Error)
		case a.ID != strconv.Itoa(len(findings)):
			return nil, fmt.Errorf("answer %q where %d was due", a.ID, len(findings))
		}
		findings = append(findings, a.finding())
	}
}

// finding lists the distinct reports cited, in the excerpts' order.
func (a answer) finding() finding {
	f := finding{took: time.Duration(a.TookUS) * time.Microsecond}
	for i, e := range a.Excerpts {
		if i == 0 {
			f.quote = e.Quote
		}
		if !slices.Contains(f.passages, e.Citation.Report) {
			f.passages = append(f.passages, e.Citation.Report)
		}
	}
	return f
}
