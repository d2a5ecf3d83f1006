package blocks_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/slack/blocks"
	"wenbao/bot/slack/slackfake"
	"wenbao/bot/token"
	"wenbao/retrieval/report"
)

// hostile makes strings that break renderers.
func hostile() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{"", " ", "\n\n", "<!channel>", "<@U0123>", "a & b < c > d", "&amp;lt;", "*粗*_斜_`码`~删~", "|", "<http://x|y>",
			"👨‍👩‍👧‍👦", "\x00\x01", "\xff\xfe", "\u202e反\u202c", strings.Repeat("长", 3000), strings.Repeat("<", 4000), strings.Repeat("&", 900),
			strings.Repeat("😀", 2000), "内蒙古\r\n\t自治区", "```", ":smile:", "//x.cn", "javascript:alert(1)", "https://例子.cn/?a=1&b=<|>"}),
		rapid.Custom(func(t *rapid.T) string {
			return strings.Repeat(rapid.SampledFrom([]string{"字", "&", "x", "𠀀", "é"}).Draw(t, "unit"), rapid.IntRange(0, 20_000).Draw(t, "n"))
		}),
	)
}

func buttons(most int) *rapid.Generator[[]bot.Button] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) bot.Button {
		return bot.Button{Verb: token.More, Label: hostile().Draw(t, "label"), Token: "1m:AAAA", Asks: rapid.Bool().Draw(t, "asks")}
	}), 0, most)
}

func quote() *rapid.Generator[*bot.Quote] {
	return rapid.Custom(func(t *rapid.T) *bot.Quote {
		q := &bot.Quote{Number: rapid.IntRange(0, 50).Draw(t, "number"), Text: hostile().Draw(t, "quote"), Note: hostile().Draw(t, "note"),
			Citation: answers.Citation{Label: hostile().Draw(t, "label"), URL: hostile().Draw(t, "url")}, Buttons: buttons(4).Draw(t, "buttons")}
		for range rapid.IntRange(0, 5).Draw(t, "marks") {
			q.Marks = append(q.Marks, answers.Mark{Start: rapid.IntRange(-5, 100).Draw(t, "start"), End: rapid.IntRange(-5, 100).Draw(t, "end")})
		}
		return q
	})
}

func block() *rapid.Generator[bot.Block] {
	return rapid.Custom(func(t *rapid.T) bot.Block {
		b := bot.Block{Text: hostile().Draw(t, "text"), Kind: rapid.SampledFrom([]bot.BlockKind{bot.BlockText, bot.BlockTitle, bot.BlockFigure,
			bot.BlockQuote, bot.BlockList, bot.BlockNote, "new"}).Draw(t, "kind")}
		if rapid.Bool().Draw(t, "filled") {
			b.Quote = quote().Draw(t, "quote")
			b.Said = hostile().Draw(t, "value")
			b.Figure = &answers.Figure{FigureWire: report.FigureWire{Indicator: hostile().Draw(t, "indicator"), Period: hostile().Draw(t, "period")}}
			for range rapid.IntRange(0, 30).Draw(t, "items") {
				i := bot.Item{Text: hostile().Draw(t, "item"), Note: hostile().Draw(t, "itemnote"), URL: hostile().Draw(t, "itemurl")}
				if rapid.Bool().Draw(t, "pressable") {
					i.Button = &bot.Button{Label: "x", Token: "1t:AA"}
				}
				b.Items = append(b.Items, i)
			}
		}
		return b
	})
}

