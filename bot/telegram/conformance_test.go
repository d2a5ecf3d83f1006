package telegram_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wenbao/answers"
	"wenbao/bot"
	"wenbao/bot/conversation"
	"wenbao/bot/library"
	"wenbao/bot/stores"
	"wenbao/bot/telegram"
	"wenbao/bot/telegram/markup"
	"wenbao/bot/telegram/telegramfake"
	"wenbao/configs"
	"wenbao/retrieval"
	"wenbao/retrieval/cedict"
	"wenbao/retrieval/lexicon"
	"wenbao/retrieval/report"
)

// Set by make conformance-telegram: the peers are installed.
const conformanceEnv = "WENBAO_CONFORMANCE"

const peers = "testdata/conformance"

func needPeers(t *testing.T) {
	t.Helper()
	if os.Getenv(conformanceEnv) == "" {
		t.Skip("make conformance-telegram installs the peers and runs this")
	}
}

// node returns a command of the peers' Node.
func node(t *testing.T, script string, env ...string) *exec.Cmd {
	t.Helper()
	name := "node"
	if newer, err := filepath.Abs(peers + "/.node/node_modules/.bin/node"); err == nil {
		if _, err := os.Stat(newer); err == nil {
			name = newer
		}
	}
	c := exec.CommandContext(t.Context(), name, script)
	c.Dir = peers
	c.Env = append(os.Environ(), env...)
	return c
}

// judged gives each line of in to a script, and reads a line of out for each.
func judged[In, Out any](t *testing.T, script string, in []In) []Out {
	t.Helper()
	var lines, errors bytes.Buffer
	enc := json.NewEncoder(&lines)
	for _, v := range in {
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	c := node(t, script)
	c.Stdin, c.Stderr = &lines, &errors
	b, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, errors.String())
	}
	var out []Out
	for dec := json.NewDecoder(bytes.NewReader(b)); ; {
		var v Out
		if err := dec.Decode(&v); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	if len(out) != len(in) {
		t.Fatalf("%s: %d answers for %d lines", script, len(out), len(in))
	}
	return out
}

// realEngine answers from the program's reports as the program does.
func realEngine(t *testing.T) (answers.Answerer, *retrieval.Engine) {
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
	engine := retrieval.NewEngine(g, retrieval.Options{Dictionary: cedict.Open()})
	t.Cleanup(func() { engine.Close() })
	return answers.New(engine, answers.Options{PublicURL: "https://wenbao.example"}), engine
}

// golden returns the questions with gold.
func golden(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../seeds/questions/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no questions: %v", err)
	}
	var out []string
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			var q struct{ Question string }
			if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
				t.Fatal(err)
			}
			out = append(out, q.Question)
		}
	}
	return out
}

// replies returns the replies to every golden question and every command, and
// to every button of each.
func replies(t *testing.T) []bot.Reply {
	t.Helper()
	answerer, engine := realEngine(t)
	s := stores.Memory(stores.Defaults(), time.Now)
	s.Questions, s.Presses = nil, nil
	h, err := conversation.New(conversation.Parts{Answerer: answerer, Library: library.New(engine, "https://wenbao.example"), Stores: s.Stores})
	if err != nil {
		t.Fatal(err)
	}
	said := append(golden(t), "/help", "/terms", "/sources", "/top", "/use", "/use 内蒙古", "/term 三线一单", "/term 没有", "/more", "/verify", "/hepl", "你好", "/forgetme")
	var out []bot.Reply
	for i, q := range said {
		a := bot.Address{Platform: telegram.Platform, Chat: fmt.Sprint("c", i), User: "7"}
		r, err := h.Handle(t.Context(), bot.Message{Address: a, ID: "1", Text: q, Addressed: true})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
		for n, k := range buttons(r) {
			pressed, err := h.Act(t.Context(), bot.Action{Address: a, ID: fmt.Sprint(n), Token: k.Token, Posted: "1"})
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, pressed)
		}
	}
	return out
}

func buttons(r bot.Reply) []bot.Button {
	out := slices.Clone(r.Buttons)
	for _, b := range r.Blocks {
		if b.Quote != nil {
			out = append(out, b.Quote.Buttons...)
		}
	}
	return out
}

