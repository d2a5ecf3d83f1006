// Package api calls methods of the Telegram Bot API: with a context, a bound
// on what is read, and errors that say what to do next and never hold the
// token.
package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"wenbao/bot/redact"
)

// DefaultURL is where Telegram's own Bot API is.
const DefaultURL = "https://api.telegram.org"

// maxBody bounds an answer of the API: 100 updates of the largest kind are
// far smaller.
const maxBody = 64 << 20

// Params are the parameters of a method. Values that are not strings are
// encoded as JSON, the way the API takes them.
type Params map[string]any

// Client calls the Bot API. It is safe for concurrent use.
type Client struct {
	token    redact.Secret
	endpoint string
	http     redact.Doer
	redactor *redact.Redactor
	observe  func(method, result string, took time.Duration)
}

// New returns a Client for the API at base (DefaultURL where empty). http must
// not time out before a long poll does: contexts bound the calls. observe,
// which may be nil, is told of every call.
func New(base string, token redact.Secret, http redact.Doer, observe func(method, result string, took time.Duration)) *Client {
	if base == "" {
		base = DefaultURL
	}
	if observe == nil {
		observe = func(string, string, time.Duration) {}
	}
	r := redact.New(token.Reveal())
	// The library formats the endpoint: a percent sign of the base is its own.
	endpoint := strings.ReplaceAll(strings.TrimRight(base, "/"), "%", "%%") + "/bot%s/%s"
	return &Client{token: token, endpoint: endpoint, http: r.Client(http), redactor: r, observe: observe}
}

// Redactor strips the token from texts.
func (c *Client) Redactor() *redact.Redactor { return c.redactor }

// Call calls a method and decodes its result into out, where out is not nil.
func (c *Client) Call(ctx context.Context, method string, params Params, out any) error {
	began := time.Now()
	err := c.call(ctx, method, params, out)
	c.observe(method, result(err), time.Since(began))
	if err != nil {
		return fmt.Errorf("telegram %s: %w", method, c.redactor.Error(err))
	}
	return nil
}

func (c *Client) call(ctx context.Context, method string, params Params, out any) error {
	encoded, err := encode(params)
	if err != nil {
		return err
	}
	lib := &tgbotapi.BotAPI{Token: c.token.Reveal(), Client: bound{ctx, c.http}}
	lib.SetAPIEndpoint(c.endpoint)
	resp, err := lib.MakeRequest(method, encoded)
	var refused *tgbotapi.Error
	if errors.As(err, &refused) {
		return &Error{Code: refused.Code, Description: refused.Message,
			After: time.Duration(refused.RetryAfter) * time.Second, MigratedTo: refused.MigrateToChatID}
	}
	if err != nil {
		return err
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(resp.Result, out); err != nil {
		return &BrokenError{Status: http.StatusOK, Body: resp.Result}
	}
	return nil
}

// encode makes form values of params.
func encode(params Params) (tgbotapi.Params, error) {
	out := tgbotapi.Params{}
	for k, v := range params {
		switch v := v.(type) {
		case nil:
		case string:
			out[k] = v
		default:
			b, err := marshal(v)
			if err != nil {
				return nil, fmt.Errorf("encode %s: %w", k, err)
			}
			out[k] = b
		}
	}
	return out, nil
}

func marshal(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// bound sends requests under a context, and lets only whole JSON answers
// through to the library, which would lose the status of any other.
type bound struct {
	ctx  context.Context
	next redact.Doer
}

func (b bound) Do(req *http.Request) (*http.Response, error) {
	resp, err := b.next.Do(req.WithContext(b.ctx))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	resp.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(body) > maxBody || !json.Valid(body) {
		return nil, &BrokenError{Status: resp.StatusCode, Body: body[:min(len(body), maxBody)]}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}
