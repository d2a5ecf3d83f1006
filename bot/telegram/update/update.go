// Package update reads what Telegram sends, whatever it is, and says what it
// means to the bot.
package update

import (
	"encoding/json"
	"regexp"
	"strconv"

	"wenbao/bot"
)

// Platform is the name of Telegram in addresses.
const Platform = "telegram"

// A Kind says what an update means to the bot.
type Kind string

const (
	Ignored  Kind = "ignored"  // not for the bot
	Unknown  Kind = "unknown"  // of a kind that is not asked for
	Broken   Kind = "broken"   // not an update
	Message  Kind = "message"  // Event is to be answered
	Edited   Kind = "edited"   // likewise, by editing the answer
	Callback Kind = "callback" // likewise; the press is to be acknowledged in any case
	Inline   Kind = "inline"   // Query is to be answered
	Chosen   Kind = "chosen"   // an inline result was sent
)

// Kinds are all of them.
func Kinds() []Kind {
	return []Kind{Ignored, Unknown, Broken, Message, Edited, Callback, Inline, Chosen}
}

// Wanted are the updates to ask Telegram for.
func Wanted() []string {
	return []string{"message", "edited_message", "callback_query", "inline_query", "chosen_inline_result"}
}

// An Update is what one update means.
type Update struct {
	ID    int64
	Kind  Kind
	Event bot.Event // of Message, Edited and Callback
	Press Press     // of Callback
	Query Query     // of Inline
}

// A Press is what a callback query has beside the event.
type Press struct {
	ID string
	// Owner is the user that the button is for, "" for everybody.
	Owner string
	// Homeless says that the button is not at a message in a chat: there is
	// no Event, only the press to acknowledge.
	Homeless bool
}

// A Query is an inline query.
type Query struct {
	ID, User, Text, Locale string
	Offset                 int
}

// Me is who the bot is.
type Me struct {
	ID       int64
	Username string
}

var idPattern = regexp.MustCompile(`"update_id"\s*:\s*"?(\d{1,18})\b`)

// IDIn finds the first update's id in bytes that cannot be read as updates.
func IDIn(b []byte) (int64, bool) {
	m := idPattern.FindSubmatch(b)
	if m == nil {
		return 0, false
	}
	id, err := strconv.ParseInt(string(m[1]), 10, 64)
	return id, err == nil
}

// Read reads an update. It never fails: what cannot be read is Broken, and
// still has its ID where one can be found.
func Read(raw json.RawMessage, me Me) Update {
	o := parse(raw)
	u := Update{ID: o.int("update_id"), Kind: Broken}
	if u.ID <= 0 {
		u.ID, _ = IDIn(raw)
	}
	if o == nil || u.ID <= 0 {
		return u
	}
	switch {
	case o.has("message"):
		u.message(o.object("message"), me, false)
	case o.has("edited_message"):
		u.message(o.object("edited_message"), me, true)
	case o.has("callback_query"):
		u.callback(o.object("callback_query"))
	case o.has("inline_query"):
		u.inline(o.object("inline_query"))
	case o.has("chosen_inline_result"):
		u.Kind = Chosen
	default:
		u.Kind = Unknown
	}
	return u
}

func (u *Update) inline(q object) {
	from := q.object("from")
	u.Query = Query{ID: q.string("id"), User: id(from.int("id")), Text: q.string("query"), Locale: from.string("language_code")}
	u.Query.Offset, _ = strconv.Atoi(q.string("offset"))
	u.Query.Offset = max(0, u.Query.Offset)
	u.Kind = Inline
	if u.Query.ID == "" || u.Query.User == "" || from.bool("is_bot") {
		u.Kind = Broken
	}
}

// callback reads the press of a button. Telegram sends a message with it, or,
// where that is too old, its place alone; a button of an inline result has
// neither.
func (u *Update) callback(q object) {
	from, m := q.object("from"), q.object("message")
	chat := m.object("chat")
	u.Press.ID = q.string("id")
	u.Kind = Callback
	if u.Press.ID == "" || from.int("id") == 0 {
		u.Kind = Broken
		return
	}
	if chat.int("id") == 0 || m.int("message_id") == 0 || chat.string("type") == "channel" {
		u.Press.Homeless = true
		return
	}
	data, owner := Open(q.string("data"))
	u.Press.Owner = owner
	u.Event = bot.Event{Action: &bot.Action{
		Address: bot.Address{Platform: Platform, Chat: id(chat.int("id")), Thread: topic(m), User: id(from.int("id"))},
		ID:      u.Press.ID, Token: data, Posted: id(m.int("message_id")),
		Whisper: chat.int("id") > 0, Locale: from.string("language_code")}}
}

func id(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// topic returns the forum topic of a message. Elsewhere message_thread_id is
// a thread of replies, to which nothing can be sent.
func topic(m object) string {
	if !m.bool("is_topic_message") {
		return ""
	}
	return id(m.int("message_thread_id"))
}
