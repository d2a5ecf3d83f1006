package markup

import (
	"fmt"
	"net/url"
	"slices"
	"unicode/utf8"

	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/telegram/update"
	"wenbao/bot/token"
)

// Limits of keyboards: Telegram's, and what can still be read on a phone.
const (
	mostButtons = 100
	mostInRow   = 8
	longLabel   = 40 // runes
	inRow       = 4
	shortLabels = 24 // runes of a row of several buttons
)

// A Key is a button in the API's terms.
type Key struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

// A Keyboard is rows of buttons.
type Keyboard [][]Key

// builder adds buttons, each token once.
type builder struct {
	rows  Keyboard
	seen  map[string]bool
	count int
	opts  Options
}

// keyboard returns the buttons of a reply: those of each quote, of the list,
// of the whole, and the suggestions.
func keyboard(r bot.Reply, o Options) Keyboard {
	b := builder{seen: map[string]bool{}, opts: o}
	numbered := quotes(r) > 1
	for _, block := range r.Blocks {
		if block.Quote != nil {
			b.quote(*block.Quote, numbered)
		}
		b.items(block.Items)
	}
	b.row(b.keys(r.Buttons, ""))
	if o.Group && r.Code != "" && (r.Kind == bot.KindAnswer || r.Kind == bot.KindRefusal) && o.Username != "" {
		b.row([]Key{{Text: r.Lang.Say(text.ButtonPrivately), URL: DeepLink(o.Username, r.Code)}})
	}
	for _, s := range r.Suggestions {
		b.row(b.keys([]bot.Button{s}, ""))
	}
	return b.rows
}

// DeepLink opens a private chat with the bot that begins with /start payload.
func DeepLink(username, payload string) string {
	return "https://t.me/" + url.PathEscape(username) + "?start=" + url.QueryEscape(payload)
}

func quotes(r bot.Reply) int {
	n := 0
	for _, b := range r.Blocks {
		if b.Quote != nil {
			n++
		}
	}
	return n
}

func (b *builder) quote(q bot.Quote, numbered bool) {
	prefix := ""
	if numbered && q.Number > 0 {
		prefix = fmt.Sprintf("[%d] ", q.Number)
	}
	var own, terms []bot.Button
	for _, k := range q.Buttons {
		if k.Verb == token.Term {
			terms = append(terms, k)
		} else {
			own = append(own, k)
		}
	}
	b.row(b.keys(own, prefix))
	b.row(b.keys(terms, ""))
}

func (b *builder) items(items []bot.Item) {
	var buttons []bot.Button
	for _, i := range items {
		if i.Button != nil {
			buttons = append(buttons, *i.Button)
		}
	}
	b.row(b.keys(buttons, ""))
}

// keys makes keys of buttons, without those that are there already.
func (b *builder) keys(buttons []bot.Button, prefix string) []Key {
	var out []Key
	for _, k := range buttons {
		label := shorten(prefix+Clean(k.Label), longLabel)
		if b.seen[k.Token] || k.Token == "" || len(k.Token) > token.Max || label == "" {
			continue
		}
		b.seen[k.Token] = true
		out = append(out, Key{Text: label, Data: b.data(k)})
	}
	return out
}

// data is the token of a button, in a group for its owner alone: but
// everybody may vote.
func (b *builder) data(k bot.Button) string {
	if !b.opts.Group || k.Verb == token.Up || k.Verb == token.Down {
		return k.Token
	}
	return update.Seal(k.Token, b.opts.Owner)
}

// row adds keys, in as many rows as their labels need.
func (b *builder) row(keys []Key) {
	keys = slices.Clone(keys[:min(len(keys), mostButtons-b.count)])
	b.count += len(keys)
	for len(keys) > 0 {
		n, width := 1, utf8.RuneCountInString(keys[0].Text)
		for n < min(len(keys), inRow, mostInRow) {
			width += utf8.RuneCountInString(keys[n].Text)
			if width > shortLabels {
				break
			}
			n++
		}
		b.rows = append(b.rows, keys[:n:n])
		keys = keys[n:]
	}
}

// shorten cuts s to n runes, the last of them an ellipsis.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
