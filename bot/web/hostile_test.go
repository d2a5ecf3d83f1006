package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"wenbao/answers"
	"wenbao/answers/batch"
	"wenbao/bot/web"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/document"
	"wenbao/retrieval/report"
	"wenbao/seeds"
)

// attacks are texts that must come out as text wherever they go in.
func attacks() []string {
	return []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' autofocus onfocus=alert(1) x='`,
		`</title><script>alert(1)</script>`, `javascript:alert(1)`, `{{.Question}}`, `<mark>`, `&lt;script&gt;`,
		"</textarea><svg/onload=alert(1)>", `--><script>alert(1)</script>`,
	}
}

var (
	tagPattern   = regexp.MustCompile(`<[^>]*>`)
	valuePattern = regexp.MustCompile(`"[^"]*"`)
	// live is markup that none of our pages has, values of attributes apart.
	live = regexp.MustCompile(`(?i)^<script>|^<(svg|textarea|iframe)|^<img [^>]*=x|\s(on[a-z]+|style)\s*=`)
)

// checkPage reports what of an attack became markup. A < that was given is
// always escaped, so each one that is there begins a tag of ours.
func checkPage(t *testing.T, target, page string) {
	t.Helper()
	for _, tag := range tagPattern.FindAllString(page, -1) {
		if live.MatchString(valuePattern.ReplaceAllString(tag, `""`)) || strings.Contains(tag, `href="javascript:`) {
			t.Errorf("%s: the page has %s", target, tag)
		}
	}
}

func TestQuestionsAreEscaped(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	for _, attack := range attacks() {
		e := url.QueryEscape(attack)
		for _, target := range []string{
			"/?q=" + e, "/?q=" + e + "&h=" + e + "&report=" + e + "&lang=" + e, "/?q=绿色矿山&h=" + e, "/?report=" + e,
			"/r/nmg-2022/p/" + url.PathEscape(attack) + "?s=" + e, "/r/" + url.PathEscape(attack), "/r/nmg-2022?lang=" + e,
		} {
			status, page := s.get(t, strings.ReplaceAll(target, "绿色矿山", url.QueryEscape("绿色矿山")))
			if status >= 500 {
				t.Errorf("%s: status %d", target, status)
			}
			checkPage(t, target, page)
		}
	}
}

