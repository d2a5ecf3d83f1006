package reports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"wenbao/bot/jobs"
	"wenbao/bot/uploads"
	"wenbao/bot/uploads/intake"
)

// clocked is a connection that notes until when it may be read and written.
type clocked struct {
	*httptest.ResponseRecorder
	read, write []time.Time
}

func (c *clocked) SetReadDeadline(t time.Time) error {
	c.read = append(c.read, t)
	return nil
}

func (c *clocked) SetWriteDeadline(t time.Time) error {
	c.write = append(c.write, t)
	return nil
}

// TestWhoSendsHasTimeForIt: twenty seconds, and one for each 16 KiB sent; the
// answer has two minutes more.
func TestWhoSendsHasTimeForIt(t *testing.T) {
	w := &clocked{ResponseRecorder: httptest.NewRecorder()}
	begun := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	content := bytes.Repeat([]byte("a"), 10*slowest)
	p := &paced{Reader: bytes.NewReader(content), control: http.NewResponseController(w), begun: begun}
	buffer := make([]byte, slowest/4)
	for {
		if _, err := p.Read(buffer); err != nil {
			break
		}
	}
	if len(w.read) != 11 || !w.read[0].Equal(begun.Add(graceTime)) || !w.read[10].Equal(begun.Add(graceTime+10*time.Second)) {
		t.Errorf("deadlines %v", w.read)
	}
	for i, until := range w.read {
		if !w.write[i].Equal(until.Add(answerTime)) {
			t.Errorf("the answer may take until %v, the request until %v", w.write[i], until)
		}
	}
	plain := &paced{Reader: strings.NewReader("a"), control: http.NewResponseController(httptest.NewRecorder()), begun: begun}
	if b, err := io.ReadAll(plain); err != nil || string(b) != "a" {
		t.Errorf("a connection without deadlines: %q %v", b, err)
	}
}

func TestErrorsHaveTheirStatus(t *testing.T) {
	tests := []struct {
		err    error
		status int
	}{
		{explained(&http.MaxBytesError{Limit: intake.MaxBody}), http.StatusRequestEntityTooLarge},
		{explained(&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}), http.StatusRequestTimeout},
		{explained(io.ErrUnexpectedEOF), http.StatusBadRequest},
		{explained(&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}), http.StatusBadRequest},
		{explained(&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}), http.StatusInsufficientStorage},
		{explained(&os.PathError{Op: "open", Path: "x", Err: syscall.EACCES}), http.StatusInternalServerError},
		{fmt.Errorf("nothing was kept: %w", jobs.ErrClosed), http.StatusServiceUnavailable},
		{errBusy, http.StatusServiceUnavailable},
		{context.Canceled, http.StatusServiceUnavailable},
		{uploads.ErrLast, http.StatusConflict},
		{errors.New("something else"), http.StatusInternalServerError},
	}
	for _, tt := range tests {
		if got := statusOf(tt.err); got != tt.status {
			t.Errorf("%v: %d, want %d", tt.err, got, tt.status)
		}
	}
}

// TestPlacesAreBounded: whoever finds none learns so, and whoever leaves does
// not wait.
func TestPlacesAreBounded(t *testing.T) {
	places := make(chan struct{}, 1)
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	if err := enter(r, places, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := enter(r, places, time.Millisecond); !errors.Is(err, errBusy) {
		t.Error(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if err := enter(r.WithContext(ctx), places, time.Hour); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
