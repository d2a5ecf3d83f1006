package main

import (
	"io"
	"log/slog"
	"net/http"
	"testing"
)

// TestAListenerServesWhileTheProgramStarts: it lives and is not ready; then
// what it is given serves, and closing ends it whether or not it ran.
func TestAListenerServesWhileTheProgramStarts(t *testing.T) {
	l, err := listen(t.Context(), "http.addr", "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr()
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 503, "/": 503, "/api/v1/ask?q=x": 503} {
		if status, _ := get(t, base+path); status != want {
			t.Errorf("%s while starting: %d, want %d", path, status, want)
		}
	}
	l.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }))
	if status, body := get(t, base+"/readyz"); status != 200 || body != "here" {
		t.Errorf("started: %d %q", status, body)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := l.Run(t.Context()); err == nil {
		t.Error("it runs although it is closed")
	}
}
