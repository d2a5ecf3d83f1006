package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wenbao/bot/admin/client"
	"wenbao/bot/curator"
	"wenbao/bot/redis/redistest"
	"wenbao/bot/reindex"
	"wenbao/bot/slack/slackfake"
	"wenbao/bot/telegram/telegramfake"
	"wenbao/bot/telemetry/otlptest"
	"wenbao/seeds"
)

// observeEnv is how long a server is loaded, such as 90s, while a Prometheus
// scrapes it; make observe sets it. observeShots is a folder for pictures.
const (
	observeEnv   = "WENBAO_TEST_OBSERVE"
	observeShots = "WENBAO_TEST_OBSERVE_SHOTS"
)

const opsToken = "a-token-of-some-length"

// lab is the program under load and what looks at it.
type lab struct {
	t          *testing.T
	http, ops  string
	prometheus string // base address
	corpus     string
	slack      *slackfake.Fake
	telegram   *telegramfake.Fake
	redis      *redistest.Server
	operator   *client.Client
	questions  []string
	begun      time.Time
}

// start runs a program until the test ends.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() })
}

// TestObserve loads a real server for a while, in every way that the dashboard
// shows something of, and asks a real Prometheus for every panel's query.
func TestObserve(t *testing.T) {
	lasts, err := time.ParseDuration(os.Getenv(observeEnv))
	if err != nil {
		t.Skip("make observe loads a server for a while")
	}
	l := newLab(t)
	l.load(lasts)
	l.table()
	l.rules()
	l.pictures()
}

func newLab(t *testing.T) *lab {
	l := &lab{t: t, slack: slackfake.New(), telegram: telegramfake.New(telegramToken), redis: redistest.Start(t), corpus: t.TempDir(), begun: time.Now()}
	api, spans := httptest.NewServer(l.telegram), otlptest.New()
	t.Cleanup(func() { l.telegram.Close(); api.Close(); l.slack.Close(); spans.Close() })
	l.readQuestions()
	text, err := fs.ReadFile(seeds.FS, "nmg-2022.txt")
	if err == nil {
		err = os.WriteFile(filepath.Join(l.corpus, "nmg-2022.txt"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "wenbao")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program, "serve")
	cmd.Env = []string{"WENBAO_HTTP_ADDR=127.0.0.1:0", "WENBAO_OPS_ADDR=127.0.0.1:0", "WENBAO_OPS_TOKENS=prometheus:read:" + opsToken + ",ann:operate:another-" + opsToken,
		"WENBAO_CORPUS=" + l.corpus, "WENBAO_DATA=" + t.TempDir(), "WENBAO_REDIS_URL=" + l.redis.URL(), "WENBAO_LOG_FORMAT=json", "WENBAO_TRACE_ENDPOINT=" + spans.URL,
		"WENBAO_SLACK_MODE=http", "WENBAO_SLACK_SIGNING_SECRET=" + slackfake.SigningSecret, "WENBAO_SLACK_BOT_TOKEN=" + slackfake.BotToken, "WENBAO_SLACK_API_URL=" + l.slack.API(),
		"WENBAO_TELEGRAM_TOKEN=" + telegramToken, "WENBAO_TELEGRAM_API_URL=" + api.URL}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, cmd)
	l.ready(stderr)
	l.scrape()
	if l.operator, err = client.New(l.ops, "another-"+opsToken, http.DefaultClient); err != nil {
		t.Fatal(err)
	}
	return l
}

// ready waits until the program says where it serves.
func (l *lab) ready(stderr io.Reader) {
	lines := bufio.NewScanner(stderr)
	addresses := make(chan [2]string, 1)
	go func() {
		for lines.Scan() {
			var e struct{ Msg, HTTP, Ops string }
			if json.Unmarshal(lines.Bytes(), &e) == nil && e.Msg == "ready" {
				addresses <- [2]string{e.HTTP, e.Ops}
			}
		}
	}()
	select {
	case a := <-addresses:
		l.http, l.ops = a[0], a[1]
	case <-time.After(30 * time.Second):
		l.t.Fatal("the server is not ready")
	}
	l.slack.AppURL = "http://" + l.http
}

func (l *lab) readQuestions() {
	raw, err := fs.ReadFile(seeds.FS, "questions/nmg-2022.jsonl")
	if err != nil {
		l.t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		var q struct{ Question string }
		if err := json.Unmarshal([]byte(line), &q); err != nil {
			l.t.Fatal(err)
		}
		l.questions = append(l.questions, q.Question)
	}
}

