package replica_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wenbao/answers"
	"wenbao/answers/cache"
	"wenbao/bot/redis/redistest"
	"wenbao/bot/redis/replica"
	"wenbao/bot/stores"
)

// slowly computes answers, and counts them.
type slowly struct {
	*answers.Engine
	computed atomic.Int64
}

func (s *slowly) Answer(ctx context.Context, r answers.Request) (answers.Answer, error) {
	s.computed.Add(1)
	time.Sleep(50 * time.Millisecond)
	return s.Engine.Answer(ctx, r)
}

// A question that many ask at once, of three processes on one Redis, is
// computed once; nobody waits long for a process that died while it computed.
func TestHotQuestion(t *testing.T) {
	k, server := learn(t), redistest.Start(t)
	source := &slowly{Engine: k.engine}
	var replicas []*replica.Replica
	for range 3 {
		r, err := replica.Open(t.Context(), replica.Options{Address: server.URL(), Settings: stores.Defaults(), Each: 10 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		replicas = append(replicas, r)
	}
	// ask asks of three empty caches and counts how often was computed.
	ask := func(patience time.Duration) int64 {
		var wg sync.WaitGroup
		for _, r := range replicas {
			l, err := cache.New(cache.Parts{Source: source, Shared: r.Answers, Settings: cache.Settings{Patience: patience}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(l.Close)
			for range 20 {
				wg.Go(func() {
					a, err := l.Answer(t.Context(), answers.Request{Question: k.questions[0], Top: 3})
					if err != nil || told(a) != k.right[0] {
						t.Errorf("%v, %+v", err, a)
					}
				})
			}
		}
		wg.Wait()
		return source.computed.Swap(0)
	}
	if n := ask(time.Minute); n != 1 {
		t.Errorf("computed %d times", n)
	}
	keys, _ := server.Do(t, "keys", "wenbao:{answer:*}:v").([]any)
	if locks, _ := server.Do(t, "keys", "wenbao:{answer:*}:lock").([]any); len(keys) != 1 || len(locks) != 0 {
		t.Fatalf("kept: %v, locked: %v", keys, locks)
	}
	key := keys[0].(string)
	server.Do(t, "del", key)
	server.Do(t, "set", strings.TrimSuffix(key, "v")+"lock", "1") // by one that was killed
	if n := ask(cache.DefaultSettings().Patience); n < 1 || n > 3 {
		t.Errorf("computed %d times beside a lock that nobody gives back", n)
	}
}
