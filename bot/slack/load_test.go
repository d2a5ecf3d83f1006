package slack_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wenbao/bot/slack/slackfake"
)

// loadEnv is how long the load lasts, such as 30s; without it a moment.
const loadEnv = "WENBAO_TEST_SLACK_LOAD"

// Two hundred people ask at the same time, each anew as soon as they are
// answered. Every command is acknowledged in time and answered once.
func TestLoad(t *testing.T) {
	lasts, people := time.Second, 20
	if s := os.Getenv(loadEnv); s != "" {
		var err error
		if lasts, err = time.ParseDuration(s); err != nil {
			t.Fatal(err)
		}
		people = 200
	}
	modes(t, func(t *testing.T, s *stage) {
		answered := s.watch()
		var mu sync.Mutex
		var acks, replies []time.Duration
		late, lost := 0, 0
		var wg sync.WaitGroup
		end := time.Now().Add(lasts)
		for n := range people {
			wg.Go(func() {
				user := fmt.Sprintf("U%04d", n)
				for time.Now().Before(end) {
					begun := time.Now()
					r := s.Slash(user, fmt.Sprintf("C%04d", n), mines)
					ok := r.Status == 200 && answered.next(user)
					took := time.Since(begun)
					mu.Lock()
					if r.Status != 200 || r.Took > 3*time.Second {
						late++
					}
					if !ok {
						lost++
					}
					acks, replies = append(acks, r.Took), append(replies, took)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		s.idle()
		all := s.Messages()
		t.Logf("%d people for %s: %d commands, ack p50 %s p99 %s max %s, answer p50 %s p99 %s max %s, late %d, lost %d, doubled %d",
			people, lasts, len(acks), at(acks, .5), at(acks, .99), at(acks, 1), at(replies, .5), at(replies, .99), at(replies, 1), late, lost, len(all)-len(acks)+lost)
		if late+lost != 0 || len(all) != len(acks) {
			t.Errorf("%d late, %d lost; %d commands, %d answers\n%.2000s", late, lost, len(acks), len(all), s.log)
		}
	})
}

func at(d []time.Duration, share float64) time.Duration {
	slices.Sort(d)
	return d[min(len(d)-1, int(share*float64(len(d))))].Round(100 * time.Microsecond)
}

// answered tells each person that their answer came.
type answered struct {
	mu sync.Mutex
	by map[string]chan struct{}
}

func (a *answered) of(user string) chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.by[user] == nil {
		a.by[user] = make(chan struct{}, 1000)
	}
	return a.by[user]
}

func (a *answered) next(user string) bool {
	patience := time.NewTimer(20 * time.Second)
	defer patience.Stop()
	select {
	case <-a.of(user):
		return true
	case <-patience.C:
		return false
	}
}

func (s *stage) watch() *answered {
	a := &answered{by: map[string]chan struct{}{}}
	s.OnMessage(func(m slackfake.Message) {
		if strings.Contains(m.Text, mine) {
			a.of(m.User) <- struct{}{}
		}
	})
	return a
}