func TestReportsAreEscaped(t *testing.T) {
	t.Parallel()
	for _, attack := range attacks() {
		text := "一、" + attack + "\n全年新建绿色矿山133座" + attack + "。\n名词解释\n1．“三线一单”" + attack + "：" + attack + "\n"
		quoted, err := json.Marshal(attack)
		if err != nil {
			t.Fatal(err)
		}
		r, problem := corpus.Reader{}.Report(document.Document{Name: "x<b>\"'", Text: []byte(text)})
		if problem != nil {
			t.Fatal(problem)
		}
		r.Title, r.Region, r.Speaker, r.SourceURL = attack, attack, attack, strings.Trim(string(quoted), `"`)
		s := newSite(t, &corpus.Corpus{Reports: []*report.Report{r}}, nil)
		for _, target := range []string{"/", "/?q=" + url.QueryEscape("新建绿色矿山多少座"), "/?q=" + url.QueryEscape("三线一单是什么"),
			"/r/" + url.PathEscape(r.Slug()), "/r/" + url.PathEscape(r.Slug()) + "/p/none"} {
			_, page := s.get(t, target)
			checkPage(t, target, page)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	for _, target := range []string{"/", "/?q=x", "/r/nmg-2022", "/r/none", "/api/v1/ask?q=x", "/api/none", "/healthz", "/static/style.css"} {
		h := s.do(t, http.MethodGet, target, "").Header
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", target, policy)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") == "" || h.Get("X-Request-Id") == "" {
			t.Errorf("%s: headers %v", target, h)
		}
	}
	_, page := s.get(t, "/?q="+url.QueryEscape("绿色矿山"))
	checkPage(t, "/", page)
	if strings.Contains(page, "<style") {
		t.Error("the page has inline styles, which the policy forbids")
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	if got := s.do(t, http.MethodGet, "/", "", "X-Request-Id", "abc-1.2_3").Header.Get("X-Request-Id"); got != "abc-1.2_3" {
		t.Errorf("a proxy's id became %q", got)
	}
	for _, bad := range []string{"", "a b", "x\"y", strings.Repeat("a", 65), "é"} {
		if got := s.do(t, http.MethodGet, "/", "", "X-Request-Id", bad).Header.Get("X-Request-Id"); got == bad || got == "" {
			t.Errorf("id %q was taken as %q", bad, got)
		}
	}
}

func TestTheLogHoldsNoQuestion(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	const secret = "秘密的问题是什么"
	s.get(t, "/?q="+url.QueryEscape(secret)+"&h="+url.QueryEscape(secret))
	s.get(t, "/api/v1/ask?q="+url.QueryEscape(secret))
	s.get(t, "/r/"+url.PathEscape(secret))
	s.get(t, "/"+url.PathEscape(secret))
	s.do(t, http.MethodPost, "/api/v1/ask", `{"question":"`+secret+`","report":"none"}`)
	s.do(t, http.MethodPost, "/api/v1/ask", secret)
	log := s.log.String()
	if log == "" || strings.Contains(log, "秘密") || strings.Contains(log, url.QueryEscape("秘密")) {
		t.Errorf("log: %s", log)
	}
}

func TestAPI(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	long := strings.Repeat("绿", answers.MaxQuestion+1)
	line := func(fields string) string { return "{" + fields + "}" }
	for _, tt := range []struct {
		method, target, body string
		status               int
		detail               string // of a problem
	}{
		{"GET", "/api/v1/ask?q=" + url.QueryEscape("绿色矿山"), "", 200, ""},
		{"GET", "/api/v1/ask?q=" + url.QueryEscape("绿色矿山") + "&report=nmg-2022&lang=en&top=1&max_quote=60", "", 200, ""},
		{"GET", "/api/v1/ask", "", 400, "q"},
		{"GET", "/api/v1/ask?q=", "", 400, "empty"},
		{"GET", "/api/v1/ask?q=%20%20", "", 400, "empty"},
		{"GET", "/api/v1/ask?q=" + url.QueryEscape(long), "", 400, "500"},
		{"GET", "/api/v1/ask?q=x&report=none", "", 404, "none"},
		{"GET", "/api/v1/ask?q=x&top=-1", "", 400, "top"},
		{"GET", "/api/v1/ask?q=x&max_quote=many", "", 400, "max_quote"},
		{"POST", "/api/v1/ask", line(`"question":"绿色矿山","top":2,"max_quote":80`), 200, ""},
		{"POST", "/api/v1/ask", line(`"id":7,"question":"双优呢","history":["绿色矿山"],"report":"nmg-2022","kind":"figure"`), 200, ""},
		{"POST", "/api/v1/ask", line(`"question":"x","top":-1`), 400, "top"},
		{"POST", "/api/v1/ask", line(`"question":"x","top":"many"`), 400, "top"},
		{"POST", "/api/v1/ask", line(`"question":"x","report":"none"`), 404, "none"},
		{"POST", "/api/v1/ask", line(`"question":" "`), 400, "empty"},
		{"POST", "/api/v1/ask", line(`"question":"` + long + `"`), 400, "500"},
		{"POST", "/api/v1/ask", line(`"id":"a"`), 400, "question"},
		{"POST", "/api/v1/ask", "", 400, "JSON"},
		{"POST", "/api/v1/ask", "[]", 400, "JSON"},
		{"POST", "/api/v1/ask", "{", 400, "JSON"},
		{"POST", "/api/v1/ask", "{\"question\":\"\xff\"}", 400, "UTF-8"},
		{"POST", "/api/v1/ask", line(`"question":"` + strings.Repeat("x", batch.MaxLine) + `"`), 413, fmt.Sprint(batch.MaxLine)},
		{"PUT", "/api/v1/ask", "", 405, ""},
		{"DELETE", "/api/v1/ask", "", 405, ""},
		{"GET", "/api/v2/ask?q=x", "", 404, ""},
	} {
		name := tt.method + " " + tt.target + " " + tt.body
		name = name[:min(len(name), 120)]
		res := s.do(t, tt.method, tt.target, tt.body)
		body := bodyOf(t, res)
		if res.StatusCode != tt.status {
			t.Errorf("%s: status %d, want %d: %.200s", name, res.StatusCode, tt.status, body)
			continue
		}
		if tt.status == 200 {
			if got := res.Header.Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
				t.Errorf("%s: content type %q", name, got)
			}
			continue
		}
		var p struct {
			Type, Title, Detail string
			Status              int
		}
		if err := json.Unmarshal([]byte(body), &p); err != nil || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: not a problem: %q %v", name, body, err)
		}
		if p.Status != tt.status || p.Title == "" || !strings.Contains(p.Detail, tt.detail) {
			t.Errorf("%s: problem %+v, want detail with %q", name, p, tt.detail)
		}
	}
}

