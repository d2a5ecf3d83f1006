package slack_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"wenbao/bot"
	"wenbao/bot/redact"
	"wenbao/bot/slack"
	"wenbao/bot/slack/slackfake"
	"wenbao/bot/store"
)

func TestOnlySlackIsHeard(t *testing.T) {
	s := play(t, false, noChange)
	form := "application/x-www-form-urlencoded"
	body := []byte("team_id=T0FAKE&user_id=U1&channel_id=C1&command=%2Fask&text=hi&trigger_id=1")
	event := []byte(`{"type":"event_callback","team_id":"T0FAKE","event":{"type":"message","channel_type":"im","user":"U1","channel":"D1","ts":"1.1","text":"hi"}}`)
	now := time.Now()
	forged := s.Sign(now, body)
	forged.Set("X-Slack-Signature", "v0="+strings.Repeat("0", 64))
	signed := func(b string) http.Header { return s.Sign(now, []byte(b)) }
	big := strings.Repeat("a", 2<<20)
	tests := []struct {
		name, path, kind string
		body             string
		header           http.Header
		want             int
	}{
		{"forged", "commands", form, string(body), forged, 401},
		{"unsigned", "commands", form, string(body), http.Header{}, 401},
		{"stale", "commands", form, string(body), s.Sign(now.Add(-time.Hour), body), 401},
		{"future", "commands", form, string(body), s.Sign(now.Add(4*time.Minute), body), 401},
		{"another body's", "events", "application/json", string(event), forged, 401},
		{"oversized", "events", "application/json", big, signed(big), 413},
		{"unsigned challenge", "events", "application/json", `{"type":"url_verification","challenge":"c"}`, http.Header{}, 401},
		{"challenge", "events", "application/json", `{"type":"url_verification","challenge":"c"}`, signed(`{"type":"url_verification","challenge":"c"}`), 200},
		{"garbled event", "events", "application/json", `{"type":`, signed(`{"type":`), 400},
		{"garbled command", "commands", form, "%zz", signed("%zz"), 400},
		{"command as JSON", "commands", "application/json", string(body), s.Sign(now, body), 400},
		{"command of no type", "commands", "", string(body), s.Sign(now, body), 400},
		{"garbled interaction", "interactions", form, "payload={", signed("payload={"), 400},
		{"unknown interaction", "interactions", form, `payload={"type":"x","user":{"id":"U"},"team":{"id":"T"}}`, signed(`payload={"type":"x","user":{"id":"U"},"team":{"id":"T"}}`), 200},
		{"ssl check", "commands", form, "ssl_check=1&token=x", signed("ssl_check=1&token=x"), 200},
		{"unsigned ssl check", "commands", form, "ssl_check=1&token=x", http.Header{}, 200},
		{"unsigned ssl check of events", "events", form, "ssl_check=1&token=x", http.Header{}, 401},
		{"rate limited app", "events", "application/json", `{"type":"app_rate_limited","team_id":"T"}`, signed(`{"type":"app_rate_limited","team_id":"T"}`), 200},
	}
	for _, tt := range tests {
		got := s.Post("/slack/"+tt.path, tt.kind, []byte(tt.body), tt.header)
		if got.Status != tt.want {
			t.Errorf("%s: %d %s", tt.name, got.Status, got.Body)
		}
		if tt.name == "challenge" && string(got.Body) != "c" {
			t.Errorf("the challenge is answered with %q", got.Body)
		}
	}
	s.idle()
	if n := len(s.Messages()); n != 0 {
		t.Errorf("%d messages%s", n, s.describe())
	}
	resp, err := s.Client().Get(s.AppURL + "/slack/commands")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", resp.StatusCode)
	}
}

// A retried delivery is not dropped for being one: the first may not have
// arrived.
func TestRetriesAreNotDropped(t *testing.T) {
	s := play(t, false, noChange)
	body := []byte(`{"type":"event_callback","team_id":"T0FAKE","event_id":"Ev1","event":{"type":"message","channel_type":"im","user":"U1","channel":"D1","ts":"1.1","text":"` + mines + `"}}`)
	h := s.Sign(time.Now(), body)
	h.Set("X-Slack-Retry-Num", "1")
	h.Set("X-Slack-Retry-Reason", "http_timeout")
	s.ok("retry", s.Post("/slack/events", "application/json", body, h))
	s.shown(0, mine)
}

