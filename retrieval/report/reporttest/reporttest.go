// Package reporttest checks reports in tests.
package reporttest

import (
	"strings"
	"testing"
	"unicode"

	"wenbao/retrieval/report"
)

// Check fails unless every place in the report is what it says.
func Check(t testing.TB, r *report.Report) {
	t.Helper()
	ids := map[string]bool{}
	lastOffset := -1
	for i, p := range r.Paragraphs {
		if p.Number != i+1 {
			t.Fatalf("paragraph %d has number %d", i, p.Number)
		}
		if p.Offset <= lastOffset || p.Offset+len(p.Text) > len(r.Text) || r.Text[p.Offset:p.Offset+len(p.Text)] != p.Text {
			t.Fatalf("paragraph %d is not at offset %d", p.Number, p.Offset)
		}
		lastOffset = p.Offset
		if p.Text == "" || strings.TrimSpace(p.Text) != p.Text || strings.ContainsAny(p.Text, "\n\r") {
			t.Fatalf("paragraph %d is not a trimmed line: %q", p.Number, p.Text)
		}
		if ids[p.ID] {
			t.Fatalf("paragraph id %s twice", p.ID)
		}
		ids[p.ID] = true
		if p.Section < -1 || p.Section >= len(r.Sections) || p.Term < -1 || p.Term >= len(r.Terms) {
			t.Fatalf("paragraph %d: section %d, term %d", p.Number, p.Section, p.Term)
		}
		CheckTiles(t, p.Text, p.Sentences)
	}
	for i, s := range r.Sections {
		p := r.Paragraphs[s.Paragraph]
		if s.Parent >= i || s.Start < 0 || s.End > len(p.Text) || s.Start >= s.End || p.Text[s.Start:s.End] != s.Title {
			t.Fatalf("section %d is not where it says: %+v", i, s)
		}
		if len(r.Path(i)) != s.Level {
			t.Fatalf("section %d has level %d, path %q", i, s.Level, r.Path(i))
		}
	}
	for _, term := range r.Terms {
		if term.Name == "" || len(term.Paragraphs) == 0 || len(term.Aliases) == 0 {
			t.Fatalf("incomplete term %+v", term)
		}
		for _, a := range term.Aliases {
			if a.Text == "" || a.Weight <= 0 || a.Weight > 1 {
				t.Fatalf("term %s: alias %+v", term.Name, a)
			}
		}
	}
	for _, f := range r.Figures {
		p := r.Paragraphs[f.Paragraph]
		s := p.Sentences[f.Sentence]
		if f.Start < s.Start || f.End > s.End || f.Start >= f.End || p.Text[f.Start:f.End] != f.Value {
			t.Fatalf("figure is not where it says: %+v", f)
		}
		if f.Low != nil && f.High != nil && *f.Low > *f.High {
			t.Fatalf("figure %s has bounds %g…%g", f.Value, *f.Low, *f.High)
		}
	}
}

// CheckTiles fails unless the sentences cover text but for white space.
func CheckTiles(t testing.TB, text string, sentences []report.Sentence) {
	t.Helper()
	at := 0
	for _, s := range sentences {
		if s.Start < at || s.End <= s.Start || s.End > len(text) {
			t.Fatalf("sentence %+v of %q", s, text)
		}
		if gap := text[at:s.Start]; strings.TrimFunc(gap, unicode.IsSpace) != "" {
			t.Fatalf("%q is in no sentence of %q", gap, text)
		}
		if whole := text[s.Start:s.End]; strings.TrimSpace(whole) != whole {
			t.Fatalf("sentence %q is not trimmed", whole)
		}
		at = s.End
	}
	if strings.TrimFunc(text[at:], unicode.IsSpace) != "" {
		t.Fatalf("%q is in no sentence of %q", text[at:], text)
	}
}
