// Package markup renders replies as Telegram messages: text with entities, as
// HTML, and inline keyboards, within Telegram's limits.
package markup

import (
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limit is the longest message after its entities are parsed, in UTF-16
// units. Telegram counts characters; units are the safe bound.
const Limit = 4096

// mostEntities of one message are kept by Telegram.
const mostEntities = 100

// A Style is what an entity looks like.
type Style int

const (
	Bold Style = iota
	Italic
	Link
	Quote
	LongQuote // a quote that is folded until pressed
)

// A Span is an entity: bytes of a text.
type Span struct {
	From, To int
	Style    Style
	URL      string // of a Link
}

// Rich is a text with entities. They nest and never cross.
type Rich struct {
	Text  string
	Spans []Span
}

// Units counts UTF-16 units.
func Units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// Clean returns s without what Telegram drops from messages or shows as
// something else: control characters, line and direction overrides, some
// combining marks, invalid bytes.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\r', r >= 0x2028 && r <= 0x202E, r == 0x0333, r == 0x033F, r == 0x030A, r == utf8.RuneError:
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// write adds text in the given styles, the outermost first.
func (r *Rich) write(s string, styles ...Style) {
	from := len(r.Text)
	r.Text += Clean(s)
	for _, st := range styles {
		r.mark(from, st, "")
	}
}

// mark makes a span of everything from on. One that shows nothing is left out,
// as Telegram would.
func (r *Rich) mark(from int, st Style, url string) {
	if strings.TrimSpace(r.Text[from:]) != "" {
		r.Spans = append(r.Spans, Span{from, len(r.Text), st, url})
	}
}

// join adds other after a separator, which an empty text does not need.
func (r *Rich) join(sep string, other Rich) {
	if r.Text != "" {
		r.Text += sep
	}
	at := len(r.Text)
	r.Text += other.Text
	for _, s := range other.Spans {
		s.From, s.To = s.From+at, s.To+at
		r.Spans = append(r.Spans, s)
	}
}

// slice returns a part of r, with the parts of its spans.
func (r Rich) slice(from, to int) Rich {
	out := Rich{Text: r.Text[from:to]}
	for _, s := range r.Spans {
		s.From, s.To = max(s.From, from)-from, min(s.To, to)-from
		if s.From < s.To && strings.TrimSpace(out.Text[s.From:s.To]) != "" {
			out.Spans = append(out.Spans, s)
		}
	}
	return out
}

// split cuts r into parts of at most limit units: between lines or sentences
// where it can, not in the middle of a link or of what is bold. A quote that
// is cut goes on as a quote.
func (r Rich) split(limit int) []Rich {
	var out []Rich
	for Units(r.Text) > limit {
		at := r.cut(limit)
		out = append(out, r.slice(0, at))
		rest := len(r.Text) - len(strings.TrimLeft(r.Text[at:], "\n "))
		r = r.slice(rest, len(r.Text))
	}
	if strings.TrimSpace(r.Text) != "" {
		out = append(out, r)
	}
	return out
}

// cut returns where to end the first part, above 0.
func (r Rich) cut(limit int) int {
	hard, units := 0, 0
	for i, c := range r.Text {
		units += Units(string(c))
		if units > limit {
			break
		}
		hard = i + utf8.RuneLen(c)
	}
	at := hard
	for at > hard/2 && joins(r.Text[at:]) {
		_, n := utf8.DecodeLastRuneInString(r.Text[:at])
		at -= n
	}
	if joins(r.Text[at:]) {
		at = hard
	}
	for _, end := range []string{"\n", "。", "；", "，", " "} {
		if i := strings.LastIndex(r.Text[:at], end); i > at/2 {
			at = i + len(end)
			break
		}
	}
	for _, s := range r.Spans {
		if s.Style != Quote && s.Style != LongQuote && s.From > at/2 && s.From < at && at < s.To {
			at = s.From
		}
	}
	return at
}

// joins reports whether s begins with what belongs to the letter before it.
func joins(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	return c == 0x200D || c >= 0xFE00 && c <= 0xFE0F || unicode.Is(unicode.Mn, c)
}

// sorted returns the spans in the order in which they open.
func (r Rich) sorted() []Span {
	spans := slices.Clone(r.Spans)
	slices.SortStableFunc(spans, func(a, b Span) int {
		if a.From != b.From {
			return a.From - b.From
		}
		if a.To != b.To {
			return b.To - a.To
		}
		return int(b.Style) - int(a.Style) // a quote around what is bold
	})
	return spans
}

// HTML returns r as Telegram's HTML, its tags balanced.
func (r Rich) HTML() string {
	var b strings.Builder
	var open []Span
	at := 0
	text := func(to int) {
		b.WriteString(escape(r.Text[at:to]))
		at = to
	}
	closeUntil := func(to int) {
		for len(open) > 0 && open[len(open)-1].To <= to {
			s := open[len(open)-1]
			open = open[:len(open)-1]
			text(s.To)
			b.WriteString(s.end())
		}
	}
	for _, s := range r.sorted() {
		closeUntil(s.From)
		text(s.From)
		b.WriteString(s.begin())
		open = append(open, s)
	}
	closeUntil(len(r.Text))
	text(len(r.Text))
	return b.String()
}

func (s Span) begin() string {
	switch s.Style {
	case Bold:
		return "<b>"
	case Italic:
		return "<i>"
	case Link:
		return `<a href="` + html.EscapeString(s.URL) + `">`
	case LongQuote:
		return "<blockquote expandable>"
	}
	return "<blockquote>"
}

func (s Span) end() string {
	switch s.Style {
	case Bold:
		return "</b>"
	case Italic:
		return "</i>"
	case Link:
		return "</a>"
	}
	return "</blockquote>"
}

// escape escapes what Telegram's parser reads, and nothing else: it leaves
// other names of characters, such as &nbsp;, as they are.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}

// An Entity is a Span in the API's terms.
type Entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"` // UTF-16 units
	Length int    `json:"length"`
	URL    string `json:"url,omitempty"`
}

// Entities returns what Telegram is meant to find in the HTML.
func (r Rich) Entities() []Entity {
	names := map[Style]string{Bold: "bold", Italic: "italic", Link: "text_link", Quote: "blockquote", LongQuote: "expandable_blockquote"}
	out := make([]Entity, 0, len(r.Spans))
	for _, s := range r.sorted() {
		out = append(out, Entity{names[s.Style], Units(r.Text[:s.From]), Units(r.Text[s.From:s.To]), s.URL})
	}
	return out
}
