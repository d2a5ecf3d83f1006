package bot

import (
	"context"
	"time"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot/session"
	"wenbao/bot/token"
)

// Kind says what a reply is, for adapters that show kinds differently and for
// metrics.
type Kind string

const (
	KindSilent  Kind = "silent"  // nothing is to be sent
	KindAnswer  Kind = "answer"  // excerpts that answer
	KindRefusal Kind = "refusal" // no answer; excerpts, if any, are the nearest passages
	KindTalk    Kind = "talk"    // greeting, thanks, …
	KindHelp    Kind = "help"
	KindList    Kind = "list"    // terms, reports, questions
	KindPassage Kind = "passage" // a paragraph, a glossary entry, more excerpts
	KindVerify  Kind = "verify"
	KindNotice  Kind = "notice" // a short text: done, unknown, expired
	KindLimited Kind = "limited"
	KindBusy    Kind = "busy"
	KindFailed  Kind = "failed"
)

// A Reply is what the bot says: blocks from top to bottom, then buttons, then
// suggestions. The zero Reply's Kind is not KindSilent: test Silent.
type Reply struct {
	Kind   Kind      `json:"kind"`
	Lang   text.Lang `json:"lang"`
	Code   string    `json:"code,omitempty"` // of the answer that this is or belongs to
	Blocks []Block   `json:"blocks,omitempty"`
	// Buttons concern the whole reply; those of one quote are at the quote.
	Buttons []Button `json:"buttons,omitempty"`
	// Suggestions are questions to ask next, one press each.
	Suggestions []Button `json:"suggestions,omitempty"`
	// Replaces is the platform's id of a posted message that this takes the
	// place of; "" posts anew. Where the platform cannot edit, it posts.
	Replaces string `json:"replaces,omitempty"`
	// Private asks that only the one who wrote or pressed sees it, where the
	// platform can do that.
	Private bool `json:"private,omitempty"`
	// Toast says that it is short and may be shown as a passing hint
	// (Telegram's callback answer) instead of a message; it has one text
	// block. A toast with Buttons is better posted.
	Toast bool `json:"toast,omitempty"`
	// Answer is what the reply was made from, for callers in this process
	// (the API); it does not survive the inbox.
	Answer *answers.Answer `json:"-"`
	// Carried is what became of Message.Carried, nil where that was.
	Carried *session.Session `json:"-"`
	// Wait is, in a reply of KindLimited, how long to wait before asking again.
	Wait time.Duration `json:"-"`
}

// Silent reports whether nothing is to be sent.
func (r Reply) Silent() bool { return r.Kind == KindSilent || r.Kind == "" }

// BlockKind says which fields of a Block count.
type BlockKind string

const (
	BlockText   BlockKind = "text"   // Text: a paragraph; may hold line breaks
	BlockTitle  BlockKind = "title"  // Text: a short line above what follows
	BlockFigure BlockKind = "figure" // Figure; Said; Text, its kind in words
	BlockQuote  BlockKind = "quote"  // Quote
	BlockList   BlockKind = "list"   // Items
	BlockNote   BlockKind = "note"   // Text: small print
)

// A Block is one part of a reply. All text in it is plain: escaping is the
// renderer's.
type Block struct {
	Kind   BlockKind       `json:"kind"`
	Text   string          `json:"text,omitempty"`
	Figure *answers.Figure `json:"figure,omitempty"`
	Said   string          `json:"said,omitempty"` // what is shown of Figure, as the report says it
	Quote  *Quote          `json:"quote,omitempty"`
	Items  []Item          `json:"items,omitempty"`
}

// A Quote is a verbatim span of a report with its place.
type Quote struct {
	Number   int              `json:"number,omitempty"` // from 1 within the answer; 0 where not counted
	Text     string           `json:"text"`             // verbatim
	Marks    []answers.Mark   `json:"marks,omitempty"`  // to be emphasised: byte offsets into Text, in order, disjoint
	Citation answers.Citation `json:"citation"`
	// Note is one line about the quote (verify's verdict).
	Note    string   `json:"note,omitempty"`
	Buttons []Button `json:"buttons,omitempty"`
}

// An Item is a line of a list.
type Item struct {
	Text   string  `json:"text"`
	Note   string  `json:"note,omitempty"`
	URL    string  `json:"url,omitempty"`
	Button *Button `json:"button,omitempty"` // what pressing the line does
}

// A Button is something to press. Its Token comes back in an Action.
type Button struct {
	Verb  token.Verb `json:"verb"`
	Label string     `json:"label"` // plain, short
	Token string     `json:"token"` // at most token.Max bytes of ASCII; stable for one reply
	// Asks says that free text may accompany the press (a reason): a
	// platform with forms offers a field and sends it as Action.Input.
	Asks bool `json:"asks,omitempty"`
}

// Plain returns the texts of a reply's text, title and note blocks, for
// toasts and fallbacks.
func (r Reply) Plain() string {
	out := ""
	for _, b := range r.Blocks {
		if b.Text == "" {
			continue
		}
		if out != "" {
			out += "\n"
		}
		out += b.Text
	}
	return out
}

// A Handler is the conversation. Its replies are always fit to be shown: an
// error is for the log, except that nothing is to be shown when the context
// is done.
type Handler interface {
	Handle(ctx context.Context, m Message) (Reply, error)
	Act(ctx context.Context, a Action) (Reply, error)
	// Wants reports whether m is for the bot; what it does not want is
	// neither kept nor handled.
	Wants(ctx context.Context, m Message) bool
}
