// Package batch asks many questions given as JSON lines:
//
//	{"id","question","history":[…],"report":""}
package batch

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"wenbao/answers"
)

// MaxLine is the longest line in bytes; a longer one is a bad line.
const MaxLine = 256 << 10

// maxHistory bounds how many earlier questions count.
const maxHistory = 50

// Parse reads one line. Fields that it does not know are left alone. The
// request carries the line's id even where there is an error, if it has one.
func Parse(line []byte) (answers.Request, error) {
	var r answers.Request
	if !utf8.Valid(line) {
		return r, errors.New("the line is not UTF-8")
	}
	var l struct {
		ID       json.RawMessage
		Question json.RawMessage
		History  json.RawMessage
		Report   json.RawMessage
	}
	if err := json.Unmarshal(line, &l); err != nil {
		return r, fmt.Errorf("not a JSON object: %w", err)
	}
	var err error
	if r.ID, err = identity(l.ID); err != nil {
		return r, err
	}
	for _, f := range []struct {
		name string
		raw  json.RawMessage
		to   any
	}{{"question", l.Question, &r.Question}, {"history", l.History, &r.History}, {"report", l.Report, &r.Report}} {
		if len(f.raw) > 0 && json.Unmarshal(f.raw, f.to) != nil {
			return r, fmt.Errorf("%q is not %s", f.name, shape(f.to))
		}
	}
	if len(l.Question) == 0 {
		return r, errors.New(`"question" is missing`)
	}
	r.History = r.History[max(0, len(r.History)-maxHistory):]
	return r, nil
}

func shape(to any) string {
	if _, list := to.(*[]string); list {
		return "a list of strings"
	}
	return "a string"
}

// identity reads an id: a string, or a number kept as it is written.
func identity(raw json.RawMessage) (string, error) {
	var s string
	var n json.Number
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", nil
	case json.Unmarshal(raw, &s) == nil:
		return s, nil
	case json.Unmarshal(raw, &n) == nil:
		return n.String(), nil
	}
	return "", errors.New(`"id" is neither a string nor a number`)
}

// failure is what a bad line comes to.
type failure struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

// Run answers every line of in and writes the answers to out, in order. What
// a line leaves open is taken from like. It returns how many lines were bad;
// an error ends the run: in or out failed, or ctx is done.
func Run(ctx context.Context, a answers.Answerer, like answers.Request, in io.Reader, out io.Writer) (bad int, err error) {
	r := bufio.NewReaderSize(in, 64<<10)
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for n := 1; ; n++ {
		line, tooLong, readErr := readLine(r)
		if readErr != nil && readErr != io.EOF {
			return bad, fmt.Errorf("read line %d: %w", n, readErr)
		}
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if tooLong || len(bytes.TrimSpace(line)) > 0 {
			result, ok := answer(ctx, a, like, line, tooLong)
			if ctx.Err() != nil {
				return bad, errors.Join(ctx.Err(), w.Flush())
			}
			if !ok {
				bad++
			}
			if err := enc.Encode(result); err != nil {
				return bad, err
			}
		}
		// A caller that sends the next line after reading this answer must get it.
		if r.Buffered() == 0 || readErr == io.EOF {
			if err := w.Flush(); err != nil {
				return bad, err
			}
		}
		if readErr == io.EOF {
			return bad, nil
		}
	}
}

// answer returns what is written for one line, and whether the line was good.
func answer(ctx context.Context, a answers.Answerer, like answers.Request, line []byte, tooLong bool) (any, bool) {
	if tooLong {
		return failure{"", fmt.Sprintf("the line is longer than %d bytes", MaxLine)}, false
	}
	r, err := Parse(line)
	if err != nil {
		return failure{r.ID, err.Error()}, false
	}
	if r.Report == "" {
		r.Report = like.Report
	}
	r.Top, r.MaxQuote, r.Now, r.Lang = like.Top, like.MaxQuote, like.Now, like.Lang
	result, err := a.Answer(ctx, r)
	if err != nil {
		return failure{r.ID, err.Error()}, false
	}
	return result, true
}

// readLine reads up to and with the next line break. Of a line that is too
// long it keeps nothing.
func readLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > MaxLine; tooLong {
			line = nil
		} else {
			line = append(line, part...)
		}
		if err != bufio.ErrBufferFull {
			return line, tooLong, err
		}
	}
}
