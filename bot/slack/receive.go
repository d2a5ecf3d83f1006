package slack

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/delivery"
	"wenbao/bot/slack/wire"
)

// patience is how long receiving may take: Slack waits 3 s for an
// acknowledgement.
const patience = 2 * time.Second

// back is what is needed to reply; it travels with the event.
type back struct {
	URL       string `json:"url,omitempty"` // response_url
	At        int64  `json:"at,omitempty"`  // when it was given, in seconds
	Ephemeral bool   `json:"eph,omitempty"` // only the person is to see the reply
	Sharing   bool   `json:"share,omitempty"`
	Question  string `json:"q,omitempty"` // that is being shared
	Form      bool   `json:"form,omitempty"`
}

func (b back) encode() json.RawMessage {
	raw, err := json.Marshal(b)
	if err != nil || len(raw) > bot.MaxReturn {
		b.Question = ""
		raw, _ = json.Marshal(b) // of strings and numbers
	}
	if len(raw) > bot.MaxReturn {
		return nil
	}
	return raw
}

func decodeBack(raw json.RawMessage) back {
	var b back
	if len(raw) == 0 || json.Unmarshal(raw, &b) != nil {
		return back{}
	}
	return b
}

// An ack is what is told Slack at once.
type ack struct {
	body  any  // nil: nothing
	again bool // Slack should deliver it again
	// refused: it is not what Slack sends.
	refused bool
}

// told is a short text for the one who asked.
func told(lang text.Lang, k text.Key) ack {
	return ack{body: map[string]string{"response_type": "ephemeral", "text": lang.Say(k)}}
}

// command takes a slash command.
func (a *App) command(ctx context.Context, c wire.Command) ack {
	m := bot.Message{Address: bot.Address{Platform: Platform, Workspace: c.Workspace(), Chat: c.Channel, User: c.User},
		ID: c.Trigger, Text: wire.Read(c.Text, a.botUser(ctx, c.Workspace())).Text, Addressed: true, Whisper: true,
		Return: back{URL: a.webhooks.allowed(c.ResponseURL), At: a.Now().Unix(), Ephemeral: true}.encode()}
	switch err := a.receive(ctx, bot.Event{Message: &m}); {
	case errors.Is(err, delivery.ErrBusy):
		return told(a.Settings.Lang, text.Busy)
	case err != nil:
		return told(a.Settings.Lang, text.Failed)
	}
	return ack{}
}

// receive hands an event to the Desk.
func (a *App) receive(ctx context.Context, e bot.Event) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := a.desk.Receive(ctx, e)
	if err != nil && !errors.Is(err, delivery.ErrBusy) {
		a.Log.ErrorContext(ctx, "slack event was not received", "error", a.Redactor.Error(err))
	}
	return err
}

// event takes what the Events API delivers.
func (a *App) event(ctx context.Context, e wire.Envelope) ack {
	if e.Bot != "" {
		a.know(e.Workspace(), e.Bot)
	}
	var err error
	switch v := e.Event; v.Type {
	case "app_mention", "message":
		if m, ok := a.message(ctx, e); ok {
			err = a.receive(ctx, bot.Event{Message: &m})
		}
	case "app_home_opened":
		if v.Tab == "" || v.Tab == "home" {
			a.later(ctx, func(ctx context.Context) { a.publish(ctx, e.Workspace(), v.User) })
		}
	case "app_uninstalled":
		err = a.gone(ctx, e.Workspace())
	case "tokens_revoked":
		if len(v.RevokedBots) > 0 {
			err = a.gone(ctx, e.Workspace())
		}
	}
	return ack{again: err != nil}
}

