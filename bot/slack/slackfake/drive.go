package slackfake

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Result is how the app acknowledged something.
type Result struct {
	Status int // of HTTP; 200 for an acknowledged envelope, 0 for none
	Body   []byte
	Took   time.Duration
}

type delivered struct {
	result Result
	begun  time.Time
	ready  chan struct{}
	done   bool
}

// Sign returns the headers of a request at a time.
func (f *Fake) Sign(at time.Time, body []byte) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(f.Secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	return http.Header{"X-Slack-Request-Timestamp": {stamp}, "X-Slack-Signature": {"v0=" + hex.EncodeToString(mac.Sum(nil))}}
}

// Post sends a request to the app, signed now unless headers say otherwise.
func (f *Fake) Post(path, contentType string, body []byte, h http.Header) Result {
	begun := time.Now()
	req, err := http.NewRequest(http.MethodPost, f.AppURL+path, bytes.NewReader(body))
	if err != nil {
		return Result{}
	}
	if h == nil {
		h = f.Sign(f.Now(), body)
	}
	req.Header = h.Clone()
	req.Header.Set("Content-Type", contentType)
	resp, err := f.Client().Do(req)
	if err != nil {
		return Result{Took: time.Since(begun)}
	}
	defer resp.Body.Close()
	got, _ := io.ReadAll(resp.Body)
	return Result{resp.StatusCode, got, time.Since(begun)}
}

// deliver sends something in the mode of the app.
func (f *Fake) deliver(kind string, payload map[string]any) Result {
	raw, _ := json.Marshal(payload)
	if f.AppURL != "" {
		switch kind {
		case "events_api":
			return f.Post("/slack/events", "application/json", raw, nil)
		case "slash_commands":
			form := url.Values{}
			for k, v := range payload {
				form.Set(k, fmt.Sprint(v))
			}
			return f.Post("/slack/commands", "application/x-www-form-urlencoded", []byte(form.Encode()), nil)
		}
		return f.Post("/slack/interactions", "application/x-www-form-urlencoded", []byte(url.Values{"payload": {string(raw)}}.Encode()), nil)
	}
	f.mu.Lock()
	id := fmt.Sprintf("env-%d", f.next())
	f.mu.Unlock()
	return f.Envelope(id, kind, raw)
}

// Envelope sends an envelope through the newest socket and waits for its
// acknowledgement, as long as Slack does.
func (f *Fake) Envelope(id, kind string, payload json.RawMessage) Result {
	d := &delivered{begun: time.Now(), ready: make(chan struct{})}
	f.mu.Lock()
	f.pending[id] = d
	f.mu.Unlock()
	s := f.newest()
	if s == nil || s.write(map[string]any{"envelope_id": id, "type": kind, "payload": payload, "accepts_response_payload": true}) != nil {
		return Result{}
	}
	patience := time.NewTimer(3 * time.Second)
	defer patience.Stop()
	select {
	case <-d.ready:
	case <-patience.C:
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.pending, id)
	return d.result
}

// hookURL makes a response_url; with the lock held.
func (f *Fake) hookURL(team, channel, user string, original *Message) string {
	id := fmt.Sprintf("h%d", f.next())
	f.hooks[id] = &hook{at: f.Now(), team: team, channel: channel, user: user, original: original}
	return f.URL + "/hook/" + id
}

func (f *Fake) trigger(user string) string {
	id := fmt.Sprintf("%d.%d.trigger", f.Now().Unix(), f.next())
	f.triggers[id] = &trigger{at: f.Now(), user: user}
	return id
}

// SlashPayload is what a slash command delivers.
func (f *Fake) SlashPayload(user, channel, text string) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return map[string]any{"token": "legacy", "team_id": Team, "team_domain": "fake", "channel_id": channel, "channel_name": "general", "user_id": user,
		"user_name": "person", "command": "/ask", "text": text, "api_app_id": "A0FAKE", "is_enterprise_install": "false",
		"response_url": f.hookURL(Team, channel, user, nil), "trigger_id": f.trigger(user)}
}

// Slash types a slash command.
func (f *Fake) Slash(user, channel, text string) Result {
	return f.deliver("slash_commands", f.SlashPayload(user, channel, text))
}

// Command delivers a payload of a slash command, again if need be.
func (f *Fake) Command(payload map[string]any) Result { return f.deliver("slash_commands", payload) }

