// Package terminal shows replies as text in a terminal, or in whatever reads
// the program's output.
package terminal

import (
	"fmt"
	"io"
	"strings"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
)

// A Style is what the reader's screen can do. The zero Style is plain text
// with every paragraph on one line, fit for another program.
type Style struct {
	Columns int  // to wrap at; 0: do not
	Color   bool // emphasis by escape sequences
}

// Keys names the buttons of a reply as they are shown, "" for those that are
// not to be shown.
type Keys func(bot.Button) string

// NoKeys shows no buttons.
func NoKeys(bot.Button) string { return "" }

// Write writes a reply.
func Write(w io.Writer, s Style, r bot.Reply, keys Keys) error {
	p := printer{style: s, keys: keys, lang: r.Lang}
	quotes := 0
	for _, b := range r.Blocks {
		if b.Kind == bot.BlockQuote {
			quotes++
		}
	}
	for i, b := range r.Blocks {
		if i > 0 {
			p.out.WriteByte('\n')
		}
		p.block(b, quotes > 1)
	}
	p.buttons("", r.Buttons)
	p.suggestions(r.Suggestions)
	_, err := io.WriteString(w, p.out.String())
	return err
}

// Escape sequences of emphasis.
const (
	bold   = "\x1b[1m"
	faint  = "\x1b[2m"
	strong = "\x1b[1;32m"
	plain  = "\x1b[0m"
)

type printer struct {
	out   strings.Builder
	style Style
	keys  Keys
	lang  text.Lang
}

func (p *printer) block(b bot.Block, counted bool) {
	switch b.Kind {
	case bot.BlockQuote:
		p.quote(b.Quote, counted)
	case bot.BlockFigure:
		p.figure(b)
	case bot.BlockList:
		for _, item := range b.Items {
			p.item(item)
		}
	case bot.BlockTitle:
		p.lines("", bold, b.Text)
	case bot.BlockNote:
		p.lines("", faint, b.Text)
	default:
		p.lines("", "", b.Text)
	}
}

// figure leads: the value, then what it is of, when, and of which kind.
func (p *printer) figure(b bot.Block) {
	var about []string
	for _, s := range []string{b.Figure.Indicator, b.Figure.Period, b.Text} {
		if s != "" {
			about = append(about, s)
		}
	}
	p.style.emphasise(&p.out, strong, clean(b.Said))
	if len(about) > 0 {
		p.out.WriteString("  " + clean(strings.Join(about, " · ")))
	}
	p.out.WriteByte('\n')
}

// quote writes a quote with its marks, and its place under it.
func (p *printer) quote(q *bot.Quote, counted bool) {
	first, rest := "  ", "  "
	if counted && q.Number > 0 {
		first, rest = fmt.Sprintf("%2d. ", q.Number), "    "
	}
	for i, l := range wrap(q.Text, p.style.room(len(rest))) {
		p.out.WriteString(first)
		p.marked(q.Text, l, q.Marks)
		p.out.WriteByte('\n')
		if i == 0 {
			first = rest
		}
	}
	p.lines(rest, faint, q.Citation.Label)
	if url := q.Citation.URL; strings.Contains(url, "://") {
		p.out.WriteString(rest)
		p.style.emphasise(&p.out, faint, clean(url))
		p.out.WriteByte('\n')
	}
	p.lines(rest, bold, q.Note)
	p.buttons(rest, q.Buttons)
}

// marked writes one line of a quote with the marks in it set off.
func (p *printer) marked(quote string, line span, marks []answers.Mark) {
	at := line.start
	for _, m := range marks {
		from, to := max(m.Start, at), min(m.End, line.end)
		if from >= to {
			continue
		}
		p.out.WriteString(clean(quote[at:from]))
		p.style.emphasise(&p.out, bold, clean(quote[from:to]))
		at = to
	}
	p.out.WriteString(clean(quote[at:line.end]))
}

func (p *printer) item(i bot.Item) {
	key := "- "
	if i.Button != nil {
		if k := p.keys(*i.Button); k != "" {
			key = "[" + k + "] "
		}
	}
	line := i.Text
	if i.Note != "" {
		line += "  " + i.Note
	}
	p.lines(key, "", line)
	if strings.Contains(i.URL, "://") {
		p.lines(strings.Repeat(" ", len(key)), faint, i.URL)
	}
}

// buttons writes the buttons that have keys, on one line as far as they fit.
func (p *printer) buttons(indent string, buttons []bot.Button) {
	var shown []string
	for _, b := range buttons {
		if k := p.keys(b); k != "" {
			shown = append(shown, "["+k+"] "+strings.ReplaceAll(b.Label, " ", "\u00a0"))
		}
	}
	if len(shown) > 0 {
		p.lines(indent, faint, strings.Join(shown, "  "))
	}
}

func (p *printer) suggestions(buttons []bot.Button) {
	if len(buttons) == 0 {
		return
	}
	p.out.WriteByte('\n')
	p.lines("", bold, p.lang.Say(text.RelatedTitle))
	for _, b := range buttons {
		p.item(bot.Item{Text: b.Label, Button: &b})
	}
}

// lines writes wrapped text, indented, in one kind of emphasis. Where indent
// holds more than spaces, it stands before the first line only.
func (p *printer) lines(indent, emphasis, s string) {
	if s == "" {
		return
	}
	for _, l := range wrap(s, p.style.room(columnsOf(indent))) {
		p.out.WriteString(indent)
		p.style.emphasise(&p.out, emphasis, clean(s[l.start:l.end]))
		p.out.WriteByte('\n')
		indent = strings.Repeat(" ", columnsOf(indent))
	}
}

// room is how many columns are left beside an indent.
func (s Style) room(indent int) int {
	if s.Columns <= 0 {
		return 0
	}
	return max(s.Columns-indent, 10)
}

func (s Style) emphasise(b *strings.Builder, how, text string) {
	if !s.Color || how == "" || text == "" {
		b.WriteString(text)
		return
	}
	b.WriteString(how + text + plain)
}

// clean drops control characters: a report must not steer the terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, s)
}
