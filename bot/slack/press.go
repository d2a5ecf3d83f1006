package slack

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"wenbao/bot"
	"wenbao/bot/compose"
	"wenbao/bot/slack/blocks"
	"wenbao/bot/slack/wire"
	"wenbao/bot/store"
	"wenbao/bot/token"
)

// ephemeralID marks, in an Action's Posted, a message that Slack shows to one
// person and that can be replaced only through its response_url.
const ephemeralID = "e:"

// A place is where a form was opened from; it travels in the form.
type place struct {
	Chat      string `json:"c,omitempty"`
	Thread    string `json:"t,omitempty"`
	Posted    string `json:"p,omitempty"`
	Token     string `json:"k,omitempty"`
	URL       string `json:"u,omitempty"`
	At        int64  `json:"a,omitempty"`
	Ephemeral bool   `json:"e,omitempty"`
}

func (p place) encode() string {
	raw, err := json.Marshal(p)
	if err != nil || len(raw) > blocks.MaxMetadata {
		return "{}"
	}
	return string(raw)
}

// press takes the n-th press of an interaction.
func (a *App) press(ctx context.Context, i wire.Interaction, p wire.Press, n int) error {
	kind, _, _ := strings.Cut(p.ActionID, ":")
	b := back{URL: a.webhooks.allowed(i.ResponseURL), At: a.Now().Unix(), Ephemeral: i.Container.Ephemeral}
	act := bot.Action{Address: address(i), ID: pressID(i, p, n), Token: p.Value, Whisper: true}
	act.Posted = i.Container.TS
	if i.Container.Ephemeral {
		act.Posted = ephemeralID + act.Posted
	}
	switch kind {
	case blocks.ActionPress:
	case blocks.ActionShare:
		b.Sharing = true
		act.Token, b.Question = blocks.ParseShare(p.Value)
	case blocks.ActionReason:
		b.Form = a.openReason(ctx, i, act, b)
	case blocks.ActionCompose:
		a.openAsk(ctx, i, "", place{})
		return nil
	default:
		return nil // not one of ours
	}
	if act.Chat == "" { // pressed in the home
		act.Chat = a.room(ctx, act.Address)
		act.Thread, act.Posted = "", ""
	}
	act.Return = b.encode()
	return a.receive(ctx, bot.Event{Action: &act})
}

// pressID tells presses apart: Slack's trigger is new for each.
func pressID(i wire.Interaction, p wire.Press, n int) string {
	if i.Trigger != "" {
		return i.Trigger + "." + strconv.Itoa(n)
	}
	return strings.Join([]string{i.User, i.Container.TS, p.ActionID, p.TS}, ".")
}

// openReason opens the form that asks what was wrong; false where Slack would
// not.
func (a *App) openReason(ctx context.Context, i wire.Interaction, act bot.Action, b back) bool {
	t, err := token.Parse(act.Token)
	if err != nil || t.Verb != token.Down {
		return false
	}
	at := place{Chat: act.Chat, Thread: act.Thread, Posted: act.Posted, Token: act.Token, URL: b.URL, At: b.At, Ephemeral: b.Ephemeral}
	lang := a.Settings.Lang
	return a.open(ctx, i, blocks.ReasonForm(lang, compose.Down(lang, t.Name).Buttons, at.encode()))
}

func (a *App) openAsk(ctx context.Context, i wire.Interaction, words string, at place) bool {
	return a.open(ctx, i, blocks.AskForm(a.Settings.Lang, words, at.encode()))
}

// opening is how long opening a form may take: within Slack's 3 s, with time
// left to receive.
const opening = 1500 * time.Millisecond

func (a *App) open(ctx context.Context, i wire.Interaction, view slack.ModalViewRequest) bool {
	ctx, cancel := context.WithTimeout(ctx, opening)
	defer cancel()
	t, err := a.token(ctx, i.Workspace())
	if err == nil {
		_, err = a.calls.client(t).OpenViewContext(ctx, i.Trigger, view)
		err = a.calls.judge("views.open", i.Workspace(), i.User, err)
	}
	if err != nil {
		a.Log.WarnContext(ctx, "slack form was not opened", "error", a.Redactor.Error(err))
	}
	return err == nil
}

// submit takes a form.
func (a *App) submit(ctx context.Context, i wire.Interaction) error {
	var at place
	if json.Unmarshal([]byte(i.View.Metadata), &at) != nil {
		return nil
	}
	words := i.View.Values[blocks.BlockWords][blocks.InputID]
	id := "view." + i.View.ID
	switch i.View.Callback {
	case blocks.FormAsk:
		if strings.TrimSpace(words) == "" {
			return nil
		}
		return a.ask(ctx, i, words, id, at)
	case blocks.FormReason:
		chosen := i.View.Values[blocks.BlockReason][blocks.InputID]
		if chosen == "" && strings.TrimSpace(words) == "" {
			return nil // the vote itself is kept already
		}
		if chosen == "" {
			chosen = at.Token
		}
		to := address(i)
		to.Chat, to.Thread = at.Chat, at.Thread
		return a.receive(ctx, bot.Event{Action: &bot.Action{Address: to, ID: id, Token: chosen, Input: words, Posted: at.Posted, Whisper: true,
			Return: back{URL: a.webhooks.allowed(at.URL), At: at.At, Ephemeral: at.Ephemeral}.encode()}})
	}
	return nil
}

// room returns the channel of direct messages with a person, or the person,
// to whom Slack also delivers.
func (a *App) room(ctx context.Context, to bot.Address) string {
	if id, found, err := a.rooms.Get(ctx, to.Person()); err == nil && found {
		return string(id)
	}
	ctx, cancel := context.WithTimeout(ctx, opening)
	defer cancel()
	t, err := a.token(ctx, to.Workspace)
	if err == nil {
		var c *slack.Channel
		c, _, _, err = a.calls.client(t).OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{to.User}})
		if err = a.calls.judge("conversations.open", to.Workspace, to.User, err); err == nil && c.ID != "" {
			if err := a.rooms.Put(ctx, store.Item{Key: to.Person(), Value: []byte(c.ID)}); err != nil {
				a.Log.DebugContext(ctx, "direct message was not kept", "error", err)
			}
			return c.ID
		}
	}
	a.Log.WarnContext(ctx, "slack direct message was not opened", "error", a.Redactor.Error(err))
	return to.User
}
