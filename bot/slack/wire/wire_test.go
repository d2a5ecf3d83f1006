package wire_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"wenbao/bot/redact"
	"wenbao/bot/slack/wire"
)

const secret = "8f742231b10e8888abcd99yyyzzz85a5"

func sign(at time.Time, body string) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	return http.Header{"X-Slack-Request-Timestamp": {stamp}, "X-Slack-Signature": {"v0=" + hex.EncodeToString(mac.Sum(nil))}}
}

func with(h http.Header, key string, values ...string) http.Header {
	h = h.Clone()
	h[key] = values
	return h
}

func TestSignatures(t *testing.T) {
	now := time.Now()
	v, err := wire.NewVerifier(redact.NewSecret(secret), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	const body = "token=x&command=%2Fask"
	good := sign(now, body)
	signature := good.Get("X-Slack-Signature")
	const sigKey, timeKey = "X-Slack-Signature", "X-Slack-Request-Timestamp"
	tests := []struct {
		name   string
		header http.Header
		body   string
		ok     bool
	}{
		{"signed", good, body, true},
		{"four minutes old", sign(now.Add(-4*time.Minute), body), body, true},
		{"stale", sign(now.Add(-6*time.Minute), body), body, false},
		{"clock a little ahead", sign(now.Add(30*time.Second), body), body, true},
		{"from the future", sign(now.Add(2*time.Minute), body), body, false},
		{"far future", sign(now.Add(1000*time.Hour), body), body, false},
		{"another body", good, body + "&", false},
		{"empty body", good, "", false},
		{"another secret", with(good, sigKey, "v0="+strings.Repeat("ab", 32)), body, false},
		{"no signature", with(good, sigKey), body, false},
		{"two signatures", with(good, sigKey, signature, signature), body, false},
		{"no timestamp", with(good, timeKey), body, false},
		{"timestamp with a sign", with(good, timeKey, "+"+good.Get(timeKey)), body, false},
		{"timestamp in words", with(good, timeKey, "now"), body, false},
		{"timestamp beyond numbers", with(good, timeKey, strings.Repeat("9", 40)), body, false},
		{"version 1", with(good, sigKey, "v1"+signature[2:]), body, false},
		{"no version", with(good, sigKey, signature[3:]), body, false},
		{"short", with(good, sigKey, signature[:20]), body, false},
		{"long", with(good, sigKey, signature+"00"), body, false},
		{"upper case", with(good, sigKey, "v0="+strings.ToUpper(signature[3:])), body, false},
		{"not hex", with(good, sigKey, "v0="+strings.Repeat("zz", 32)), body, false},
		{"empty", with(good, sigKey, ""), body, false},
	}
	for _, tt := range tests {
		err := v.Check(tt.header, []byte(tt.body))
		if (err == nil) != tt.ok || err != nil && !errors.Is(err, wire.ErrUnsigned) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error tells the secret", tt.name)
		}
	}
	for _, s := range []string{"", " \n"} {
		if _, err := wire.NewVerifier(redact.NewSecret(s), time.Now); err == nil {
			t.Errorf("the secret %q is accepted", s)
		}
	}
}

