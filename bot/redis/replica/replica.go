// Package replica puts together what one of several processes on one Redis
// keeps there.
package replica

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/answers"
	"wenbao/answers/cache"
	"wenbao/bot"
	"wenbao/bot/delivery"
	"wenbao/bot/lease"
	"wenbao/bot/redis"
	"wenbao/bot/redis/counts"
	"wenbao/bot/redis/lead"
	"wenbao/bot/redis/mail"
	"wenbao/bot/redis/shelf"
	"wenbao/bot/stores"
	"wenbao/retrieval/stage"
)

// Options are what a Replica is made of. Stage, Log, Now and Metrics may be nil.
type Options struct {
	Address  string
	Settings stores.Settings
	Stage    stage.Func
	Log      *slog.Logger
	Now      func() time.Time
	Metrics  prometheus.Registerer
	// Lifetime is after how long of silence others take over what this
	// process had received; zero: mail.Lifetime.
	Lifetime time.Duration
	// Each is how long a command may take that has no budget; zero:
	// redis.DefaultBudget.
	Each time.Duration
	// Poll is how often announcements are looked for that pub/sub missed;
	// zero: five seconds.
	Poll time.Duration
}

// Replica is what one process keeps in Redis.
type Replica struct {
	*stores.Set
	Name    string // unlike that of any other process
	Client  *redis.Client
	Answers shelf.Answers // for the answer cache
	Leases  lease.Leases
	Board   lease.Board
	Popular *counts.Popular

	Installations *shelf.Shelf // of the bot in workspaces; values come encrypted
	Recent        *shelf.Shelf // what people asked last, by person

	box  *mail.Inbox
	stop context.CancelFunc
	done sync.WaitGroup
}

// most is how many changes of one kind wait for Redis at most.
const most = 20_000

// Open connects to Redis and returns what is kept there. It succeeds while
// Redis is away.
func Open(ctx context.Context, o Options) (*Replica, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Lifetime <= 0 {
		o.Lifetime = mail.Lifetime
	}
	if o.Poll <= 0 {
		o.Poll = 5 * time.Second
	}
	meters, err := shelf.NewMeters(o.Metrics)
	if err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	client, err := redis.Open(o.Address, redis.Parts{Stage: o.Stage, Log: o.Log, Now: o.Now, Metrics: o.Metrics, Each: o.Each})
	if err != nil {
		return nil, err
	}
	r := &Replica{Name: name(), Client: client, Answers: shelf.NewAnswers(client), Leases: lead.NewLeases(client), Board: lead.NewBoard(client, o.Poll)}
	shelves := r.keep(o, meters)
	r.count(o)
	r.box.Live(ctx)
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stop = stop
	for _, s := range shelves {
		r.done.Go(func() { s.Run(running) })
	}
	r.done.Go(func() { r.box.Run(running) })
	return r, nil
}

// name draws a name.
func name() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it does not fail
	return hex.EncodeToString(b[:])
}

// keep makes the stores of values.
func (r *Replica) keep(o Options, m *shelf.Meters) []*shelf.Shelf {
	var all []*shelf.Shelf
	open := func(k shelf.Kind) *shelf.Shelf {
		s := shelf.New(shelf.NewRaw(r.Client, k, o.Now), most, m)
		all = append(all, s)
		return s
	}
	kvs := stores.KVs{
		Sessions: open(shelf.Kind{Name: "session"}),
		Answers:  open(shelf.Kind{Name: "ledger"}),
		Phrases:  open(shelf.Kind{Name: "phrase"}),
		Votes:    open(shelf.Kind{Name: "vote", Listed: true, Items: 500_000}),
		Misses:   open(shelf.Kind{Name: "miss", Listed: true, Items: 100_000}),
		Watches:  open(shelf.Kind{Name: "watch", Listed: true, Items: 100_000}),
		// More than there can be decisions: none is evicted.
		Decisions: open(shelf.Kind{Name: "decision", Listed: true, Items: 100_000}),
	}
	r.Installations = open(shelf.Kind{Name: "install", Listed: true, Items: 100_000})
	r.Recent = open(shelf.Kind{Name: "recent"})
	r.box = mail.New(r.Client, r.Name, o.Settings.Inbox, o.Lifetime, m, o.Now)
	r.Set = stores.Over(kvs, r.box, o.Settings, o.Now)
	return all
}

// count puts what is counted over all processes in the place of what each
// counts by itself.
func (r *Replica) count(o Options) {
	r.Popular = counts.NewPopular(r.Client, o.Settings.Askers, stores.Hasher(o.Settings.Key), o.Now)
	for i, f := range r.Forgetters {
		if f == r.Stores.Popular.(bot.Forgetter) {
			r.Forgetters[i] = r.Popular
		}
	}
	r.Stores.Popular, r.Counted = r.Popular, r.Popular
	r.Questions = counts.NewLimiter(r.Client, "questions", o.Settings.User, o.Settings.Team, o.Now)
	r.Presses = counts.NewLimiter(r.Client, "presses", o.Settings.Presses, 0, o.Now)
}

// Close writes what waits, if Redis is there, and closes the connections.
func (r *Replica) Close() error {
	r.stop()
	r.done.Wait()
	return r.Client.Close()
}

// Degraded reports whether answers do without Redis, or without a node of it.
func (r *Replica) Degraded() bool { return r.Client.Degraded() }

// Waiting counts deliveries to be marked when Redis is back.
func (r *Replica) Waiting() int { return r.box.Waiting() }

// Budget returns a new budget of what one answer may spend on Redis.
func Budget() func(context.Context) context.Context { return redis.Share(redis.DefaultBudget) }

// Purse pays for what is waited for other processes.
type Purse struct{}

var _ cache.Purse = Purse{}

// Left returns how much of the budget is left.
func (Purse) Left(ctx context.Context) time.Duration { return redis.Left(ctx) }

// Spend takes from it.
func (Purse) Spend(ctx context.Context, d time.Duration) { redis.Spend(ctx, d) }

// Handler returns next with one budget for all that one message spends on
// Redis.
func Handler(next delivery.Handler) delivery.Handler { return thrifty{next} }

type thrifty struct{ delivery.Handler }

func (t thrifty) Handle(ctx context.Context, m bot.Message) (bot.Reply, error) {
	return t.Handler.Handle(redis.Within(ctx, redis.DefaultBudget), m)
}

func (t thrifty) Act(ctx context.Context, a bot.Action) (bot.Reply, error) {
	return t.Handler.Act(redis.Within(ctx, redis.DefaultBudget), a)
}

func (t thrifty) Wants(ctx context.Context, m bot.Message) bool {
	return t.Handler.Wants(redis.Within(ctx, redis.DefaultBudget), m)
}

// Pages returns next with one budget for all that one request spends on Redis.
func Pages(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(redis.Within(r.Context(), redis.DefaultBudget)))
	})
}

// Answerer returns next with a budget for what one answer spends on Redis,
// where its context has none.
func Answerer(next answers.Answerer) answers.Answerer { return answerer{next} }

type answerer struct{ answers.Answerer }

func (a answerer) Answer(ctx context.Context, r answers.Request) (answers.Answer, error) {
	return a.Answerer.Answer(redis.Within(ctx, redis.DefaultBudget), r)
}