func TestSocketSurvivesWhatItIsSent(t *testing.T) {
	s := play(t, true, noChange)
	for _, raw := range []string{`{`, `[]`, `{"type":"never"}`, `"x"`, `{"type":"events_api","payload":5}`} {
		s.Frame([]byte(raw))
	}
	for kind, payload := range map[string]string{
		"events_api":     `{"type":"event_callback","team_id":"T0FAKE","event":{"type":"never_heard_of"}}`,
		"slash_commands": `{"command":5}`, "interactive": `{"actions":"x"}`, "novelty": `{}`,
	} {
		if got := s.Envelope("odd-"+kind, kind, []byte(payload)); got.Status != 200 {
			t.Errorf("%s is not acknowledged\n%s", kind, s.log)
		}
	}
	before := s.desk.Depth()
	s.Disconnect()
	if !s.Wait(func() bool { return true }, time.Second) || before != 0 {
		t.Fatal("not idle")
	}
	for n := 0; ; n++ {
		if r := s.Slash("U1", "C1", mines); r.Status == 200 {
			break
		}
		if n > 3 {
			t.Fatalf("no answer after a reconnection\n%s", s.log)
		}
		s.WaitSocket()
	}
	s.shown(0, mine)
	if !s.app.Ready() {
		t.Error("not ready while connected")
	}
}

// While one channel is limited, others are answered; then it is too, once.
func TestLimitsHoldOneChannelOnly(t *testing.T) {
	modes(t, func(t *testing.T, s *stage) {
		s.Join("C2")
		s.Fail("chat.postMessage C1", slackfake.Fault{Status: 429, RetryAfter: "1"})
		_, results := s.Mention("U1", "C1", "", mines)
		s.ok("mention", results...)
		s.Wait(func() bool { return false }, 100*time.Millisecond)
		_, results = s.Mention("U1", "C2", "", mines)
		s.ok("mention", results...)
		if m := s.shown(0, mine); m.Channel != "C2" {
			t.Error("the limited channel was first")
		}
		s.shown(1, mine)
		s.idle()
		var limited, after time.Time
		for _, c := range s.Calls() {
			switch {
			case c.Channel == "C1" && c.Error == "429":
				limited = c.At
			case c.Channel == "C1" && c.Error == "":
				after = c.At
			}
		}
		if wait := after.Sub(limited); wait < time.Second {
			t.Errorf("called again after %s", wait)
		}
		if n := len(s.Messages()); n != 2 {
			t.Errorf("%d messages%s", n, s.describe())
		}
	})
}

func TestFailuresAreTriedAgain(t *testing.T) {
	s := play(t, false, noChange)
	s.Fail("chat.postMessage", slackfake.Fault{Status: 503}, slackfake.Fault{Error: "internal_error"})
	_, results := s.Mention("U1", "C1", "", mines)
	s.ok("mention", results...)
	s.shown(0, mine)
	s.Fail("response_url", slackfake.Fault{Status: 500}, slackfake.Fault{Status: 429, RetryAfter: "1"})
	s.ok("slash", s.Slash("U1", "C1", mines))
	if m := s.shown(1, mine); m.Via != "response_url" {
		t.Errorf("%+v", m)
	}
	s.idle()
	if n := len(s.Messages()); n != 2 {
		t.Errorf("%d messages%s", n, s.describe())
	}
}

