package slack

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"

	"github.com/slack-go/slack"

	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/delivery"
	"wenbao/bot/slack/blocks"
	"wenbao/retrieval/stage"
)

// A letter is one reply on its way.
type letter struct {
	event bot.Event
	reply bot.Reply
	back  back
	to    bot.Address
	api   *slack.Client
}

// Send posts a reply; see delivery.Sender. A reply that needs several
// messages goes on after a failure where it stopped.
func (a *App) Send(ctx context.Context, e bot.Event, r bot.Reply) (string, error) {
	l := &letter{event: e, reply: r, back: decodeBack(e.Return()), to: e.Address()}
	if l.back.Form && r.Toast {
		return "", nil // the form asks already
	}
	t, err := a.token(ctx, l.to.Workspace)
	if err != nil {
		return "", err
	}
	l.api = a.calls.client(t)
	posted, err := a.send(ctx, l)
	if err != nil {
		return "", err
	}
	if m := e.Message; m != nil && (r.Kind == bot.KindAnswer || r.Kind == bot.KindRefusal) {
		a.asked(ctx, m.Address, m.Text)
	}
	return posted, nil
}

func (a *App) send(ctx context.Context, l *letter) (string, error) {
	key := l.event.Key()
	messages := blocks.Render(l.reply, l.style())
	done := a.parts.of(key)
	for n := done.n; n < len(messages); n++ {
		ts, err := a.post(ctx, l, messages[n], n, done)
		if err != nil {
			if permanent(err) {
				a.parts.end(key)
			}
			return "", err
		}
		if n == 0 {
			done.first = ts
		}
		done.n = n + 1
		a.parts.put(key, done)
	}
	a.parts.end(key)
	if l.back.Sharing {
		a.tidy(ctx, l)
	}
	return done.first, nil
}

// style is what the reply looks like where it goes.
func (l *letter) style() blocks.Style {
	s := blocks.Style{Share: l.private() && !l.direct()}
	if l.event.Message != nil {
		s.Question = l.event.Message.Text
	}
	if l.back.Sharing {
		s.Share = false
		if l.back.Question != "" {
			s.Above = []string{l.reply.Lang.Say(text.SlackShared, text.Name(l.back.Question))}
		}
	}
	return s
}

// private reports whether only one person is to see the reply.
func (l *letter) private() bool {
	if l.back.Sharing {
		return false
	}
	return l.reply.Private || l.back.Ephemeral || l.event.Message != nil && l.back.URL != ""
}

// direct reports whether the chat is one with this person alone, in which
// nothing needs to be private.
func (l *letter) direct() bool {
	return (strings.HasPrefix(l.to.Chat, "D") || l.to.Chat == l.to.User) && l.back.URL == ""
}

// post posts the n-th message of a reply the best way there is.
func (a *App) post(ctx context.Context, l *letter, m blocks.Message, n int, done part) (string, error) {
	if n == 0 && l.reply.Replaces != "" {
		if ts, err := a.replace(ctx, l, m); !errors.Is(err, errCannotReplace) {
			return ts, err
		}
	}
	if done.astray && n > 0 {
		return a.direct(ctx, l, m)
	}
	if done.astray {
		return a.astray(ctx, l, m)
	}
	if notice := l.event.Notice; notice != nil && strings.HasPrefix(notice.Posted, ephemeralID) {
		return a.direct(ctx, l, m)
	}
	if l.private() && !l.direct() {
		return a.whisper(ctx, l, m)
	}
	ts, err := a.say(ctx, l, m)
	if err != nil && elsewhere(err) {
		return a.astray(ctx, l, m)
	}
	return ts, err
}

// options are a message as the Web API wants it.
func options(m blocks.Message, thread string) []slack.MsgOption {
	o := []slack.MsgOption{slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl()}
	if thread != "" {
		o = append(o, slack.MsgOptionTS(thread))
	}
	return o
}

// call calls a method for a channel unless it must wait, and once more with
// text alone where Slack does not like the blocks.
func (a *App) call(ctx context.Context, l *letter, method, channel string, m blocks.Message, do func(blocks.Message) (string, error)) (string, error) {
	if err := a.calls.wait(method, l.to.Workspace, channel); err != nil {
		return "", err
	}
	_, end := a.Stage.Begin(ctx, stage.Send+" "+method)
	ts, err := do(m)
	end(slog.Bool("failed", err != nil))
	if code := codeOf(err); code == "invalid_blocks" || code == "invalid_blocks_format" || code == "msg_blocks_too_long" {
		a.Log.ErrorContext(ctx, "slack refuses our blocks", "method", method, "code", code)
		ts, err = do(blocks.Message{Text: m.Text})
	}
	return ts, a.calls.judge(method, l.to.Workspace, channel, err)
}

