package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"wenbao/bot"
	"wenbao/bot/token"
)

// TestReadingEndsWithItsContext: an interrupt ends a command that waits for
// somebody to write.
func TestReadingEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent, hold := io.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		r := interruptible(ctx, silent)
		go cancel()
		if _, err := r.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		hold.Close()
	})
}

func TestReadingIsComplete(t *testing.T) {
	got, err := io.ReadAll(interruptible(t.Context(), strings.NewReader("一\n二")))
	if err != nil || string(got) != "一\n二" {
		t.Errorf("%q %v", got, err)
	}
}

func TestKeysNameTheButtonsOnTheScreen(t *testing.T) {
	var k keys
	for i, want := range []string{"a", "b", "", "c"} {
		b := bot.Button{Verb: token.More, Token: string(rune('0' + i))}
		if want == "" {
			b.Verb = token.Watch
		}
		if got := k.add(b); got != want {
			t.Errorf("button %d: %q, want %q", i, got, want)
		}
	}
	if got, ok := k.find("C"); !ok || got != "3" {
		t.Errorf("c is %q", got)
	}
	if _, ok := k.find("d"); ok {
		t.Error("a key that is not shown is found")
	}
	for i, want := range map[int]string{0: "a", 25: "z", 26: "aa", 27: "ab", 52: "ba"} {
		if got := keyOf(i); got != want {
			t.Errorf("key %d is %q, want %q", i, got, want)
		}
	}
}

// TestPanicsAreFailures: a panic by itself would end with the status of wrong
// use.
func TestPanicsAreFailures(t *testing.T) {
	err := guard(func() error { panic("boom") })
	if statusOf(err) != statusFailed || !strings.Contains(messageOf(err), "boom") {
		t.Error(statusOf(err), err)
	}
	if guard(func() error { return nil }) != nil {
		t.Error("no panic is an error")
	}
	if got := messageOf(context.Canceled); got != "interrupted" || statusOf(context.Canceled) != statusFailed {
		t.Error(got)
	}
}
