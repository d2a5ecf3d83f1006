// Package blocks renders replies, forms and the home as Block Kit.
//
// Words that somebody wrote or a report says are rich text, which Slack shows
// as it is: bold matches need no spaces around them, nothing has to be
// escaped, and nobody is pinged by what is quoted. Only citations are markup,
// since small print cannot link otherwise.
package blocks

import (
	"encoding/json"
	"strings"

	"github.com/slack-go/slack"

	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/token"
)

// A Message is what one call posts. Text is escaped; it is what
// notifications and screen readers use.
type Message struct {
	Text   string
	Blocks []slack.Block
}

// A Style says what a reply looks like where it is posted.
type Style struct {
	// Share offers to show a reply to everybody; Question is what was asked.
	Share    bool
	Question string
	// Above are lines over the reply.
	Above []string
}

// compactFrom is how many quotes do without buttons of their own.
const compactFrom = 9

// A group is what stays together in one message.
type group struct {
	blocks []slack.Block
	size   int
}

type renderer struct {
	ids    ids
	lang   text.Lang
	groups []group
}

// Render returns a reply as messages to be posted one after the other, at
// least one.
func Render(r bot.Reply, s Style) []Message {
	x := &renderer{lang: r.Lang}
	for _, line := range s.Above {
		x.add(size(line), note(line))
	}
	compact := quotes(r) >= compactFrom
	for _, b := range r.Blocks {
		x.block(b, compact)
	}
	x.buttons(r, s)
	if len(x.groups) == 0 {
		x.add(1, note("…"))
	}
	return x.pack(Fallback(r, s))
}

func quotes(r bot.Reply) int {
	n := 0
	for _, b := range r.Blocks {
		if b.Kind == bot.BlockQuote {
			n++
		}
	}
	return n
}

func (x *renderer) add(size int, blocks ...slack.Block) {
	if len(blocks) > 0 {
		x.groups = append(x.groups, group{blocks, size})
	}
}

// each adds blocks that need not stay together.
func (x *renderer) each(blocks []slack.Block) {
	for _, b := range blocks {
		x.add(weight(b), b)
	}
}

func (x *renderer) block(b bot.Block, compact bool) {
	switch b.Kind {
	case bot.BlockText:
		x.each(rich(false, run{b.Text, false}))
	case bot.BlockTitle:
		x.each(rich(false, run{b.Text, true}))
	case bot.BlockNote:
		if strings.TrimSpace(b.Text) != "" {
			x.add(size(b.Text), note(b.Text))
		}
	case bot.BlockFigure:
		x.figure(b)
	case bot.BlockQuote:
		if b.Quote != nil {
			x.quote(b.Quote, compact)
		}
	case bot.BlockList:
		x.list(b.Items)
	}
}

// figure leads with the value; below it what it is of.
func (x *renderer) figure(b bot.Block) {
	f := b.Figure
	if f == nil || strings.TrimSpace(b.Said) == "" {
		return
	}
	var of []string
	for _, s := range []string{f.Indicator, f.Period, b.Text} {
		if s != "" {
			of = append(of, s)
		}
	}
	blocks := []slack.Block{header(b.Said)}
	if len(of) > 0 {
		blocks = append(blocks, note(strings.Join(of, " · ")))
	}
	x.add(size(b.Said)+size(strings.Join(of, " · ")), blocks...)
}

func (x *renderer) quote(q *bot.Quote, compact bool) {
	body := rich(true, marked(q.Text, q.Marks)...)
	for len(body) > 1 { // a paragraph longer than a block
		x.add(weight(body[0]), body[0])
		body = body[1:]
	}
	blocks := append(body, cite(q))
	if !compact {
		blocks = append(blocks, actions(&x.ids, q.Buttons)...)
	}
	n := 0
	for _, b := range blocks {
		n += weight(b)
	}
	x.add(n, blocks...)
}