// generic is what a fake or a validator sees of blocks.
func generic(t testing.TB, v any) []map[string]any {
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

// Whatever a reply holds, what is rendered is within Slack's limits, has a
// text beside it, and neither pings nor links by itself.
func TestRenderedRepliesAreWithinTheLimits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := bot.Reply{Kind: bot.KindAnswer, Lang: text.Zh, Code: "AAAA2222", Blocks: rapid.SliceOfN(block(), 0, 60).Draw(rt, "blocks"),
			Buttons: buttons(60).Draw(rt, "buttons"), Suggestions: buttons(30).Draw(rt, "suggestions")}
		s := blocks.Style{Share: rapid.Bool().Draw(rt, "share"), Question: hostile().Draw(rt, "question"), Above: []string{hostile().Draw(rt, "above")}}
		messages := blocks.Render(r, s)
		if len(messages) == 0 {
			rt.Fatal("nothing is posted")
		}
		for i, m := range messages {
			if m.Text == "" || len([]rune(m.Text)) > blocks.MaxText {
				rt.Fatalf("message %d has a text of %d characters", i, len([]rune(m.Text)))
			}
			if strings.Contains(m.Text, "<") {
				rt.Fatalf("markup in the text: %q", m.Text)
			}
			shown := generic(t, m.Blocks)
			if problems := slackfake.Validate(shown, blocks.MaxBlocks); len(problems) > 0 {
				rt.Fatalf("message %d: %v", i, problems)
			}
			for _, s := range markup(shown) {
				if rest := links(s); strings.ContainsAny(rest, "<>") {
					rt.Fatalf("markup: %q", s)
				}
			}
		}
	})
}

// markup returns the texts that Slack reads as markup.
func markup(v any) []string {
	var out []string
	switch x := v.(type) {
	case []map[string]any:
		for _, e := range x {
			out = append(out, markup(e)...)
		}
	case []any:
		for _, e := range x {
			out = append(out, markup(e)...)
		}
	case map[string]any:
		if x["type"] == "mrkdwn" {
			out = append(out, fmt.Sprint(x["text"]))
		}
		for _, e := range x {
			out = append(out, markup(e)...)
		}
	}
	return out
}

// links removes what links to the web.
func links(s string) string {
	for {
		before, rest, found := strings.Cut(s, "<http")
		if !found {
			return s
		}
		_, after, closed := strings.Cut(rest, ">")
		if !closed {
			return s
		}
		s = before + after
	}
}

