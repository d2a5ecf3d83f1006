package redact_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"wenbao/bot/redact"
)

const (
	telegramToken = "7123456789:AAF_abcdefghijklmnopqrstuvwxyz-0123"
	slackToken    = "xoxb-123-456-abcDEF"
	registered    = `p@ss/w"ord`
)

func TestRedactorStripsSecretsByShape(t *testing.T) {
	r := redact.New()
	tests := map[string]string{
		"Post https://api.telegram.org/bot" + telegramToken + "/getMe: EOF": "Post https://api.telegram.org/bot[redacted]/getMe: EOF",
		"https://api.telegram.org/bot1%3Aabc/getMe":                         "https://api.telegram.org/bot[redacted]/getMe",
		"token " + telegramToken + " refused":                               "token [redacted] refused",
		"auth.test with " + slackToken + ": invalid_auth":                   "auth.test with [redacted]: invalid_auth",
		"refresh xoxe.xoxp-1-abc done":                                      "refresh xoxe.[redacted] done",
		"xapp-1-A0-123-abcdef":                                              "[redacted]",
		`Post "https://hooks.slack.com/commands/T1/2/abc": EOF`:             `Post "https://hooks.slack.com/[redacted]": EOF`,
		"https://hooks.slack-gov.com/actions/T1/2/abc":                      "https://hooks.slack-gov.com/[redacted]",
		"dial redis://user:hunter2@redis:6379/0":                            "dial redis://user:[redacted]@redis:6379/0",
		"2021年地区生产总值增长6.3％，http://127.0.0.1:8080/r/x@y":                     "2021年地区生产总值增长6.3％，http://127.0.0.1:8080/r/x@y",
		"robot 12:30, xoxo-chat, botany":                                    "robot 12:30, [redacted], botany",
	}
	for in, want := range tests {
		if got := r.String(in); got != want {
			t.Errorf("String(%q)\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestRedactorStripsRegisteredValues(t *testing.T) {
	r := redact.New(registered, "abc", "longer-secret", "longer-secret-still")
	encoded, _ := json.Marshal(registered)
	for _, text := range []string{registered, url.QueryEscape(registered), url.PathEscape(registered), string(encoded)} {
		if got := strings.Trim(r.String(text), `"`); got != redact.Mark {
			t.Errorf("String(%q) = %q", text, got)
		}
	}
	if got := r.String("abc longer-secret-still longer-secret"); got != "abc [redacted] [redacted]" {
		t.Errorf("got %q", got)
	}
	r.Add("later-value")
	if got := r.String("a later-value"); got != "a [redacted]" {
		t.Errorf("after Add: %q", got)
	}
}

func TestSecretNeverPrints(t *testing.T) {
	const value = "hunter2-hunter2"
	s := redact.NewSecret(value)
	type holder struct {
		Public  redact.Secret
		private redact.Secret
	}
	h := holder{Public: s, private: s}
	var printed []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p"} {
		printed = append(printed, fmt.Sprintf(verb, s), fmt.Sprintf(verb, &s), fmt.Sprintf(verb, h), fmt.Sprintf(verb, []redact.Secret{s}))
	}
	asJSON, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("m", "secret", s, "holder", h)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("m", "secret", s, "holder", h)
	printed = append(printed, string(asJSON), string(asYAML), logged.String())
	for _, p := range printed {
		if strings.Contains(p, value) || strings.Contains(strings.ToLower(p), fmt.Sprintf("%x", value)) {
			t.Errorf("printed %q", p)
		}
	}
	if string(asJSON) != `{"Public":"[redacted]"}` {
		t.Errorf("JSON %s", asJSON)
	}
}

func TestSecretKeepsItsValue(t *testing.T) {
	s, empty := redact.NewSecret("v"), redact.NewSecret("")
	if s.Reveal() != "v" || !s.IsSet() || !s.Equal(redact.NewSecret("v")) || s.Equal(empty) {
		t.Error("a set secret lost its value")
	}
	if empty.IsSet() || empty.Reveal() != "" || empty.String() != "" || !empty.Equal(redact.Secret{}) {
		t.Error("an empty secret is not empty")
	}
	if got := fmt.Sprintf("%q %#v", empty, s); got != `"" Secret("[redacted]")` {
		t.Errorf("printed %s", got)
	}
}

type leaky struct{ Address string }

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

func TestHandlerStripsEveryKindOfAttribute(t *testing.T) {
	r := redact.New(registered)
	address := "https://api.telegram.org/bot" + telegramToken + "/x"
	parsed, _ := url.Parse(address)
	for name, next := range map[string]func(io.Writer) slog.Handler{
		"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"json": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		var out bytes.Buffer
		log := slog.New(r.Handler(next(&out))).With("bound", slackToken).WithGroup("g").With("password", registered)
		log.InfoContext(context.Background(), "calling "+address,
			"error", fmt.Errorf("post: %w", errors.New(address)),
			"struct", leaky{address}, "pointer", &leaky{address}, "map", map[string]string{"k": address},
			"url", parsed, "bytes", []byte(address), "slice", []string{slackToken},
			"secret", redact.NewSecret("x"), "kept", 42, "nil", (*nilError)(nil),
			slog.Group("inner", "token", telegramToken))
		log.Debug("not enabled")
		got := out.String()
		for _, secret := range []string{telegramToken, slackToken, "abcdefghijklm", "p@ss"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s: %q in %s", name, secret, got)
			}
		}
		for _, want := range []string{"calling https://api.telegram.org/bot[redacted]/x", "42", "bound", "!PANIC"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in %s", name, want, got)
			}
		}
	}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestClientStripsTheAddressThatHTTPClientAdds(t *testing.T) {
	r := redact.New()
	cause := &net.OpError{Op: "dial", Err: context.DeadlineExceeded}
	client := r.Client(&http.Client{Transport: r.Transport(failing{cause})})
	req, _ := http.NewRequest(http.MethodGet, "https://api.telegram.org/bot"+telegramToken+"/getMe", nil)
	_, err := client.Do(req)
	if err == nil || strings.Contains(err.Error(), telegramToken) {
		t.Fatalf("error %v", err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if strings.Contains(fmt.Sprintf(verb, err), telegramToken) {
			t.Errorf("%s prints the token", verb)
		}
	}
	var asURL *url.Error
	if !errors.As(err, &asURL) || strings.Contains(asURL.Error(), telegramToken) || !asURL.Timeout() {
		t.Errorf("as *url.Error: %v", asURL)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error("the cause is gone")
	}
}

func TestTransportStripsAndKeepsTheCause(t *testing.T) {
	r := redact.New()
	cause := errors.New("proxy refused https://hooks.slack.com/commands/T/1/a")
	_, err := r.Transport(failing{cause}).RoundTrip(nil)
	if got, want := err.Error(), "proxy refused https://hooks.slack.com/[redacted]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is gone")
	}
	plain := errors.New("plain")
	if got := r.Error(plain); got != plain {
		t.Errorf("an error without secrets became %v", got)
	}
	if r.Error(nil) != nil {
		t.Error("nil became an error")
	}
}

func TestTransportDefaultsToTheStandardOne(t *testing.T) {
	if redact.New().Transport(nil) == nil {
		t.Fatal("no transport")
	}
}

func FuzzString(f *testing.F) {
	f.Add("bot1:a xoxb-1 hooks.slack.com/x ://a:b@c")
	r := redact.New("registered-value")
	f.Fuzz(func(t *testing.T, text string) {
		once := r.String(text + "registered-value")
		if strings.Contains(once, "registered-value") {
			t.Errorf("the value is still in %q", once)
		}
		if r.String(once) != once {
			t.Errorf("not stable: %q", once)
		}
	})
}