func TestBodiesAreBounded(t *testing.T) {
	v, err := wire.NewVerifier(redact.NewSecret(secret), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	body := strings.Repeat("a", wire.MaxBody+1)
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header = sign(time.Now(), body)
	if _, err := v.Read(httptest.NewRecorder(), r); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	body = body[:wire.MaxBody]
	r = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header = sign(time.Now(), body)
	if got, err := v.Read(httptest.NewRecorder(), r); err != nil || len(got) != len(body) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestWords(t *testing.T) {
	tests := []struct {
		in, want          string
		mentioned, others bool
	}{
		{"<@U0BOT> 去年GDP？", "去年GDP？", true, false},
		{"去年<@U0BOT|wenbao>GDP", "去年 GDP", true, false},
		{"问 <@U9> <@U0BOT>", "问", true, true},
		{"a &lt;b&gt; &amp;amp; c", "a <b> &amp; c", false, false},
		{"&lt;@U0BOT&gt;", "<@U0BOT>", false, false},
		{"<https://x.cn|看这里> <https://y.cn/a?b=1&amp;c=2>", "看这里 https://y.cn/a?b=1&c=2", false, false},
		{"<#C1|general> <mailto:a@b.cn|a@b.cn>", "#general a@b.cn", false, false},
		{"<!here> <!subteam^S1|@all>", "", false, true},
		{"<!date^1^{date}|2022年>", "2022年", false, false},
		{"a <b", "a <b", false, false},
		{"<>", "<>", false, false},
		{"<|x>", "<|x>", false, false},
	}
	for _, tt := range tests {
		got := wire.Read(tt.in, "U0BOT")
		if got.Text != tt.want || got.Mentioned != tt.mentioned || got.Others != tt.others {
			t.Errorf("Read(%q) = %+v", tt.in, got)
		}
	}
}

func TestDecoding(t *testing.T) {
	c, err := wire.ParseCommand([]byte("ssl_check=1&token=x"))
	if err != nil || !c.SSLCheck {
		t.Errorf("ssl_check: %+v %v", c, err)
	}
	for _, bad := range []string{"", "{}", "command=/ask", "%zz", "team_id=T1&user_id=U1&channel_id=C1&command=/ask"} {
		if _, err := wire.ParseCommand([]byte(bad)); !errors.Is(err, wire.ErrGarbled) {
			t.Errorf("command %q: %v", bad, err)
		}
	}
	e, err := wire.DecodeEnvelope([]byte(`{"type":"event_callback","team_id":"T1","event":{"type":"never_heard_of","user":[1]}}`))
	if err != nil || e.Event.Type != "never_heard_of" {
		t.Errorf("unknown event: %+v %v", e, err)
	}
	e, err = wire.DecodeEnvelope([]byte(`{"type":"event_callback","team_id":"T1","authorizations":[{"enterprise_id":"E1","team_id":"T1","user_id":"U0","is_bot":true,"is_enterprise_install":true}],"event":{"type":"message"}}`))
	if err != nil || e.Workspace() != "E1" || e.Bot != "U0" {
		t.Errorf("an enterprise's event: %+v %v", e, err)
	}
	for _, bad := range []string{"", "[]", "null1", `{"type":"event_callback"}`, `{"type":"event_callback","team_id":"T1","event":"x"}`} {
		if _, err := wire.DecodeEnvelope([]byte(bad)); !errors.Is(err, wire.ErrGarbled) {
			t.Errorf("envelope %q: %v", bad, err)
		}
	}
	for _, bad := range []string{"", "payload=", "payload={", `payload={"type":"block_actions"}`} {
		if _, err := wire.ParseInteraction([]byte(bad)); !errors.Is(err, wire.ErrGarbled) {
			t.Errorf("interaction %q: %v", bad, err)
		}
	}
}

// Bytes from outside never panic a decoder, and what decodes is complete.
func FuzzDecoders(f *testing.F) {
	for _, s := range []string{
		`{"type":"event_callback","team_id":"T1","event":{"type":"message","subtype":"message_changed","message":{"edited":{"ts":"1"}}}}`,
		`{"type":"url_verification","challenge":"x"}`,
		`{"type":"block_actions","team":{"id":"T"},"user":{"id":"U"},"actions":[{"action_id":"press:1","value":"1m:A"}],"container":{"is_ephemeral":true}}`,
		`{"type":"view_submission","team":null,"enterprise":{"id":"E"},"user":{"id":"U"},"view":{"state":{"values":{"a":{"b":{"selected_option":null}}}}}}`,
		`team_id=T1&user_id=U1&channel_id=C1&command=/ask&trigger_id=1`, `payload=%7B%7D`, `<@U1|x> <`, "\xff\x00",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := wire.ParseCommand(b); err == nil && !c.SSLCheck && (c.User == "" || c.Workspace() == "") {
			t.Error("an incomplete command")
		}
		if c, err := wire.DecodeCommand(b); err == nil && (c.User == "" || c.Workspace() == "") {
			t.Error("an incomplete command")
		}
		if e, err := wire.DecodeEnvelope(b); err == nil && e.Type == "event_callback" && e.Event.Type == "" {
			t.Error("an event without type")
		}
		if i, err := wire.ParseInteraction(append([]byte("payload="), b...)); err == nil && i.User == "" {
			t.Error("an interaction of nobody")
		}
		if i, err := wire.DecodeInteraction(b); err == nil && i.Workspace() == "" {
			t.Error("an interaction of nowhere")
		}
		if w := wire.Read(string(b), "U1"); bytes.ContainsRune([]byte(w.Text), '\uFFFD') && !bytes.ContainsRune(b, '\uFFFD') {
			t.Error("broken text")
		}
	})
}
