package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"wenbao/answers"
	"wenbao/bot/jobs"
	"wenbao/bot/lease"
	"wenbao/bot/popular"
	"wenbao/bot/reindex"
)

const (
	topic   = "generation"
	looking = time.Second // until what could not be announced is tried again
	// renewed is how many often asked questions are answered anew after a
	// reindex.
	renewed = 200
	// followTime is for how long reports are waited for that make another
	// replica's generation.
	followTime = 5 * time.Minute
)

// An announcement is a generation that went live on a replica, and how.
type announcement struct{ generation, how string }

// How a generation went live.
const (
	byStart     = "started"
	byReindex   = "reindexed"
	byActivate  = "activated"
	byFollowing = "" // is not announced
)

func (a announcement) String() string { return a.generation + " " + a.how }

func parseAnnouncement(s string) announcement {
	generation, how, _ := strings.Cut(s, " ")
	return announcement{generation, how}
}

// convergence renews the cache after a reindex, tells other replicas about
// it, and follows theirs.
type convergence struct {
	kept    *keeping
	index   *reindexing
	live    func() string // the live generation
	log     *slog.Logger
	changed bell // there is another generation

	mu       sync.Mutex
	went     []announcement // live, and not told yet; oldest first
	followed string         // the generation that is taken over from another replica
	wake     bell
}

// newConvergence returns what tells of every generation that index lets go
// live from now on.
func newConvergence(k *keeping, index *reindexing, engine *answers.Engine, changed bell, log *slog.Logger) *convergence {
	c := &convergence{kept: k, index: index, log: log, changed: changed, wake: make(bell, 1),
		live: func() string {
			_, generation, err := engine.Context(answers.Request{})
			if err != nil {
				return ""
			}
			return generation
		}}
	index.service.Swapped = c.swapped
	if r := k.Replica; r != nil {
		index.service.Turn = turns{r.Leases, r.Name}.take
		index.settled = c.settled
	}
	return c
}

// settled reports whether the live generation is one that the replicas went
// back to.
func (c *convergence) settled(ctx context.Context) bool {
	said, err := c.kept.Replica.Board.Read(ctx, topic)
	return err == nil && said == announcement{c.live(), byActivate}.String()
}

// swapped notes that a generation went live. One taken over from another
// replica is no news: what was announced since, is newer.
func (c *convergence) swapped(generation, kind string) {
	how := byReindex
	if kind == reindex.KindActivate {
		how = byActivate
	}
	c.mu.Lock()
	if generation == c.followed {
		c.followed, how = "", byFollowing
	}
	c.went = append(c.went, announcement{generation, how})
	c.mu.Unlock()
	c.wake.Ring()
}

// news are the generations that went live since it was called last.
func (c *convergence) news() []announcement {
	c.mu.Lock()
	defer c.mu.Unlock()
	went := c.went
	c.went = nil
	return went
}

func (c *convergence) following(generation string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.followed = generation
}

// Run works until ctx is done.
func (c *convergence) Run(ctx context.Context) error {
	if c.kept.Replica != nil {
		following := make(chan struct{})
		defer func() { <-following }()
		go func() {
			defer close(following)
			c.follow(ctx, c.kept.Replica.Board)
		}()
	}
	again := time.NewTicker(looking)
	defer again.Stop()
	tell := announcement{c.live(), byStart} // what others are still to be told
	for {
		if tell.generation != "" && c.told(ctx, tell) {
			tell = announcement{}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			continue
		case <-c.wake:
		}
		news := c.news()
		if len(news) == 0 {
			continue
		}
		for _, a := range news {
			if tell = a; a.how == byFollowing {
				tell = announcement{}
			}
		}
		c.changed.Ring()
		if tell.generation != "" && c.told(ctx, tell) {
			tell = announcement{}
		}
		c.renew(ctx, news[len(news)-1].generation)
	}
}

// told tells other replicas, unless they were told this generation before, and
// reports whether that is done. What a replica starts with is no news.
func (c *convergence) told(ctx context.Context, a announcement) bool {
	if c.kept.Replica == nil {
		return true
	}
	board := c.kept.Replica.Board
	said, err := board.Read(ctx, topic)
	if err != nil {
		return false
	}
	if said != "" && (a.how == byStart || parseAnnouncement(said).generation == a.generation) {
		return true
	}
	return board.Post(ctx, topic, a.String()) == nil
}

