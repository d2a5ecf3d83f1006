package blocks

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"wenbao/answers"
	"wenbao/bot"
)

// plain is a text without markup of at most n characters.
func plain(s string, n int) *slack.TextBlockObject {
	if s = strings.ToValidUTF8(s, ""); strings.TrimSpace(s) == "" {
		s = "…"
	}
	emoji := false
	return &slack.TextBlockObject{Type: slack.PlainTextType, Text: fit(s, n), Emoji: &emoji}
}

// note is small print.
func note(s string) slack.Block {
	return slack.NewContextBlock("", plain(s, MaxSection))
}

// header is a large line.
func header(s string) slack.Block { return slack.NewHeaderBlock(plain(s, MaxHeader)) }

// run is text in one style.
type run struct {
	text string
	bold bool
}

// rich shows runs word for word: nothing in them is read as markup.
func rich(quote bool, runs ...run) []slack.Block {
	var out []slack.Block
	var line []slack.RichTextSectionElement
	used := 0
	end := func() {
		if len(line) == 0 {
			return
		}
		var e slack.RichTextElement = slack.NewRichTextSection(line...)
		if quote {
			e = &slack.RichTextQuote{Type: slack.RTEQuote, Elements: line}
		}
		out = append(out, slack.NewRichTextBlock("", e))
		line, used = nil, 0
	}
	for _, r := range runs {
		for _, p := range pieces(strings.ToValidUTF8(r.text, ""), MaxRich) {
			if p == "" {
				continue
			}
			if used+size(p) > MaxRich {
				end()
			}
			var style *slack.RichTextSectionTextStyle
			if r.bold {
				style = &slack.RichTextSectionTextStyle{Bold: true}
			}
			line = append(line, slack.NewRichTextSectionTextElement(p, style))
			used += size(p)
		}
	}
	end()
	return out
}

// marked returns the runs of a quote; marks that are not of it are left out.
func marked(text string, marks []answers.Mark) []run {
	var out []run
	at := 0
	for _, m := range marks {
		if m.Start < at || m.End <= m.Start || m.End > len(text) || !boundary(text, m.Start) || !boundary(text, m.End) {
			continue
		}
		out = append(out, run{text[at:m.Start], false}, run{text[m.Start:m.End], true})
		at = m.End
	}
	return append(out, run{text[at:], false})
}

func boundary(s string, i int) bool { return i == len(s) || utf8.RuneStart(s[i]) }

// link shows label leading to address, or label alone where it leads nowhere.
func link(address, label string, n int) string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return fitEscaped(label, n)
	}
	target := strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C", "&", "&amp;").Replace(u.String())
	if size(target) > n/2 || strings.TrimSpace(label) == "" {
		return fitEscaped(label, n)
	}
	return "<" + target + "|" + fitEscaped(label, n-size(target)-3) + ">"
}

// cite is the line under a quote: where it stands.
func cite(q *bot.Quote) slack.Block {
	label := q.Citation.Label
	if label == "" {
		label = q.Citation.Title
	}
	s := link(q.Citation.URL, label, MaxSection/2)
	if q.Number > 0 {
		s = fmt.Sprintf("[%d]  %s", q.Number, s)
	}
	if q.Note != "" {
		s += "  ·  " + fitEscaped(q.Note, MaxSection/4)
	}
	if strings.TrimSpace(s) == "" {
		s = "…"
	}
	return slack.NewContextBlock("", &slack.TextBlockObject{Type: slack.MarkdownType, Text: s, Verbatim: true})
}

// ids numbers the buttons of a message, so that no two are the same.
type ids int

func (i *ids) next(kind string) string {
	*i++
	return fmt.Sprintf("%s:%d", kind, *i)
}

// ActionPress and the others are how the ids of buttons begin.
const (
	ActionPress   = "press"
	ActionShare   = "share"
	ActionReason  = "reason" // asks for a reason in a form
	ActionCompose = "compose"
)

// button is a bot.Button.
func button(i *ids, b bot.Button) *slack.ButtonBlockElement {
	kind := ActionPress
	if b.Asks {
		kind = ActionReason
	}
	return slack.NewButtonBlockElement(i.next(kind), fit(b.Token, MaxValue), plain(b.Label, MaxButton))
}

// actions are rows of buttons.
func actions(i *ids, buttons []bot.Button) []slack.Block {
	var elements []slack.BlockElement
	for _, b := range buttons {
		elements = append(elements, button(i, b))
	}
	return rows(elements)
}

func rows(elements []slack.BlockElement) []slack.Block {
	var out []slack.Block
	for len(elements) > 0 {
		n := min(MaxActions, len(elements))
		out = append(out, slack.NewActionBlock("", elements[:n]...))
		elements = elements[n:]
	}
	return out
}