// A quote is shown byte for byte, its matches bold.
func TestQuotesAreVerbatim(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		q := quote().Draw(rt, "quote")
		q.Text = strings.ToValidUTF8(q.Text, "")
		var got strings.Builder
		for _, m := range blocks.Render(bot.Reply{Lang: text.Zh, Blocks: []bot.Block{{Kind: bot.BlockQuote, Quote: q}}}, blocks.Style{}) {
			for _, b := range generic(t, m.Blocks) {
				if b["type"] == "rich_text" {
					got.WriteString(richText(b))
				}
			}
		}
		if got.String() != q.Text {
			rt.Fatalf("shown %q, quoted %q", got.String(), q.Text)
		}
	})
	m := blocks.Render(bot.Reply{Lang: text.Zh, Blocks: []bot.Block{{Kind: bot.BlockQuote, Quote: &bot.Quote{
		Text: "新建绿色矿山133座", Marks: []answers.Mark{{Start: 6, End: 18}}}}}}, blocks.Style{})
	raw, err := json.Marshal(m[0].Blocks[0])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"rich_text","elements":[{"type":"rich_text_quote","elements":[{"type":"text","text":"新建"},{"type":"text","text":"绿色矿山","style":{"bold":true}},{"type":"text","text":"133座"}]}]}`
	if string(raw) != want {
		t.Errorf("got %s", raw)
	}
}

func richText(v any) string {
	out := ""
	switch x := v.(type) {
	case []any:
		for _, e := range x {
			out += richText(e)
		}
	case map[string]any:
		if x["type"] == "text" {
			return x["text"].(string)
		}
		out = richText(x["elements"])
	}
	return out
}

func TestViewsAreWithinTheLimits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := blocks.Home{Lang: text.En, Command: hostile().Draw(rt, "command"), Examples: buttons(40).Draw(rt, "examples"),
			Recent: buttons(40).Draw(rt, "recent"), Popular: buttons(40).Draw(rt, "popular")}
		for range rapid.IntRange(0, 60).Draw(rt, "reports") {
			h.Reports = append(h.Reports, bot.ReportInfo{ID: "x", Title: hostile().Draw(rt, "title"), URL: hostile().Draw(rt, "url")})
		}
		metadata := rapid.StringN(0, 3000, 3000).Draw(rt, "metadata")
		for _, v := range []any{h.View(), blocks.ReasonForm(text.Zh, buttons(20).Draw(rt, "reasons"), metadata), blocks.AskForm(text.En, hostile().Draw(rt, "words"), metadata)} {
			raw, err := json.Marshal(v)
			if err != nil {
				rt.Fatal(err)
			}
			var m map[string]any
			if err := json.Unmarshal(raw, &m); err != nil {
				rt.Fatal(err)
			}
			if problems := slackfake.ValidateView(m); len(problems) > 0 {
				rt.Fatal(problems)
			}
		}
	})
}

// The table of limits: one more of anything than Slack takes is a problem to
// the validator, so the tests above mean something.
func TestTheValidatorBites(t *testing.T) {
	long := func(n int) string { return strings.Repeat("长", n) }
	button := func(label, value, id string) string {
		return fmt.Sprintf(`{"type":"button","action_id":%q,"value":%q,"text":{"type":"plain_text","text":%q}}`, id, value, label)
	}
	actions := func(elements ...string) string {
		return `{"type":"actions","elements":[` + strings.Join(elements, ",") + `]}`
	}
	many := make([]string, blocks.MaxActions+1)
	for i := range many {
		many[i] = button("x", "v", fmt.Sprint(i))
	}
	tests := []struct{ name, good, bad string }{
		{"section", `{"type":"section","text":{"type":"mrkdwn","text":"` + long(blocks.MaxSection) + `"}}`, `{"type":"section","text":{"type":"mrkdwn","text":"` + long(blocks.MaxSection+1) + `"}}`},
		{"header", `{"type":"header","text":{"type":"plain_text","text":"` + long(blocks.MaxHeader) + `"}}`, `{"type":"header","text":{"type":"plain_text","text":"` + long(blocks.MaxHeader+1) + `"}}`},
		{"empty header", `{"type":"header","text":{"type":"plain_text","text":"x"}}`, `{"type":"header","text":{"type":"plain_text","text":""}}`},
		{"button", actions(button(long(blocks.MaxButton), "v", "i")), actions(button(long(blocks.MaxButton+1), "v", "i"))},
		{"value", actions(button("x", long(blocks.MaxValue), "i")), actions(button("x", long(blocks.MaxValue+1), "i"))},
		{"action_id", actions(button("x", "v", long(blocks.MaxID))), actions(button("x", "v", long(blocks.MaxID+1)))},
		{"same action_id", actions(button("x", "v", "a"), button("x", "v", "b")), actions(button("x", "v", "a"), button("x", "v", "a"))},
		{"actions", actions(many[:blocks.MaxActions]...), actions(many...)},
		{"context", `{"type":"context","elements":[{"type":"mrkdwn","text":"x"}]}`, `{"type":"context","elements":[]}`},
		{"rich text", `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"x"}]}]}`, `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":""}]}]}`},
		{"type", `{"type":"divider"}`, `{"type":"video"}`},
	}
	for _, tt := range tests {
		if problems := slackfake.Validate(generic(t, json.RawMessage("["+tt.good+"]")), 50); len(problems) > 0 {
			t.Errorf("%s: the good one: %v", tt.name, problems)
		}
		if len(slackfake.Validate(generic(t, json.RawMessage("["+tt.bad+"]")), 50)) == 0 {
			t.Errorf("%s: the bad one passes", tt.name)
		}
	}
	if many := make([]map[string]any, 51); len(slackfake.Validate(many, 50)) == 0 {
		t.Error("51 blocks pass")
	}
}

func TestEscapingIsRightOnce(t *testing.T) {
	for in, want := range map[string]string{"a&b": "a&amp;b", "&amp;": "&amp;amp;", "<!channel>": "&lt;!channel&gt;", "x": "x"} {
		if got := blocks.Escape(in); got != want {
			t.Errorf("Escape(%q) = %q", in, got)
		}
	}
	r := bot.Reply{Lang: text.Zh, Blocks: []bot.Block{{Kind: bot.BlockQuote, Quote: &bot.Quote{Text: "x", Citation: answers.Citation{
		Label: "《A&B<报告>》", URL: "https://w.example/r/a?s=1&t=2"}}}}}
	raw, err := json.Marshal(blocks.Render(r, blocks.Style{})[0].Blocks[1])
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Elements []struct{ Text string }
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if want := "<https://w.example/r/a?s=1&amp;t=2|《A&amp;B&lt;报告&gt;》>"; got.Elements[0].Text != want {
		t.Errorf("got %s", got.Elements[0].Text)
	}
}
