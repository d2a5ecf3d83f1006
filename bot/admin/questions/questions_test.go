package questions_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"wenbao/answers/curation"
	"wenbao/bot"
	"wenbao/bot/admin"
	"wenbao/bot/admin/questions"
	"wenbao/bot/audit"
	"wenbao/bot/bottest"
	"wenbao/bot/curator"
	"wenbao/bot/feedback"
	"wenbao/bot/library"
	"wenbao/bot/popular"
	"wenbao/bot/store"
	"wenbao/bot/stores"
	"wenbao/retrieval/corpus"
)

// desk serves the routes over stores in memory, in which two workspaces asked,
// missed and voted.
type desk struct {
	*httptest.Server
	noted []audit.Entry
}

type noRules struct{}

func (noRules) Set([]curation.Rule) {}

func newDesk(t *testing.T) *desk {
	t.Helper()
	now := time.Now()
	set := stores.Memory(stores.Defaults(), time.Now)
	for _, team := range []string{"slack:T1", "slack:T2", "web"} {
		at, err := bot.ParseTeam(team)
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(
			set.Popular.Asked(t.Context(), popular.Question{Team: at, Text: "often in " + team, Asker: "U1", At: now}),
			set.Unanswered.Miss(t.Context(), feedback.Miss{Question: "=missed(in " + team + ")", Reason: "not_mentioned", Team: at, Platform: "slack", Last: now}),
			set.Votes.Vote(t.Context(), feedback.Vote{Code: "CODE" + team, Voter: "U1", Question: "down in " + team, Team: at, At: now}),
			set.Votes.Vote(t.Context(), feedback.Vote{Code: "CODE" + team, Voter: "U2", Up: true, Question: "up in " + team, Team: at, At: now}),
		)
		if err != nil {
			t.Fatal(err)
		}
	}
	c, err := corpus.Load(fstest.MapFS{"a.txt": {Data: []byte("2022年政府工作报告\n一、工作回顾\n新建绿色矿山133座。\n")}})
	if err != nil {
		t.Fatal(err)
	}
	toy := bottest.NewToy(c)
	d := &desk{}
	public := curator.New(curator.Parts{KV: store.NewMemory(store.Bound{}, time.Now), Rules: noRules{}, Library: library.New(toy, ""), Answerer: toy})
	routes := questions.Routes(questions.Parts{Popular: set.Counted, Unanswered: set.Missed, Votes: set.Given, Public: public,
		Note: func(_ *http.Request, e audit.Entry) { d.noted = append(d.noted, e) }})
	gate := admin.NewGate(nil, nil, time.Now)
	d.Server = httptest.NewServer(admin.New(admin.Parts{Gate: gate, Routes: routes}).Handler())
	t.Cleanup(d.Close)
	return d
}

func (d *desk) call(t *testing.T, method, path, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, d.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := d.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(raw)
}

// TestWorkspacesApart: a list of one workspace holds nothing of another's.
func TestWorkspacesApart(t *testing.T) {
	d := newDesk(t)
	for _, list := range []string{"popular", "unanswered", "votes"} {
		for _, format := range []string{"json", "csv"} {
			for _, own := range []string{"slack:T1", "slack:T2", "web"} {
				resp, body := d.call(t, "GET", "/admin/questions/"+list+"?format="+format+"&workspace="+url.QueryEscape(own), "")
				if resp.StatusCode != http.StatusOK || !strings.Contains(body, "in "+own) {
					t.Errorf("%s of %s as %s: %d %s", list, own, format, resp.StatusCode, body)
				}
				for _, other := range []string{"slack:T1", "slack:T2", "web"} {
					if other != own && strings.Contains(body, "in "+other) {
						t.Errorf("%s of %s as %s shows %s: %s", list, own, format, other, body)
					}
				}
			}
			if _, body := d.call(t, "GET", "/admin/questions/"+list+"?format="+format, ""); strings.Count(body, "in slack:T1")+strings.Count(body, "in web") < 2 {
				t.Errorf("%s of all as %s: %s", list, format, body)
			}
		}
	}
}

// TestSpreadsheets: CSV as they open it, in which nothing is a formula.
func TestSpreadsheets(t *testing.T) {
	d := newDesk(t)
	resp, body := d.call(t, "GET", "/admin/questions/unanswered?format=csv&limit=2", "")
	if kind := resp.Header.Get("Content-Type"); kind != "text/csv; charset=utf-8" || !strings.Contains(resp.Header.Get("Content-Disposition"), "unanswered.csv") {
		t.Errorf("%q %q", kind, resp.Header.Get("Content-Disposition"))
	}
	text, marked := strings.CutPrefix(body, "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || len(rows) != 3 || len(rows[0]) != 8 {
		t.Fatalf("%v, %v: %q", err, marked, rows)
	}
	if !strings.HasPrefix(rows[1][0], "'=missed") {
		t.Errorf("a formula: %q", rows[1][0])
	}
}

func TestVotes(t *testing.T) {
	d := newDesk(t)
	for which, want := range map[string]int{"": 3, "?vote=down": 3, "?vote=up": 3, "?vote=all": 6, "?vote=all&limit=2": 2} {
		var list struct {
			Votes   []questions.VoteRow
			LeftOut int `json:"left_out"`
		}
		_, body := d.call(t, "GET", "/admin/questions/votes"+which, "")
		if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Votes) != want {
			t.Errorf("%q: %v, %d votes, %d left out", which, err, len(list.Votes), list.LeftOut)
		}
		if strings.Contains(body, "U1") {
			t.Errorf("who voted is in %s", body)
		}
	}
}

func TestTheListSaysWhatToFix(t *testing.T) {
	d := newDesk(t)
	for _, tt := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/admin/questions/popular?window=month", "", 400, "day or week"},
		{"GET", "/admin/questions/popular?workspace=T1", "", 400, "slack:TEAM"},
		{"GET", "/admin/questions/popular?limit=0", "", 400, "1 to 10000"},
		{"GET", "/admin/questions/popular?limit=many", "", 400, "1 to 10000"},
		{"GET", "/admin/questions/votes?vote=sideways", "", 400, "down, up or all"},
		{"GET", "/admin/questions/unanswered?format=xml", "", 400, "json or csv"},
		{"PUT", "/admin/questions/public", `{"question":"新建绿色矿山多少座"}`, 400, "approved"},
		{"PUT", "/admin/questions/public", `{"question":"外星飞船","approved":true}`, 422, "do not answer"},
		{"PUT", "/admin/questions/public", `{"text":"新建绿色矿山多少座"}`, 400, "unknown field"},
		{"PUT", "/admin/questions/public", `{"question":"新建绿色矿山多少座","approved":true}`, 200, "绿色矿山"},
		{"DELETE", "/admin/questions/public", "", 400, "question"},
		{"DELETE", "/admin/questions/public?question=" + url.QueryEscape("别的"), "", 404, "no such decision"},
		{"DELETE", "/admin/questions/public?question=" + url.QueryEscape("新建绿色矿山多少座"), "", 200, `"public":[]`},
	} {
		resp, body := d.call(t, tt.method, tt.path, tt.body)
		if resp.StatusCode != tt.status || !strings.Contains(body, tt.want) {
			t.Errorf("%s %s %s: %d %s", tt.method, tt.path, tt.body, resp.StatusCode, body)
		}
	}
	for _, e := range d.noted {
		if strings.Contains(e.Target+e.Detail, "绿色矿山") {
			t.Errorf("the audit log holds a question: %+v", e)
		}
	}
	if len(d.noted) != 4 {
		t.Errorf("%d changes noted: %+v", len(d.noted), d.noted)
	}
}