// message makes a message of an event; false where it is not somebody's
// question.
func (a *App) message(ctx context.Context, e wire.Envelope) (bot.Message, bool) {
	v := e.Event
	edit := ""
	switch v.Subtype {
	case "", "thread_broadcast", "file_share":
	case "message_changed":
		// Unfurled links change a message too, without an edit.
		if v.Message == nil || v.Message.Edited == nil || v.Previous != nil && v.Previous.Text == v.Message.Text {
			return bot.Message{}, false
		}
		m := v.Message
		if m.Subtype != "" && m.Subtype != "thread_broadcast" && m.Subtype != "file_share" {
			return bot.Message{}, false
		}
		edit = m.Edited.TS
		v.User, v.BotID, v.Text, v.TS, v.ThreadTS = m.User, m.BotID, m.Text, m.TS, m.ThreadTS
	default:
		return bot.Message{}, false
	}
	self := a.botUser(ctx, e.Workspace())
	if v.BotID != "" || v.User == "" || v.User == self || v.User == "USLACKBOT" || v.Channel == "" || v.TS == "" {
		return bot.Message{}, false
	}
	mention := v.Type == "app_mention"
	if self == "" && mention {
		self = firstMention(v.Text)
	}
	w := wire.Read(v.Text, self)
	direct := v.ChannelType == "im" || v.ChannelType == "" && strings.HasPrefix(v.Channel, "D")
	m := bot.Message{Address: bot.Address{Platform: Platform, Workspace: e.Workspace(), Chat: v.Channel, Thread: v.ThreadTS, User: v.User},
		ID: v.TS, Edit: edit, Text: w.Text, Addressed: direct || mention || w.Mentioned, NamesOthers: w.Others, Whisper: true}
	if !direct && m.Thread == "" {
		m.Thread = v.TS // an answer starts a thread
	}
	followsUp := a.Settings.FollowUps && v.ThreadTS != ""
	if !m.Addressed && !followsUp && edit == "" {
		return m, false
	}
	return m, true
}

// firstMention returns the user whom a text mentions first.
func firstMention(s string) string {
	_, rest, found := strings.Cut(s, "<@")
	if !found {
		return ""
	}
	id, _, _ := strings.Cut(rest, ">")
	id, _, _ = strings.Cut(id, "|")
	return id
}

// interaction takes presses, forms and shortcuts.
func (a *App) interaction(ctx context.Context, i wire.Interaction) ack {
	var err error
	switch i.Type {
	case "block_actions":
		for n, p := range i.Presses {
			if e := a.press(ctx, i, p, n); e != nil {
				err = e
			}
		}
	case "view_submission":
		err = a.submit(ctx, i)
	case "message_action":
		err = a.askAbout(ctx, i)
	case "shortcut":
		if !a.openAsk(ctx, i, "", place{}) {
			return ack{again: true}
		}
	}
	return ack{again: err != nil}
}

// address is where an interaction happened.
func address(i wire.Interaction) bot.Address {
	return bot.Address{Platform: Platform, Workspace: i.Workspace(), Chat: i.Channel, Thread: i.Container.ThreadTS, User: i.User}
}

// askAbout asks what a message says; one that is too long is shown to be
// shortened first.
func (a *App) askAbout(ctx context.Context, i wire.Interaction) error {
	words := wire.Read(i.Message.Text, a.botUser(ctx, i.Workspace())).Text
	at := place{Chat: i.Channel, Thread: i.Message.ThreadTS, URL: a.webhooks.allowed(i.ResponseURL), At: a.Now().Unix()}
	if words == "" || utf8.RuneCountInString(words) > answers.MaxQuestion {
		a.openAsk(ctx, i, words, at)
		return nil
	}
	return a.ask(ctx, i, words, i.Trigger, at)
}

// ask takes a question that nobody else sees the answer to. One without a
// channel is answered in a direct message.
func (a *App) ask(ctx context.Context, i wire.Interaction, words, id string, at place) error {
	to := address(i)
	to.Chat, to.Thread = at.Chat, at.Thread
	if to.Chat == "" {
		to.Chat = a.room(ctx, to)
	}
	return a.receive(ctx, bot.Event{Message: &bot.Message{Address: to, ID: id, Text: words, Addressed: true, Whisper: true,
		Return: back{URL: a.webhooks.allowed(at.URL), At: at.At, Ephemeral: at.Chat != ""}.encode()}})
}
