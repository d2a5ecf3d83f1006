package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"wenbao/bot/uploads"
)

// reportPath is where a report is, by its id.
func reportPath(id string) string {
	return "/admin/reports/" + url.PathEscape(strings.ReplaceAll(id, "/", "~"))
}

// Reports lists the reports.
func (c *Client) Reports(ctx context.Context) (uploads.Listing, error) {
	var list uploads.Listing
	err := c.decode(ctx, http.MethodGet, "/admin/reports", nil, &list)
	return list, err
}

// Report describes one report.
func (c *Client) Report(ctx context.Context, id string) (uploads.Detail, error) {
	var detail uploads.Detail
	err := c.decode(ctx, http.MethodGet, reportPath(id), nil, &detail)
	return detail, err
}

// Source returns the text of a report as it was uploaded; UTF-8 where it was
// not.
func (c *Client) Source(ctx context.Context, id string) ([]byte, error) {
	resp, err := c.call(ctx, http.MethodGet, reportPath(id)+"/source", "text/plain", nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("read the server's answer: %w", err)
	}
	return text, nil
}

// A File is one to upload.
type File struct {
	Name string
	io.Reader
}

// UploadOptions say how an upload is taken.
type UploadOptions struct {
	ID      string // of the only document
	Under   string // a folder that the names of files are put into
	Replace bool
	DryRun  bool
}

func (o UploadOptions) query() string {
	q := url.Values{}
	for key, value := range map[string]string{"id": o.ID, "under": o.Under} {
		if value != "" {
			q.Set(key, value)
		}
	}
	for key, on := range map[string]bool{"replace": o.Replace, "dry_run": o.DryRun} {
		if on {
			q.Set(key, "true")
		}
	}
	return q.Encode()
}

// Upload sends files: texts, their metadata, archives of both.
func (c *Client) Upload(ctx context.Context, files []File, o UploadOptions) (uploads.Outcome, error) {
	var out uploads.Outcome
	body, in := io.Pipe()
	defer body.Close()
	form := multipart.NewWriter(in)
	written := make(chan error, 1)
	go func() {
		err := writeForm(form, files)
		in.CloseWithError(err)
		written <- err
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/admin/reports?"+o.query(), body)
	if err != nil {
		return out, err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Expect", "100-continue") // what is refused at once need not be sent
	resp, err := c.send(req)
	if err != nil {
		body.Close()
		if unread := <-written; unread != nil && !errors.Is(unread, io.ErrClosedPipe) {
			return out, unread
		}
		return out, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&out); err != nil {
		return out, fmt.Errorf("read the server's answer: %w", err)
	}
	return out, nil
}

func writeForm(form *multipart.Writer, files []File) error {
	for _, f := range files {
		part, err := form.CreateFormFile("file", f.Name)
		if err == nil {
			_, err = io.Copy(part, f)
		}
		if err != nil {
			return fmt.Errorf("send %s: %w", f.Name, err)
		}
	}
	return form.Close()
}

// Remove removes a report.
func (c *Client) Remove(ctx context.Context, id string) (uploads.Outcome, error) {
	var out uploads.Outcome
	err := c.decode(ctx, http.MethodDelete, reportPath(id), nil, &out)
	return out, err
}

// Restore brings a report of the corpus back that was removed.
func (c *Client) Restore(ctx context.Context, id string) (uploads.Outcome, error) {
	var out uploads.Outcome
	err := c.decode(ctx, http.MethodPost, reportPath(id)+"/restore", nil, &out)
	return out, err
}
