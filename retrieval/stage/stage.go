// Package stage names the parts that answering a question has, so that
// something else can measure them.
package stage

import (
	"context"
	"log/slog"
)

// The stages that are timed. Others may be begun too.
const (
	Queue       = "queue"        // from receipt to handling
	Answer      = "answer"       // all of an answer, whether kept or made
	Cache       = "cache"        // the look-up in the process
	CacheShared = "cache_shared" // the look-up in what processes share
	Understand  = "understand"   // small talk, typing mistakes, follow-ups
	Compile     = "compile"      // the question as terms to search for
	Search      = "search"       // the index
	Rank        = "rank"         // sentences and paragraphs scored
	Compose     = "compose"      // quotes and citations
	Redis       = "redis"        // one command
	Send        = "send"         // one call that delivers a reply
)

// Timed lists them.
func Timed() []string {
	return []string{Queue, Answer, Cache, CacheShared, Understand, Compile, Search, Rank, Compose, Redis, Send}
}

// A Func begins a stage. It returns the context for what happens in it, and
// what ends it, once, with facts about it. A name is a stage's, or that with
// further words after a space (send chat.postMessage); it and the facts come
// from fixed sets, except that what measures leaves out what it does not know.
// The nil Func measures nothing.
type Func func(ctx context.Context, name string) (context.Context, End)

// End ends a stage.
type End = func(facts ...slog.Attr)

// Begin is f, or nothing where f is nil.
func (f Func) Begin(ctx context.Context, name string) (context.Context, End) {
	if f == nil {
		return ctx, ignore
	}
	return f(ctx, name)
}

func ignore(...slog.Attr) {}
