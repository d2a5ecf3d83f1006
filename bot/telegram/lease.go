package telegram

import "context"

// A Lease lets one replica at a time take the updates of a bot.
type Lease interface {
	// Hold waits until the caller has the lease. The context that it returns
	// is done when the lease is lost or ctx is done; release gives it up.
	Hold(ctx context.Context) (held context.Context, release func(), err error)
}

// MemoryLease is the lease of the replicas within one process.
type MemoryLease struct{ free chan struct{} }

var _ Lease = (*MemoryLease)(nil)

// NewMemoryLease returns a lease that nobody has.
func NewMemoryLease() *MemoryLease {
	l := &MemoryLease{free: make(chan struct{}, 1)}
	l.free <- struct{}{}
	return l
}

// Hold implements Lease.
func (l *MemoryLease) Hold(ctx context.Context) (context.Context, func(), error) {
	select {
	case <-l.free:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	held, cancel := context.WithCancel(ctx)
	return held, func() { cancel(); l.free <- struct{}{} }, nil
}
