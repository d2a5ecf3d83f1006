package pace_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"wenbao/bot/telegram/pace"
)

// A chat's messages are a second apart; a group's are twenty a minute.
func TestTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(pace.Limits{}, time.Now)
		count := func(name string, group bool) (n int) {
			for range 600 {
				if p.Take(name, group) == 0 {
					n++
				}
				time.Sleep(100 * time.Millisecond)
			}
			return n
		}
		if n := count("7", false); n != 60 {
			t.Errorf("%d in a minute of a chat", n)
		}
		if n := count("-7", true); n != 20 {
			t.Errorf("%d in a minute of a group", n)
		}
	})
}

// What is said to wait is enough, and a block holds.
func TestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(pace.Limits{}, time.Now)
		for range 50 {
			if wait := p.Take("-7", true); wait > 0 {
				time.Sleep(wait)
				if again := p.Take("-7", true); again > 0 {
					t.Errorf("%v more", again)
				}
			}
		}
		p.Block("7", time.Minute)
		if wait := p.Take("7", false); wait != time.Minute || !p.Blocked("7") || p.Blocked("8") {
			t.Errorf("%v", wait)
		}
	})
}

// Over all, thirty a second are not exceeded, and many chats cost no memory
// for long.
func TestOverall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(pace.Limits{}, time.Now)
		began := time.Now()
		for i := range 300 {
			name := fmt.Sprint(i)
			if p.Take(name, false) > 0 {
				t.Error("a chat waits for others")
			}
			if err := p.Wait(t.Context(), name); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took < 10*time.Second || took > 11*time.Second {
			t.Errorf("300 in %v", took)
		}
	})
}
