package telegram

import (
	"context"
	"sync"
	"time"

	"wenbao/bot"
	"wenbao/bot/telegram/api"
	"wenbao/bot/telegram/markup"
)

const (
	sweepEvery  = 250 * time.Millisecond
	typingAfter = 400 * time.Millisecond  // an answer that is quicker needs no sign
	typingEvery = 4500 * time.Millisecond // Telegram shows it for five seconds
	pressAfter  = 8 * time.Second         // a press that nobody answered stops spinning
	giveUp      = time.Minute
	mostSigns   = 10 // of a sweep
	signWithin  = 5 * time.Second
	longestHint = 200 // of a callback's answer
)

// waiting are the events for which somebody watches the chat: they see
// “typing…” until the reply is sent, and a press is acknowledged in any case.
type waiting struct {
	mu   sync.Mutex
	jobs map[string]*job
}

type job struct {
	key   string
	place place
	press string // id of the callback query, "" when acknowledged or none
	since time.Time
	typed time.Time
	quiet bool // its reply is being sent
}

func newWaiting() *waiting { return &waiting{jobs: map[string]*job{}} }

// maxWaiting bounds the events for which signs are given.
const maxWaiting = 4096

func (w *waiting) add(e bot.Event, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.jobs) >= maxWaiting || w.jobs[e.Key()] != nil {
		return
	}
	j := &job{key: e.Key(), place: placeOf(e), since: now}
	if e.Action != nil {
		j.press = e.Action.ID
	}
	w.jobs[j.key] = j
}

// answered ends the typing of an event.
func (w *waiting) answered(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if j := w.jobs[key]; j != nil {
		j.quiet = true
	}
}

func (w *waiting) done(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.jobs, key)
}

// due returns the jobs to give a sign for now: typing, or the end of a press.
func (w *waiting) due(now time.Time) (typing, presses []job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, j := range w.jobs {
		age := now.Sub(j.since)
		if j.press != "" && age >= pressAfter && len(presses) < mostSigns {
			presses = append(presses, *j)
			j.press = ""
		}
		if !j.quiet && age >= typingAfter && now.Sub(j.typed) >= typingEvery && len(typing) < mostSigns {
			typing = append(typing, *j)
			j.typed = now
		}
		if age >= giveUp && j.press == "" {
			delete(w.jobs, key)
		}
	}
	return typing, presses
}

// signs gives signs until ctx is done.
func (s *Sender) signs(ctx context.Context) {
	t := time.NewTicker(sweepEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		typing, presses := s.waiting.due(s.now())
		for _, j := range presses {
			s.sign(ctx, "answerCallbackQuery", api.Params{"callback_query_id": j.press})
		}
		for _, j := range typing {
			if s.pace.Blocked(j.place.chat) {
				continue
			}
			params := api.Params{"chat_id": j.place.chat, "action": "typing"}
			if j.place.thread != "" {
				params["message_thread_id"] = number(j.place.thread)
			}
			s.sign(ctx, "sendChatAction", params)
		}
	}
}

// sign makes a call that matters little.
func (s *Sender) sign(ctx context.Context, method string, params api.Params) {
	ctx, cancel := context.WithTimeout(ctx, signWithin)
	defer cancel()
	if err := s.client.Call(ctx, method, params, nil); err != nil && ctx.Err() == nil {
		s.log.Debug("a sign was not given", "error", err)
	}
}

// acknowledge ends the waiting of who pressed a button, with a hint where the
// reply is one. A press too old to be acknowledged is done with.
func (s *Sender) acknowledge(ctx context.Context, press string, r bot.Reply) error {
	params := api.Params{"callback_query_id": press}
	if r.Toast && len(r.Buttons) == 0 {
		params["text"] = hint(r.Plain())
	}
	err := s.call(ctx, "answerCallbackQuery", params, nil)
	switch api.KindOf(err) {
	case api.Passing, api.Slow, api.Unauthorized:
		return err
	}
	if err != nil {
		s.log.DebugContext(ctx, "a press was not acknowledged", "error", err)
	}
	return nil
}

// hint cuts a text to what a callback's answer may hold.
func hint(s string) string {
	s = markup.Clean(s)
	n := 0
	for i, r := range s {
		if n += markup.Units(string(r)); n > longestHint-1 {
			return s[:i] + "…"
		}
	}
	return s
}
