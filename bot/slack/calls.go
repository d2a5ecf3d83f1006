package slack

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"wenbao/bot/delivery"
	"wenbao/bot/redact"
)

// calls makes clients, and knows which methods must wait for which channels.
type calls struct {
	http     redact.Doer
	apiURL   string
	redactor *redact.Redactor
	counters counters
	now      func() time.Time

	mu    sync.Mutex
	until map[string]time.Time // by method, workspace and channel
}

func newCalls(p Parts, c counters) *calls {
	return &calls{http: p.Redactor.Client(p.HTTP), apiURL: p.Settings.APIURL, redactor: p.Redactor, counters: c, now: p.Now, until: map[string]time.Time{}}
}

// client returns a client of the Web API.
func (c *calls) client(token redact.Secret) *slack.Client {
	return slack.New(token.Reveal(), slack.OptionHTTPClient(c.http), slack.OptionAPIURL(c.apiURL))
}

func (c *calls) socket(app redact.Secret) *slack.Client {
	return slack.New("", slack.OptionAppLevelToken(app.Reveal()), slack.OptionHTTPClient(c.http), slack.OptionAPIURL(c.apiURL))
}

// A laterError says when to try again.
type laterError struct {
	method string
	after  time.Duration
}

func (e laterError) Error() string {
	return fmt.Sprintf("slack %s: rate limited for %s", e.method, e.after.Round(time.Second))
}

// RetryAfter is read by the Desk.
func (e laterError) RetryAfter() time.Duration { return e.after }

func retryAfter(err error) time.Duration {
	var e laterError
	if errors.As(err, &e) {
		return e.after
	}
	return 0
}

func gateKey(method, workspace, channel string) string {
	return method + "|" + workspace + "|" + channel
}

// wait returns an error while a method must not be called for a channel.
func (c *calls) wait(method, workspace, channel string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := gateKey(method, workspace, channel)
	until, found := c.until[key]
	if !found {
		return nil
	}
	if left := until.Sub(c.now()); left > 0 {
		return laterError{method, left}
	}
	delete(c.until, key)
	return nil
}

// limited notes that a method must wait.
func (c *calls) limited(method, workspace, channel string, after time.Duration) error {
	after = min(max(after, time.Second), 10*time.Minute)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if len(c.until) > 1000 {
		for k, t := range c.until {
			if !t.After(now) {
				delete(c.until, k)
			}
		}
	}
	c.until[gateKey(method, workspace, channel)] = now.Add(after)
	return laterError{method, after}
}

// judge counts the outcome of a call and makes its error one that says
// whether to try again. It holds no secrets.
func (c *calls) judge(method, workspace, channel string, err error) error {
	if err == nil {
		c.counters.calls.WithLabelValues(method, "ok").Inc()
		return nil
	}
	var limit *slack.RateLimitedError
	if errors.As(err, &limit) {
		c.counters.calls.WithLabelValues(method, "rate_limited").Inc()
		return c.limited(method, workspace, channel, limit.RetryAfter)
	}
	var status slack.StatusCodeError
	if errors.As(err, &status) && status.Code == http.StatusTooManyRequests {
		c.counters.calls.WithLabelValues(method, "rate_limited").Inc()
		return c.limited(method, workspace, channel, 5*time.Second)
	}
	err = c.redactor.Error(fmt.Errorf("slack %s: %w", method, err))
	if permanent(err) || errors.Is(err, delivery.ErrPermanent) {
		c.counters.calls.WithLabelValues(method, "permanent").Inc()
		return fmt.Errorf("%w: %w", err, delivery.ErrPermanent)
	}
	c.counters.calls.WithLabelValues(method, "transient").Inc()
	return err
}

// codeOf returns Slack's code of an error, "" where it has none.
func codeOf(err error) string {
	var e slack.SlackErrorResponse
	if errors.As(err, &e) {
		return e.Err
	}
	return ""
}

// transient are Slack's codes after which trying again may help.
func transient(code string) bool {
	return slices.Contains([]string{"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "rate_limited",
		"team_added_to_org", "message_limit_exceeded", "accesslimited", "timeout"}, code)
}

// permanent reports whether Slack will say the same again.
func permanent(err error) bool {
	if errors.Is(err, delivery.ErrPermanent) {
		return true
	}
	if code := codeOf(err); code != "" {
		return !transient(code)
	}
	var status slack.StatusCodeError
	return errors.As(err, &status) && status.Code >= 400 && status.Code < 500 &&
		status.Code != http.StatusTooManyRequests && status.Code != http.StatusRequestTimeout
}

// refused reports whether Slack does not accept a token.
func refused(err error) bool {
	code := codeOf(err)
	if code == "" && err != nil {
		code = err.Error()
	}
	return slices.Contains([]string{"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}, strings.TrimSpace(code))
}

// elsewhere are codes that say that the bot cannot post in a channel, but may
// elsewhere.
func elsewhere(err error) bool {
	return slices.Contains([]string{"not_in_channel", "channel_not_found", "is_archived", "user_not_in_channel", "restricted_action",
		"restricted_action_thread_locked", "restricted_action_read_only_channel", "ekm_access_denied", "messages_tab_disabled"}, codeOf(err))
}
