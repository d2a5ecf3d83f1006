package markup

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"wenbao/bot"
)

const (
	longQuote = 240  // units from which a quote is folded
	longLink  = 1500 // bytes beyond which a link is left out
)

// A Page is one message.
type Page struct {
	Rich
	Keyboard Keyboard // under the last page only
}

// Options say for whom a reply is rendered.
type Options struct {
	Group    bool
	Owner    string // user that the buttons are for, in a group
	Username string // of the bot, for links to it
}

// Render returns a reply as messages of at most Limit units, cut between
// blocks where it can be. It returns at least one.
func Render(r bot.Reply, o Options) []Page {
	var parts []Rich
	for _, b := range r.Blocks {
		if p := block(b); strings.TrimSpace(p.Text) != "" {
			parts = append(parts, p.split(Limit)...)
		}
	}
	var pages []Page
	var page Rich
	const between = "\n\n"
	for _, p := range parts {
		if page.Text != "" && Units(page.Text)+len(between)+Units(p.Text) > Limit {
			pages = append(pages, Page{Rich: page})
			page = Rich{}
		}
		page.join(between, p)
	}
	if page.Text == "" && len(pages) == 0 {
		page.write("…")
	}
	pages = append(pages, Page{Rich: page})
	for i := range pages {
		pages[i].Spans = fewer(pages[i].Spans)
	}
	pages[len(pages)-1].Keyboard = keyboard(r, o)
	return pages
}

// fewer drops emphasis beyond what Telegram keeps.
func fewer(spans []Span) []Span {
	over := len(spans) - mostEntities
	for i := len(spans) - 1; i >= 0 && over > 0; i-- {
		if spans[i].Style == Bold || spans[i].Style == Italic {
			spans = append(spans[:i:i], spans[i+1:]...)
			over--
		}
	}
	return spans[:min(len(spans), mostEntities)]
}

func block(b bot.Block) Rich {
	var r Rich
	switch {
	case b.Kind == bot.BlockQuote && b.Quote != nil:
		return quote(*b.Quote)
	case b.Kind == bot.BlockFigure && b.Figure != nil:
		figure(&r, b)
	case b.Kind == bot.BlockList:
		for _, i := range b.Items {
			item(&r, i)
		}
	case b.Kind == bot.BlockTitle:
		r.write(b.Text, Bold)
	case b.Kind == bot.BlockNote:
		r.write(b.Text, Italic)
	default:
		r.write(b.Text)
	}
	return r
}

func figure(r *Rich, b bot.Block) {
	r.write(b.Said, Bold)
	var about []string
	for _, s := range []string{b.Figure.Indicator, b.Figure.Period, b.Text} {
		if s != "" {
			about = append(about, s)
		}
	}
	if len(about) > 0 {
		r.write("  " + strings.Join(about, " · "))
	}
}

func item(r *Rich, i bot.Item) {
	if r.Text != "" {
		r.write("\n")
	}
	r.write("• ")
	link(r, i.Text, i.URL)
	if i.Note != "" {
		r.write("（" + i.Note + "）")
	}
}

// quote is a quote with its matches in bold, and its place under it.
func quote(q bot.Quote) Rich {
	var r Rich
	at := 0
	for _, m := range q.Marks {
		if m.Start < at || m.End > len(q.Text) || m.Start >= m.End || !boundary(q.Text, m.Start) || !boundary(q.Text, m.End) {
			continue
		}
		r.write(q.Text[at:m.Start])
		r.write(q.Text[m.Start:m.End], Bold)
		at = m.End
	}
	r.write(q.Text[at:])
	if Units(r.Text) >= longQuote {
		r.mark(0, LongQuote, "")
	} else {
		r.mark(0, Quote, "")
	}
	label := Clean(q.Citation.Label)
	if label == "" {
		label = Clean(q.Citation.Title)
	}
	if label != "" || q.Number > 0 {
		r.write("\n")
	}
	if q.Number > 0 {
		r.write(fmt.Sprintf("[%d] ", q.Number))
	}
	link(&r, label, q.Citation.URL)
	if q.Note != "" {
		r.write("\n")
		r.write(q.Note, Italic)
	}
	return r
}

// boundary reports whether a rune of s begins or ends at i.
func boundary(s string, i int) bool { return i == len(s) || utf8.RuneStart(s[i]) }

// link writes text, linked where the address is one that Telegram opens: a
// relative one leads nowhere.
func link(r *Rich, text, address string) {
	from := len(r.Text)
	r.write(text)
	if u, ok := Absolute(address); ok {
		r.mark(from, Link, u)
	}
}

// Absolute returns an address that Telegram opens, in ASCII, and false for
// any other.
func Absolute(address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.Contains(u.Hostname(), ".") || u.User != nil {
		return "", false
	}
	s := ascii(u.String())
	return s, len(s) <= longLink
}

// ascii percent-encodes what an address holds that none may.
func ascii(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7F || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