// say posts for everybody in the chat.
func (a *App) say(ctx context.Context, l *letter, m blocks.Message) (string, error) {
	return a.call(ctx, l, "chat.postMessage", l.to.Chat, m, func(m blocks.Message) (string, error) {
		_, ts, err := l.api.PostMessageContext(ctx, l.to.Chat, options(m, l.to.Thread)...)
		return ts, err
	})
}

// whisper shows a message to one person: through the response_url while it
// can be used, then as an ephemeral message, then directly.
func (a *App) whisper(ctx context.Context, l *letter, m blocks.Message) (string, error) {
	err := a.webhooks.post(ctx, l.back, l.body(m, map[string]any{"response_type": "ephemeral", "replace_original": false}))
	if !errors.Is(err, errSpent) {
		return "", err
	}
	_, err = a.call(ctx, l, "chat.postEphemeral", l.to.Chat, m, func(m blocks.Message) (string, error) {
		return l.api.PostEphemeralContext(ctx, l.to.Chat, l.to.User, options(m, l.to.Thread)...)
	})
	if err != nil && elsewhere(err) {
		return a.astray(ctx, l, m)
	}
	return "", err // an ephemeral message cannot be changed later
}

// body is a message for a response_url.
func (l *letter) body(m blocks.Message, more map[string]any) map[string]any {
	more["text"], more["blocks"] = m.Text, m.Blocks
	if l.to.Thread != "" {
		more["thread_ts"] = l.to.Thread
	}
	return more
}

// astray answers where the bot cannot post: through the response_url for a
// shared answer, else directly, saying why.
func (a *App) astray(ctx context.Context, l *letter, m blocks.Message) (string, error) {
	if l.back.Sharing {
		err := a.webhooks.post(ctx, l.back, l.body(m, map[string]any{"response_type": "in_channel", "replace_original": false}))
		if !errors.Is(err, errSpent) {
			return "", err
		}
	}
	above := blocks.Render(bot.Reply{Lang: l.reply.Lang}, blocks.Style{Above: []string{l.reply.Lang.Say(text.SlackNotInChannel)}})[0]
	m.Blocks = append(append([]slack.Block(nil), above.Blocks...), m.Blocks...)
	m.Text = above.Text + "\n" + m.Text
	key := l.event.Key()
	p := a.parts.of(key)
	p.astray = true
	a.parts.put(key, p)
	return a.direct(ctx, l, m)
}

// direct posts in the direct messages with the person. What is posted there
// cannot be changed from the chat of the event.
func (a *App) direct(ctx context.Context, l *letter, m blocks.Message) (string, error) {
	if l.to.User == "" {
		return "", delivery.ErrPermanent
	}
	_, err := a.call(ctx, l, "chat.postMessage", l.to.User, m, func(m blocks.Message) (string, error) {
		_, ts, err := l.api.PostMessageContext(ctx, l.to.User, options(m, "")...)
		return ts, err
	})
	return "", err
}

var errCannotReplace = errors.New("the message cannot be replaced")

// replace changes a posted message.
func (a *App) replace(ctx context.Context, l *letter, m blocks.Message) (string, error) {
	old := l.reply.Replaces
	if strings.HasPrefix(old, ephemeralID) {
		err := a.webhooks.post(ctx, l.back, l.body(m, map[string]any{"response_type": "ephemeral", "replace_original": true}))
		if errors.Is(err, errSpent) {
			return "", errCannotReplace
		}
		return old, err
	}
	ts, err := a.call(ctx, l, "chat.update", l.to.Chat, m, func(m blocks.Message) (string, error) {
		_, ts, _, err := l.api.UpdateMessageContext(ctx, l.to.Chat, old, options(m, "")...)
		return ts, err
	})
	if err != nil && permanent(err) {
		return "", errCannotReplace
	}
	return ts, err
}

// tidy removes the private answer that was shared.
func (a *App) tidy(ctx context.Context, l *letter) {
	if !l.back.Ephemeral {
		return
	}
	if err := a.webhooks.post(ctx, l.back, map[string]any{"delete_original": true}); err != nil {
		a.Log.DebugContext(ctx, "slack private answer not removed", "error", err)
	}
}

// progress remembers how many messages of a reply were posted.
type progress struct {
	mu  sync.Mutex
	all map[string]part
}

type part struct {
	n      int
	first  string
	astray bool
}

// mostParts bounds progress; beyond it what was begun longest ago may begin
// anew.
const mostParts = 10_000

func newProgress() *progress { return &progress{all: map[string]part{}} }

func (p *progress) of(key string) part {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all[key]
}

func (p *progress) put(key string, x part) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.all) >= mostParts {
		clear(p.all)
	}
	p.all[key] = x
}

func (p *progress) end(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, key)
}
