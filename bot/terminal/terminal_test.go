package terminal

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/token"
	"wenbao/retrieval/report"
)

func TestWrapAsChineseIsSet(t *testing.T) {
	for _, tt := range []struct {
		text    string
		columns int
		want    string
	}{
		{"新建绿色矿山133座。", 8, "新建绿色|矿山133|座。"},
		{"一二三四，五六", 8, "一二三|四，五六"},
		{"一二三（四）五", 8, "一二三|（四）五"},
		{"说：“好。”吗", 8, "说：|“好。”|吗"},
		{"growth of 6.3％ in 2021", 10, "growth of |6.3％ in |2021"},
		{"一\n\n二", 8, "一||二"},
		{"一二三四五六", 0, "一二三四五六"},
		{"", 8, ""},
	} {
		if got := strings.Join(linesOf(tt.text, tt.columns), "|"); got != tt.want {
			t.Errorf("%q at %d: got %q, want %q", tt.text, tt.columns, got, tt.want)
		}
	}
}

func linesOf(s string, columns int) []string {
	var out []string
	for _, l := range wrap(s, columns) {
		out = append(out, s[l.start:l.end])
	}
	return out
}

// TestWrapLosesNothing: the lines make up the text, and only a line that
// cannot be broken is too long.
func TestWrapLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("一二，。“”（）a1.％ \n全é\u0301…"))).Draw(t, "text")
		columns := rapid.IntRange(0, 20).Draw(t, "columns")
		lines := linesOf(s, columns)
		if joined := strings.Join(lines, ""); joined != strings.ReplaceAll(s, "\n", "") {
			t.Fatalf("%q became %q", s, joined)
		}
		for _, l := range lines {
			if !utf8.ValidString(l) {
				t.Fatalf("%q is broken within a character", s)
			}
			if w := columnsOf(strings.TrimRight(l, " ")); columns > 0 && w > columns && unit(l) < len(l) {
				t.Fatalf("%q takes %d of %d columns", l, w, columns)
			}
		}
	})
}

func example() bot.Reply {
	quote := "新建绿色矿山133座，生态服务功能持续提升。"
	at := strings.Index(quote, "133座")
	return bot.Reply{Kind: bot.KindAnswer, Lang: text.Zh, Blocks: []bot.Block{
		{Kind: bot.BlockNote, Text: "按“2021年”理解"},
		{Kind: bot.BlockFigure, Figure: &answers.Figure{FigureWire: report.FigureWire{Value: "133座", Indicator: "绿色矿山", Period: "2021"}}, Said: "133座", Text: "已完成"},
		{Kind: bot.BlockQuote, Quote: &bot.Quote{Number: 1, Text: quote, Marks: []answers.Mark{{Start: 0, End: 18}, {Start: at, End: at + len("133座")}},
			Citation: answers.Citation{Label: "《报告》一、 第8段", URL: "https://example.org/r/x/p/1?s=0-9"},
			Buttons:  []bot.Button{{Verb: token.Why, Label: "为什么"}}}},
		{Kind: bot.BlockQuote, Quote: &bot.Quote{Number: 2, Text: "另一句\x1b[31m。", Citation: answers.Citation{Label: "《报告》 第9段", URL: "/r/x/p/2?s=0-9"}}},
		{Kind: bot.BlockList, Items: []bot.Item{{Text: "报告甲", Note: "当前选择", URL: "https://example.org/r/x"}}},
	}, Suggestions: []bot.Button{{Verb: token.Ask, Label: "今年的目标是多少？"}}}
}

func write(t *testing.T, s Style, keys Keys) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, s, example(), keys); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWritePlain(t *testing.T) {
	want := `按“2021年”理解

133座  绿色矿山 · 2021 · 已完成

 1. 新建绿色矿山133座，生态服务功能持续提升。
    《报告》一、 第8段
    https://example.org/r/x/p/1?s=0-9

 2. 另一句[31m。
    《报告》 第9段

- 报告甲  当前选择
  https://example.org/r/x

还可以问
- 今年的目标是多少？
`
	if diff := cmp.Diff(want, write(t, Style{}, NoKeys)); diff != "" {
		t.Error(diff)
	}
}

func TestWriteForATerminal(t *testing.T) {
	got := write(t, Style{Columns: 30, Color: true}, func(b bot.Button) string { return string(rune(b.Verb)) })
	for _, want := range []string{
		strong + "133座" + plain, "    " + faint + "[w] 为什么" + plain, "[q] 今年的目标是多少？",
		" 1. " + bold + "新建绿色矿山" + plain + bold + "133座" + plain + "，生态服\n    务功能持续提升。\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%q", want, got)
		}
	}
	if strings.Contains(got, "\x1b[31m") {
		t.Error("a report steers the terminal")
	}
}