// Permanent errors end a reply, are counted, and tell no secret.
func TestPermanentFailuresAreCounted(t *testing.T) {
	s := play(t, false, noChange)
	s.Fail("chat.postMessage", slackfake.Fault{Error: "account_inactive"})
	_, results := s.Mention("U1", "C1", "", mines)
	s.ok("mention", results...)
	s.Wait(func() bool { return false }, 50*time.Millisecond)
	s.idle()
	if !s.counted("wenbao_slack_calls_total", "permanent") {
		t.Error("the failure is not counted")
	}
	log := s.log.String()
	if !strings.Contains(log, "account_inactive") {
		t.Error("the log does not say why")
	}
	for _, secret := range []string{slackfake.BotToken, slackfake.SigningSecret, "/hook/", mines} {
		if strings.Contains(log, secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
}

// The answer comes another way where the response_url is spent, and directly
// where the bot is not in the channel.
func TestResponseURLIsSpent(t *testing.T) {
	s := play(t, false, noChange)
	s.HookTTL = 0
	s.ok("slash", s.Slash("U1", "C1", mines))
	if m := s.shown(0, mine); m.Via != "chat.postEphemeral" || m.User != "U1" {
		t.Errorf("%+v", m)
	}
	s.ok("slash", s.Slash("U1", "C9", mines))
	if m := s.shown(0, "我不在你提问的频道里", mine); m.Channel != "D1" {
		t.Errorf("%+v", m)
	}
}

func TestResponseURLElsewhereIsNotUsed(t *testing.T) {
	s := play(t, false, noChange)
	var hits int
	var mu sync.Mutex
	other := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		hits++
		mu.Unlock()
	})
	for _, address := range []string{other, "http://hooks.slack.com.evil.example/x", "http://hooks.slack.com/x", "file:///etc/passwd", "https://u:p@hooks.slack.com/x", "::"} {
		p := s.SlashPayload("U1", "C1", mines)
		p["response_url"] = address
		s.ok("slash", s.Command(p))
	}
	for n := range 6 {
		if m := s.shown(n, mine); m.Via != "chat.postEphemeral" {
			t.Errorf("%+v", m)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if hits != 0 {
		t.Errorf("a foreign response_url was called %d times", hits)
	}
}

// Without a bot token commands are answered, and nothing else is tried for
// ever.
func TestCommandsNeedNoToken(t *testing.T) {
	s := play(t, false, func(p *parts, _ *bounds, _ *kept) { p.Settings.BotToken = redact.Secret{} })
	s.ok("slash", s.Slash("U1", "C1", mines))
	s.shown(0, mine)
	_, results := s.Mention("U1", "C1", "", mines)
	s.ok("mention", results...)
	s.idle()
	if n := len(s.Messages()); n != 1 {
		t.Errorf("%d messages%s", n, s.describe())
	}
}

// Blocks that Slack refuses are not the end of the answer.
func TestRefusedBlocksBecomeText(t *testing.T) {
	s := play(t, false, noChange)
	s.Fail("chat.postMessage", slackfake.Fault{Error: "invalid_blocks"})
	_, results := s.Mention("U1", "C1", "", mines)
	s.ok("mention", results...)
	m, ok := s.WaitMessage(0, func(m slackfake.Message) bool { return strings.Contains(m.Text, mine) })
	if !ok || len(m.Blocks) != 0 {
		t.Errorf("%v %+v", ok, m)
	}
}

// A long answer goes in several messages; a failure between them repeats none.
func TestLongAnswersAreSplit(t *testing.T) {
	s := play(t, false, noChange)
	s.ok("top", s.Event(s.Write("U1", "D1", "", "top 50")))
	s.shown(0, "50")
	s.Fail("chat.postMessage", slackfake.Fault{Status: 200, Error: "internal_error"})
	s.ok("question", s.Event(s.Write("U1", "D1", "", "发展 建设 推进 加快")))
	s.shown(0, "[50]")
	s.idle()
	first := 0
	for _, m := range s.Messages() {
		if holds(m, "[1]") {
			first++
		}
	}
	if first != 1 || len(s.Messages()) < 3 {
		t.Errorf("%d first parts in %d messages", first, len(s.Messages()))
	}
}

func TestBusyIsSaid(t *testing.T) {
	s := play(t, false, func(_ *parts, b *bounds, _ *kept) { b.Capacity, b.Reserve, b.PerPlace = 1, 1, 1 })
	s.Fail("chat.postMessage", slackfake.Fault{Status: 429, RetryAfter: "1"})
	_, results := s.Mention("U1", "C1", "", mines)
	s.ok("mention", results[0])
	said, refused := 0, 0
	for n := 0; n < 8 || n < 200 && (said == 0 || refused == 0); n++ { // who finds room is a matter of luck
		switch r := s.Slash("U2", "C2", fmt.Sprint(mines, n)); {
		case r.Status == 200 && strings.Contains(string(r.Body), "太多"):
			said++
		case r.Status != 200:
			refused++
		}
		if r := s.Event(s.Write("U3", "D3", "", mines)); r.Status == 503 {
			refused++
		}
	}
	if said == 0 || refused == 0 {
		t.Errorf("said %d times, refused %d times", said, refused)
	}
	s.idle()
}

// Installing checks where it began; another workspace's questions are then
// answered with its own token, and not after it removed the app.
func TestInstalling(t *testing.T) {
	kv := store.NewMemory(store.Bound{}, time.Now)
	s := play(t, false, func(p *parts, _ *bounds, _ *kept) {
		p.Installs = kv
		p.Settings.ClientID, p.Settings.ClientSecret = slackfake.ClientID, redact.NewSecret(slackfake.ClientSecret)
		p.Settings.SecretKey = redact.NewSecret("0123456789abcdef")
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var visited []*url.URL
	local, _ := url.Parse(s.AppURL)
	client := &http.Client{Jar: jar, Transport: s.Client().Transport, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "wenbao.example.org" {
			r.URL.Scheme, r.URL.Host = local.Scheme, local.Host
			for _, c := range jar.Cookies(&url.URL{Scheme: "https", Host: local.Host, Path: "/slack/"}) {
				r.AddCookie(c)
			}
		}
		visited = append(visited, r.URL)
		return nil
	}}
	status, page := get(t, client, s.AppURL+"/slack/install")
	if status != 200 || !strings.Contains(page, "已装好") {
		t.Fatalf("installed: %d %s\n%s", status, page, s.log)
	}
	finished := visited[len(visited)-1].String()
	for name, c := range map[string]*http.Client{"again": client, "another browser": s.Client()} {
		if status, _ := get(t, c, finished); status != 400 {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, _ := get(t, client, s.AppURL+"/slack/oauth?code=x&state=forged"); status != 400 {
		t.Errorf("forged state: %d", status)
	}
	var team string
	if err := kv.Scan(context.Background(), func(i store.Item) bool {
		team = i.Key[strings.LastIndex(i.Key, "/")+1:]
		if strings.Contains(string(i.Value), "xoxb") {
			t.Error("a token is kept in the clear")
		}
		return true
	}); err != nil || team == "" {
		t.Fatal(err, team)
	}
	s.ok("question", s.EventOf(team, s.Write("U1", "D1", "", mines)))
	if m := s.shown(0, mine); m.Team != team {
		t.Errorf("answered as %s", m.Team)
	}
	s.ok("own", s.Event(s.Write("U1", "D1", "", mines)))
	if m := s.shown(1, mine); m.Team != slackfake.Team {
		t.Errorf("answered as %s", m.Team)
	}
	s.ok("removed", s.EventOf(team, map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"bot": []string{"U0"}}}),
		s.EventOf(team, map[string]any{"type": "app_uninstalled"}))
	if kv.Len() != 0 {
		t.Error("the installation is still kept")
	}
	s.ok("question", s.EventOf(team, s.Write("U1", "D1", "", mines)))
	s.idle()
	if n := len(s.Messages()); n != 2 {
		t.Errorf("%d messages%s", n, s.describe())
	}
	if log := s.log.String(); strings.Contains(log, "xoxb-") || strings.Contains(log, slackfake.ClientSecret) {
		t.Error("the log tells a secret")
	}
}

func TestSettingsAreChecked(t *testing.T) {
	s := play(t, false, noChange)
	good := parts{Library: s.app.Library, Phrases: s.set.Phrases, Settings: slack.Settings{SigningSecret: redact.NewSecret("x"), BotToken: redact.NewSecret("xoxb-1")}}
	for name, change := range map[string]func(*slack.Settings){
		"empty signing secret": func(s *slack.Settings) { s.SigningSecret = redact.Secret{} },
		"no app token":         func(s *slack.Settings) { s.Socket = true },
		"no secret key":        func(s *slack.Settings) { s.ClientID, s.ClientSecret = "1", redact.NewSecret("2") },
	} {
		p := good
		change(&p.Settings)
		if _, err := slack.New(p); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := slack.New(good); err != nil {
		t.Error(err)
	}
}

func get(t *testing.T, c *http.Client, address string) (int, string) {
	t.Helper()
	resp, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// What somebody asked last is kept where it was said to be kept, and erased
// there when they are forgotten.
func TestRecentIsForgotten(t *testing.T) {
	shared := store.NewMemory(store.Bound{}, time.Now)
	s := play(t, false, func(p *parts, _ *bounds, _ *kept) { p.Recent = shared })
	s.ok("question", s.Event(s.Write("U1", "D1", "", mines)))
	s.idle()
	person := bot.Address{Platform: slack.Platform, Workspace: slackfake.Team, User: "U1"}.Person()
	if n, err := shared.Count(t.Context(), person); n != 1 || err != nil {
		t.Fatalf("%d kept, %v", n, err)
	}
	if n, err := s.app.Forget(t.Context(), person); n != 1 || err != nil || shared.Len() != 0 {
		t.Errorf("forgot %d, %d are left, %v", n, shared.Len(), err)
	}
}
