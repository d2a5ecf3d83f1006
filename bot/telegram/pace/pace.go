// Package pace keeps sending within Telegram's limits: about one message a
// second in a chat, twenty a minute in a group, thirty a second over all.
package pace

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits are how fast messages may be sent. Zero fields take the value of
// Telegram's.
type Limits struct {
	Chat    time.Duration // between two messages of a chat
	Group   int           // messages in a group, in any minute
	Overall float64       // messages a second
}

// Telegram is what Telegram documents, a little below the overall limit.
func Telegram() Limits {
	return Limits{Chat: time.Second, Group: 20, Overall: 28}
}

func (l Limits) withDefaults() Limits {
	t := Telegram()
	if l.Chat <= 0 {
		l.Chat = t.Chat
	}
	if l.Group <= 0 {
		l.Group = t.Group
	}
	if l.Overall <= 0 {
		l.Overall = t.Overall
	}
	return l
}

// Pace says when the next message may be sent. It is safe for concurrent use.
type Pace struct {
	limits  Limits
	now     func() time.Time
	overall *rate.Limiter

	mu    sync.Mutex
	chats map[string]*chat
	sweep int // chats at which to forget the idle ones
}

type chat struct {
	next   time.Time   // its turn comes
	minute []time.Time // sent within the last minute, in a group
}

const minSweep = 1024

// New returns a Pace.
func New(l Limits, now func() time.Time) *Pace {
	l = l.withDefaults()
	return &Pace{limits: l, now: now, overall: rate.NewLimiter(rate.Limit(l.Overall), 1), chats: map[string]*chat{}, sweep: minSweep}
}

// Take takes a chat's turn and returns 0, or returns how long until it comes.
func (p *Pace) Take(name string, group bool) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	c := p.chat(name, now)
	wait := c.next.Sub(now)
	if group {
		for len(c.minute) > 0 && now.Sub(c.minute[0]) >= time.Minute {
			c.minute = c.minute[1:]
		}
		if len(c.minute) >= p.limits.Group {
			wait = max(wait, c.minute[0].Add(time.Minute).Sub(now))
		}
	}
	if wait > 0 {
		return wait
	}
	if group {
		c.minute = append(c.minute, now)
	}
	c.next = now.Add(p.limits.Chat)
	return 0
}

// Blocked reports whether a chat's turn has not come, and takes nothing.
func (p *Pace) Blocked(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.chats[name]
	return c != nil && c.next.After(p.now())
}

// Block keeps a chat from sending for a while.
func (p *Pace) Block(name string, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	c := p.chat(name, now)
	if until := now.Add(wait); until.After(c.next) {
		c.next = until
	}
}

// Wait waits for a turn of all chats together, first come first served. The
// turn that the chat took counts from then.
func (p *Pace) Wait(ctx context.Context, name string) error {
	if err := p.overall.Wait(ctx); err != nil {
		return fmt.Errorf("wait for a turn: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	c := p.chat(name, now)
	if next := now.Add(p.limits.Chat); next.After(c.next) {
		c.next = next
	}
	if n := len(c.minute); n > 0 {
		c.minute[n-1] = now
	}
	return nil
}

func (p *Pace) chat(name string, now time.Time) *chat {
	c := p.chats[name]
	if c == nil {
		c = &chat{}
		p.chats[name] = c
	}
	if len(p.chats) >= p.sweep {
		p.forget(now, name)
	}
	return c
}

// forget drops the chats that nothing limits any more.
func (p *Pace) forget(now time.Time, but string) {
	for name, c := range p.chats {
		idle := len(c.minute) == 0 || now.Sub(c.minute[len(c.minute)-1]) >= time.Minute
		if name != but && idle && !c.next.After(now) {
			delete(p.chats, name)
		}
	}
	p.sweep = max(minSweep, 2*len(p.chats))
}