// EventPayload is an event in its envelope.
func (f *Fake) EventPayload(team string, event map[string]any) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	bot := Bot
	for _, t := range f.teams {
		if t.ID == team {
			bot = t.Bot
		}
	}
	return map[string]any{"token": "legacy", "team_id": team, "api_app_id": "A0FAKE", "type": "event_callback", "event_id": fmt.Sprintf("Ev%08d", f.next()),
		"event_time": f.Now().Unix(), "event": event, "is_ext_shared_channel": false,
		"authorizations": []map[string]any{{"enterprise_id": nil, "team_id": team, "user_id": bot, "is_bot": true, "is_enterprise_install": false}}}
}

// Event delivers an event.
func (f *Fake) Event(event map[string]any) Result {
	return f.deliver("events_api", f.EventPayload(Team, event))
}

// EventOf delivers an event of another workspace.
func (f *Fake) EventOf(team string, event map[string]any) Result {
	return f.deliver("events_api", f.EventPayload(team, event))
}

// Deliver delivers an event in its envelope, again if need be.
func (f *Fake) Deliver(payload map[string]any) Result { return f.deliver("events_api", payload) }

// Write posts a message as a person and returns the event of it.
func (f *Fake) Write(user, channel, thread, text string) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := &Message{Team: Team, Channel: channel, TS: f.ts(), ThreadTS: thread, Author: user, Text: text}
	f.messages = append(f.messages, m)
	kind := "channel"
	if strings.HasPrefix(channel, "D") {
		kind = "im"
	}
	e := map[string]any{"type": "message", "user": user, "text": text, "ts": m.TS, "channel": channel, "channel_type": kind, "event_ts": m.TS, "team": Team}
	if thread != "" {
		e["thread_ts"] = thread
	}
	return e
}

// Mention writes a message that mentions the bot; as Slack does, two events
// tell of it.
func (f *Fake) Mention(user, channel, thread, text string) (ts string, results []Result) {
	e := f.Write(user, channel, thread, "<@"+Bot+"> "+text)
	m := map[string]any{}
	for k, v := range e {
		m[k] = v
	}
	m["type"] = "app_mention"
	delete(m, "channel_type")
	return e["ts"].(string), []Result{f.Event(m), f.Event(e)}
}

// Edit changes a person's message.
func (f *Fake) Edit(e map[string]any, text string) Result {
	f.mu.Lock()
	before := map[string]any{"type": "message", "user": e["user"], "text": e["text"], "ts": e["ts"]}
	after := map[string]any{"type": "message", "user": e["user"], "text": text, "ts": e["ts"], "edited": map[string]any{"user": e["user"], "ts": f.ts()}}
	if t, ok := e["thread_ts"]; ok {
		before["thread_ts"], after["thread_ts"] = t, t
	}
	change := map[string]any{"type": "message", "subtype": "message_changed", "hidden": true, "channel": e["channel"], "channel_type": e["channel_type"],
		"ts": f.ts(), "event_ts": f.ts(), "message": after, "previous_message": before}
	f.mu.Unlock()
	return f.Event(change)
}

// Interaction is what every interaction holds.
func (f *Fake) interaction(kind, user, channel string) map[string]any {
	p := map[string]any{"type": kind, "api_app_id": "A0FAKE", "token": "legacy", "trigger_id": f.trigger(user), "is_enterprise_install": false, "enterprise": nil,
		"team": map[string]any{"id": Team, "domain": "fake"}, "user": map[string]any{"id": user, "username": "person", "team_id": Team}}
	if channel != "" {
		p["channel"] = map[string]any{"id": channel, "name": "general"}
	}
	return p
}

// ErrNoButton is the status of pressing a button that is not there.
const ErrNoButton = -1

// button finds a button by the beginning of its label or action.
func button(v any, want string) map[string]any {
	switch x := v.(type) {
	case []map[string]any:
		for _, e := range x {
			if b := button(e, want); b != nil {
				return b
			}
		}
	case []any:
		for _, e := range x {
			if b := button(e, want); b != nil {
				return b
			}
		}
	case map[string]any:
		if x["type"] == "button" {
			label, _ := x["text"].(map[string]any)["text"].(string)
			id, _ := x["action_id"].(string)
			if strings.HasPrefix(label, want) || strings.HasPrefix(id, want) {
				return x
			}
		}
		for _, k := range []string{"elements", "accessory", "blocks"} {
			if b := button(x[k], want); b != nil {
				return b
			}
		}
	}
	return nil
}

