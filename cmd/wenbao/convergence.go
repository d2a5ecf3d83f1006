package main

import (
	"context"
	"log/slog"
	"time"

	"wenbao/answers"
	"wenbao/bot/popular"
	"wenbao/bot/redis/replica"
)

const (
	topic   = "generation"
	looking = time.Second // how often the live generation is looked at
	// renewed is how many often asked questions are answered anew after a
	// reindex.
	renewed = 200
	// turnTime is the lease of a replica that follows another's reindex.
	turnTime = 30 * time.Second
	// followTime is how long following takes at most.
	followTime = 5 * time.Minute
)

// convergence renews the cache after a reindex, tells other replicas about
// it, and follows theirs, one replica at a time.
type convergence struct {
	kept     *keeping
	live     func() string // the live generation
	begin    func(ctx context.Context)
	log      *slog.Logger
	followed chan string
	changed  chan struct{} // there is another generation
}

func newConvergence(k *keeping, index *reindexing, engine *answers.Engine, log *slog.Logger) *convergence {
	return &convergence{kept: k, log: log, followed: make(chan string, 1), changed: make(chan struct{}, 1),
		begin: func(ctx context.Context) { index.begin(ctx, "replica") },
		live: func() string {
			_, generation, err := engine.Context(answers.Request{})
			if err != nil {
				return ""
			}
			return generation
		}}
}

// Run works until ctx is done.
func (c *convergence) Run(ctx context.Context) error {
	if c.kept.Replica != nil {
		following := make(chan struct{})
		defer func() { <-following }()
		go func() {
			defer close(following)
			c.follow(ctx, c.kept.Replica)
		}()
	}
	tick := time.NewTicker(looking)
	defer tick.Stop()
	last, posted, follows := c.live(), "", ""
	for {
		if posted != last && last != follows && c.post(ctx, last) {
			posted = last
		}
		select {
		case <-ctx.Done():
			return nil
		case follows = <-c.followed:
		case <-tick.C:
		}
		now := c.live()
		if now == "" || now == last {
			continue
		}
		last = now
		select {
		case c.changed <- struct{}{}:
		default: // told already
		}
		c.renew(ctx, now)
	}
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

func (c *convergence) post(ctx context.Context, generation string) bool {
	return generation == "" || c.kept.Replica == nil || c.kept.Replica.Board.Post(ctx, topic, generation) == nil
}

// follow reindexes when another replica announces a generation that is not
// live here.
func (c *convergence) follow(ctx context.Context, r *replica.Replica) {
	started, err := r.Board.Read(ctx, topic) // announced before this replica read its reports
	if err != nil {
		started = ""
	}
	_ = r.Board.Follow(ctx, topic, func(generation string) {
		if generation == started || generation == c.live() {
			return
		}
		c.log.Info("another replica reindexed", "generation", generation)
		c.converge(ctx, r, generation)
	})
}

func (c *convergence) converge(ctx context.Context, r *replica.Replica, generation string) {
	ctx, cancel := context.WithTimeout(ctx, followTime)
	defer cancel()
	tick := time.NewTicker(looking)
	defer tick.Stop()
	begun := false
	for c.live() != generation {
		_, mine, err := r.Leases.Take(ctx, "reindex", r.Name, turnTime)
		if mine && err == nil && !begun {
			begun = true
			select {
			case c.followed <- generation:
			default:
			}
			c.begin(ctx)
		}
		select {
		case <-ctx.Done():
			c.log.Warn("the reports here make another generation than another replica's", "generation", c.live(), "other", generation)
			_ = r.Leases.Give(context.WithoutCancel(ctx), "reindex", r.Name)
			return
		case <-tick.C:
		}
	}
	_ = r.Leases.Give(ctx, "reindex", r.Name) // else it expires
}
