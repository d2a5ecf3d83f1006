package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wenbao/bot/admin/client"
	"wenbao/bot/jobs"
	"wenbao/bot/redis/redistest"
	"wenbao/bot/reindex"
	"wenbao/bot/slack/slackfake"
	"wenbao/bot/telegram/telegramfake"
)

// everywhere is a server with every platform, Redis and a data folder.
type everywhere struct {
	*running
	slack    *slackfake.Fake
	telegram *telegramfake.Fake
}

func serveEverywhere(t *testing.T, environ ...string) *everywhere {
	t.Helper()
	kept := redistest.Start(t)
	e := &everywhere{slack: slackfake.New(), telegram: telegramfake.New(telegramToken)}
	api := httptest.NewServer(e.telegram)
	t.Cleanup(func() { e.telegram.Close(); api.Close(); e.slack.Close() })
	e.running = serve(t, append([]string{"WENBAO_REDIS_URL=" + kept.URL(), "WENBAO_DATA=" + t.TempDir(),
		"WENBAO_SLACK_MODE=http", "WENBAO_SLACK_SIGNING_SECRET=" + slackfake.SigningSecret, "WENBAO_SLACK_BOT_TOKEN=" + slackfake.BotToken, "WENBAO_SLACK_API_URL=" + e.slack.API(),
		"WENBAO_TELEGRAM_TOKEN=" + telegramToken, "WENBAO_TELEGRAM_API_URL=" + api.URL}, environ...)...)
	e.slack.AppURL = "http://" + e.HTTP
	return e
}

// say says something in Slack and waits for the reply.
func (e *everywhere) say(t *testing.T, user, channel, words string) {
	t.Helper()
	e.slack.Join(channel)
	n := len(e.slack.Messages())
	m := e.slack.Write(user, channel, "", "<@"+slackfake.Bot+"> "+words)
	m["type"] = "app_mention"
	if res := e.slack.Event(m); res.Status != http.StatusOK {
		t.Fatalf("Slack is answered with %d", res.Status)
	}
	within(t, e.running, "a reply in Slack", func() bool { return len(e.slack.Messages()) > n })
}

// write writes something in a private chat in Telegram and waits for the reply.
func (e *everywhere) write(t *testing.T, chat int64, id int64, words string) {
	t.Helper()
	n := len(e.telegram.Sent())
	e.telegram.Say(telegramfake.Said{Chat: chat, User: chat, ID: id, Text: words})
	within(t, e.running, "a reply in Telegram", func() bool { return len(e.telegram.Sent()) > n })
}

func (e *everywhere) ask(t *testing.T, question string) {
	t.Helper()
	if status, body := get(t, "http://"+e.HTTP+"/api/v1/ask?q="+url.QueryEscape(question)); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
}

func (e *everywhere) metrics(t *testing.T) string {
	t.Helper()
	_, text := get(t, "http://"+e.Ops+"/metrics")
	return text
}

// sampled are the samples of a metric, by its labels.
func sampled(metrics, name string) map[string]string {
	out := map[string]string{}
	for _, line := range strings.Split(metrics, "\n") {
		if rest, ok := strings.CutPrefix(line, name); ok && (strings.HasPrefix(rest, "{") || strings.HasPrefix(rest, " ")) {
			at := strings.LastIndexByte(rest, ' ')
			out[rest[:at]] = rest[at+1:]
		}
	}
	return out
}