func (f *Fake) action(b map[string]any) []map[string]any {
	return []map[string]any{{"type": "button", "action_id": b["action_id"], "block_id": "x", "value": b["value"], "text": b["text"], "action_ts": f.ts()}}
}

// PressPayload is what pressing a button of a message delivers.
func (f *Fake) PressPayload(user string, m Message, label string) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := button(m.Blocks, label)
	if b == nil {
		return nil
	}
	var original *Message
	for _, x := range f.messages {
		if x.TS == m.TS && x.Channel == m.Channel {
			original = x
		}
	}
	p := f.interaction("block_actions", user, m.Channel)
	p["actions"] = f.action(b)
	p["response_url"] = f.hookURL(m.Team, m.Channel, user, original)
	p["container"] = map[string]any{"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.Ephemeral}
	if m.ThreadTS != "" {
		p["container"].(map[string]any)["thread_ts"] = m.ThreadTS
	}
	if !m.Ephemeral {
		p["message"] = map[string]any{"type": "message", "ts": m.TS, "thread_ts": m.ThreadTS, "user": Bot, "bot_id": "B0BOT", "text": m.Text}
	}
	return p
}

// Press presses a button of a message.
func (f *Fake) Press(user string, m Message, label string) Result {
	p := f.PressPayload(user, m, label)
	if p == nil {
		return Result{Status: ErrNoButton}
	}
	return f.deliver("interactive", p)
}

// Interact delivers an interaction.
func (f *Fake) Interact(payload map[string]any) Result { return f.deliver("interactive", payload) }

// PressHome presses a button of a home.
func (f *Fake) PressHome(v View, label string) Result {
	f.mu.Lock()
	b := button(v.Raw["blocks"], label)
	if b == nil {
		f.mu.Unlock()
		return Result{Status: ErrNoButton}
	}
	p := f.interaction("block_actions", v.User, "")
	p["actions"] = f.action(b)
	p["container"] = map[string]any{"type": "view", "view_id": v.ID}
	p["view"] = map[string]any{"id": v.ID, "type": "home"}
	f.mu.Unlock()
	return f.deliver("interactive", p)
}

// Submit submits a form; values are by block.
func (f *Fake) Submit(v View, values map[string]string) Result {
	f.mu.Lock()
	state := map[string]any{}
	for block, value := range values {
		x := map[string]any{"type": "plain_text_input", "value": value}
		if block == "reason" {
			x = map[string]any{"type": "radio_buttons", "selected_option": map[string]any{"value": value}}
		}
		state[block] = map[string]any{"input": x}
	}
	p := f.interaction("view_submission", v.User, "")
	p["view"] = map[string]any{"id": v.ID, "type": "modal", "callback_id": v.Callback, "private_metadata": v.Metadata, "state": map[string]any{"values": state}}
	f.mu.Unlock()
	return f.deliver("interactive", p)
}

// Shortcut uses the message shortcut on a text.
func (f *Fake) Shortcut(user, channel, text string) Result {
	f.mu.Lock()
	p := f.interaction("message_action", user, channel)
	p["callback_id"] = "ask_about"
	p["message_ts"] = f.ts()
	p["response_url"] = f.hookURL(Team, channel, user, nil)
	p["message"] = map[string]any{"type": "message", "user": "U0OTHER", "ts": f.ts(), "text": text}
	f.mu.Unlock()
	return f.deliver("interactive", p)
}

// OpenHome opens the home as a person.
func (f *Fake) OpenHome(user string) Result {
	return f.Event(map[string]any{"type": "app_home_opened", "user": user, "channel": dm(user), "tab": "home", "event_ts": "1.1"})
}

// Reasons returns the values that a form offers.
func (v View) Reasons() []string {
	var out []string
	var walk func(any)
	walk = func(x any) {
		switch y := x.(type) {
		case []any:
			for _, e := range y {
				walk(e)
			}
		case map[string]any:
			if options, ok := y["options"].([]any); ok {
				for _, o := range options {
					if m, ok := o.(map[string]any); ok {
						out = append(out, fmt.Sprint(m["value"]))
					}
				}
			}
			walk(y["blocks"])
			walk(y["element"])
		}
	}
	walk(v.Raw)
	return out
}
