package web_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"wenbao/bot/feedback"
	"wenbao/bot/library"
	"wenbao/bot/web"
	"wenbao/retrieval/corpus"
	"wenbao/seeds"
)

const asked = "2021年新建绿色矿山多少座"

// linkOf returns where the link with this text leads.
func linkOf(t *testing.T, page, label string) string {
	t.Helper()
	m := regexp.MustCompile(`<a[^>]* href="([^"]*)"[^>]*>` + regexp.QuoteMeta(html.EscapeString(label)) + `</a>`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no link %q in\n%s", label, page)
	}
	return html.UnescapeString(m[1])
}

var formPattern = regexp.MustCompile(`(?s)<form action="[^"]*/press".*?</form>`)
var inputPattern = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)

// formOf returns what the form with this label sends.
func formOf(t *testing.T, page, label string) url.Values {
	t.Helper()
	for _, form := range formPattern.FindAllString(page, -1) {
		if !strings.Contains(form, ">"+label+"<") {
			continue
		}
		sent := url.Values{}
		for _, m := range inputPattern.FindAllStringSubmatch(form, -1) {
			sent.Add(m[1], html.UnescapeString(m[2]))
		}
		return sent
	}
	t.Fatalf("no form %q in\n%s", label, page)
	return nil
}

func (s *site) post(t *testing.T, form url.Values, header ...string) (int, string) {
	t.Helper()
	res := s.do(t, http.MethodPost, "/press", form.Encode(), append(header, "Content-Type", "application/x-www-form-urlencoded")...)
	return res.StatusCode, bodyOf(t, res)
}

// TestAnAnswersButtons are followed one by one, without a script.
func TestAnAnswersButtons(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	_, page := s.get(t, "/?q="+url.QueryEscape(asked))
	follow := func(label string, want ...string) string {
		t.Helper()
		status, next := s.get(t, linkOf(t, page, label))
		for _, w := range want {
			if status != http.StatusOK || !strings.Contains(next, w) {
				t.Errorf("%s: %d without %q", label, status, w)
			}
		}
		return next
	}
	around := follow("看整段", "上一段", "下一段", "133座", "回到这条回答")
	if _, next := s.get(t, linkOf(t, around, "下一段")); strings.Contains(next, "133座") || !strings.Contains(next, "上一段") {
		t.Error("the next paragraph is the same one")
	}
	if _, back := s.get(t, linkOf(t, around, "回到这条回答")); !strings.Contains(back, "133座") || !strings.Contains(back, "👍") {
		t.Error("the way back does not lead to the answer")
	}
	follow("为什么", "新建绿色矿山")
	follow("相关问题")
	more := linkOf(t, page, "更多原文")
	_, longer := s.get(t, more)
	_, again := s.get(t, more)
	if n := strings.Count(longer, "<blockquote"); n <= strings.Count(page, "<blockquote") || n != strings.Count(again, "<blockquote") {
		t.Errorf("more shows %d quotes, then %d", n, strings.Count(again, "<blockquote"))
	}
	follow("核对原文", "未变")
	if strings.Contains(page, "告诉我") {
		t.Error("the page promises to tell somebody whom it cannot reach")
	}
}

