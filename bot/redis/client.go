package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"wenbao/retrieval/stage"
)

// ErrUnavailable is wrapped by every error that is not the caller's fault:
// Redis did not answer, or could not do what was asked.
var ErrUnavailable = errors.New("redis is not available")

// The library logs every failed connection to standard error by itself; ours
// are logged once a minute, by the guards.
var _ = func() bool {
	goredis.SetLogger(silence{})
	return true
}()

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

// Prefix begins every key.
const Prefix = "wenbao:"

// Client is a connection to a server, a server behind sentinels, or a cluster.
type Client struct {
	goredis.UniversalClient
	log   *slow
	now   func() time.Time
	seen  *meters
	each  time.Duration
	stage stage.Func

	mu     sync.Mutex
	guards []*guard

	stop context.CancelFunc
	done sync.WaitGroup
}

// Parts are what a Client works with. All of them may be nil.
type Parts struct {
	Stage   stage.Func
	Log     *slog.Logger
	Now     func() time.Time
	Metrics prometheus.Registerer
	// Each is how long a command may take whose context has no budget; zero:
	// DefaultBudget.
	Each time.Duration
}

// probing is how often a node that failed is asked whether it is back.
const probing = 250 * time.Millisecond

// Open returns a Client of the address; it connects when first needed.
func Open(address string, p Parts) (*Client, error) {
	o, err := ParseAddress(address)
	if err != nil {
		return nil, err
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	failFast(o)
	c := &Client{log: &slow{log: p.Log, now: p.Now}, now: p.Now, seen: newMeters(), each: cmp.Or(p.Each, DefaultBudget), stage: p.Stage}
	c.connect(o)
	if p.Metrics != nil {
		for _, m := range append(c.seen.collectors(), poolCollector{c}) {
			if err := p.Metrics.Register(m); err != nil {
				c.UniversalClient.Close()
				return nil, fmt.Errorf("register metrics: %w", err)
			}
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.done.Go(func() { c.keepProbing(ctx) })
	return c, nil
}

// failFast sets what was measured: with the defaults a refused connection
// takes 1.7 s a command and a server that hangs 5 s, whatever the context.
func failFast(o *goredis.UniversalOptions) {
	o.MaxRetries, o.DialerRetries = -1, 1
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = 500*time.Millisecond, 3*time.Second, 3*time.Second
	o.ContextTimeoutEnabled = true
	o.PoolSize, o.PoolTimeout = 32, 100*time.Millisecond
	o.ConnMaxIdleTime = 5 * time.Minute
	o.MaxRedirects = 3
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	if o.TLSConfig != nil {
		o.Dialer = dialTLS(o.TLSConfig, o.DialTimeout)
	}
}

// connect makes the client, each of its nodes behind a guard of its own.
func (c *Client) connect(o *goredis.UniversalOptions) {
	switch {
	case o.MasterName == "" && (len(o.Addrs) > 1 || o.IsClusterMode):
		co := o.Cluster()
		co.ClusterStateReloadInterval = 2 * time.Second // dial errors do not reload the topology
		cluster := goredis.NewClusterClient(co)
		cluster.OnNewNode(func(node *goredis.Client) { node.AddHook(c.guardOf(node)) })
		cluster.AddHook(payer{c})
		c.UniversalClient = cluster
	case o.MasterName != "":
		c.single(goredis.NewFailoverClient(o.Failover()))
	default:
		so := o.Simple()
		if so.Addr != "" && so.Addr[0] == '/' {
			so.Network = "unix"
		}
		c.single(goredis.NewClient(so))
	}
}

// single makes node the whole client; the payer is the outer hook.
func (c *Client) single(node *goredis.Client) {
	node.AddHook(payer{c})
	node.AddHook(c.guardOf(node))
	c.UniversalClient = node
}

func (c *Client) guardOf(node *goredis.Client) *guard {
	g := newGuard(node, c.log)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.guards = append(c.guards, g)
	return g
}

// keepProbing asks nodes that failed whether they are back.
func (c *Client) keepProbing(ctx context.Context) {
	t := time.NewTicker(probing)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		c.mu.Lock()
		guards := append([]*guard(nil), c.guards...)
		c.mu.Unlock()
		var wg sync.WaitGroup
		for _, g := range guards {
			if g.open() {
				wg.Go(func() { g.probe(ctx) })
			}
		}
		wg.Wait()
		c.forgetGone(guards)
	}
}

// forgetGone drops the guards of nodes that the cluster has no more.
func (c *Client) forgetGone(guards []*guard) {
	for _, g := range guards {
		if !g.gone.Load() {
			continue
		}
		c.mu.Lock()
		for i, have := range c.guards {
			if have == g {
				c.guards = append(c.guards[:i:i], c.guards[i+1:]...)
				break
			}
		}
		c.mu.Unlock()
	}
}

// Degraded reports whether Redis, or a node of it, does not answer, so that
// answers do without.
func (c *Client) Degraded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.guards {
		if g.open() && (len(c.guards) == 1 || c.now().Sub(time.Unix(0, g.wanted.Load())) < stillWanted) {
			return true
		}
	}
	return false
}

// stillWanted is for how long a node of a cluster that does not answer counts
// after a command was last meant for it: another may have taken its place.
const stillWanted = 3 * time.Second

// Close closes the connections.
func (c *Client) Close() error {
	c.stop()
	c.done.Wait()
	return c.UniversalClient.Close()
}

// Failure wraps an error of a command: nil and goredis.Nil stay what they are,
// all else is ErrUnavailable.
func Failure(what string, err error) error {
	if err == nil || errors.Is(err, goredis.Nil) {
		return err
	}
	if errors.Is(err, ErrUnavailable) {
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: %w: %w", what, ErrUnavailable, err)
}