// renew answers the questions asked most by all replicas, and after them those
// asked most here, anew.
func (c *convergence) renew(ctx context.Context, generation string) {
	ranked, err := c.kept.Counted.Ranking(ctx, "", popular.Week, renewed)
	if err != nil {
		c.log.Warn("what is asked often elsewhere is not known", "error", err)
	}
	var often []string
	for _, r := range ranked {
		often = append(often, r.Text)
	}
	n, err := c.kept.Answers.Renew(ctx, renewed, often)
	c.log.Info("answers renewed", "generation", generation, "questions", n, "error", err)
}

// follow takes over what other replicas announce.
func (c *convergence) follow(ctx context.Context, board lease.Board) {
	first := true
	_ = board.Follow(ctx, topic, func(said string) {
		starting := first
		first = false
		a := parseAnnouncement(said)
		if a.generation == c.live() {
			return
		}
		c.log.Info("another replica has another generation", "generation", a.generation, "how", a.how)
		c.following(a.generation)
		if c.converge(ctx, a) || ctx.Err() != nil {
			return
		}
		c.following("")
		c.log.Warn("the reports here make another generation than another replica's", "generation", c.live(), "other", a.generation)
		if starting && a.how != byActivate { // perhaps these are the newer ones
			_ = board.Post(ctx, topic, announcement{c.live(), byStart}.String())
		}
	})
}

// converge tries to make an announced generation the live one, and reports
// whether it is. Reports may come later than the announcement.
func (c *convergence) converge(ctx context.Context, a announcement) bool {
	ctx, cancel := context.WithTimeout(ctx, followTime)
	defer cancel()
	for pause := looking; ; pause = min(2*pause, time.Minute) {
		c.toward(ctx, a)
		switch {
		case c.live() == a.generation:
			return true
		case a.how == byStart:
			return false
		case c.superseded(ctx, a):
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause):
		}
	}
}

// superseded reports whether something else was announced meanwhile.
func (c *convergence) superseded(ctx context.Context, a announcement) bool {
	said, err := c.kept.Replica.Board.Read(ctx, topic)
	return err == nil && said != "" && said != a.String()
}

// toward does once what may lead to an announced generation.
func (c *convergence) toward(ctx context.Context, a announcement) {
	by := reindex.Caller{Name: "replica"}
	if a.how == byActivate {
		err := c.index.finish(ctx, func() (jobs.Job, error) { return c.index.service.Roll(by, a.generation) })
		if err == nil && c.live() == a.generation {
			return
		}
	}
	err := c.index.finish(ctx, func() (jobs.Job, error) {
		return c.index.service.Reindex(by, reindex.Options{Only: a.generation})
	})
	if err != nil && ctx.Err() == nil {
		c.log.Warn("cannot follow another replica", "generation", a.generation, "error", err)
	}
}

// turns lets one replica at a time reindex.
type turns struct {
	leases lease.Leases
	name   string // of this replica
}

// turnTime is how long a replica that is gone keeps others from reindexing.
const turnTime = 15 * time.Second

// take waits for this replica's turn and keeps it until done is called. While
// Redis is away there are no turns: a replica reindexes by itself.
func (t turns) take(ctx context.Context, waiting func()) (done func(), err error) {
	for first := true; ; first = false {
		_, mine, err := t.leases.Take(ctx, "reindex", t.name, turnTime)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if mine || err != nil {
			return t.keep(ctx), nil
		}
		if first {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(looking / 2):
		}
	}
}

// keep renews the turn until the returned function is called.
func (t turns) keep(ctx context.Context) (done func()) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(turnTime / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				_, _, _ = t.leases.Take(ctx, "reindex", t.name, turnTime) // else others do not wait
			}
		}
	}()
	return func() {
		stop()
		<-ended
		giving, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = t.leases.Give(giving, "reindex", t.name) // else it expires
	}
}

// finish begins a job, after the one at work if there is one, and waits until
// it is done.
func (r *reindexing) finish(ctx context.Context, begin func() (jobs.Job, error)) error {
	for {
		job, err := begin()
		busy := errors.Is(err, jobs.ErrBusy)
		if err != nil && !busy {
			return err
		}
		if err := r.jobs.Watch(ctx, job.ID, func(jobs.Job) error { return nil }); err != nil || !busy {
			return err
		}
	}
}
