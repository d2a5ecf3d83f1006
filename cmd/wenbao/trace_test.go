package main

import (
	"flag"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"

	"wenbao/bot/redis/redistest"
	"wenbao/bot/slack/slackfake"
	"wenbao/bot/telegram/telegramfake"
	"wenbao/bot/telemetry/otlptest"
)

var (
	update    = flag.Bool("update", false, "write the goldens of traces")
	showTrace = flag.Bool("show-trace", false, "log traces with their times")
)

// freeAddress is one that was free.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// traced waits for the spans of these names and returns all that came.
func traced(t *testing.T, r *running, to *otlptest.Receiver, names ...string) []*otlp.Span {
	t.Helper()
	if !to.Wait(20*time.Second, func(spans []*otlp.Span) bool {
		for _, name := range names {
			if !slices.ContainsFunc(spans, func(s *otlp.Span) bool { return s.GetName() == name }) {
				return false
			}
		}
		return true
	}) {
		t.Fatalf("no spans %q in\n%s\n%s", names, otlptest.Tree(to.Spans(), otlptest.Style{}), r.log)
	}
	return to.Spans()
}

// golden compares a tree with what it was, without what depends on the
// reports.
func golden(t *testing.T, spans []*otlp.Span, path string) {
	t.Helper()
	for _, s := range spans[1:] {
		if otlptest.TraceID(s) != otlptest.TraceID(spans[0]) {
			t.Fatalf("there is more than one trace:\n%s", otlptest.Tree(spans, otlptest.Style{}))
		}
	}
	if *showTrace {
		t.Logf("\n%s", otlptest.Tree(spans, otlptest.Style{Times: true}))
	}
	got := otlptest.Tree(spans, otlptest.Style{Show: func(name string) bool { return name != "wenbao.generation" && name != "wenbao.hits" }})
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

// TestTraceOfASlackQuestion asks in Slack what was not asked before and then
// what was: one trace each, from Slack's request to the message in the
// channel, through another goroutine and Redis.
func TestTraceOfASlackQuestion(t *testing.T) {
	kept, to, fake := redistest.Start(t), otlptest.New(), slackfake.New()
	defer to.Close()
	defer fake.Close()
	fake.Join("C0TRACE")
	r := serve(t, "WENBAO_REDIS_URL="+kept.URL(), "WENBAO_TRACE_ENDPOINT="+to.URL, "WENBAO_TRACE_HEADERS=X-Key=hush-hush",
		"WENBAO_SLACK_MODE=http", "WENBAO_SLACK_SIGNING_SECRET="+slackfake.SigningSecret, "WENBAO_SLACK_BOT_TOKEN="+slackfake.BotToken, "WENBAO_SLACK_API_URL="+fake.API())
	fake.AppURL = "http://" + r.HTTP
	ask := func(user, question string) {
		e := fake.Write(user, "C0TRACE", "", "<@"+slackfake.Bot+"> "+question)
		e["type"] = "app_mention"
		n := len(fake.Messages())
		if res := fake.Event(e); res.Status != http.StatusOK {
			t.Fatalf("the event is answered with %d", res.Status)
		}
		within(t, r, "an answer", func() bool { return len(fake.Messages()) > n })
	}
	whole := []string{"slack event", "handle", "deliver"}
	ask("U0FIRST", "三线一单是什么") // Redis knows the scripts from now on
	traced(t, r, to, whole...)

	to.Reset()
	ask("U0ASKER", question)
	golden(t, traced(t, r, to, whole...), "testdata/trace-slack.txt")
	id := otlptest.TraceID(to.Spans()[0])
	for _, secret := range []string{"绿色矿山", "U0ASKER", "C0TRACE", slackfake.Team, slackfake.BotToken, slackfake.SigningSecret, "hush-hush", fake.URL, kept.Addr, "实施保护"} {
		if strings.Contains(to.Raw(), secret) {
			t.Errorf("%s is in the trace", secret)
		}
	}
	to.Reset()
	ask("U0OTHER", question)
	golden(t, traced(t, r, to, whole...), "testdata/trace-slack-again.txt")
	if again := otlptest.TraceID(to.Spans()[0]); again == id {
		t.Error("two questions are one trace")
	}
	r.Stop()
	if err := r.ended(t); err != nil {
		t.Error(err)
	}
	if strings.Contains(r.log.String(), "hush-hush") {
		t.Error("the collector's header is in the log")
	}
}

// TestTraceOfATelegramQuestion: Telegram's addresses hold the token.
func TestTraceOfATelegramQuestion(t *testing.T) {
	to, fake := otlptest.New(), telegramfake.New(telegramToken)
	defer to.Close()
	api := httptest.NewServer(fake)
	defer api.Close()
	defer fake.Close()
	r := serve(t, "WENBAO_TRACE_ENDPOINT="+to.URL, "WENBAO_TELEGRAM_TOKEN="+telegramToken, "WENBAO_TELEGRAM_API_URL="+api.URL)
	fake.Say(telegramfake.Said{Chat: 9123456789, User: 9123456789, ID: 1, Text: question})
	within(t, r, "an answer", func() bool { return len(fake.Sent()) == 1 })
	golden(t, traced(t, r, to, "telegram message", "handle", "deliver"), "testdata/trace-telegram.txt")
	for _, secret := range []string{"绿色矿山", "9123456789", telegramToken, telegramToken[10:], api.URL} {
		if strings.Contains(to.Raw(), secret) {
			t.Errorf("%s is in the trace", secret)
		}
	}
}

// TestTraceOfTheAPI: a client's trace goes on; what it asks is shown only where
// that is wanted. The last spans are sent when the program ends.
func TestTraceOfTheAPI(t *testing.T) {
	for _, shown := range []bool{false, true} {
		to := otlptest.New()
		defer to.Close()
		environ := []string{"WENBAO_TRACE_ENDPOINT=" + to.URL}
		if shown {
			environ = append(environ, "WENBAO_TRACE_QUESTIONS=true")
		}
		r := serve(t, environ...)
		const theirs = "4bf92f3577b34da6a3ce929d0e0e4736"
		get(t, "http://"+r.HTTP+"/api/v1/ask?q="+url.QueryEscape(question), "traceparent", "00-"+theirs+"-00f067aa0ba902b7-00", "X-Request-Id", "mine-1")
		get(t, "http://"+r.HTTP+"/healthz")
		get(t, "http://"+r.HTTP+"/static/style.css")
		r.Stop()
		if err := r.ended(t); err != nil {
			t.Error(err)
		}
		spans := to.Spans()
		if !shown {
			golden(t, spans, "testdata/trace-api.txt")
		}
		if len(spans) == 0 || otlptest.TraceID(spans[0]) != theirs {
			t.Error("the client's trace does not go on")
		}
		if strings.Contains(to.Raw(), "绿色矿山") != shown || strings.Contains(to.Raw(), url.QueryEscape("绿")) {
			t.Errorf("questions shown: %v, want %v", !shown, shown)
		}
		if !strings.Contains(r.log.String(), `"request":"mine-1","trace":"`+theirs+`"`) {
			t.Errorf("no line has both ids:\n%s", r.log)
		}
	}
}
