package slack_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/compose"
	"wenbao/bot/library"
	"wenbao/bot/slack/blocks"
	"wenbao/bot/slack/slackfake"
	"wenbao/configs"
	"wenbao/retrieval"
	"wenbao/retrieval/cedict"
	"wenbao/retrieval/lexicon"
)

// nodeEnv is the folder of Node's programs; without it Slack's own packages
// are not asked. See testdata/conformance/setup.sh.
const nodeEnv = "WENBAO_TEST_NODE"

// picturesEnv is the folder in which pictures of the replies are put.
const picturesEnv = "WENBAO_TEST_PICTURES"

// node runs a script of testdata/conformance.
func node(t *testing.T, input []byte, script string, args ...string) (string, error) {
	t.Helper()
	dir := os.Getenv(nodeEnv)
	if dir == "" {
		t.Skip("needs Node: make conformance-slack")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "node"), append([]string{script}, args...)...)
	cmd.Dir = filepath.Join("testdata", "conformance")
	cmd.Stdin = bytes.NewReader(input)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%w: %.3000s", err, errs.String())
	}
	return out.String(), nil
}

// The fake is a Slack to Slack's own clients.
func TestConformanceOfTheFake(t *testing.T) {
	f := slackfake.New()
	defer f.Close()
	f.Fail("chat.postMessage C429", slackfake.Fault{Status: 429, RetryAfter: "7"})
	go func() {
		if f.WaitSocket() {
			f.OpenHome("U1")
			f.Slash("U1", "C1", "x")
		}
	}()
	out, err := node(t, nil, "fake.mjs", f.API(), slackfake.BotToken, slackfake.AppToken)
	if err != nil || !strings.HasSuffix(strings.TrimSpace(out), "ok") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// request is a case that both receivers are given.
type request struct {
	Name    string            `json:"name"`
	Headers map[string]string `json:"headers"`
	Body    []byte            `json:"body"` // base64 in JSON
	Path    string            `json:"path"`
	// stricter says why we refuse what Bolt takes.
	stricter string
}

func requests(f *slackfake.Fake) []request {
	now := time.Now()
	form, js := "application/x-www-form-urlencoded", "application/json"
	slash := "team_id=T0FAKE&user_id=U1&channel_id=C1&command=%2Fask&text=hi&trigger_id=1.1"
	event := `{"type":"event_callback","team_id":"T0FAKE","event_id":"E1","authorizations":[{"team_id":"T0FAKE","user_id":"U0BOT","is_bot":true}],"event":{"type":"message","channel_type":"channel","user":"U1","channel":"C1","ts":"1.1","text":"hi"}}`
	unknown := strings.Replace(event, `"type":"message"`, `"type":"never_heard_of"`, 1)
	interaction := "payload=" + strings.ReplaceAll(`{"type":"block_actions","team":{"id":"T0FAKE"},"user":{"id":"U1"},"actions":[{"action_id":"other","type":"button"}]}`, `"`, "%22")
	challenge := `{"type":"url_verification","challenge":"abc","token":"x"}`
	at := func(d time.Duration, kind, body string) map[string]string {
		h := f.Sign(now.Add(d), []byte(body))
		return map[string]string{"Content-Type": kind, "X-Slack-Signature": h.Get("X-Slack-Signature"), "X-Slack-Request-Timestamp": h.Get("X-Slack-Request-Timestamp")}
	}
	with := func(h map[string]string, key, value string) map[string]string {
		if value == "" {
			delete(h, key)
		} else {
			h[key] = value
		}
		return h
	}
	const sig, stamp = "X-Slack-Signature", "X-Slack-Request-Timestamp"
	good := at(0, form, slash)
	upper := "v0=" + strings.ToUpper(good[sig][3:])
	big := strings.Repeat("a", 5<<20)
	return []request{
		{Name: "command", Headers: at(0, form, slash), Body: []byte(slash), Path: "commands"},
		{Name: "event", Headers: at(0, js, event), Body: []byte(event), Path: "events"},
		{Name: "unknown event", Headers: at(0, js, unknown), Body: []byte(unknown), Path: "events"},
		{Name: "interaction", Headers: at(0, form, interaction), Body: []byte(interaction), Path: "interactions"},
		{Name: "challenge", Headers: at(0, js, challenge), Body: []byte(challenge), Path: "events"},
		{Name: "unsigned challenge", Headers: map[string]string{"Content-Type": js}, Body: []byte(challenge), Path: "events"},
		{Name: "signed ssl_check", Headers: at(0, form, "ssl_check=1&token=x"), Body: []byte("ssl_check=1&token=x"), Path: "commands"},
		{Name: "unsigned ssl_check", Headers: map[string]string{"Content-Type": form}, Body: []byte("ssl_check=1&token=x"), Path: "commands"},
		{Name: "no signature", Headers: with(at(0, form, slash), sig, ""), Body: []byte(slash), Path: "commands"},
		{Name: "no timestamp", Headers: with(at(0, form, slash), stamp, ""), Body: []byte(slash), Path: "commands"},
		{Name: "zeroes", Headers: with(at(0, form, slash), sig, "v0="+strings.Repeat("0", 64)), Body: []byte(slash), Path: "commands"},
		{Name: "short", Headers: with(at(0, form, slash), sig, good[sig][:30]), Body: []byte(slash), Path: "commands"},
		{Name: "long", Headers: with(at(0, form, slash), sig, good[sig]+"00"), Body: []byte(slash), Path: "commands"},
		{Name: "not hex", Headers: with(at(0, form, slash), sig, "v0="+strings.Repeat("z", 64)), Body: []byte(slash), Path: "commands"},
		{Name: "another version", Headers: with(at(0, form, slash), sig, "v1"+good[sig][2:]), Body: []byte(slash), Path: "commands"},
		{Name: "upper case", Headers: with(at(0, form, slash), sig, upper), Body: []byte(slash), Path: "commands"},
		{Name: "another body", Headers: at(0, form, slash), Body: []byte(slash + "&x=1"), Path: "commands"},
		{Name: "another time", Headers: with(at(0, form, slash), stamp, fmt.Sprint(now.Unix()-1)), Body: []byte(slash), Path: "commands"},
		{Name: "timestamp in words", Headers: with(at(0, form, slash), stamp, "now"), Body: []byte(slash), Path: "commands"},
		{Name: "four minutes old", Headers: at(-4*time.Minute, form, slash), Body: []byte(slash), Path: "commands"},
		{Name: "six minutes old", Headers: at(-6*time.Minute, form, slash), Body: []byte(slash), Path: "commands"},
		{Name: "a year old", Headers: at(-365*24*time.Hour, form, slash), Body: []byte(slash), Path: "commands"},
		{Name: "half a minute ahead", Headers: at(30*time.Second, form, slash), Body: []byte(slash), Path: "commands"},
		{Name: "four minutes ahead", Headers: at(4*time.Minute, form, slash), Body: []byte(slash), Path: "commands", stricter: "nothing is signed in the future"},
		{Name: "an hour ahead", Headers: at(time.Hour, form, slash), Body: []byte(slash), Path: "commands", stricter: "nothing is signed in the future"},
		{Name: "broken JSON", Headers: at(0, js, `{"type":`), Body: []byte(`{"type":`), Path: "events"},
		{Name: "five megabytes", Headers: at(0, form, big), Body: []byte(big), Path: "commands"},
		{Name: "two megabytes", Headers: at(0, js, big[:2<<20]), Body: []byte(big[:2<<20]), Path: "events"},
	}
}

// Signatures are judged as Slack's own receiver judges them, or more
// strictly.
func TestConformanceOfSignatures(t *testing.T) {
	s := play(t, false, noChange)
	cases := requests(s.Fake)
	type sent struct {
		Name    string            `json:"name"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
		Path    string            `json:"path"`
	}
	var list []sent
	for _, c := range cases {
		list = append(list, sent{c.Name, c.Headers, base64.StdEncoding.EncodeToString(c.Body), "/slack/" + c.Path})
	}
	input, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	out, err := node(t, input, "signatures.mjs", slackfake.SigningSecret)
	if err != nil {
		t.Fatal(err)
	}
	var theirs []int
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &theirs); err != nil || len(theirs) != len(cases) {
		t.Fatalf("%v: %s", err, out)
	}
	for i, c := range cases {
		h := http.Header{}
		for k, v := range c.Headers {
			h.Set(k, v)
		}
		ours := s.Post("/slack/"+c.Path, c.Headers["Content-Type"], c.Body, h).Status
		took, take := ours == 200, theirs[i] == 200
		verdict := "agree"
		switch {
		case take && !took && c.stricter != "":
			verdict = "stricter: " + c.stricter
		case take != took:
			verdict = "DIFFER"
			t.Errorf("%s: ours %d, Bolt's %d", c.Name, ours, theirs[i])
		}
		t.Logf("%-22s ours %d, Bolt's %d: %s", c.Name, ours, theirs[i], verdict)
	}
}

// realAnswers is the engine over the program's reports.
func realAnswers(t *testing.T) (answers.Answerer, *library.Library) {
	t.Helper()
	c, err := reports()
	if err != nil {
		t.Fatal(err)
	}
	l, err := lexicon.Decode(configs.Lexicon)
	if err != nil {
		t.Fatal(err)
	}
	g, err := retrieval.NewGeneration(t.Context(), "", c, l, nil)
	if err != nil {
		t.Fatal(err)
	}
	search := retrieval.NewEngine(g, retrieval.Options{Dictionary: cedict.Open()})
	t.Cleanup(func() { search.Close() })
	return answers.New(search, answers.Options{PublicURL: publicURL}), library.New(search, publicURL)
}

// golden returns the golden questions.
func golden(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../seeds/questions/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden questions", err)
	}
	var out []string
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var q struct{ Question string }
			if json.Unmarshal(lines.Bytes(), &q) == nil && q.Question != "" {
				out = append(out, q.Question)
			}
		}
		f.Close()
	}
	return out
}

// rendered is every reply that the golden questions lead to.
func rendered(t *testing.T, a answers.Answerer, lib *library.Library) (lists [][]map[string]any) {
	t.Helper()
	show := func(r bot.Reply, s blocks.Style) {
		for _, m := range blocks.Render(r, s) {
			shown := generic(t, m.Blocks)
			if problems := slackfake.Validate(shown, blocks.MaxBlocks); len(problems) > 0 {
				t.Errorf("%v", problems)
			}
			lists = append(lists, shown)
		}
	}
	for i, q := range golden(t) {
		for _, top := range []int{3, 50} {
			if top == 50 && i%20 != 0 {
				continue
			}
			got, err := a.Answer(t.Context(), answers.Request{Question: q, Top: top})
			if err != nil {
				if errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				continue
			}
			show(compose.Answer(text.Zh, "AAAA2222", got, lib), blocks.Style{Share: true, Question: q})
			for rank, x := range got.Excerpts[:min(1, len(got.Excerpts))] {
				show(compose.Why(text.En, "AAAA2222", x, rank), blocks.Style{})
			}
		}
	}
	show(compose.Terms(text.Zh, lib.Terms(""), 0), blocks.Style{})
	show(compose.Sources(text.Zh, lib.Reports(), "", 0), blocks.Style{})
	show(compose.Down(text.Zh, "AAAA2222"), blocks.Style{})
	show(compose.Ask(text.Zh, text.RelatedTitle, text.RelatedNone, []string{"a", "b"}), blocks.Style{})
	return lists
}

func generic(t *testing.T, v any) []map[string]any {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func exampleHome(t *testing.T, a answers.Answerer, lib *library.Library) blocks.Home {
	t.Helper()
	hello, err := a.Answer(t.Context(), answers.Request{Question: "你好"})
	if err != nil {
		t.Fatal(err)
	}
	return blocks.Home{Lang: text.Zh, Command: "/ask", Examples: compose.Questions(hello.Suggestions), Reports: lib.Reports(),
		Recent: compose.Questions([]string{"2021年新建绿色矿山多少座？", "什么是三线一单？"}), Popular: compose.Questions([]string{"今年的主要预期目标是什么？", "去年GDP增长多少？"})}
}

// What all golden questions lead to has the types that Slack publishes.
func TestConformanceOfBlocks(t *testing.T) {
	if os.Getenv(nodeEnv) == "" {
		t.Skip("needs Node: make conformance-slack")
	}
	a, lib := realAnswers(t)
	dir := t.TempDir()
	write(t, dir, "blocks.json", rendered(t, a, lib))
	write(t, dir, "views.json", []any{exampleHome(t, a, lib).View(), blocks.ReasonForm(text.Zh, compose.Down(text.Zh, "AAAA2222").Buttons, "{}"), blocks.AskForm(text.En, "x", "{}")})
	out, err := node(t, nil, "types.mjs", dir)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Lists, Views, Shapes int
		Problems             []string
		Bites                bool
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err, out)
	}
	t.Logf("%d messages, %d views, %d shapes", got.Lists, got.Views, got.Shapes)
	if len(got.Problems) > 0 || !got.Bites || got.Lists < 100 {
		t.Errorf("%+v", got)
	}
}

// TestPictures photographs an answer, a refusal and the home.
func TestPictures(t *testing.T) {
	to := os.Getenv(picturesEnv)
	if to == "" || os.Getenv(nodeEnv) == "" {
		t.Skip("needs Node and Chromium: make conformance-slack")
	}
	a, lib := realAnswers(t)
	dir := t.TempDir()
	pictures := map[string]any{}
	for name, q := range map[string]string{"slack-answer": "2021年新建绿色矿山多少座？", "slack-refusal": "2021年新建核电站多少座？", "slack-figure": "2021年地区生产总值增长多少？"} {
		got, err := a.Answer(t.Context(), answers.Request{Question: q, Top: 2})
		if err != nil {
			t.Fatal(err)
		}
		m := blocks.Render(compose.Answer(text.Zh, "7K3M9QXA", got, lib), blocks.Style{Share: name != "slack-refusal", Question: q})
		pictures[name] = map[string]any{"blocks": m[0].Blocks}
	}
	pictures["slack-home"] = map[string]any{"blocks": exampleHome(t, a, lib).View().Blocks}
	write(t, dir, "pictures.json", pictures)
	if _, err := node(t, nil, "render.mjs", dir); err != nil {
		t.Fatal(err)
	}
	for name := range pictures {
		photograph(t, filepath.Join(dir, name+".html"), filepath.Join(to, name+".png"))
	}
}

func photograph(t *testing.T, page, picture string) {
	t.Helper()
	chromium := os.Getenv("CHROMIUM")
	if chromium == "" {
		chromium = "chromium"
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	absolute, err := filepath.Abs(picture)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(ctx, chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1.5",
		"--window-size=728,1000", "--user-data-dir="+t.TempDir(), "--screenshot="+absolute, "file://"+page).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %.2000s", err, out)
	}
	if err := trim(absolute); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, dir, name string, v any) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
		t.Fatal(err)
	}
}