// TestVotes: forms send them, with a reason; links and other sites cannot.
func TestVotes(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	_, page := s.get(t, "/?lang=zh&q="+url.QueryEscape(asked))
	votes := func() (out []feedback.Vote) {
		if err := s.stores.Given.Each(t.Context(), func(v feedback.Vote) bool { out = append(out, v); return true }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	up, down := formOf(t, page, "👍"), formOf(t, page, "👎")
	if status, _ := s.get(t, "/?a="+url.QueryEscape(up.Get("a"))); status != http.StatusBadRequest || len(votes()) != 0 {
		t.Errorf("a link votes: %d", status)
	}
	watch := url.Values{"a": {strings.Replace(up.Get("a"), "1u", "1n", 1)}}
	if status, _ := s.post(t, watch); status != http.StatusBadRequest {
		t.Errorf("somebody who cannot be told waits: %d", status)
	}
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		if status, _ := s.post(t, up, header...); status != http.StatusForbidden || len(votes()) != 0 {
			t.Errorf("another site votes with %v: %d", header, status)
		}
	}
	if status, thanks := s.post(t, up, "Sec-Fetch-Site", "same-origin"); status != http.StatusOK || !strings.Contains(thanks, "回到这条回答") || len(votes()) != 1 || !votes()[0].Up {
		t.Errorf("%d, votes %+v", status, votes())
	}
	_, which := s.post(t, down)
	if got := votes(); len(got) != 1 || got[0].Up {
		t.Errorf("the later vote counts: %+v", got)
	}
	if status, _ := s.post(t, formOf(t, which, "答非所问")); status != http.StatusOK || len(votes()) != 1 || votes()[0].Reason != "wrong" {
		t.Errorf("a reason: %d", status)
	}
	down.Set("input", "<b>说的是另一年</b>")
	_, page = s.post(t, down)
	checkPage(t, "/press", page)
	if got := votes(); len(got) != 1 || got[0].Reason != "<b>说的是另一年</b>" || got[0].Voter != "" {
		t.Errorf("votes %+v", got)
	}
}

// TestCommandsOnThePage are those of every platform.
func TestCommandsOnThePage(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	say := func(words, more string) string {
		t.Helper()
		status, page := s.get(t, "/?q="+url.QueryEscape(words)+more)
		if status != http.StatusOK {
			t.Errorf("%s: %d", words, status)
		}
		return page
	}
	for words, want := range map[string]string{
		"帮助": "术语", "/help": "术语", "术语 三线一单": "三线一单", "来源": "只查这一份", "术语": `href="/?a=1t`,
		"核对 22222222": "22222222", "/top 7": `name="top" value="7"`, "/lang en": `<html lang="en">`,
	} {
		if page := say(words, ""); !strings.Contains(page, want) {
			t.Errorf("%s: no %q in\n%s", words, want, page)
		}
	}
	if page := say("更多", "&h="+url.QueryEscape(asked)); !strings.Contains(page, `class="reply notice"`) {
		t.Error("more of nothing is not said to be")
	}
	_, page := s.get(t, linkOf(t, say("来源", ""), "只查这一份"))
	if !strings.Contains(page, `name="report" value="nmg-2022"`) {
		t.Errorf("the report is not kept to:\n%s", page)
	}
	code := formOf(t, say(asked, ""), "👍").Get("c")
	confirm := formOf(t, say("忘记我", ""), "确认删除")
	if page := say("核对 "+code, ""); !strings.Contains(page, "未变") {
		t.Error("a link erases")
	}
	if status, _ := s.post(t, confirm); status != http.StatusOK || strings.Contains(say("核对 "+code, ""), "未变") {
		t.Errorf("the form does not erase: %d", status)
	}
}

// TestTheAPIAsks: words of a command are a question; the answer has a code.
func TestTheAPIAsks(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	res := s.do(t, http.MethodGet, "/api/v1/ask?q="+url.QueryEscape(asked), "")
	code := res.Header.Get("X-Wenbao-Code")
	if a := answer(t, res); a.Question != asked || len(a.Excerpts) != 5 || code == "" {
		t.Errorf("code %q, %+v", code, a)
	}
	if _, page := s.get(t, "/?q="+url.QueryEscape("核对 "+code)); !strings.Contains(page, "未变") {
		t.Error("the code cannot be verified")
	}
	if a := answer(t, s.do(t, http.MethodGet, "/api/v1/ask?q="+url.QueryEscape("/top 3"), "")); a.Question != "/top 3" {
		t.Errorf("a command became %+v", a)
	}
	answer(t, s.do(t, http.MethodGet, "/api/v1/ask?q="+url.QueryEscape("北京2021年GDP是多少"), ""))
	var missed []feedback.Miss
	if err := s.stores.Missed.Each(t.Context(), func(m feedback.Miss) bool { missed = append(missed, m); return true }); err != nil || len(missed) != 1 {
		t.Errorf("unanswered: %+v %v", missed, err)
	}
}

// TestNothingIdentifiesTheCaller in what is kept and logged, and there are no
// cookies.
func TestNothingIdentifiesTheCaller(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	r := httptest.NewRequest(http.MethodGet, "/?q="+url.QueryEscape(asked), nil)
	r.RemoteAddr = "203.0.113.77:5"
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	code := formOf(t, w.Body.String(), "👍").Get("c")
	rec, found, err := s.stores.Ledger.Get(t.Context(), code)
	if err != nil || !found || strings.Contains(rec.Person+rec.Conversation, "203.0.113.77") || rec.Person == "" {
		t.Errorf("kept %+v %v", rec, err)
	}
	if strings.Contains(s.log.String(), "203.0.113.77") || len(w.Result().Cookies()) != 0 {
		t.Error("the address is in the log, or a cookie is set")
	}
}

var ownLink = regexp.MustCompile(`(?:href|src|action)="(/[^"]*)"`)

// TestBelowAPath: where the public URL has a path, every link leads there, and
// works whether or not a proxy takes the path away.
func TestBelowAPath(t *testing.T) {
	t.Parallel()
	c, err := corpus.Load(seeds.FS)
	if err != nil {
		t.Fatal(err)
	}
	const public = "https://example.org/wen/bao"
	s := newSite(t, c, func(p *web.Parts) {
		p.PublicURL, p.Library = public+"/", library.New(p.Reports, public)
	})
	s.Handler = web.Below(public, s.Handler)
	for _, start := range []string{"/?q=" + url.QueryEscape(asked), "/", "/?q=" + url.QueryEscape("来源"), "/r/nmg-2022", "/none"} {
		_, page := s.get(t, start)
		links := ownLink.FindAllStringSubmatch(page, -1)
		if len(links) < 4 {
			t.Errorf("%s has %d links", start, len(links))
		}
		for i, m := range links {
			to := html.UnescapeString(m[1])
			path, below := strings.CutPrefix(to, "/wen/bao/")
			if !below {
				t.Fatalf("%s links to %s", start, to)
			}
			if i > 12 || strings.HasPrefix(path, "press") || start == "/none" {
				continue
			}
			for _, address := range []string{to, "/" + path} {
				if status, _ := s.get(t, address); status != http.StatusOK {
					t.Errorf("%s → %s: %d", start, address, status)
				}
			}
		}
	}
	if res := s.do(t, http.MethodGet, "/wen/bao", ""); res.StatusCode != http.StatusPermanentRedirect || res.Header.Get("Location") != "/wen/bao/" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
}
