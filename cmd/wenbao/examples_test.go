package main

import (
	"log/slog"
	"testing"

	"wenbao/answers"
	"wenbao/configs"
)

// TestExamplesAreAnswered: what the empty page offers leads somewhere.
func TestExamplesAreAnswered(t *testing.T) {
	cfg := configs.Default()
	s, err := open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, q := range examples(cfg) {
		a, err := s.Answers.Answer(t.Context(), answers.Request{Question: q})
		if err != nil || a.Status != answers.Answered {
			t.Errorf("%s: %s %s, %v", q, a.Status, a.Reason, err)
		}
	}
}
