package conversation_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"wenbao/bot"
	"wenbao/bot/bottest"
	"wenbao/bot/conversation"
	"wenbao/bot/library"
	"wenbao/bot/stores"
	"wenbao/bot/token"
	"wenbao/retrieval/corpus"
	"wenbao/seeds"
)

// TestAnything: whatever is said and pressed, in whatever order, replies quote
// verbatim, hold to the limits of buttons, and nothing breaks.
func TestAnything(t *testing.T) {
	text, err := fs.ReadFile(seeds.FS, "nmg-2022.txt")
	if err != nil {
		t.Fatal(err)
	}
	versions := []*corpus.Corpus{
		loadCorpus(t, seeds.FS),
		loadCorpus(t, fstest.MapFS{"nmg-2022.txt": {Data: []byte(strings.ReplaceAll(string(text), "以水定城、", ""))}}),
		loadCorpus(t, fstest.MapFS{"other.txt": {Data: []byte("一、工作回顾\n\n三线一单落实了。\n")}}),
	}
	rapid.Check(t, func(t *rapid.T) { anything(t, versions) })
}

var sayings = []string{"三线一单", "地区生产总值增长多少？", "那四水四定呢？", "你好", "谢谢", "", "/", "//", "？", "/term", "术语", "terms", "/term 双减",
	"来源", "use nmg", "选择 全部", "/use 1", "top", "top 1", "top 50", "top 99999999999999999999", "more", "更多", "reset", "忘记我", "forget me", "/start",
	"lang en", "lang zh", "lang xx", "/verify", "核对 23456789", "不存在的外星飞船", "/ask 三线一单", "/ask", "\x00\xff", "{name}", "<!channel> <@U1> &amp;", "`*_~", "\u202e三线\u200b一单"}

func anything(t *rapid.T, versions []*corpus.Corpus) {
	now := time.Date(2022, 3, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	keep := stores.Defaults()
	keep.Bytes = stores.Bytes{Sessions: 4000, Answers: 40000, Phrases: 1000, Votes: 2000, Misses: 2000, Watches: 2000}
	toy := bottest.NewToy(versions[0])
	h, err := conversation.New(conversation.Parts{Answerer: toy, Library: library.New(toy, "https://x"), Stores: stores.Memory(keep, clock).Stores,
		Settings: conversation.Settings{FollowUps: rapid.Bool().Draw(t, "follow-ups")}, Now: clock, Random: &bottest.Counter{}})
	if err != nil {
		t.Fatal(err)
	}
	tokens := []string{"", "1", "1p:", "1p:AAAAAAAA:99:-3", "1T::9999:1", "1S::-5", "2u:AAAAAAAA", "1q:", strings.Repeat("1", 100)}
	for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
		a := bot.Address{Platform: "slack", Workspace: "T", Chat: rapid.SampledFrom([]string{"C1", "C2"}).Draw(t, "chat"),
			Thread: rapid.SampledFrom([]string{"", "1"}).Draw(t, "thread"), User: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "user")}
		locale := rapid.SampledFrom([]string{"", "zh-CN", "en", "fr", "\xff"}).Draw(t, "locale")
		var r bot.Reply
		var err error
		switch rapid.IntRange(0, 9).Draw(t, "what") {
		case 0:
			toy.Swap(rapid.SampledFrom(versions).Draw(t, "version"))
			ds, err := h.Recheck(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range ds {
				check(t, d.Reply, versions)
			}
			continue
		case 1:
			now = now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * time.Hour)
			continue
		case 2, 3, 4, 5:
			r, err = h.Act(context.Background(), bot.Action{Address: a, ID: fmt.Sprint(i), Token: rapid.SampledFrom(tokens).Draw(t, "token"),
				Input: rapid.SampledFrom([]string{"", "因为", "\xff"}).Draw(t, "input"), Posted: "p", Locale: locale, Whisper: rapid.Bool().Draw(t, "whisper")})
		default:
			said := rapid.OneOf(rapid.SampledFrom(sayings), rapid.String()).Draw(t, "said")
			r, err = h.Handle(context.Background(), bot.Message{Address: a, ID: fmt.Sprint(i), Text: said, Locale: locale,
				Edit: rapid.SampledFrom([]string{"", "", "1"}).Draw(t, "edit"), Command: rapid.Bool().Draw(t, "command"),
				Addressed: rapid.Bool().Draw(t, "addressed"), Top: rapid.IntRange(-1, 60).Draw(t, "top"), Fleeting: rapid.Bool().Draw(t, "fleeting")})
		}
		if err != nil {
			t.Fatal(err)
		}
		check(t, r, versions)
		for _, b := range bottest.Buttons(r) {
			tokens = append(tokens, b.Token)
		}
	}
}

// check fails where a reply is not fit to be shown.
func check(t *rapid.T, r bot.Reply, versions []*corpus.Corpus) {
	t.Helper()
	if r.Silent() {
		if len(r.Blocks) > 0 {
			t.Fatalf("silent with blocks: %+v", r)
		}
		return
	}
	if len(r.Blocks) == 0 || r.Lang != "zh" && r.Lang != "en" {
		t.Fatalf("nothing to show: %+v", r)
	}
	for _, q := range bottest.Quotes(r) {
		if !verbatim(q, versions) {
			t.Fatalf("not verbatim: %q", q.Text)
		}
		at := 0
		for _, m := range q.Marks {
			if m.Start < at || m.End <= m.Start || m.End > len(q.Text) || !utf8.ValidString(q.Text[m.Start:m.End]) {
				t.Fatalf("mark %v of %q", m, q.Text)
			}
			at = m.End
		}
	}
	for _, b := range bottest.Buttons(r) {
		tok, err := token.Parse(b.Token)
		if err != nil || len(b.Token) > token.Max || tok.String() != b.Token || tok.Verb != b.Verb || b.Label == "" {
			t.Fatalf("button %+v: %v", b, err)
		}
	}
}

func verbatim(q bot.Quote, versions []*corpus.Corpus) bool {
	for _, c := range versions {
		r := c.Report(q.Citation.Report)
		if r == nil {
			continue
		}
		for _, p := range r.Paragraphs {
			if p.ID == q.Citation.ParagraphID && q.Text != "" && strings.Contains(p.Text, q.Text) {
				return true
			}
		}
	}
	return false
}