// scrape starts Prometheus with the settings that come with the program, but
// for the address and how often it looks.
func (l *lab) scrape() {
	program, err := exec.LookPath("prometheus")
	if err != nil {
		l.t.Skip("prometheus is not installed (make prometheus)")
	}
	dir, addr := l.t.TempDir(), freeAddress(l.t)
	settings, err := os.ReadFile("../../configs/prometheus/prometheus.yml")
	if err != nil {
		l.t.Fatal(err)
	}
	rules, err := os.ReadFile(alertsFile)
	if err != nil {
		l.t.Fatal(err)
	}
	for name, content := range map[string]string{"token": opsToken, "alerts.yml": string(rules),
		"prometheus.yml": strings.NewReplacer("wenbao:9090", l.ops, "interval: 15s", "interval: 2s").Replace(string(settings))} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			l.t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "--config.file", filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path", filepath.Join(dir, "data"), "--web.listen-address", addr, "--log.level", "warn")
	cmd.Stderr = os.Stderr
	start(l.t, cmd)
	l.prometheus = "http://" + addr
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if samples, err := l.query(`up{job="wenbao"}`); err == nil && len(samples) == 1 && samples[0] == 1 {
			return
		}
		if time.Now().After(deadline) {
			l.t.Fatal("Prometheus does not reach the server")
		}
	}
}

// load asks, presses, reindexes and disturbs for a while.
func (l *lab) load(lasts time.Duration) {
	ctx, stop := context.WithTimeout(context.Background(), lasts)
	defer stop()
	var wg sync.WaitGroup
	for n := range 3 {
		wg.Go(func() { l.browse(ctx, n) })
		wg.Go(func() { l.talkInSlack(ctx, n) })
		wg.Go(func() { l.talkInTelegram(ctx, n) })
	}
	wg.Go(func() { l.operate(ctx, lasts) })
	wg.Go(func() { l.disturb(ctx, lasts) })
	wg.Wait()
	time.Sleep(5 * time.Second) // two more scrapes
}

// every calls f with a number, so often, until ctx is done.
func every(ctx context.Context, pause time.Duration, f func(i int)) {
	t := time.NewTicker(pause)
	defer t.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			f(i)
		}
	}
}

func (l *lab) question(n, i int) string {
	q := l.questions[(n*37+i)%len(l.questions)]
	if i%5 == 4 { // nobody asked this before
		return fmt.Sprintf("%s（第%d次问）", q, n*10_000+i)
	}
	return q
}

func (l *lab) browse(ctx context.Context, n int) {
	every(ctx, 40*time.Millisecond, func(i int) {
		paths := []string{"/api/v1/ask?q=", "/?q="}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.http+paths[i%2]+url.QueryEscape(l.question(n, i)), nil)
		if err != nil {
			return
		}
		if i%20 == 0 { // somebody who asks too much
			req.Header.Set("X-Forwarded-For", "198.51.100.7")
		}
		l.fetch(req)
	})
}

func (l *lab) fetch(req *http.Request) {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
}

func (l *lab) talkInSlack(ctx context.Context, n int) {
	channel := fmt.Sprintf("C0LAB%d", n)
	l.slack.Join(channel)
	every(ctx, 150*time.Millisecond, func(i int) {
		user := fmt.Sprintf("U0LAB%d", i%30)
		if i%4 == 0 {
			l.slack.Slash(user, channel, l.question(n, i))
			return
		}
		e := l.slack.Write(user, channel, "", "<@"+slackfake.Bot+"> "+l.question(n, i))
		e["type"] = "app_mention"
		l.slack.Event(e)
		if posted := l.slack.Messages(); i%7 == 0 && len(posted) > 0 {
			l.slack.Press(user, posted[len(posted)-1], "👍")
		}
		if i%20 == 10 {
			l.slack.Fail("chat.postMessage", slackfake.Fault{Status: http.StatusTooManyRequests, RetryAfter: "1"})
		}
	})
}

func (l *lab) talkInTelegram(ctx context.Context, n int) {
	every(ctx, 250*time.Millisecond, func(i int) {
		chat := int64(7000 + n*100 + i%40)
		l.telegram.Say(telegramfake.Said{Chat: chat, User: chat, ID: int64(n*100_000 + i + 1), Text: l.question(n, i)})
		if i%20 == 10 {
			l.telegram.Fail("sendMessage", telegramfake.Failure{Status: http.StatusTooManyRequests, Description: "Too Many Requests: retry after 1", RetryAfter: 1})
		}
	})
}

// operate decides something, then changes the reports and reindexes.
func (l *lab) operate(ctx context.Context, lasts time.Duration) {
	if _, err := l.operator.Pin(ctx, curator.Wish{Phrase: "红线清单", Term: "三线一单"}); err != nil {
		l.t.Error(err)
	}
	every(ctx, lasts/6, func(i int) {
		text := fmt.Sprintf("关于第%d次修订的说明\n\n2021年，全区新建绿色矿山%d座。\n", i, 100+i)
		name := filepath.Join(l.corpus, fmt.Sprintf("revision-%d.txt", i))
		if i == 3 { // what cannot be read is refused
			text = "\xff\xfe\xff"
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			l.t.Error(err)
		}
		if _, err := l.operator.Reindex(ctx, reindex.Options{}); err != nil && ctx.Err() == nil {
			l.t.Logf("reindexing: %v", err)
		}
		if i == 3 {
			_ = os.Remove(name)
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.http+"/?q="+url.QueryEscape("红线清单是什么"), nil)
		if err == nil {
			l.fetch(req)
		}
	})
}

