// Package health collects what the parts of the program say of themselves.
package health

import (
	"context"
	"fmt"
	"strings"
	"sync"
)

// A Check returns why a part does not serve, nil where it does. It answers at
// once, from what the part knows already.
type Check func(ctx context.Context) error

// Registry is where parts register. The zero Registry is ready for use; it is
// safe for concurrent use.
type Registry struct {
	mu    sync.Mutex
	parts []part
}

type part struct {
	name     string
	critical bool
	check    Check
}

// Register adds a part. Without a critical one no request can be served;
// without another the rest serves on.
func (r *Registry) Register(name string, critical bool, check Check) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parts = append(r.parts, part{name, critical, check})
}

// A State is how the parts are.
type State struct {
	// Parts says of each part "ok", or why it does not serve, in short.
	Parts map[string]string
	// Problems are those of Parts that do not serve.
	Problems map[string]string
	// Down says that a critical one is among them.
	Down bool
}

// Look asks every part. A nil Registry has none.
func (r *Registry) Look(ctx context.Context) State {
	s := State{Parts: map[string]string{}}
	if r == nil {
		return s
	}
	r.mu.Lock()
	parts := r.parts[:len(r.parts):len(r.parts)]
	r.mu.Unlock()
	for _, p := range parts {
		err := p.ask(ctx)
		s.Parts[p.name] = "ok"
		if err == nil {
			continue
		}
		if s.Problems == nil {
			s.Problems = map[string]string{}
		}
		s.Problems[p.name], _, _ = strings.Cut(err.Error(), ": ") // what comes after is for the log
		s.Parts[p.name] = s.Problems[p.name]
		s.Down = s.Down || p.critical
	}
	return s
}

// ask survives a check that panics.
func (p part) ask(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("its check panicked: %v", v)
		}
	}()
	return p.check(ctx)
}