func TestSizesAreKept(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	for _, a := range []answers.Answer{
		answer(t, s.do(t, "POST", "/api/v1/ask", `{"question":"绿色矿山","top":2,"max_quote":80}`)),
		answer(t, s.do(t, "GET", "/api/v1/ask?top=2&max_quote=80&q="+url.QueryEscape("绿色矿山"), "")),
	} {
		if len(a.Excerpts) != 2 {
			t.Errorf("%d excerpts, want 2", len(a.Excerpts))
		}
	}
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	for _, tt := range []struct{ target, accept, want string }{
		{"/", "", `lang="zh-CN"`}, {"/", "en-GB,zh;q=0.5", `lang="en"`}, {"/", "fr,de", `lang="zh-CN"`},
		{"/", "zh-TW,en", `lang="zh-CN"`}, {"/?lang=en", "zh", `lang="en"`}, {"/?lang=zh", "en", `lang="zh-CN"`}, {"/?lang=xx", "", `lang="zh-CN"`},
		{"/r/nmg-2022?lang=en", "", `<html lang="en"`}, {"/", strings.Repeat("en,", 9000), "<html lang="},
	} {
		page := bodyOf(t, s.do(t, http.MethodGet, tt.target, "", "Accept-Language", tt.accept))
		head, _, _ := strings.Cut(page, "<head>")
		if !strings.Contains(head, tt.want) && !strings.Contains(tt.want, "<html") || !strings.Contains(page, tt.want) {
			t.Errorf("%s with %.20q: %q", tt.target, tt.accept, head)
		}
	}
}

func TestARefusalSaysWhyAndIsNoAnswer(t *testing.T) {
	t.Parallel()
	s := seedSite(t)
	q := url.QueryEscape("北京2021年GDP是多少")
	a := answer(t, s.do(t, http.MethodGet, "/api/v1/ask?q="+q, ""))
	status, page := s.get(t, "/?q="+q)
	if a.Status != answers.NoAnswer || a.Message == "" || status != http.StatusOK {
		t.Fatalf("%d %+v", status, a)
	}
	if !strings.Contains(page, a.Message) || strings.Contains(page, `<p class="figure">`) {
		t.Error("the page does not say why, or leads with a figure")
	}
}

type failing struct{ err error }

func (f failing) Answer(context.Context, answers.Request) (answers.Answer, error) {
	if f.err == nil {
		panic("绿色矿山")
	}
	return answers.Answer{}, f.err
}

func TestFailuresKeepTheirCauseToThemselves(t *testing.T) {
	t.Parallel()
	c, err := corpus.Load(seeds.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		err    error
		status int
	}{{errors.New("disk /secret/path"), 500}, {nil, 500}, {context.DeadlineExceeded, 503}} {
		s := newSite(t, c, func(p *web.Parts) { p.Answerer = failing{tt.err} })
		for _, target := range []string{"/api/v1/ask?q=x", "/?q=x"} {
			status, body := s.get(t, target)
			if status != tt.status || strings.Contains(body, "secret") || strings.Contains(body, "goroutine") {
				t.Errorf("%s after %v: %d %.200s", target, tt.err, status, body)
			}
		}
		if status, _ := s.get(t, "/healthz"); tt.err != nil && status != 503 {
			t.Errorf("healthz after %v: %d", tt.err, status)
		}
		if strings.Contains(s.log.String(), "绿色矿山") {
			t.Error("a panic's value, which may be the question, is in the log")
		}
	}
}

// FuzzRequests: no path, query or body makes an error of ours, and no answer
// has markup that was given.
func FuzzRequests(f *testing.F) {
	s := seedSite(f)
	for _, a := range attacks() {
		f.Add("/r/nmg-2022/p/"+a, "s="+a, a)
		f.Add("/", "q="+url.QueryEscape(a), `{"question":"`+a+`"}`)
	}
	f.Add("/", "a=1t:0", "a=1u:ABCDEFGH&input=<b>&h=<i>&report=x&lang=en&c=ABCDEFGH&top=7")
	f.Add("/r/%2e%2e/p/%00", "s=0-3&s=1", "{}")
	f.Add("//r//x", "q=%ff&h=%fe&report=%fd", "\x00")
	f.Fuzz(func(t *testing.T, path, query, body string) {
		for _, r := range []*http.Request{request("GET", path, query, ""), request("POST", "/api/v1/ask", query, body), request("POST", "/press", query, body)} {
			if r == nil {
				continue
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Errorf("%s %q ? %q: status %d", r.Method, path, query, w.Code)
			}
			if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				checkPage(t, path, w.Body.String())
			}
		}
	})
}

// request makes a request as a server would receive it, nil where a server
// would refuse it.
func request(method, path, query, body string) *http.Request {
	u := &url.URL{Path: path, RawQuery: query}
	if !strings.HasPrefix(path, "/") {
		return nil
	}
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	r.URL, r.RequestURI = u, u.RequestURI()
	if path == "/press" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}
