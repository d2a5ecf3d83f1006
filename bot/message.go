package bot

import (
	"encoding/json"
	"net/url"
	"strings"

	"wenbao/bot/session"
	"wenbao/bot/token"
)

// An Address is a place where one person talks with the bot. Two messages
// belong to one conversation exactly when their Addresses are equal.
type Address struct {
	Platform  string `json:"platform"`            // slack, telegram, web, terminal
	Workspace string `json:"workspace,omitempty"` // Slack team or enterprise; "" where there is none
	Chat      string `json:"chat,omitempty"`      // channel, chat; "" on the page, which has none
	Thread    string `json:"thread,omitempty"`    // thread root or forum topic; for a message that will start a thread, its own id
	User      string `json:"user,omitempty"`
}

// join makes one string of parts such that different parts never make the
// same string.
func join(parts ...string) string {
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}

// Conversation is the key of the session.
func (a Address) Conversation() string {
	return join(a.Platform, a.Workspace, a.Chat, a.Thread, a.User)
}

// Person is the asker wherever in a workspace they ask; what is stored about
// someone is owned by it.
func (a Address) Person() string { return join(a.Platform, a.Workspace, a.User) }

// Team is everybody who shares a workspace; where a platform has none, a chat.
func (a Address) Team() string {
	if a.Workspace == "" {
		return join(a.Platform, "", a.Chat)
	}
	return join(a.Platform, a.Workspace)
}

// Place is the chat.
func (a Address) Place() string { return join(a.Platform, a.Workspace, a.Chat) }

// A Message is what somebody wrote. An adapter decodes it and decides
// nothing: it strips its own mention, tells whether the bot was addressed,
// and leaves commands and questions in Text.
type Message struct {
	Address
	// ID is the message's id in its chat (Slack ts, Telegram message_id),
	// or the event's where there is none (slash command, inline query).
	// All notifications of one message have the same ID; it is never the id
	// of a thread's root unless the message is that root.
	ID string `json:"id"`
	// Edit is "" for the message as first sent and otherwise names the
	// version after an edit (edit timestamp).
	Edit string `json:"edit,omitempty"`
	Text string `json:"text"`
	// Command says that the platform delivered Text as a command ("/ask"
	// text arrives without the command's name and with Command false).
	Command bool `json:"command,omitempty"`
	// Addressed says that the message is meant for the bot: a private chat,
	// a mention, a command, a reply to it. Others are read only as
	// follow-ups (see Handler.Wants).
	Addressed bool `json:"addressed,omitempty"`
	// NamesOthers says that the message mentions somebody else.
	NamesOthers bool `json:"names_others,omitempty"`
	// Whisper says that a reply can be shown to this person alone.
	Whisper bool   `json:"whisper,omitempty"`
	Locale  string `json:"locale,omitempty"` // of the person's client, e.g. en-US
	Report  string `json:"report,omitempty"` // id of the report to keep to, over the session's
	Top     int    `json:"top,omitempty"`    // most excerpts, over the session's
	// MaxQuote is the longest quote in runes, over the operator's; 0: theirs.
	MaxQuote int `json:"max_quote,omitempty"`
	// Carried is the session of a caller that carries its own (a page in its
	// links, an API's client): it is used in the place of the stored one, and
	// comes back changed in Reply.Carried. nil: the session is stored.
	Carried *session.Session `json:"-"`
	// Confirm says that the words alone may be somebody else's (a link): what
	// erases is done after a press of a button only.
	Confirm bool `json:"-"`
	// Unlimited says that limits do not hold for this one (the machine that
	// the program runs on).
	Unlimited bool `json:"-"`
	// Fleeting says that the question is not part of a conversation (an
	// inline query being typed): no session, nothing counted or kept.
	Fleeting bool `json:"fleeting,omitempty"`
	// Return is what the adapter needs to reply (response_url, reply
	// markers); kept until delivered, at most MaxReturn bytes, never logged.
	Return json.RawMessage `json:"return,omitempty"`
}