// fuzzed returns replies made of hostile text.
func fuzzed(n int) []bot.Reply {
	random := rand.New(rand.NewPCG(20261124, 6))
	pieces := []string{"<", ">", "&", "\"", "'", "&lt;", "&nbsp;", "&#60;", "&amp;amp;", "</b>", "<b>", "</blockquote>", "<blockquote expandable>", "<a href=\"x\">",
		"😀", "👨‍👩‍👧", "🇨🇳", "e\u0301", "\u202e", "\u200b", "\u200f", "\u2028", "\r", "\n", "\t", "\x00", "\x1b", "\u00a0", "\ufeff", "\u0333", "@someone", "/cmd",
		"#tag", "http://a.b/c", "三线一单", "四水四定，", "。", "6.3％", "\xff", "𠮷", "`", "*_[]()~", "tg://user?id=1", " ", "  ", "A", "javascript:alert(1)"}
	text := func(most int) string {
		var b strings.Builder
		for range random.IntN(most) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		return b.String()
	}
	quote := func() *bot.Quote {
		q := &bot.Quote{Number: random.IntN(4), Text: text([]int{20, 300, 3000}[random.IntN(3)]), Note: text(5),
			Citation: answers.Citation{Label: text(20), URL: []string{"", "/r/x", "https://wenbao.example/r/" + text(4), "javascript:x", "https://wenbao.example/a?b=\"<>&c"}[random.IntN(5)]}}
		for at := 0; at < len(q.Text) && random.IntN(10) > 0; {
			m := answers.Mark{Start: at + random.IntN(20)}
			m.End = m.Start + random.IntN(20)
			q.Marks = append(q.Marks, m)
			at = m.End
		}
		return q
	}
	var out []bot.Reply
	for range n {
		r := bot.Reply{Kind: bot.KindAnswer, Code: "ABCDEFGH"}
		for range 1 + random.IntN(5) {
			b := bot.Block{Kind: []bot.BlockKind{bot.BlockText, bot.BlockTitle, bot.BlockFigure, bot.BlockQuote, bot.BlockList, bot.BlockNote}[random.IntN(6)],
				Text: text(200), Figure: &answers.Figure{FigureWire: report.FigureWire{Indicator: text(4)}}, Said: text(4), Quote: quote()}
			for range random.IntN(5) {
				b.Items = append(b.Items, bot.Item{Text: text(8), Note: text(3), URL: "https://wenbao.example/r/x"})
			}
			r.Blocks = append(r.Blocks, b)
		}
		out = append(out, r)
	}
	return out
}

type parsed struct {
	Text     string          `json:"text"`
	Entities []markup.Entity `json:"entities"`
	Error    string          `json:"error"`
}

// Telegram's own library finds in every outgoing text the entities that are
// meant, and the text that is meant.
func TestConformanceEntities(t *testing.T) {
	needPeers(t)
	type line struct {
		HTML string `json:"html"`
	}
	var lines []line
	var pages []markup.Page
	answered := replies(t)
	hostile := fuzzed(3000)
	quotes := 0
	for _, r := range append(answered, hostile...) {
		if r.Silent() {
			continue
		}
		for _, p := range markup.Render(r, markup.Options{}) {
			if n := markup.Units(p.Text); n > markup.Limit || strings.TrimSpace(p.Text) == "" {
				t.Errorf("a page of %d units", n)
			}
			pages, lines = append(pages, p), append(lines, line{p.HTML()})
			quotes += strings.Count(p.HTML(), "<blockquote")
		}
	}
	entities, wrong := 0, 0
	for i, got := range judged[line, parsed](t, "parse.cjs", lines) {
		want := normal(pages[i].Entities())
		entities += len(want)
		if got.Error != "" || got.Text != pages[i].Text || !slices.Equal(normal(got.Entities), want) {
			if wrong++; wrong <= 5 {
				t.Errorf("%q\n%s\ntext %v\ngot  %+v\nwant %+v", lines[i].HTML, got.Error, got.Text == pages[i].Text, normal(got.Entities), want)
			}
		}
	}
	t.Logf("%d replies to golden questions, commands and buttons, %d of hostile text: %d messages, %d entities, %d quotes, %d wrong",
		len(answered), len(hostile), len(pages), entities, quotes, wrong)
}

// normal sorts entities, and joins those of one kind that touch: Telegram
// does.
func normal(in []markup.Entity) []markup.Entity {
	out := []markup.Entity{}
	in = slices.Clone(in)
	slices.SortFunc(in, func(a, b markup.Entity) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Offset, b.Offset), cmp.Compare(b.Length, a.Length))
	})
	for _, e := range in {
		if n := len(out); n > 0 && e.Type != "blockquote" && e.Type != "expandable_blockquote" && out[n-1].Type == e.Type && out[n-1].URL == e.URL && out[n-1].Offset+out[n-1].Length == e.Offset {
			out[n-1].Length += e.Length
			continue
		}
		out = append(out, e)
	}
	return out
}