// list shows items that only are buttons as buttons, and others each on a
// line.
func (x *renderer) list(items []bot.Item) {
	var bare []bot.Button
	flush := func() {
		x.each(actions(&x.ids, bare))
		bare = nil
	}
	for _, i := range items {
		if i.Button != nil && i.URL == "" && i.Note == "" {
			b := *i.Button
			b.Label = i.Text
			bare = append(bare, b)
			continue
		}
		flush()
		line := link(i.URL, i.Text, MaxSection/2)
		if i.Note != "" {
			line += "  ·  " + fitEscaped(i.Note, MaxSection/4)
		}
		if strings.TrimSpace(line) == "" {
			line = "…"
		}
		s := slack.NewSectionBlock(&slack.TextBlockObject{Type: slack.MarkdownType, Text: line, Verbatim: true}, nil, nil)
		if i.Button != nil {
			b := *i.Button
			b.Label = x.lang.Say(text.SlackChoose)
			s.Accessory = slack.NewAccessory(button(&x.ids, b))
		}
		x.add(size(line), s)
	}
	flush()
}

// buttons adds the buttons of the whole reply, and what can be asked next.
func (x *renderer) buttons(r bot.Reply, s Style) {
	var row []slack.BlockElement
	if s.Share && r.Code != "" && (r.Kind == bot.KindAnswer || r.Kind == bot.KindRefusal) {
		b := slack.NewButtonBlockElement(x.ids.next(ActionShare), ShareValue(r.Code, s.Question), plain(r.Lang.Say(text.SlackShare), MaxButton))
		row = append(row, b.WithStyle(slack.StylePrimary))
	}
	for _, b := range r.Buttons {
		row = append(row, button(&x.ids, b))
	}
	x.each(rows(row))
	if len(r.Suggestions) > 0 {
		title := note(r.Lang.Say(text.RelatedTitle))
		rows := actions(&x.ids, r.Suggestions)
		x.add(weight(rows[0])+10, title, rows[0])
		x.each(rows[1:])
	}
}

// weight is about how much of a message's room a block takes.
func weight(b slack.Block) int {
	raw, err := json.Marshal(b)
	if err != nil {
		return MaxMessage
	}
	return len(raw) / 3
}

// pack fills messages with groups.
func (x *renderer) pack(fallback string) []Message {
	out := []Message{{Text: fallback}}
	room := MaxMessage
	for _, g := range x.groups {
		m := &out[len(out)-1]
		if len(m.Blocks) > 0 && (len(m.Blocks)+len(g.blocks) > MaxBlocks-2 || g.size > room) {
			m.Blocks = append(m.Blocks, note(x.lang.Say(text.SlackNext)))
			out = append(out, Message{Text: x.lang.Say(text.SlackContinued), Blocks: []slack.Block{note(x.lang.Say(text.SlackContinued))}})
			m, room = &out[len(out)-1], MaxMessage
		}
		m.Blocks = append(m.Blocks, g.blocks...)
		room -= g.size
	}
	return out
}

// Fallback returns a reply as escaped text.
func Fallback(r bot.Reply, s Style) string {
	lines := append([]string(nil), s.Above...)
	for _, b := range r.Blocks {
		switch {
		case b.Kind == bot.BlockFigure && b.Figure != nil:
			lines = append(lines, strings.TrimSpace(b.Figure.Indicator+" "+b.Said))
		case b.Kind == bot.BlockQuote && b.Quote != nil:
			lines = append(lines, "“"+b.Quote.Text+"”", b.Quote.Citation.Label)
		case b.Kind == bot.BlockList:
			for _, i := range b.Items {
				lines = append(lines, i.Text)
			}
		case b.Text != "":
			lines = append(lines, b.Text)
		}
	}
	out := strings.TrimSpace(fitEscaped(strings.Join(lines, "\n"), MaxText))
	if out == "" {
		return "…"
	}
	return out
}

// ShareValue is what a share button carries.
func ShareValue(code, question string) string {
	return token.Token{Verb: token.Open, Name: code}.String() + "\n" + fit(question, MaxValue-token.Max-1)
}

// ParseShare reads what a share button carries.
func ParseShare(value string) (tok, question string) {
	tok, question, _ = strings.Cut(value, "\n")
	return tok, question
}
