package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v3"

	"wenbao/bot/slack/slackfake"
	"wenbao/configs"
)

const (
	dashboardFile = "../../configs/grafana/wenbao.json"
	alertsFile    = "../../configs/prometheus/alerts.yml"
	observingFile = "../../docs/observing.md"
)

// dashboard is what the tests read of one.
type dashboard struct {
	SchemaVersion int
	Annotations   struct{ List []struct{ Expr string } }
	Panels        []panel
}

type panel struct {
	ID      int
	Type    string
	Title   string
	GridPos struct{ H, W, X, Y int }
	Targets []struct{ Expr, LegendFormat string }
}

func readDashboard(t *testing.T) dashboard {
	t.Helper()
	raw, err := os.ReadFile(dashboardFile)
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

type alert struct {
	Alert, Expr, For string
	Labels           map[string]string
	Annotations      map[string]string
}

func readAlerts(t *testing.T) []alert {
	t.Helper()
	raw, err := os.ReadFile(alertsFile)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Groups []struct{ Rules []alert } }
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file.Groups[0].Rules
}

var descParts = regexp.MustCompile(`^Desc\{fqName: "([^"]+)", help: ".*", constLabels: \{([^}]*)\}, variableLabels: \{([^}]*)\}\}$`)

// metricsOf returns the metrics of a server with every platform, Redis and a
// data folder, with the names of their labels.
func metricsOf(t *testing.T) map[string][]string {
	t.Helper()
	environ := []string{"WENBAO_HTTP_ADDR=127.0.0.1:0", "WENBAO_OPS_ADDR=127.0.0.1:0", "WENBAO_DATA=" + t.TempDir(), "WENBAO_REDIS_URL=redis://127.0.0.1:1/0", "WENBAO_TRACE_ENDPOINT=http://127.0.0.1:1",
		"WENBAO_SLACK_APP_TOKEN=" + slackfake.AppToken, "WENBAO_SLACK_BOT_TOKEN=" + slackfake.BotToken, "WENBAO_TELEGRAM_TOKEN=" + telegramToken}
	cfg, err := configs.Load("", environ)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newApp(t.Context(), cfg, &environment{Environ: environ, Now: time.Now}, slog.New(slog.DiscardHandler), new(slog.LevelVar))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	descs := make(chan *prometheus.Desc)
	go func() {
		defer close(descs)
		a.registry.Describe(descs)
	}()
	metrics := map[string][]string{}
	for d := range descs {
		m := descParts.FindStringSubmatch(d.String())
		if m == nil {
			t.Fatalf("%s is not understood", d)
		}
		for _, l := range strings.Split(m[2]+","+m[3], ",") {
			name, _, _ := strings.Cut(strings.TrimSpace(l), "=")
			if name != "" && !slices.Contains(metrics[m[1]], name) {
				metrics[m[1]] = append(metrics[m[1]], name)
			}
		}
		if metrics[m[1]] == nil {
			metrics[m[1]] = []string{}
		}
	}
	return metrics
}

var (
	selector = regexp.MustCompile(`\b((?:wenbao|go|process|up)(?:_[a-z0-9_]+)?)(\{[^}]*\})?`)
	matcher  = regexp.MustCompile(`([a-z_]+)\s*(?:=~|!~|!=|=)\s*"`)
	grouping = regexp.MustCompile(`\b(?:by|on)\s*\(([^)]*)\)`)
	shown    = regexp.MustCompile(`\{\{\s*([a-z_]+)\s*\}\}`)
)

// unknown lists what a query names that the server does not have: metrics,
// and labels in selectors, groupings and legends. Prometheus adds instance and
// job, a histogram has le, the summaries of Go's runtime have quantile.
func unknown(metrics map[string][]string, expr, legend string) []string {
	var bad []string
	every := []string{"instance", "job"}
	for _, m := range selector.FindAllStringSubmatch(expr, -1) {
		name := m[1]
		labels := slices.Concat([]string{"instance", "job"}, metrics[name])
		if _, known := metrics[name]; !known && name != "up" {
			base := name
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				base = strings.TrimSuffix(base, suffix)
			}
			if _, known := metrics[base]; !known || base == name {
				bad = append(bad, name)
				continue
			}
			labels = slices.Concat(labels, metrics[base], []string{"le"})
		}
		if strings.HasPrefix(name, "go_") {
			labels = append(labels, "quantile")
		}
		for _, l := range matcher.FindAllStringSubmatch(m[2], -1) {
			if !slices.Contains(labels, l[1]) {
				bad = append(bad, name+"{"+l[1]+"}")
			}
		}
		every = append(every, labels...)
	}
	grouped := []string{"instance", "job", "le"} // le is the legend of a heat map
	for _, g := range grouping.FindAllStringSubmatch(expr, -1) {
		for _, l := range strings.Split(g[1], ",") {
			l = strings.TrimSpace(l)
			if !slices.Contains(every, l) {
				bad = append(bad, "by ("+l+")")
			}
			grouped = append(grouped, l)
		}
	}
	for _, l := range shown.FindAllStringSubmatch(legend, -1) {
		if !slices.Contains(grouped, l[1]) {
			bad = append(bad, "{{"+l[1]+"}}")
		}
	}
	return bad
}

