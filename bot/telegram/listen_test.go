package telegram_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"wenbao/bot/redact"
)

func secret(s string) redact.Secret { return redact.NewSecret(s) }

// freePort returns a port that nobody listens on just now.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// listen serves the handler that comes, and returns the address.
func listen(t *testing.T, handler <-chan http.Handler) string {
	t.Helper()
	ready := make(chan struct{})
	var h http.Handler
	go func() { h = <-handler; close(ready) }()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-ready
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}
