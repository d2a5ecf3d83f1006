package batch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wenbao/answers"
	"wenbao/answers/batch"
)

// echo answers with what it was asked.
type echo struct{}

func (echo) Answer(_ context.Context, r answers.Request) (answers.Answer, error) {
	if r.Question == "" {
		return answers.Answer{}, answers.ErrEmpty
	}
	return answers.Answer{ID: r.ID, Question: r.Question, Status: answers.Answered,
		Message: fmt.Sprint(r.History, " ", r.Report, " ", r.Top, " ", r.Lang)}, nil
}

func TestRunKeepsTheOrderAndCountsBadLines(t *testing.T) {
	long := `{"id":"l","question":"` + strings.Repeat("长", batch.MaxLine/3) + `"}`
	in := "\ufeff" + `{"id":"a","question":"问","history":["前"],"report":"r","more":1}` + "\r\n\n" +
		"not json\n" + `{"id":7,"question":""}` + "\n" + `{"id":"c","question":5}` + "\n" + `{"id":"d"}` + "\n" +
		`{"id":[1],"question":"问"}` + "\n" + `{"question":"问","history":"前"}` + "\n" + long + "\n" + "\xff\n" +
		`{"id":"e","question":"末"}`
	var out bytes.Buffer
	bad, err := batch.Run(t.Context(), echo{}, answers.Request{Report: "all", Top: 3, Lang: "en"}, strings.NewReader(in), &out)
	if err != nil || bad != 8 {
		t.Fatal(bad, err)
	}
	var got []string
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var a struct{ ID, Question, Message, Error string }
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err, line)
		}
		text := a.Message
		if a.Error != "" {
			text, _, _ = strings.Cut("error "+a.Error, ":")
		}
		got = append(got, a.ID+"|"+a.Question+"|"+text)
	}
	want := []string{
		"a|问|[前] r 3 en", "||error not a JSON object", "7||error the question is empty",
		`c||error "question" is not a string`, `d||error "question" is missing`,
		`||error "id" is neither a string nor a number`, `||error "history" is not a list of strings`,
		"||error the line is longer than 262144 bytes", "||error the line is not UTF-8", "e|末|[] all 3 en",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestRunAnswersBeforeTheNextLine: a caller may wait for each answer.
func TestRunAnswersBeforeTheNextLine(t *testing.T) {
	in, toRun := io.Pipe()
	fromRun, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := batch.Run(t.Context(), echo{}, answers.Request{}, in, out)
		done <- err
	}()
	answers := json.NewDecoder(fromRun)
	for _, id := range []string{"1", "2"} {
		fmt.Fprintf(toRun, `{"id":%q,"question":"问"}`+"\n", id)
		var a struct{ ID string }
		if err := answers.Decode(&a); err != nil || a.ID != id {
			t.Fatal(a, err)
		}
	}
	toRun.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestRunEndsWithItsContextAndItsWriter(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	line := `{"question":"问"}`
	if _, err := batch.Run(ctx, echo{}, answers.Request{}, strings.NewReader(line), io.Discard); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	r, w := io.Pipe()
	r.Close()
	if _, err := batch.Run(t.Context(), echo{}, answers.Request{}, strings.NewReader(line), w); err == nil {
		t.Error("a failing writer goes unnoticed")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"id":"1","question":"今年的目标","history":["a"],"report":"r"}`))
	f.Add([]byte(`{"id":1e9,"question":null,"history":null}`))
	f.Add([]byte("[]"))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := batch.Parse(line)
		if err == nil && len(r.History) > 50 {
			t.Error("unbounded history")
		}
	})
}