// TestEveryMetricNamedExists: on the dashboard, in the alerts and in their
// tests.
func TestEveryMetricNamedExists(t *testing.T) {
	metrics := metricsOf(t)
	if len(metrics["wenbao_questions_total"]) != 2 || len(metrics) < 60 {
		t.Fatalf("metrics are %v", slices.Sorted(maps.Keys(metrics)))
	}
	queries := 0
	check := func(where, expr, legend string) {
		queries++
		if bad := unknown(metrics, expr, legend); len(bad) > 0 {
			t.Errorf("%s: there is no %s in\n%s", where, strings.Join(bad, ", "), expr)
		}
	}
	d := readDashboard(t)
	for _, p := range d.Panels {
		for _, q := range p.Targets {
			check(p.Title, q.Expr, q.LegendFormat)
		}
	}
	for _, a := range d.Annotations.List {
		check("annotation", a.Expr, "")
	}
	for _, a := range readAlerts(t) {
		check(a.Alert, a.Expr, "")
	}
	raw, err := os.ReadFile("../../configs/prometheus/alerts_test.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`series: '([^']+)'`).FindAllStringSubmatch(string(raw), -1) {
		check("alerts_test.yml", m[1], "")
	}
	if queries < 150 {
		t.Errorf("only %d queries were read", queries)
	}
	// The other way round: what is there is on the dashboard, or is known to
	// add nothing.
	rest := []string{"wenbao_redis_pool_hits_total", "wenbao_redis_pool_misses_total", "wenbao_redis_pool_stale_total", "wenbao_redis_pool_idle", "wenbao_replies_total",
		"wenbao_telegram_inline_chosen_total", "wenbao_telegram_inline_queries_total", "wenbao_telegram_pages_total", "wenbao_telegram_plain_retries_total", "wenbao_telegram_webhook_requests_total"}
	text, err := os.ReadFile(dashboardFile)
	if err != nil {
		t.Fatal(err)
	}
	for name := range metrics {
		if strings.HasPrefix(name, "wenbao_") && !strings.Contains(string(text), name) && !slices.Contains(rest, name) {
			t.Errorf("%s is not on the dashboard", name)
		}
	}
}

func TestUnknownBites(t *testing.T) {
	metrics := map[string][]string{"wenbao_a_total": {"kind"}, "wenbao_b_seconds": {}}
	for expr, want := range map[string]string{
		`sum by (kind) (rate(wenbao_a_total{kind=~"x",instance="i"}[5m]))`:         "",
		`histogram_quantile(0.9, sum by (le) (rate(wenbao_b_seconds_bucket[5m])))`: "",
		`wenbao_c_total`: "wenbao_c_total", `wenbao_a_total{sort="x"}`: "wenbao_a_total{sort}", `sum by (sort) (wenbao_a_total)`: "by (sort)",
		`wenbao_b_bucket`: "wenbao_b_bucket", `wenbao_b_seconds_bucket{kind="x"}`: "wenbao_b_seconds_bucket{kind}",
	} {
		if got := strings.Join(unknown(metrics, expr, ""), ","); got != want {
			t.Errorf("%s: %q, not %q", expr, got, want)
		}
	}
	if got := unknown(metrics, `sum by (kind) (wenbao_a_total)`, "{{kind}} {{platform}}"); len(got) != 1 || got[0] != "{{platform}}" {
		t.Errorf("legend: %q", got)
	}
}

// TestDashboardIsLaidOut: each panel is somewhere of its own, has a title and a
// query, and the dashboard is of Grafana 10 or later.
func TestDashboardIsLaidOut(t *testing.T) {
	d := readDashboard(t)
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		if ids[p.ID] || p.Title == "" || p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %d %q has no id, title or query of its own", p.ID, p.Title)
		}
		ids[p.ID] = true
		g := p.GridPos
		if g.X < 0 || g.W <= 0 || g.X+g.W > 24 || g.H <= 0 {
			t.Errorf("%s is out of the grid", p.Title)
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("%s lies on %s", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
	if d.SchemaVersion < 38 {
		t.Errorf("schema version %d", d.SchemaVersion)
	}
}

// TestAlertsAreExplained: each says what is the matter, how bad that is, and
// the docs say what to do.
func TestAlertsAreExplained(t *testing.T) {
	docs, err := os.ReadFile(observingFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range readAlerts(t) {
		if a.Annotations["summary"] == "" || !slices.Contains([]string{"critical", "warning", "info"}, a.Labels["severity"]) {
			t.Errorf("%s has no summary or severity", a.Alert)
		}
		if !strings.Contains(string(docs), "`"+a.Alert+"`") {
			t.Errorf("docs/observing.md does not say what to do about %s", a.Alert)
		}
	}
}

// plainQuery is a dashboard's query without Grafana's variables.
func plainQuery(expr, interval string) string {
	return strings.NewReplacer("$__rate_interval", interval, "$instance", ".+").Replace(expr)
}

// TestPromtool: Prometheus' own tool takes the settings, the alerts, what they
// are tested with, and every query of the dashboard.
func TestPromtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed (make rules)")
	}
	d := readDashboard(t)
	type rule struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	var rules []rule
	for _, p := range d.Panels {
		for i, q := range p.Targets {
			rules = append(rules, rule{fmt.Sprintf("panel:%d:%d", p.ID, i), plainQuery(q.Expr, "1m")})
		}
	}
	file := filepath.Join(t.TempDir(), "panels.yml")
	raw, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "panels", "rules": rules}}})
	if err == nil {
		err = os.WriteFile(file, raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check", "config", "--syntax-only", "../../configs/prometheus/prometheus.yml"}, {"check", "rules", alertsFile, file},
		{"test", "rules", "../../configs/prometheus/alerts_test.yml"}} {
		if out, err := exec.Command(promtool, args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}
