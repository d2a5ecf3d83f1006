package telegramfake

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// A Fields is a JSON object.
type Fields = map[string]any

// Push adds an update with the given content, and returns its id. Content may
// be any JSON object; without an update_id it is given one.
func (f *Fake) Push(content Fields) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nextID++
	u := Fields{"update_id": f.nextID}
	for k, v := range content {
		u[k] = v
	}
	raw, _ := json.Marshal(u)
	f.push(raw)
	return f.nextID
}

// PushRaw adds an update as it is; text is formatted with its id.
func (f *Fake) PushRaw(text func(id int64) string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nextID++
	f.push(json.RawMessage(text(f.nextID)))
	return f.nextID
}

func (f *Fake) push(raw json.RawMessage) {
	f.updates = append(f.updates, entry{f.nextID, raw})
	f.wake()
}

// A Said is a message that somebody writes.
type Said struct {
	Chat, User int64
	ID         int64 // of the message
	Text       string
	Topic      int64
	Lang       string
	More       Fields // further fields of the message
}

// Fields returns a message in the API's terms, with the entities of its
// commands and mentions.
func (s Said) Fields() Fields {
	kind := "private"
	if s.Chat < 0 {
		kind = "supergroup"
	}
	if s.Lang == "" {
		s.Lang = "zh-hans"
	}
	m := Fields{"message_id": s.ID, "date": time.Now().Unix(), "text": s.Text, "entities": EntitiesIn(s.Text),
		"chat": Fields{"id": s.Chat, "type": kind},
		"from": Fields{"id": s.User, "is_bot": false, "first_name": "某人", "language_code": s.Lang}}
	if s.Topic != 0 {
		m["message_thread_id"], m["is_topic_message"] = s.Topic, true
	}
	for k, v := range s.More {
		m[k] = v
	}
	return m
}

// EntitiesIn finds commands and mentions as Telegram does.
func EntitiesIn(text string) []Fields {
	out := []Fields{}
	word := func(s string) int {
		return len(s) - len(strings.TrimLeft(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"))
	}
	for i, r := range text {
		at := len(utf16.Encode([]rune(text[:i])))
		n := word(text[i+1*len(string(r)):])
		switch {
		case r == '/' && i == 0 && n > 0:
			if rest := text[1+n:]; strings.HasPrefix(rest, "@") {
				n += 1 + word(rest[1:])
			}
			out = append(out, Fields{"type": "bot_command", "offset": at, "length": n + 1})
		case r == '@' && n >= 3 && (i == 0 || strings.ContainsRune(" \n，。：", rune(text[i-1])) || text[i-1] >= 0x80):
			out = append(out, Fields{"type": "mention", "offset": at, "length": n + 1})
		}
	}
	return out
}

// Say has somebody write a message, and returns the update's id.
func (f *Fake) Say(s Said) int64 { return f.Push(Fields{"message": s.Fields()}) }

// Edit has somebody edit a message.
func (f *Fake) Edit(s Said, at int64) int64 {
	m := s.Fields()
	m["edit_date"] = at
	return f.Push(Fields{"edited_message": m})
}

// Press has somebody press a button of a message of the bot, and returns the
// id of the press.
func (f *Fake) Press(m Message, user int64, data string) string {
	f.mu.Lock()
	press := "press" + strconv.Itoa(len(f.presses))
	f.presses[press] = false
	f.mu.Unlock()
	chat, _ := strconv.ParseInt(m.Chat, 10, 64)
	at := Said{Chat: chat, User: f.ID, ID: m.ID, Text: m.Text}
	at.Topic, _ = strconv.ParseInt(m.Thread, 10, 64)
	f.Push(Fields{"callback_query": Fields{"id": press, "from": Fields{"id": user, "language_code": "zh"},
		"message": at.Fields(), "data": data, "chat_instance": "1"}})
	return press
}

// Answered reports whether a press or an inline query was answered.
func (f *Fake) Answered(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.presses[id] || f.queries[id]
}

// Query has somebody type an inline query, and returns its id.
func (f *Fake) Query(user int64, text, offset string) string {
	f.mu.Lock()
	id := "query" + strconv.Itoa(len(f.queries))
	f.queries[id] = false
	f.mu.Unlock()
	f.Push(Fields{"inline_query": Fields{"id": id, "from": Fields{"id": user, "language_code": "zh"}, "query": text, "offset": offset}})
	return id
}

type webhook struct {
	url, secret string
	failure     string
	failedAt    int64
}

// setWebhook begins to send updates to a webhook. The caller holds the lock.
func (f *Fake) setWebhook(p map[string]string) {
	f.webhook = webhook{url: p["url"], secret: p["secret_token"]}
	f.wake()
	if !f.closing {
		f.wg.Go(func() { f.sendTo(p["url"]) })
	}
}

// sendTo sends updates to a webhook while it is set, each until it is taken.
func (f *Fake) sendTo(url string) {
	for {
		f.mu.Lock()
		if f.webhook.url != url || f.closing {
			f.mu.Unlock()
			return
		}
		changed, secret := f.changed, f.webhook.secret
		var next *entry
		if len(f.updates) > 0 {
			next = &f.updates[0]
		}
		f.mu.Unlock()
		if next == nil {
			select {
			case <-changed:
				continue
			case <-f.ctx.Done():
				return
			}
		}
		if f.post(url, secret, *next) {
			continue
		}
		select {
		case <-time.After(f.Redo):
		case <-f.ctx.Done():
			return
		}
	}
}

func (f *Fake) post(url, secret string, e entry) bool {
	req, err := http.NewRequestWithContext(f.ctx, http.MethodPost, url, bytes.NewReader(e.raw))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	resp, err := http.DefaultClient.Do(req)
	failure := ""
	switch {
	case err != nil:
		failure = "Connection failed"
	default:
		resp.Body.Close()
		if resp.StatusCode/100 != 2 {
			failure = "Wrong response from the webhook: " + resp.Status
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if failure != "" {
		f.webhook.failure, f.webhook.failedAt = failure, time.Now().Unix()
		return false
	}
	if len(f.updates) > 0 && f.updates[0].id == e.id {
		f.updates = f.updates[1:]
	}
	return true
}
