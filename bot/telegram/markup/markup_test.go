package markup_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/bot"
	"wenbao/bot/telegram/markup"
	"wenbao/bot/token"
)

func quoted(text string, marks ...answers.Mark) bot.Block {
	return bot.Block{Kind: bot.BlockQuote, Quote: &bot.Quote{Number: 1, Text: text, Marks: marks,
		Citation: answers.Citation{Label: "《报告》 第8段", URL: "https://wenbao.example/r/x"}}}
}

// A quote is a block with its matches in bold and its place, linked, below.
func TestQuote(t *testing.T) {
	page := markup.Render(bot.Reply{Blocks: []bot.Block{quoted("新建<绿色矿山>133座", answers.Mark{Start: 7, End: 19})}}, markup.Options{})[0]
	want := "<blockquote>新建&lt;<b>绿色矿山</b>&gt;133座</blockquote>\n[1] <a href=\"https://wenbao.example/r/x\">《报告》 第8段</a>"
	if got := page.HTML(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if page.Text != "新建<绿色矿山>133座\n[1] 《报告》 第8段" {
		t.Errorf("plain %q", page.Text)
	}
	long := markup.Render(bot.Reply{Blocks: []bot.Block{quoted(strings.Repeat("很长的一句话。", 40))}}, markup.Options{})[0]
	if !strings.HasPrefix(long.HTML(), "<blockquote expandable>") {
		t.Errorf("%s", long.HTML())
	}
}

// Marks that are no place in the quote are passed over.
func TestWrongMarks(t *testing.T) {
	for _, m := range []answers.Mark{{Start: -1, End: 3}, {Start: 0, End: 99}, {Start: 3, End: 3}, {Start: 1, End: 3}, {Start: 0, End: 2}} {
		page := markup.Render(bot.Reply{Blocks: []bot.Block{quoted("绿色矿山", m)}}, markup.Options{})[0]
		if strings.Contains(page.HTML(), "<b>") || !strings.Contains(page.Text, "绿色矿山") {
			t.Errorf("%v: %s", m, page.HTML())
		}
	}
}

// Pages are cut between excerpts; one that fills several pages stays a quote
// on each, and nothing of it is lost.
func TestPages(t *testing.T) {
	var blocks []bot.Block
	for range 5 {
		blocks = append(blocks, quoted(strings.Repeat("一句原文，", 299)+"。"))
	}
	pages := markup.Render(bot.Reply{Blocks: blocks, Buttons: []bot.Button{{Verb: token.Up, Label: "👍", Token: "1u:X"}}}, markup.Options{})
	for i, p := range pages {
		if n := strings.Count(p.HTML(), "<blockquote"); n != strings.Count(p.HTML(), "</blockquote>") || n != strings.Count(p.Text, "[1]") || markup.Units(p.Text) > 4096 {
			t.Errorf("page %d of %d units: %d quotes, %d places", i, markup.Units(p.Text), n, strings.Count(p.Text, "[1]"))
		}
		if (len(p.Keyboard) > 0) != (i == len(pages)-1) {
			t.Errorf("page %d has %d rows of buttons", i, len(p.Keyboard))
		}
	}
	if len(pages) != 3 {
		t.Errorf("%d pages", len(pages))
	}
	huge := strings.Repeat("😀绿色矿山", 5000)
	var joined strings.Builder
	for _, p := range markup.Render(bot.Reply{Blocks: []bot.Block{quoted(huge)}}, markup.Options{}) {
		text, _, _ := strings.Cut(p.Text, "\n[1]")
		joined.WriteString(text)
		if markup.Units(p.Text) > 4096 || !utf8.ValidString(p.Text) || !strings.HasPrefix(p.HTML(), "<blockquote expandable>") {
			t.Errorf("%d units: %.60s", markup.Units(p.Text), p.HTML())
		}
	}
	if joined.String() != huge {
		t.Error("the pages are not the quote")
	}
}

// In a group the buttons are for who asked, but for the votes.
func TestKeyboard(t *testing.T) {
	r := bot.Reply{Kind: bot.KindAnswer, Code: "ABCDEFGH", Buttons: []bot.Button{
		{Verb: token.More, Label: "更多原文", Token: "1m:ABCDEFGH"}, {Verb: token.Up, Label: "👍", Token: "1u:ABCDEFGH"}, {Verb: token.Up, Label: "👍", Token: "1u:ABCDEFGH"},
		{Verb: token.Ask, Label: strings.Repeat("长", 100), Token: "1q:x"}, {Verb: token.Ask, Label: "too long", Token: strings.Repeat("1", 65)}}}
	var data []string
	for _, row := range markup.Render(r, markup.Options{Group: true, Owner: "35", Username: "wenbao_bot"})[0].Keyboard {
		for _, k := range row {
			data = append(data, k.Data+k.URL)
			if n := utf8.RuneCountInString(k.Text); n == 0 || n > 40 {
				t.Errorf("label of %d runes", n)
			}
		}
	}
	want := "1m:ABCDEFGH~z 1u:ABCDEFGH 1q:x~z https://t.me/wenbao_bot?start=ABCDEFGH"
	if got := strings.Join(data, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// FuzzRender: whatever a reply holds, its messages are within the limits, and
// their tags are balanced.
func FuzzRender(f *testing.F) {
	f.Add("<b>&", "😀", 0, 4)
	f.Add(strings.Repeat("长😀", 4000), "\xff", 3, 900)
	f.Fuzz(func(t *testing.T, a, b string, from, to int) {
		r := bot.Reply{Blocks: []bot.Block{{Kind: bot.BlockTitle, Text: b}, quoted(a, answers.Mark{Start: from, End: to}), {Kind: bot.BlockText, Text: a},
			{Kind: bot.BlockList, Items: []bot.Item{{Text: b, Note: a, URL: b}}}}}
		for _, p := range markup.Render(r, markup.Options{}) {
			h := p.HTML()
			if markup.Units(p.Text) > markup.Limit || !utf8.ValidString(h) || len(p.Entities()) > 100 {
				t.Errorf("%d units, %d entities", markup.Units(p.Text), len(p.Entities()))
			}
			for _, tag := range []string{"b", "i", "a", "blockquote"} {
				if strings.Count(h, "<"+tag+">")+strings.Count(h, "<"+tag+" ") != strings.Count(h, "</"+tag+">") {
					t.Errorf("unbalanced %s: %q", tag, h)
				}
			}
		}
	})
}
