// Package client calls the operators' API of a running server.
package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
)

// Client calls one server.
type Client struct {
	base  string
	token string
	http  *http.Client
}

// New returns a Client of the operators' listener at addr, host:port or a URL.
// token may be "".
func New(addr, token string, h *http.Client) (*Client, error) {
	if !strings.Contains(addr, "://") {
		addr = "http://" + addr
	}
	u, err := url.Parse(addr)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("%q is not an address such as 127.0.0.1:9090", addr)
	}
	return &Client{base: strings.TrimRight(u.String(), "/"), token: token, http: h}, nil
}

// An Error is one that the server gave.
type Error struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Job    string `json:"job"`
	// Problems are the parts of it, where there are several.
	Problems []string `json:"problems"`
}

func (e *Error) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("the server answered %d %s", e.Status, e.Title)
	}
	return fmt.Sprintf("the server answered %d: %s", e.Status, e.Detail)
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 20

// call makes a request; the caller closes the body.
func (c *Client) call(ctx context.Context, method, path, accept string, body any) (*http.Response, error) {
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, content)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("Content-Type", "application/json")
	return c.send(req)
}

// send makes a request; an answer that is an error becomes one.
func (c *Client) send(req *http.Request) (*http.Response, error) {
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("no server answers at %s; is `wenbao serve` running, and --addr its ops listener? %w", c.base, errors.Unwrap(err))
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	failure := &Error{Status: resp.StatusCode, Title: http.StatusText(resp.StatusCode)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") {
		_ = json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(failure)
	}
	return nil, failure
}

func (c *Client) decode(ctx context.Context, method, path string, body, into any) error {
	resp, err := c.call(ctx, method, path, "application/json", body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(into); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// Reindex begins a reindexing and returns its job's id.
func (c *Client) Reindex(ctx context.Context, o reindex.Options) (string, error) {
	var job jobs.Job
	err := c.decode(ctx, http.MethodPost, "/admin/reindex", o, &job)
	return job.ID, err
}

// Jobs lists the jobs, newest first.
func (c *Client) Jobs(ctx context.Context) ([]jobs.Job, error) {
	var list struct {
		Jobs []jobs.Job `json:"jobs"`
	}
	err := c.decode(ctx, http.MethodGet, "/admin/jobs", nil, &list)
	return list.Jobs, err
}

// Job returns one job.
func (c *Client) Job(ctx context.Context, id string) (jobs.Job, error) {
	var job jobs.Job
	err := c.decode(ctx, http.MethodGet, "/admin/jobs/"+url.PathEscape(id), nil, &job)
	return job, err
}

// Cancel asks a job to stop.
func (c *Client) Cancel(ctx context.Context, id string) error {
	var job jobs.Job
	return c.decode(ctx, http.MethodPost, "/admin/jobs/"+url.PathEscape(id)+"/cancel", nil, &job)
}

// Generations lists the generations, the live one first.
func (c *Client) Generations(ctx context.Context) ([]reindex.Generation, error) {
	var list struct {
		Generations []reindex.Generation `json:"generations"`
	}
	err := c.decode(ctx, http.MethodGet, "/admin/generations", nil, &list)
	return list.Generations, err
}

// Activate lets a generation go live again.
func (c *Client) Activate(ctx context.Context, id string) error {
	var done struct {
		Live bool `json:"live"`
	}
	return c.decode(ctx, http.MethodPost, "/admin/generations/"+url.PathEscape(id)+"/activate", nil, &done)
}

// Follow calls f with a job after each of its changes, until it is done, and
// returns how it ended.
func (c *Client) Follow(ctx context.Context, id string, f func(jobs.Job)) (jobs.Job, error) {
	resp, err := c.call(ctx, http.MethodGet, "/admin/jobs/"+url.PathEscape(id), "text/event-stream", nil)
	if err != nil {
		return jobs.Job{}, err
	}
	defer resp.Body.Close()
	events := bufio.NewScanner(resp.Body)
	events.Buffer(nil, maxAnswer)
	for events.Scan() {
		data, ok := strings.CutPrefix(events.Text(), "data: ")
		if !ok {
			continue
		}
		var job jobs.Job
		if err := json.Unmarshal([]byte(data), &job); err != nil {
			return job, fmt.Errorf("read the server's answer: %w", err)
		}
		f(job)
		if job.State.Done() {
			return job, nil
		}
	}
	return jobs.Job{}, errors.Join(errors.New("the server ended before the job did; see wenbao jobs once it is back"), events.Err())
}
