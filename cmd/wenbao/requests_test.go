package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"wenbao/bot/slack/slackfake"
	"wenbao/bot/telemetry/otlptest"
)

// line is a line of the log.
type line struct {
	Msg, Request, Trace, Platform, Status, Job, Text string
}

// lines returns those with a message.
func (r *running) lines(t *testing.T, msg string) []line {
	t.Helper()
	var out []line
	for _, raw := range strings.Split(r.log.String(), "\n") {
		var fields map[string]any
		if json.Unmarshal([]byte(raw), &fields) != nil || fields["msg"] != msg {
			continue
		}
		text := func(key string) string { s, _ := fields[key].(string); return s }
		out = append(out, line{text("msg"), text("request"), text("trace"), text("platform"), text("status"), text("job"), text("text")})
	}
	return out
}

// TestLinesNameTheirRequest: what is logged from receipt to delivery has the
// id of the request that began it, and of its trace; nothing that was asked.
func TestLinesNameTheirRequest(t *testing.T) {
	to := otlptest.New()
	defer to.Close()
	e := serveEverywhere(t, "WENBAO_LOG_LEVEL=debug", "WENBAO_TRACE_ENDPOINT="+to.URL)
	e.slack.Fail("chat.postMessage", slackfake.Fault{Status: 503}, slackfake.Fault{Error: "invalid_blocks"})
	e.say(t, "U0ASKER", "C0LINES", question)
	e.write(t, 7001, 1, question)
	get(t, "http://"+e.HTTP+"/?q="+question, "X-Request-Id", "mine-2")
	get(t, "http://"+e.Ops+"/admin/jobs", "X-Request-Id", "mine-3")
	req, err := http.NewRequest(http.MethodPost, "http://"+e.Ops+"/admin/reindex", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Request-Id", "mine-4")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	within(t, e.running, "the job", func() bool { return len(e.lines(t, "job ended")) > 0 })

	asked := map[string]line{}
	for _, l := range e.lines(t, "question") {
		asked[l.Platform] = l
	}
	if len(asked) != 3 || !strings.HasPrefix(asked["telegram"].Request, "update-") || asked["web"].Request != "mine-2" || asked["slack"].Request == "" {
		t.Errorf("questions %+v", asked)
	}
	for platform, l := range asked {
		if len(l.Trace) != 32 || l.Status != "answered" || l.Text != "" {
			t.Errorf("%s: %+v", platform, l)
		}
	}
	for _, msg := range []string{"sending failed", "slack refuses our blocks"} {
		if got := e.lines(t, msg); len(got) != 1 || got[0].Request != asked["slack"].Request || got[0].Trace != asked["slack"].Trace {
			t.Errorf("%s: %+v", msg, got)
		}
	}
	for msg, id := range map[string]string{"request": "mine-2", "operator's request": "mine-3", "job ended": "mine-4"} {
		found := false
		for _, l := range e.lines(t, msg) {
			found = found || l.Request == id
			if l.Request == "" {
				t.Errorf("a line %q has no request", msg)
			}
		}
		if !found {
			t.Errorf("no line %q of %s in\n%s", msg, id, e.log)
		}
	}
	if strings.Contains(e.log.String(), "绿色矿山") {
		t.Error("a question is in the log")
	}
}

// TestEnvelopesNameTheirRequest: in socket mode the envelope's id is it. The
// text is logged where that is wanted.
func TestEnvelopesNameTheirRequest(t *testing.T) {
	fake := slackfake.New()
	defer fake.Close()
	fake.Join("C0LINES")
	r := serve(t, "WENBAO_LOG_QUESTIONS=true", "WENBAO_SLACK_APP_TOKEN="+slackfake.AppToken, "WENBAO_SLACK_BOT_TOKEN="+slackfake.BotToken, "WENBAO_SLACK_API_URL="+fake.API())
	if !fake.WaitSocket() {
		t.Fatal("no socket")
	}
	fake.Slash("U0ASKER", "C0LINES", question)
	within(t, r, "an answer", func() bool { return len(fake.Messages()) > 0 })
	got := r.lines(t, "question")
	if len(got) != 1 || !strings.HasPrefix(got[0].Request, "env-") || got[0].Trace != "" || got[0].Text != question || got[0].Platform != "slack" {
		t.Errorf("%+v", got)
	}
}
