package telegramfake

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// serve does what a method does.
func (f *Fake) serve(ctx context.Context, method string, p map[string]string) answer {
	if method == "getUpdates" {
		return f.getUpdates(ctx, p)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch method {
	case "getMe":
		return answer{Result: map[string]any{"id": f.ID, "is_bot": true, "first_name": "问报", "username": f.Username,
			"can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": true}}
	case "sendMessage":
		return f.sendMessage(p)
	case "editMessageText":
		return f.editMessageText(p)
	case "deleteMessage":
		m := f.find(p["chat_id"], p["message_id"])
		if m == nil {
			return bad("message to delete not found")
		}
		m.Deleted = true
		return answer{Result: true}
	case "answerCallbackQuery":
		return once(f.presses, p["callback_query_id"], units(p["text"]) <= 200)
	case "answerInlineQuery":
		return once(f.queries, p["inline_query_id"], true)
	case "setWebhook":
		f.setWebhook(p)
		return answer{Result: true}
	case "deleteWebhook":
		f.webhook = webhook{}
		return answer{Result: true}
	case "getWebhookInfo":
		return answer{Result: map[string]any{"url": f.webhook.url, "pending_update_count": len(f.updates),
			"last_error_date": f.webhook.failedAt, "last_error_message": f.webhook.failure}}
	case "sendChatAction", "setMyCommands", "setMyDescription", "setMyShortDescription":
		return answer{Result: true}
	}
	return answer{Code: 404, Description: "Not Found: method not found"}
}

// once answers a query that is open.
func once(open map[string]bool, id string, valid bool) answer {
	answered, known := open[id]
	switch {
	case !known || answered:
		return bad("query is too old and response timeout expired or query ID is invalid")
	case !valid:
		return bad("MESSAGE_TOO_LONG")
	}
	open[id] = true
	return answer{Result: true}
}

// getUpdates confirms what is before the offset, and waits for more.
func (f *Fake) getUpdates(ctx context.Context, p map[string]string) answer {
	offset, _ := strconv.ParseInt(p["offset"], 10, 64)
	seconds, _ := strconv.Atoi(p["timeout"])
	limit, err := strconv.Atoi(p["limit"])
	if err != nil || limit < 1 || limit > 100 {
		limit = 100
	}
	timer := time.NewTimer(time.Duration(seconds) * time.Second)
	defer timer.Stop()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.polls++
	mine := f.polls
	f.wake()
	f.updates = slices.DeleteFunc(f.updates, func(e entry) bool { return e.id < offset })
	for {
		switch {
		case f.webhook.url != "":
			return answer{Code: 409, Description: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}
		case f.polls != mine:
			f.conflicts++
			return answer{Code: 409, Description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"}
		case len(f.updates) > 0:
			return answer{Result: f.next(limit)}
		}
		changed := f.changed
		f.mu.Unlock()
		over := false
		select {
		case <-changed:
		case <-timer.C:
			over = true
		case <-ctx.Done():
			over = true
		case <-f.ctx.Done():
			over = true
		}
		f.mu.Lock()
		if over {
			if f.polls == mine {
				f.polls++ // nobody polls any more
			}
			return answer{Result: []any{}}
		}
	}
}

func (f *Fake) next(limit int) []json.RawMessage {
	var out []json.RawMessage
	for _, e := range f.updates[:min(limit, len(f.updates))] {
		out = append(out, e.raw)
	}
	f.polls++
	return out
}

func (f *Fake) sendMessage(p map[string]string) answer {
	text, entities, keyboard, refused := check(p)
	if refused.Code != 0 {
		return refused
	}
	if wait := f.limited(p["chat_id"]); wait > 0 {
		return answer{Code: 429, Description: "Too Many Requests: retry after " + strconv.Itoa(wait), RetryAfter: wait}
	}
	var reply struct {
		ID int64 `json:"message_id"`
	}
	_ = json.Unmarshal([]byte(p["reply_parameters"]), &reply)
	m := &Message{ID: f.nextMsg, Chat: p["chat_id"], Thread: p["message_thread_id"], ReplyTo: reply.ID, Text: text,
		Entities: entities, Keyboard: keyboard, Params: p, At: time.Now()}
	f.nextMsg++
	f.sent = append(f.sent, m)
	return answer{Result: f.shown(m)}
}

func (f *Fake) shown(m *Message) map[string]any {
	chat, _ := strconv.ParseInt(m.Chat, 10, 64)
	return map[string]any{"message_id": m.ID, "date": m.At.Unix(), "chat": map[string]any{"id": chat}, "text": m.Text}
}

func (f *Fake) editMessageText(p map[string]string) answer {
	text, entities, keyboard, refused := check(p)
	m := f.find(p["chat_id"], p["message_id"])
	switch {
	case refused.Code != 0:
		return refused
	case m == nil:
		return bad("message to edit not found")
	case m.Params["text"] == p["text"] && m.Params["reply_markup"] == p["reply_markup"]:
		return bad("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	m.Text, m.Entities, m.Keyboard, m.Params = text, entities, keyboard, p
	m.Edits++
	return answer{Result: f.shown(m)}
}

func (f *Fake) find(chat, id string) *Message {
	for _, m := range f.sent {
		if m.Chat == chat && strconv.FormatInt(m.ID, 10) == id && !m.Deleted {
			return m
		}
	}
	return nil
}

// check reads the text and the keyboard of a message.
func check(p map[string]string) (text string, entities []Entity, keyboard [][]map[string]string, refused answer) {
	text = p["text"]
	switch p["parse_mode"] {
	case "":
	case "HTML":
		var err error
		if text, entities, err = parseHTML(text); err != nil {
			return "", nil, nil, bad("%v", err)
		}
	default:
		return "", nil, nil, bad("unsupported parse_mode")
	}
	switch {
	case p["chat_id"] == "":
		return "", nil, nil, bad("chat_id is empty")
	case strings.TrimSpace(text) == "":
		return "", nil, nil, bad("message text is empty")
	case units(text) > 4096:
		return "", nil, nil, bad("message is too long")
	case p["reply_markup"] == "":
		return text, entities, nil, answer{}
	}
	var markup struct {
		Rows [][]map[string]string `json:"inline_keyboard"`
	}
	if err := json.Unmarshal([]byte(p["reply_markup"]), &markup); err != nil {
		return "", nil, nil, bad("can't parse reply keyboard markup JSON object")
	}
	n := 0
	for _, row := range markup.Rows {
		for _, k := range row {
			n++
			data, isData := k["callback_data"]
			switch {
			case k["text"] == "":
				return "", nil, nil, bad("BUTTON_TEXT_INVALID")
			case isData && (data == "" || len(data) > 64), !isData && k["url"] == "":
				return "", nil, nil, bad("BUTTON_DATA_INVALID")
			}
		}
	}
	if n > 100 {
		return "", nil, nil, bad("reply markup is too long")
	}
	return text, entities, markup.Rows, answer{}
}

// limited returns how many seconds a chat must wait to be sent a message.
func (f *Fake) limited(chat string) int {
	now := time.Now()
	inMinute := 0
	seconds := func(d time.Duration) int { return max(1, int((d+time.Second-1)/time.Second)) }
	for i := len(f.sent) - 1; i >= 0; i-- {
		m := f.sent[i]
		age := now.Sub(m.At)
		if age >= time.Minute {
			break
		}
		if m.Chat != chat {
			continue
		}
		if age < f.Limits.ChatGap {
			return seconds(f.Limits.ChatGap - age)
		}
		inMinute++
		if f.Limits.PerMinute > 0 && strings.HasPrefix(chat, "-") && inMinute >= f.Limits.PerMinute {
			return seconds(time.Minute - age)
		}
	}
	f.recent = slices.DeleteFunc(f.recent, func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if f.Limits.PerSecond > 0 && len(f.recent) >= f.Limits.PerSecond {
		return 1
	}
	f.recent = append(f.recent, now)
	return 0
}
