package slack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"wenbao/bot/redact"
	"wenbao/retrieval/stage"
)

// What Slack allows of a response_url.
const (
	mostUses = 5
	lasts    = 30 * time.Minute
	// margin is how much earlier we stop using it.
	margin = time.Minute
)

// errSpent says that a response_url is of no use any more.
var errSpent = errors.New("response_url is spent")

// webhooks answers through response_urls. They are secrets.
type webhooks struct {
	http     redact.Doer
	host     string // that of the API
	redactor *redact.Redactor
	counters counters
	stage    stage.Func
	now      func() time.Time

	mu   sync.Mutex
	uses map[[32]byte]*use
}

type use struct {
	n     int
	until time.Time
}

func newWebhooks(p Parts, c counters) *webhooks {
	host := ""
	if u, err := url.Parse(p.Settings.APIURL); err == nil {
		host = u.Host
	}
	client := *p.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &webhooks{http: p.Redactor.Client(&client), host: host, redactor: p.Redactor, counters: c, stage: p.Stage, now: p.Now, uses: map[[32]byte]*use{}}
}

// allowed returns a response_url that is Slack's, or on the host of the API
// that is configured; "" for any other.
func (h *webhooks) allowed(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Host == "" || len(address) > 1000 {
		return ""
	}
	switch {
	case u.Scheme == "https" && (u.Host == "hooks.slack.com" || u.Host == "hooks.slack-gov.com"):
		return address
	case h.host != "" && u.Host == h.host && (u.Scheme == "https" || u.Scheme == "http"):
		return address
	}
	return ""
}

// take takes one use of a response_url that was given at a time.
func (h *webhooks) take(address string, at int64) bool {
	now := h.now()
	given := time.Unix(at, 0)
	if address == "" || at == 0 || now.Sub(given) > lasts-margin {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	key := sha256.Sum256([]byte(address))
	if len(h.uses) > 10_000 {
		for k, u := range h.uses {
			if !now.Before(u.until) {
				delete(h.uses, k)
			}
		}
	}
	u := h.uses[key]
	if u == nil {
		u = &use{until: given.Add(lasts)}
		h.uses[key] = u
	}
	if u.n >= mostUses {
		return false
	}
	u.n++
	return true
}

// spent marks a response_url as of no use.
func (h *webhooks) spent(address string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if u := h.uses[sha256.Sum256([]byte(address))]; u != nil {
		u.n = mostUses
	}
}

// post answers through a response_url; errSpent where another way is needed.
func (h *webhooks) post(ctx context.Context, b back, body map[string]any) error {
	if h.allowed(b.URL) == "" || !h.take(b.URL, b.At) {
		return errSpent
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("slack response_url: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.URL, bytes.NewReader(raw))
	if err != nil {
		return errSpent
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	_, end := h.stage.Begin(ctx, stage.Send+" response_url")
	resp, err := h.http.Do(req)
	end(slog.Bool("failed", err != nil || resp.StatusCode >= 300))
	if err != nil {
		h.count("transient")
		var outer *url.Error
		if errors.As(err, &outer) { // it holds the address, which is a secret
			err = outer.Err
		}
		return fmt.Errorf("slack response_url: %w", h.redactor.Error(err))
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10)) // of an error, its name
	return h.judge(b, resp, string(said))
}

func (h *webhooks) judge(b back, resp *http.Response, said string) error {
	var code struct {
		OK    *bool  `json:"ok"`
		Error string `json:"error"`
	}
	_ = json.Unmarshal([]byte(said), &code) // plain text too means something
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		h.count("rate_limited")
		seconds, err := strconv.Atoi(strings.TrimSpace(resp.Header.Get("Retry-After")))
		if err != nil {
			seconds = 5
		}
		return laterError{"response_url", time.Duration(min(max(seconds, 1), 600)) * time.Second}
	case resp.StatusCode >= 500:
		h.count("transient")
		return fmt.Errorf("slack response_url: %s", resp.Status)
	case resp.StatusCode >= 300, code.OK != nil && !*code.OK:
		h.spent(b.URL)
		h.count("spent")
		return errSpent
	}
	h.count("ok")
	return nil
}

func (h *webhooks) count(outcome string) {
	h.counters.calls.WithLabelValues("response_url", outcome).Inc()
}
