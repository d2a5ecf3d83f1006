package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"wenbao/bot/web"
)

// What a client may take. Answers take milliseconds.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 20 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	headerBytes   = 64 << 10
	// shutdownTimeout is how long requests may take to finish once the
	// server is told to stop.
	shutdownTimeout = 20 * time.Second
)

// listener is a component that serves HTTP on an address. It does so from the
// beginning: until Handle it says that the program is starting.
type listener struct {
	net     net.Listener
	server  *http.Server
	log     *slog.Logger
	handler atomic.Pointer[http.Handler]
	ended   chan struct{} // serving has
	failure error         // why; set before ended is closed
}

// listen opens the address that the setting key gives.
func listen(ctx context.Context, key, addr string, log *slog.Logger) (*listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot listen on %s: %w; %s", key, addr, err, remedy(key, err))
	}
	out := &listener{net: l, log: log, ended: make(chan struct{})}
	out.server = &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*out.handler.Load()).ServeHTTP(w, r) }),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: headerBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	out.Handle(web.Starting())
	go func() {
		defer close(out.ended)
		out.failure = out.server.Serve(l)
	}()
	return out, nil
}

// remedy says what to change so that listening works.
func remedy(key string, err error) string {
	variable := "WENBAO_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "something else listens there: stop it, or choose another port with " + variable
	case errors.Is(err, os.ErrPermission):
		return "ports below 1024 need a privilege: choose another with " + variable
	}
	return "choose an address of this machine with " + variable
}

// Handle sets what serves from now on.
func (l *listener) Handle(h http.Handler) { l.handler.Store(&h) }

// Addr is the address in effect: port 0 has become a free one.
func (l *listener) Addr() string { return l.net.Addr().String() }

// Run serves until ctx is done, then lets requests in flight finish.
func (l *listener) Run(ctx context.Context) error {
	select {
	case <-l.ended:
		return fmt.Errorf("serve on %s: %w", l.Addr(), l.failure)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := l.server.Shutdown(stop); err != nil {
		l.log.Warn("requests were cut off", "address", l.Addr(), "error", err)
		return l.server.Close()
	}
	return nil
}

// Close ends serving where Run has not.
func (l *listener) Close() error {
	err := l.server.Close()
	<-l.ended
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