// TestQuestionsAreCountedOnEveryPlatform asks the same everywhere: each
// question counts once, a command, a greeting's button or a press does not.
func TestQuestionsAreCountedOnEveryPlatform(t *testing.T) {
	e := serveEverywhere(t)
	const none = "北京2021年GDP是多少"
	for i, q := range []string{question, none} {
		e.say(t, "U0ASKER", "C0COUNT", q)
		e.write(t, 7001, int64(10+i), q)
		e.ask(t, q)
	}
	for i, command := range []string{"帮助", "来源", "术语 三线一单"} {
		e.say(t, "U0ASKER", "C0COUNT", command)
		e.write(t, 7001, int64(20+i), command)
		get(t, "http://"+e.HTTP+"/?q="+url.QueryEscape(command))
	}
	e.say(t, "U0ASKER", "C0COUNT", strings.Repeat("问", 600))
	get(t, "http://"+e.HTTP+"/api/v1/ask?q="+url.QueryEscape(strings.Repeat("问", 600)))
	posted, ok := e.slack.WaitMessage(0, func(m slackfake.Message) bool { return strings.Contains(m.Text, "133座") })
	if !ok {
		t.Fatal("no answer in Slack")
	}
	if res := e.slack.Press("U0ASKER", posted, "👍"); res.Status != http.StatusOK {
		t.Errorf("a press is answered with %d", res.Status)
	}
	within(t, e.running, "the vote", func() bool {
		return sampled(e.metrics(t), "wenbao_actions_total")[`{platform="slack",verb="u"}`] == "1"
	})
	metrics := e.metrics(t)
	want := map[string]string{}
	for _, platform := range []string{"slack", "telegram", "web"} {
		want[fmt.Sprintf(`{platform=%q,status="answered"}`, platform)] = "1"
		want[fmt.Sprintf(`{platform=%q,status="no_answer"}`, platform)] = "1"
		if n := sampled(metrics, "wenbao_answer_seconds_count")[fmt.Sprintf(`{platform=%q}`, platform)]; n != "2" {
			t.Errorf("%s has the time of %q answers", platform, n)
		}
	}
	want[`{platform="slack",status="invalid"}`], want[`{platform="web",status="invalid"}`] = "1", "1"
	if got := sampled(metrics, "wenbao_questions_total"); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := sampled(metrics, "wenbao_refusals_total"); len(got) != 1 || got[`{reason="out_of_place"}`] != "3" {
		t.Errorf("refusals %v", got)
	}
	for _, stage := range []string{"queue", "answer", "understand", "compile", "search", "rank", "compose", "cache", "cache_shared", "redis", "send"} {
		if n := sampled(metrics, "wenbao_stage_seconds_count")[fmt.Sprintf(`{stage=%q}`, stage)]; n == "" || n == "0" {
			t.Errorf("%s is not timed", stage)
		}
	}
	for name, least := range map[string]int{"wenbao_generation_info": 1, "wenbao_build_info": 1, "wenbao_generation_reports": 1, "wenbao_generation_paragraphs": 1,
		"wenbao_generation_terms": 1, "wenbao_generation_live_seconds": 1, "wenbao_index_bytes": 1, "wenbao_queue_depth": 1, "wenbao_quotes_withheld_total": 1,
		"wenbao_unverbatim_quotes_total": 1, "wenbao_answer_cache_total": 1, "wenbao_redis_commands_total": 1, "wenbao_deliveries_total": 2} {
		if got := sampled(metrics, name); len(got) < least {
			t.Errorf("%s has %d series", name, len(got))
		}
	}
}

// TestDependenciesAreNamed also when all is well.
func TestDependenciesAreNamed(t *testing.T) {
	e := serveEverywhere(t)
	const well = `"dependencies":{"index":"ok","redis":"ok","slack":"ok","telegram":"ok"}}`
	within(t, e.running, "all to be well", func() bool {
		_, body := get(t, "http://"+e.HTTP+"/readyz")
		return strings.HasPrefix(body, `{"status":"ready","generation":"`) && strings.HasSuffix(strings.TrimSpace(body), well)
	})
	alone := serve(t)
	if _, body := get(t, "http://"+alone.Ops+"/readyz"); !strings.HasSuffix(strings.TrimSpace(body), `"dependencies":{"index":"ok"}}`) {
		t.Errorf("alone: %s", body)
	}
}

