package web_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"wenbao/seeds"
)

// TestCitationsLeadToTheirQuotes follows every link of every answer to the
// golden questions of the report that comes with the program.
func TestCitationsLeadToTheirQuotes(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	f, err := seeds.FS.Open("questions/nmg-2022.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	links := 0
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var q struct{ ID, Question string }
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		a := answer(t, s.do(t, http.MethodPost, "/api/v1/ask", lines.Text()))
		if a.ID != q.ID || a.Question != q.Question {
			t.Errorf("answered %q %q to %q %q", a.ID, a.Question, q.ID, q.Question)
		}
		for _, x := range a.Excerpts {
			links++
			status, page := s.get(t, x.Citation.URL)
			if got := marks(page); status != http.StatusOK || len(got) != 1 || got[0] != x.Quote {
				t.Errorf("%s: %s is %d and marks %q, not %q", q.ID, x.Citation.URL, status, got, x.Quote)
			}
			if !strings.Contains(page, `id="p-`+x.Citation.ParagraphID+`"`) {
				t.Errorf("%s: the page has no anchor for %s", q.ID, x.Citation.ParagraphID)
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if links < 100 {
		t.Errorf("only %d links were followed", links)
	}
}

// TestThePageLinksToWhatTheAPICites compares both on one question.
func TestThePageLinksToWhatTheAPICites(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	q := url.QueryEscape("2021年新建绿色矿山多少座")
	a := answer(t, s.do(t, http.MethodGet, "/api/v1/ask?q="+q, ""))
	_, page := s.get(t, "/?q="+q)
	if len(a.Excerpts) == 0 || a.Figure == nil || a.Figure.Value != "133座" {
		t.Fatalf("%+v", a)
	}
	for _, x := range a.Excerpts {
		if !strings.Contains(html.UnescapeString(page), `href="`+x.Citation.URL) {
			t.Errorf("the page does not link to %s", x.Citation.URL)
		}
	}
	if !strings.Contains(page, "<strong>133座</strong>") {
		t.Error("the page does not lead with the figure")
	}
}

// TestTheReaderHoldsTheWholeReport: every paragraph's text, byte for byte,
// in order, under its anchor and its number.
func TestTheReaderHoldsTheWholeReport(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	r := s.corpus.Reports[0]
	status, page := s.get(t, "/r/"+url.PathEscape(r.Slug()))
	if status != http.StatusOK {
		t.Fatal(status)
	}
	tags := regexp.MustCompile(`<[^>]*>`)
	at := 0
	for _, p := range r.Paragraphs {
		anchor := strings.Index(page[at:], `id="p-`+p.ID+`"`)
		if anchor < 0 {
			t.Fatalf("paragraph %d is not there, or out of order", p.Number)
		}
		at += anchor
		end := strings.Index(page[at:], "</div>")
		text := html.UnescapeString(tags.ReplaceAllString(page[at:at+end], ""))
		if !strings.Contains(text, p.Text) || !strings.Contains(text, fmt.Sprint(p.Number)) {
			t.Errorf("paragraph %d reads %q", p.Number, text)
		}
	}
}

func TestSlugsOfAllKinds(t *testing.T) {
	t.Parallel()
	text := "一、工作回顾\n全年新建绿色矿山133座。\n"
	for _, id := range []string{"nmg", "prov2026/广东省", "a b", "a%2Fb", "50%", "x?y#z", "a+b", "é", "a&b=c"} {
		s := textSite(t, map[string]string{id: text})
		a := answer(t, s.do(t, http.MethodGet, "/api/v1/ask?q="+url.QueryEscape("新建绿色矿山多少座"), ""))
		if len(a.Excerpts) == 0 {
			t.Fatalf("%q: %+v", id, a)
		}
		x := a.Excerpts[0]
		status, page := s.get(t, x.Citation.URL)
		if got := marks(page); status != http.StatusOK || len(got) != 1 || got[0] != x.Quote {
			t.Errorf("%q: %s is %d and marks %q", id, x.Citation.URL, status, got)
		}
	}
}

func TestForgedRanges(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	r := s.corpus.Reports[0]
	p := r.Paragraphs[7]
	base := "/r/" + url.PathEscape(r.Slug()) + "/p/" + p.ID
	for _, span := range []string{
		"", "-", "x", "0", "0-", "-3", "3-0", "3-3", "0-1", "1-3", "1-4", "-1-3", "+0-+3", "0-99999999", "0-3-6", "0x0-3",
		"99999999999999999999-99999999999999999999", "９-12", " 0-3", "0-3 ", "0-%00", "<script>-3", fmt.Sprintf("0-%d", len(p.Text)+1),
	} {
		status, page := s.get(t, base+"?s="+url.QueryEscape(span))
		if got := marks(page); status != http.StatusOK || len(got) != 0 {
			t.Errorf("s=%q: status %d, marks %q", span, status, got)
		}
		if !strings.Contains(page, "autofocus") || !strings.Contains(page, `role="status"`) {
			t.Errorf("s=%q: the page does not open at the paragraph with a note", span)
		}
	}
	for end := range min(len(p.Text), 90) {
		_, page := s.get(t, fmt.Sprintf("%s?s=0-%d", base, end))
		for _, m := range marks(page) {
			if !utf8.ValidString(m) || m != p.Text[:end] {
				t.Fatalf("0-%d marks %q", end, m)
			}
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	for target, offer := range map[string]string{
		"/r/nmg-2022/p/0000000000?s=0-3": `href="/r/nmg-2022"`,
		"/r/nmg-2022/p/%3Cb%3E":          `href="/r/nmg-2022"`,
		"/r/none":                        `href="/"`,
		"/r/none/p/x":                    `href="/"`,
		"/nothing":                       `href="/"`,
		"/r/nmg-2022/p/":                 `href="/"`,
		"/r/":                            `href="/"`,
	} {
		status, page := s.get(t, target)
		if status != http.StatusNotFound || !strings.Contains(page, offer) {
			t.Errorf("%s: %d, want 404 with %s", target, status, offer)
		}
	}
}