// What goes to Telegram, and what our own fake says in its place, fits the
// schemas of the Bot API.
func TestConformancePayloads(t *testing.T) {
	needPeers(t)
	type line struct {
		Type  string `json:"type"`
		Value any    `json:"value"`
	}
	type verdict struct{ Errors []string }
	answerer, _ := realEngine(t)
	w := newWorld(t, options{answerer: answerer})
	defer w.stop()
	questions := golden(t)
	for i, q := range questions {
		s := telegramfake.Said{Chat: int64(1000 + i), User: int64(1000 + i), ID: 1, Text: q}
		if i%3 == 0 {
			s.Chat, s.Text, s.Topic = -s.Chat, "/ask "+q, 5
		}
		w.Say(s)
	}
	eventually(t, "every answer", func() bool { return len(w.Sent()) >= len(questions) })
	edited := telegramfake.Said{Chat: 1001, User: 1001, ID: 1, Text: "四水四定"}
	w.Edit(edited, 1)
	for _, m := range w.Sent()[:50] {
		for _, row := range m.Keyboard {
			for _, k := range row {
				w.Press(m, 1001, k["callback_data"])
			}
		}
	}
	for _, q := range append(questions[:50], "", "三线一单") {
		id := w.Query(7, q, "")
		eventually(t, "an inline query answered", func() bool { return w.Answered(id) })
	}
	eventually(t, "all taken", func() bool { return len(w.Unconfirmed()) == 0 && w.desk.Depth() == 0 })
	kinds := map[string]int{}
	var lines []line
	for _, c := range w.Calls("") {
		if name := schemaOf(c.Method); name != "" {
			lines = append(lines, line{name, typed(c.Params)})
			kinds[c.Method]++
		}
	}
	lines = append(lines, line{"TelegramUpdate", telegramfake.Fields{"update_id": 1, "message": telegramfake.Said{Chat: 7, User: 7, ID: 1, Text: "/ask x"}.Fields()}})
	bad := []line{{"SendMessageParams", map[string]any{"chat_id": 1}}, {"SendMessageParams", map[string]any{"chat_id": 1, "text": "x", "parse_mode": "html5"}},
		{"SendMessageParams", map[string]any{"chat_id": 1, "text": "x", "reply_markup": map[string]any{"inline_keyboard": "x"}}}}
	verdicts := judged[line, verdict](t, "schemas.cjs", append(lines, bad...))
	wrong := 0
	for i, l := range lines {
		if e := verdicts[i].Errors; len(e) > 0 {
			if wrong++; wrong <= 5 {
				t.Errorf("%s %v\n%q", l.Type, l.Value, e[:min(5, len(e))])
			}
		}
	}
	for i := range bad {
		if len(verdicts[len(lines)+i].Errors) == 0 {
			t.Errorf("the schema accepts %v", bad[i].Value)
		}
	}
	t.Logf("%d payloads, %d wrong: %v", len(lines), wrong, kinds)
}

// schemaOf names the schema of a method's parameters, "" where it has none.
func schemaOf(method string) string {
	if method == "getMe" || method == "getWebhookInfo" {
		return ""
	}
	return strings.ToUpper(method[:1]) + method[1:] + "Params"
}

// typed makes of form values what they stand for.
func typed(params map[string]string) map[string]any {
	texts := []string{"text", "parse_mode", "callback_query_id", "language_code", "description", "short_description", "url", "secret_token",
		"next_offset", "inline_query_id", "action", "chat_id"}
	out := map[string]any{}
	for k, v := range params {
		var decoded any
		if slices.Contains(texts, k) || json.Unmarshal([]byte(v), &decoded) != nil {
			decoded = v
		}
		out[k] = decoded
	}
	return out
}

// A conversation goes through a fake Bot API that others wrote, by polling
// and by webhook.
func TestConformanceConversation(t *testing.T) {
	needPeers(t)
	for _, mode := range []string{"polling", "webhook"} {
		t.Run(mode, func(t *testing.T) { converse(t, mode == "webhook") })
	}
}

func converse(t *testing.T, webhook bool) {
	var o options
	o.settings.Pause = 50 * time.Millisecond
	port := freePort(t)
	env := []string{"BOT_TOKEN=" + botToken}
	handler := make(chan http.Handler, 1)
	if webhook {
		target := listen(t, handler)
		o.settings.WebhookURL = fmt.Sprintf("http://127.0.0.1:%d/", port)
		env = append(env, "WEBHOOK_TARGET="+target, fmt.Sprint("FORWARD_PORT=", port))
	}
	c := node(t, "conversation.cjs", env...)
	var errors bytes.Buffer
	c.Stderr = &errors
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatalf("no address: %s", errors.String())
	}
	o.settings.APIURL = strings.TrimPrefix(lines.Text(), "api ")
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	o.http = client
	if webhook {
		o.settings.WebhookSecret = secret(webhookSecret)
	}
	w := newWorld(t, o)
	defer w.stop()
	handler <- w.bot.Webhook()
	eventually(t, "being connected", func() bool { return strings.Contains(w.logs.String(), "connected to Telegram") })
	if webhook {
		eventually(t, "the webhook being set", func() bool { return w.requests("setWebhook") > 0 })
	}
	fmt.Fprintln(in, "go")
	for lines.Scan() {
		t.Log(lines.Text())
	}
	if err := c.Wait(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, errors.String(), w.logs.String())
	}
}
