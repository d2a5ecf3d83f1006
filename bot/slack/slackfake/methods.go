package slackfake

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// args are the arguments of a call, of a form or of JSON alike.
type args map[string]any

func (a args) str(k string) string {
	switch v := a[k].(type) {
	case string:
		return v
	case nil:
		return ""
	default:
		raw, _ := json.Marshal(v)
		return string(raw)
	}
}

// list returns a list that JSON holds, or a string that holds JSON.
func (a args) list(k string) ([]map[string]any, error) {
	s := a.str(k)
	if s == "" || s == "null" {
		return nil, nil
	}
	var out []map[string]any
	err := json.Unmarshal([]byte(s), &out)
	return out, err
}

func readArgs(r *http.Request) (args, string) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	a := args{}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		if len(body) > 0 && json.Unmarshal(body, &a) != nil {
			return nil, ""
		}
	} else {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, ""
		}
		for k, v := range r.URL.Query() {
			form[k] = v
		}
		for k := range form {
			a[k] = form.Get(k)
		}
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token == "" {
		token = a.str("token")
	}
	return a, token
}

type answer map[string]any

func failure(code string) answer { return answer{"ok": false, "error": code} }

// api answers a method.
func (f *Fake) api(w http.ResponseWriter, r *http.Request) {
	method := r.PathValue("method")
	a, token := readArgs(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.touch()
	fault, failed := f.fault(method, a)
	if failed && !fault.After {
		f.calls = append(f.calls, Call{method, a.str("channel"), f.Now(), fault.name()})
		fault.write(w)
		return
	}
	var got answer
	if a == nil {
		got = failure("invalid_json")
	} else {
		got = f.do(method, a, token, r)
	}
	code, _ := got["error"].(string)
	f.calls = append(f.calls, Call{method, a.str("channel"), f.Now(), code})
	if failed {
		fault.write(w)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(got)
}

func (f Fault) name() string {
	if f.Error != "" {
		return f.Error
	}
	return fmt.Sprint(f.Status)
}

func (f Fault) write(w http.ResponseWriter) {
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	if f.Status != 0 {
		w.WriteHeader(f.Status)
	}
	if f.Error != "" {
		_ = json.NewEncoder(w).Encode(failure(f.Error))
		return
	}
	fmt.Fprint(w, "<html>sorry</html>")
}

// fault takes the next fault of a method.
func (f *Fake) fault(method string, a args) (Fault, bool) {
	for _, key := range []string{method + " " + a.str("channel"), method} {
		if q := f.faults[key]; len(q) > 0 {
			f.faults[key] = q[1:]
			return q[0], true
		}
	}
	return Fault{}, false
}

// do does a method's work.
func (f *Fake) do(method string, a args, token string, r *http.Request) answer {
	switch method {
	case "oauth.v2.access":
		return f.oauth(a, r)
	case "apps.connections.open":
		if token != AppToken {
			return failure("invalid_auth")
		}
		return answer{"ok": true, "url": "ws" + strings.TrimPrefix(f.URL, "http") + "/socket?ticket=" + fmt.Sprint(f.next())}
	case "api.test":
		return answer{"ok": true}
	}
	t := f.teams[token]
	if t == nil {
		if token == "" {
			return failure("not_authed")
		}
		return failure("invalid_auth")
	}
	switch method {
	case "auth.test":
		return answer{"ok": true, "url": "https://fake.slack.com/", "team": "Fake", "user": "wenbao", "team_id": t.ID, "user_id": t.Bot, "bot_id": "B0BOT"}
	case "chat.postMessage":
		return f.post(t, a)
	case "chat.postEphemeral":
		return f.ephemeral(t, a)
	case "chat.update":
		return f.update(t, a)
	case "chat.delete":
		return f.remove(t, a)
	case "views.open":
		return f.open(a)
	case "views.publish":
		return f.publish(a)
	}
	return f.conversations(method, t, a)
}

func (f *Fake) conversations(method string, t *team, a args) answer {
	channel := a.str("channel")
	switch method {
	case "conversations.open":
		if !strings.HasPrefix(a.str("users"), "U") {
			return failure("user_not_found")
		}
		return answer{"ok": true, "channel": map[string]any{"id": dm(a.str("users"))}}
	case "conversations.join":
		f.members[channel] = true
		return answer{"ok": true, "channel": map[string]any{"id": channel}}
	case "conversations.info":
		return answer{"ok": true, "channel": map[string]any{"id": channel, "name": strings.ToLower(channel), "is_channel": true, "is_member": f.members[channel]}}
	case "conversations.list":
		var list []map[string]any
		for c := range f.members {
			list = append(list, map[string]any{"id": c, "name": strings.ToLower(c), "is_member": true})
		}
		return answer{"ok": true, "channels": list, "response_metadata": map[string]any{"next_cursor": ""}}
	case "conversations.members":
		return answer{"ok": true, "members": []string{t.Bot}, "response_metadata": map[string]any{"next_cursor": ""}}
	case "conversations.history", "conversations.replies":
		var list []map[string]any
		for _, m := range f.messages {
			if m.Channel == channel && !m.Deleted && !m.Ephemeral && (a.str("ts") == "" || m.ThreadTS == a.str("ts") || m.TS == a.str("ts")) {
				list = append(list, m.json(t))
			}
		}
		return answer{"ok": true, "messages": list, "has_more": false}
	case "users.info":
		return answer{"ok": true, "user": map[string]any{"id": a.str("user"), "name": "person", "locale": "zh-CN"}}
	}
	return failure("unknown_method")
}

// dm is the channel of direct messages with a user.
func dm(user string) string { return "D" + strings.TrimPrefix(user, "U") }

// content checks what a message shows.
func content(a args) ([]map[string]any, answer) {
	blocks, err := a.list("blocks")
	if err != nil {
		return nil, failure("invalid_blocks_format")
	}
	if len(blocks) == 0 && strings.TrimSpace(a.str("text")) == "" {
		return nil, failure("no_text")
	}
	if len([]rune(a.str("text"))) > 40_000 {
		return nil, failure("msg_too_long")
	}
	if problems := Validate(blocks, 50); len(problems) > 0 {
		bad := failure("invalid_blocks")
		bad["response_metadata"] = map[string]any{"messages": problems}
		return nil, bad
	}
	return blocks, nil
}

// reach reports why the bot cannot post in a channel, "" where it can.
func (f *Fake) reach(channel string) string {
	switch {
	case channel == "":
		return "channel_not_found"
	case strings.HasPrefix(channel, "D"), strings.HasPrefix(channel, "U"), f.members[channel]:
		return ""
	case strings.HasPrefix(channel, "C"):
		return "not_in_channel"
	}
	return "channel_not_found"
}

func (f *Fake) post(t *team, a args) answer {
	channel := a.str("channel")
	if code := f.reach(channel); code != "" {
		return failure(code)
	}
	if strings.HasPrefix(channel, "U") {
		channel = dm(channel)
	}
	blocks, bad := content(a)
	if bad != nil {
		return bad
	}
	m := &Message{Team: t.ID, Channel: channel, TS: f.ts(), ThreadTS: a.str("thread_ts"), Text: a.str("text"), Blocks: blocks, Via: "chat.postMessage"}
	f.keep(m)
	return answer{"ok": true, "channel": channel, "ts": m.TS, "message": m.json(t)}
}

func (m *Message) json(t *team) map[string]any {
	out := map[string]any{"type": "message", "user": t.Bot, "bot_id": "B0BOT", "app_id": "A0FAKE", "team": t.ID, "text": m.Text, "ts": m.TS, "blocks": m.Blocks}
	if m.Author != "" {
		out = map[string]any{"type": "message", "user": m.Author, "team": t.ID, "text": m.Text, "ts": m.TS}
	}
	if m.ThreadTS != "" {
		out["thread_ts"] = m.ThreadTS
	}
	return out
}

func (f *Fake) ephemeral(t *team, a args) answer {
	if code := f.reach(a.str("channel")); code != "" {
		return failure(code)
	}
	if a.str("user") == "" {
		return failure("user_not_in_channel")
	}
	blocks, bad := content(a)
	if bad != nil {
		return bad
	}
	m := &Message{Team: t.ID, Channel: a.str("channel"), TS: f.ts(), ThreadTS: a.str("thread_ts"), User: a.str("user"), Text: a.str("text"), Blocks: blocks, Ephemeral: true, Via: "chat.postEphemeral"}
	f.keep(m)
	return answer{"ok": true, "message_ts": m.TS}
}

func (f *Fake) find(channel, ts string) *Message {
	for _, m := range f.messages {
		if m.Channel == channel && m.TS == ts && !m.Deleted && !m.Ephemeral {
			return m
		}
	}
	return nil
}

func (f *Fake) update(t *team, a args) answer {
	m := f.find(a.str("channel"), a.str("ts"))
	switch {
	case m == nil:
		return failure("message_not_found")
	case m.Author != "" || m.Team != t.ID:
		return failure("cant_update_message")
	}
	blocks, bad := content(a)
	if bad != nil {
		return bad
	}
	m.Text, m.Blocks = a.str("text"), blocks
	m.Updates++
	return answer{"ok": true, "channel": m.Channel, "ts": m.TS, "text": m.Text, "message": m.json(t)}
}

func (f *Fake) remove(t *team, a args) answer {
	m := f.find(a.str("channel"), a.str("ts"))
	if m == nil {
		return failure("message_not_found")
	}
	if m.Author != "" || m.Team != t.ID {
		return failure("cant_delete_message")
	}
	m.Deleted = true
	return answer{"ok": true, "channel": m.Channel, "ts": m.TS}
}

func (f *Fake) view(a args) (map[string]any, answer) {
	v, ok := decode([]byte(a.str("view")))
	if !ok {
		return nil, failure("invalid_arguments")
	}
	if problems := ValidateView(v); len(problems) > 0 {
		bad := failure("invalid_arguments")
		bad["response_metadata"] = map[string]any{"messages": problems}
		return nil, bad
	}
	return v, nil
}

func (f *Fake) keepView(user string, v map[string]any) *View {
	callback, _ := v["callback_id"].(string)
	metadata, _ := v["private_metadata"].(string)
	return &View{ID: fmt.Sprintf("V%08d", f.next()), User: user, Callback: callback, Metadata: metadata, Raw: v}
}

func (f *Fake) open(a args) answer {
	t := f.triggers[a.str("trigger_id")]
	switch {
	case t == nil:
		return failure("invalid_trigger_id")
	case f.Now().Sub(t.at).Seconds() > 3:
		return failure("expired_trigger_id")
	case t.used:
		return failure("exchanged_trigger_id")
	}
	raw, bad := f.view(a)
	if bad != nil {
		return bad
	}
	t.used = true
	v := f.keepView(t.user, raw)
	f.views[v.ID] = v
	return answer{"ok": true, "view": map[string]any{"id": v.ID, "type": "modal", "callback_id": v.Callback, "private_metadata": v.Metadata, "hash": "1.a", "state": map[string]any{"values": map[string]any{}}}}
}

func (f *Fake) publish(a args) answer {
	raw, bad := f.view(a)
	if bad != nil {
		return bad
	}
	user := a.str("user_id")
	f.homes[user] = f.keepView(user, raw)
	return answer{"ok": true, "view": map[string]any{"id": f.homes[user].ID, "type": "home", "hash": "1.a"}}
}

func (f *Fake) oauth(a args, r *http.Request) answer {
	id, secret := a.str("client_id"), a.str("client_secret")
	if user, password, ok := r.BasicAuth(); ok {
		id, secret = user, password
	}
	if id != ClientID || secret != ClientSecret {
		return failure("bad_client_secret")
	}
	t := f.codes[a.str("code")]
	delete(f.codes, a.str("code"))
	if t == nil {
		return failure("invalid_code")
	}
	f.teams[t.Token] = t
	return answer{"ok": true, "access_token": t.Token, "token_type": "bot", "scope": "chat:write,commands", "bot_user_id": t.Bot, "app_id": "A0FAKE",
		"team": map[string]any{"id": t.ID, "name": "Further"}, "enterprise": nil, "authed_user": map[string]any{"id": "U0ADMIN"}, "is_enterprise_install": false}
}

// authorize is the page on which somebody allows the app: they always do.
func (f *Fake) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	f.mu.Lock()
	n := f.next()
	code := fmt.Sprintf("code-%d", n)
	f.codes[code] = &team{fmt.Sprintf("T%04dNEW", n), fmt.Sprintf("xoxb-new-%d-token", n), fmt.Sprintf("U%04dBOT", n)}
	f.mu.Unlock()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != ClientID || q.Get("scope") == "" {
		http.Error(w, "bad", http.StatusBadRequest)
		return
	}
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// hook takes an answer through a response_url.
func (f *Fake) hook(w http.ResponseWriter, r *http.Request) {
	a, _ := readArgs(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.touch()
	h := f.hooks[r.PathValue("id")]
	if fault, failed := f.fault("response_url", a); failed {
		fault.write(w)
		return
	}
	switch {
	case h == nil || a == nil:
		http.Error(w, "no_hook", http.StatusNotFound)
		return
	case f.Now().Sub(h.at) > f.HookTTL:
		http.Error(w, "expired_url", http.StatusNotFound)
		return
	case h.uses >= 5:
		http.Error(w, "used_url", http.StatusNotFound)
		return
	}
	h.uses++
	f.hooked(w, h, a)
}

func (f *Fake) hooked(w http.ResponseWriter, h *hook, a args) {
	if a.str("delete_original") == "true" {
		if h.original != nil {
			h.original.Deleted = true
		}
		fmt.Fprint(w, "ok")
		return
	}
	blocks, bad := content(a)
	if bad != nil {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(bad)
		return
	}
	if a.str("replace_original") == "true" && h.original != nil {
		h.original.Text, h.original.Blocks = a.str("text"), blocks
		h.original.Updates++
		fmt.Fprint(w, "ok")
		return
	}
	m := &Message{Team: h.team, Channel: h.channel, TS: f.ts(), ThreadTS: a.str("thread_ts"), Text: a.str("text"), Blocks: blocks, Via: "response_url", Ephemeral: a.str("response_type") != "in_channel"}
	if m.Ephemeral {
		m.User = h.user
	}
	f.keep(m)
	fmt.Fprint(w, "ok")
}
