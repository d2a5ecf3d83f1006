package conversation

import (
	"context"
	"sync"
	"time"
)

// missed notes that a store failed and that the reply does without it: a
// metric, and of each store at most a line a minute in the log.
func (h *Handler) missed(ctx context.Context, store string, err error) {
	h.counters.stores.WithLabelValues(store).Inc()
	if silent, due := h.failures.due(store, h.Now()); due {
		h.Log.WarnContext(ctx, "store failed", "store", store, "error", err, "failures_since_last_line", silent)
	}
}

// failures says when a failure is to be logged. The zero value is ready.
type failures struct {
	mu sync.Mutex
	of map[string]*lines // by store
}

type lines struct {
	last   time.Time
	silent int
}

// due reports whether the failure of a store is to be logged now, and how many
// were not since the last that was.
func (f *failures) due(store string, now time.Time) (silent int, due bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.of[store]
	switch {
	case l == nil:
		if f.of == nil {
			f.of = map[string]*lines{}
		}
		f.of[store] = &lines{last: now}
		return 0, true
	case now.Sub(l.last) < time.Minute:
		l.silent++
		return 0, false
	}
	silent, l.last, l.silent = l.silent, now, 0
	return silent, true
}