// An Action is a press of a button of a Reply, or the text entered after it.
type Action struct {
	Address        // of the person who pressed, in the chat and thread of the reply
	ID      string `json:"id"`    // of the press (callback query id)
	Token   string `json:"token"` // of the Button
	// Input is what the person typed where the button asked for words.
	Input   string `json:"input,omitempty"`
	Posted  string `json:"posted,omitempty"` // the platform's id of the message that has the button
	Whisper bool   `json:"whisper,omitempty"`
	Locale  string `json:"locale,omitempty"`
	// Carried and Unlimited are as in Message.
	Carried   *session.Session `json:"-"`
	Unlimited bool             `json:"-"`
	// Return is as in Message.
	Return json.RawMessage `json:"return,omitempty"`
}

const (
	// MaxReturn is the most bytes an adapter may keep in Return.
	MaxReturn = 4 << 10
	// MaxText is the most bytes of a Text or Input that are kept; the rest
	// of a longer one is cut off, which leaves it too long for a question.
	MaxText = 8 << 10
)

// Cut returns e with texts of at most MaxText bytes; e is not changed.
func (e Event) Cut() Event {
	if m := e.Message; m != nil && len(m.Text) > MaxText {
		short := *m
		short.Text = strings.ToValidUTF8(m.Text[:MaxText], "")
		e.Message = &short
	}
	if a := e.Action; a != nil && len(a.Input)+len(a.Token) > MaxText {
		short := *a
		short.Input = strings.ToValidUTF8(a.Input[:min(len(a.Input), MaxText)], "")
		short.Token = a.Token[:min(len(a.Token), 2*token.Max)]
		e.Action = &short
	}
	return e
}

// An Event is one thing to be replied to: exactly one of Message, Action and
// Notice is set.
type Event struct {
	Message *Message `json:"message,omitempty"`
	Action  *Action  `json:"action,omitempty"`
	Notice  *Notice  `json:"notice,omitempty"`
	// Request is the id of the request that brought it, Trace the trace that
	// the request began, as W3C's traceparent; a Desk sets both.
	Request string `json:"request,omitempty"`
	Trace   string `json:"trace,omitempty"`
}

// A Notice is told without being asked: somebody waits for an answer and
// there is one now.
type Notice struct {
	Address
	ID     string `json:"id"`               // of the watch
	Posted string `json:"posted,omitempty"` // the platform's id of the earlier refusal
}

// Address returns where the event happened.
func (e Event) Address() Address {
	switch {
	case e.Message != nil:
		return e.Message.Address
	case e.Action != nil:
		return e.Action.Address
	case e.Notice != nil:
		return e.Notice.Address
	}
	return Address{}
}

// Key identifies the event across retries, restarts and replicas. An edit is
// an event of its own.
func (e Event) Key() string {
	switch {
	case e.Message != nil && e.Message.Edit != "":
		return join(e.Message.Platform, e.Message.Workspace, e.Message.Chat, "e", e.Message.ID, e.Message.Edit)
	case e.Message != nil:
		return join(e.Message.Platform, e.Message.Workspace, e.Message.Chat, "m", e.Message.ID)
	case e.Action != nil:
		return join(e.Action.Platform, e.Action.Workspace, e.Action.Chat, "a", e.Action.ID)
	case e.Notice != nil:
		return join(e.Notice.Platform, e.Notice.Workspace, e.Notice.Chat, "n", e.Notice.ID)
	}
	return ""
}

// Original is, for an edited message, the key of the message as first sent,
// else "".
func (e Event) Original() string {
	if e.Message == nil || e.Message.Edit == "" {
		return ""
	}
	first := *e.Message
	first.Edit = ""
	return Event{Message: &first}.Key()
}

// Return is what the adapter kept with the event.
func (e Event) Return() json.RawMessage {
	switch {
	case e.Message != nil:
		return e.Message.Return
	case e.Action != nil:
		return e.Action.Return
	}
	return nil
}