// disturb stops Redis for a while in the middle.
func (l *lab) disturb(ctx context.Context, lasts time.Duration) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(lasts / 2):
	}
	l.redis.Pause(l.t)
	time.Sleep(min(8*time.Second, lasts/6))
	l.redis.Resume(l.t)
}

// queried is what Prometheus says.
type queried struct {
	Status, Error string
	Data          struct {
		Result []struct {
			Metric map[string]string
			Value  [2]any
			Values [][2]any
		}
	}
}

func (l *lab) ask(path string, v url.Values, into any) error {
	res, err := http.Get(l.prometheus + path + "?" + v.Encode())
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return json.NewDecoder(res.Body).Decode(into)
}

// query returns the values of a query now.
func (l *lab) query(expr string) ([]float64, error) {
	var got queried
	if err := l.ask("/api/v1/query", url.Values{"query": {expr}}, &got); err != nil {
		return nil, err
	}
	if got.Status != "success" {
		return nil, fmt.Errorf("prometheus: %s", got.Error)
	}
	var out []float64
	for _, r := range got.Data.Result {
		out = append(out, number(r.Value[1]))
	}
	return out, nil
}

func number(v any) float64 {
	s, _ := v.(string)
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

// drawn is what a panel's query draws over the whole run.
type drawn struct {
	series, points int
	most           float64
}

func (l *lab) draw(expr string) (drawn, error) {
	var got queried
	now := time.Now()
	err := l.ask("/api/v1/query_range", url.Values{"query": {expr}, "start": {fmt.Sprint(l.begun.Unix())}, "end": {fmt.Sprint(now.Unix())}, "step": {"2"}}, &got)
	d := drawn{most: math.NaN()}
	if err == nil && got.Status != "success" {
		err = fmt.Errorf("prometheus: %s", got.Error)
	}
	for _, r := range got.Data.Result {
		points := 0
		for _, v := range r.Values {
			f := number(v[1])
			if math.IsNaN(f) {
				continue
			}
			points++
			if math.IsNaN(d.most) || f > d.most {
				d.most = f
			}
		}
		if points > 0 {
			d.series++
			d.points += points
		}
	}
	return d, err
}

// table evaluates every panel: the load is such that each shows something.
func (l *lab) table() {
	t := l.t
	var out strings.Builder
	fmt.Fprintf(&out, "%-40s %-3s %6s %7s %12s\n", "panel", "ref", "series", "points", "most")
	queries := 0
	for _, p := range readDashboard(t).Panels {
		for i, q := range p.Targets {
			queries++
			d, err := l.draw(plainQuery(q.Expr, "20s"))
			switch {
			case err != nil:
				t.Errorf("%s: %v", p.Title, err)
			case d.series == 0:
				t.Errorf("%s: no data for %s", p.Title, q.Expr)
			}
			fmt.Fprintf(&out, "%-40.40s %-3s %6d %7d %12.4g\n", p.Title, string(rune('A'+i)), d.series, d.points, d.most)
		}
	}
	t.Logf("%d queries of the dashboard\n%s", queries, out.String())
}

// rules shows what Prometheus makes of the alerts.
func (l *lab) rules() {
	var got struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Name, State, Health, LastError string }
			}
		}
	}
	if err := l.ask("/api/v1/rules", nil, &got); err != nil {
		l.t.Fatal(err)
	}
	var raised []string
	n := 0
	for _, g := range got.Data.Groups {
		for _, r := range g.Rules {
			n++
			if r.Health != "ok" {
				l.t.Errorf("%s: %s", r.Name, r.LastError)
			}
			if r.State != "inactive" {
				raised = append(raised, r.Name+" "+r.State)
			}
		}
	}
	slices.Sort(raised)
	l.t.Logf("%d alerts evaluated; raised: %s", n, strings.Join(raised, ", "))
	if n != len(readAlerts(l.t)) {
		l.t.Errorf("%d alerts", n)
	}
}

// pictures takes some of Prometheus' own page.
func (l *lab) pictures() {
	folder := os.Getenv(observeShots)
	if folder == "" {
		return
	}
	v := url.Values{}
	for i, expr := range []string{
		`60 * sum by (platform) (rate(wenbao_questions_total[20s]))`,
		`histogram_quantile(0.99, sum by (stage, le) (rate(wenbao_stage_seconds_bucket{stage!="cache"}[20s])))`,
	} {
		g := fmt.Sprintf("g%d.", i)
		v.Set(g+"expr", expr)
		v.Set(g+"tab", "0")
		v.Set(g+"range_input", fmt.Sprintf("%ds", int(time.Since(l.begun).Seconds())))
	}
	out, err := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1300,1800", "--virtual-time-budget=15000",
		"--screenshot="+filepath.Join(folder, "prometheus.png"), l.prometheus+"/graph?"+v.Encode()).CombinedOutput()
	if err != nil {
		l.t.Errorf("%v\n%s", err, out)
	}
}
