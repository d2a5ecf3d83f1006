package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"wenbao/bot/curator"
)

// Pins lists aliases and pinned answers, the newest first; workspace "" lists
// all.
func (c *Client) Pins(ctx context.Context, workspace string) ([]curator.Shown, error) {
	var list struct {
		Pins []curator.Shown `json:"pins"`
	}
	err := c.decode(ctx, http.MethodGet, "/admin/pins?"+url.Values{"workspace": {workspace}}.Encode(), nil, &list)
	return list.Pins, err
}

// Pin makes an alias or a pinned answer.
func (c *Client) Pin(ctx context.Context, w curator.Wish) (curator.Shown, error) {
	var made curator.Shown
	err := c.decode(ctx, http.MethodPost, "/admin/pins", w, &made)
	return made, err
}

// Unpin ends one.
func (c *Client) Unpin(ctx context.Context, id string) (curator.Shown, error) {
	var ended curator.Shown
	err := c.decode(ctx, http.MethodDelete, "/admin/pins/"+url.PathEscape(id), nil, &ended)
	return ended, err
}

// Questions reads a list of questions into v, which fits the list: its key is
// the list's name.
func (c *Client) Questions(ctx context.Context, list string, parameters url.Values, v any) error {
	return c.decode(ctx, http.MethodGet, "/admin/questions/"+list+"?"+parameters.Encode(), nil, v)
}

// QuestionsCSV copies a list of questions as CSV to w.
func (c *Client) QuestionsCSV(ctx context.Context, list string, parameters url.Values, w io.Writer) error {
	parameters.Set("format", "csv")
	return c.copy(ctx, "/admin/questions/"+list+"?"+parameters.Encode(), "text/csv", w)
}

// copy copies an answer to w.
func (c *Client) copy(ctx context.Context, path, accept string, w io.Writer) error {
	resp, err := c.call(ctx, http.MethodGet, path, accept, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(w, io.LimitReader(resp.Body, maxAnswer)); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// Decide shows a question on the public page, or keeps it from there.
func (c *Client) Decide(ctx context.Context, question string, approved bool) error {
	var done struct{}
	return c.decode(ctx, http.MethodPut, "/admin/questions/public", map[string]any{"question": question, "approved": approved}, &done)
}

// Undecide takes back what was decided on a question.
func (c *Client) Undecide(ctx context.Context, question string) error {
	var done struct{}
	return c.decode(ctx, http.MethodDelete, "/admin/questions/public?"+url.Values{"question": {question}}.Encode(), nil, &done)
}

// level is how much is logged.
type level struct {
	Level string `json:"level"`
}

// LogLevel returns from which level on the server logs.
func (c *Client) LogLevel(ctx context.Context) (string, error) {
	var l level
	err := c.decode(ctx, http.MethodGet, "/admin/log", nil, &l)
	return l.Level, err
}

// SetLogLevel changes it.
func (c *Client) SetLogLevel(ctx context.Context, to string) error {
	var l level
	return c.decode(ctx, http.MethodPut, "/admin/log", level{to}, &l)
}

// Config copies the settings in effect, without secrets, as YAML to w.
func (c *Client) Config(ctx context.Context, w io.Writer) error {
	return c.copy(ctx, "/admin/config", "application/yaml", w)
}