// TestSeriesAreBounded: the more people ask the more different things in more
// places, the number of series stays what it was.
func TestSeriesAreBounded(t *testing.T) {
	e := serveEverywhere(t)
	series := func() map[string]bool {
		all := map[string]bool{}
		for _, line := range strings.Split(e.metrics(t), "\n") {
			if at := strings.LastIndexByte(line, ' '); at > 0 && !strings.HasPrefix(line, "#") {
				all[line[:at]] = true
			}
		}
		return all
	}
	round := func(from, to int) {
		for i := from; i < to; i++ {
			odd := fmt.Sprintf("第%d个问题“%c”是多少\n", i, rune(0x4e00+i))
			e.say(t, fmt.Sprintf("U%d", i), fmt.Sprintf("C%d", i), odd)
			e.write(t, int64(9000+i), int64(i+1), odd)
			get(t, "http://"+e.HTTP+"/?q="+url.QueryEscape(odd), "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
			get(t, fmt.Sprintf("http://%s/r/%d", e.HTTP, i))
			get(t, fmt.Sprintf("http://%s/%d", e.HTTP, i), "X-Request-Id", fmt.Sprint(i))
		}
	}
	round(0, 5)
	before := series()
	round(5, 45)
	after := series()
	for s := range before {
		delete(after, s)
	}
	if len(after) > 20 { // outcomes that did not happen before; forty people asked
		t.Errorf("%d series became %d more: %v", len(before), len(after), slices.Sorted(maps.Keys(after)))
	}
	if text := e.metrics(t); regexp.MustCompile(`U44|C44|9044|198\.51|第\d+个`).MatchString(text) {
		t.Error("askers are in the metrics")
	}
}

// TestProfiles are for operators, and are profiles.
func TestProfiles(t *testing.T) {
	r := serve(t, "WENBAO_OPS_TOKENS=ann:operate:a-token-of-some-length,bob:read:another-token-of-some")
	for _, tt := range []struct {
		path, token string
		status      int
	}{{"", "", 401}, {"heap", "", 401}, {"heap", "another-token-of-some", 403}, {"", "a-token-of-some-length", 200}, {"heap", "a-token-of-some-length", 200},
		{"goroutine", "a-token-of-some-length", 200}, {"profile?seconds=1", "a-token-of-some-length", 200}, {"trace?seconds=0.1", "a-token-of-some-length", 200},
		{"cmdline", "a-token-of-some-length", 200}, {"nothing", "a-token-of-some-length", 404}} {
		status, body := get(t, "http://"+r.Ops+"/debug/pprof/"+tt.path, "Authorization", "Bearer "+tt.token)
		if status != tt.status {
			t.Errorf("%s with %q: %d, want %d", tt.path, tt.token, status, tt.status)
		}
		if zipped := strings.HasPrefix(body, "\x1f\x8b"); status == 200 && zipped != slices.Contains([]string{"heap", "goroutine", "profile?seconds=1"}, tt.path) {
			t.Errorf("%s is %.20q", tt.path, body)
		}
	}
	if status, _ := get(t, "http://"+r.HTTP+"/debug/pprof/"); status != http.StatusNotFound {
		t.Errorf("the public listener has profiles: %d", status)
	}
}

// TestReindexingIsCounted: one generation at a time is told of, with what it
// is made of and since when it is live.
func TestReindexingIsCounted(t *testing.T) {
	corpus := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(corpus, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.txt", "关于矿山的报告\n\n2021年，全区新建绿色矿山133座。\n")
	r := serve(t, "WENBAO_CORPUS="+corpus, "WENBAO_DATA="+t.TempDir())
	operator, err := client.New(r.Ops, "", http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	values := func() (generation string, numbers map[string]float64) {
		_, metrics := get(t, "http://"+r.Ops+"/metrics")
		info := sampled(metrics, "wenbao_generation_info")
		if len(info) != 1 {
			t.Fatalf("generations %v", info)
		}
		numbers = map[string]float64{}
		for _, name := range []string{"wenbao_generation_reports", "wenbao_generation_paragraphs", "wenbao_generation_live_seconds", "wenbao_index_bytes"} {
			if numbers[name], err = strconv.ParseFloat(sampled(metrics, name)[""], 64); err != nil {
				t.Error(err)
			}
		}
		for labels, n := range sampled(metrics, "wenbao_reindex_jobs_total") {
			numbers[labels], _ = strconv.ParseFloat(n, 64)
		}
		numbers["took"], _ = strconv.ParseFloat(sampled(metrics, "wenbao_reindex_seconds_count")[""], 64)
		return slices.Collect(maps.Keys(info))[0], numbers
	}
	first, before := values()
	for _, job := range []struct{ text, state string }{{"关于造林的报告\n\n2021年，完成营造林594万亩。\n", "succeeded"}, {"\xff\xfe\xff", "failed"}} {
		write("b-"+job.state+".txt", job.text)
		id, err := operator.Reindex(t.Context(), reindex.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := operator.Follow(t.Context(), id, func(jobs.Job) {}); err != nil {
			t.Fatal(err)
		}
	}
	second, after := values()
	if first == second || after["wenbao_generation_reports"] != 2 || after["wenbao_generation_paragraphs"] <= before["wenbao_generation_paragraphs"] ||
		after["wenbao_generation_live_seconds"] <= before["wenbao_generation_live_seconds"] || before["wenbao_index_bytes"] <= 0 || after["wenbao_index_bytes"] <= 0 {
		t.Errorf("%s %v became %s %v", first, before, second, after)
	}
	for key, want := range map[string]float64{`{kind="reindex",state="succeeded"}`: 1, `{kind="reindex",state="failed"}`: 1, `{kind="reindex",state="rejected"}`: 0, "took": 2} {
		if after[key]-before[key] != want {
			t.Errorf("%s: %v became %v", key, before[key], after[key])
		}
	}
}
