package replica_test

import (
	"os"
	"testing"

	"wenbao/answers"
	"wenbao/answers/cache"
	"wenbao/bot/redis/redistest"
	"wenbao/bot/redis/replica"
	"wenbao/bot/stores"
)

// BenchmarkAnswer compares an answer that is computed with one that is kept
// in the process, one that is kept in Redis, and one that is in neither. The
// reports are the program's, or those of WENBAO_TEST_REPORTS.
func BenchmarkAnswer(b *testing.B) {
	k := learn(b)
	if dir := os.Getenv("WENBAO_TEST_REPORTS"); dir != "" {
		k = learnFrom(b, os.DirFS(dir))
	}
	server := redistest.Start(b)
	r, err := replica.Open(b.Context(), replica.Options{Address: server.URL(), Settings: stores.Defaults()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { r.Close() })
	layer := func(shared cache.Shared, bytes int) answers.Answerer {
		l, err := cache.New(cache.Parts{Source: k.engine, Shared: shared, Settings: cache.Settings{Bytes: bytes}})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(l.Close)
		return l
	}
	all := func(b *testing.B, a answers.Answerer, before func()) {
		for n := 0; b.Loop(); n++ {
			if before != nil {
				b.StopTimer()
				before()
				b.StartTimer()
			}
			if _, err := a.Answer(b.Context(), answers.Request{Question: k.questions[n%len(k.questions)], Top: 3}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "answers/s")
	}
	warm := func(a answers.Answerer) answers.Answerer {
		for _, q := range k.questions {
			if _, err := a.Answer(b.Context(), answers.Request{Question: q, Top: 3}); err != nil {
				b.Fatal(err)
			}
		}
		return a
	}
	b.Run("computed", func(b *testing.B) { all(b, k.engine, nil) })
	b.Run("hit in process", func(b *testing.B) { all(b, warm(layer(nil, 0)), nil) })
	b.Run("hit in redis", func(b *testing.B) { all(b, warm(layer(r.Answers, 1)), nil) })
	b.Run("miss", func(b *testing.B) {
		a := layer(r.Answers, 1)
		all(b, a, func() { server.Do(b, "flushall") })
	})
	b.Run("bytes", func(b *testing.B) {
		codec, total := cache.NewCodec(), 0
		for n := 0; b.Loop(); n++ {
			a, err := k.engine.Answer(b.Context(), answers.Request{Question: k.questions[n%len(k.questions)], Top: 3})
			if err != nil {
				b.Fatal(err)
			}
			encoded, err := codec.Encode(a)
			if err != nil {
				b.Fatal(err)
			}
			total += len(encoded)
		}
		b.ReportMetric(float64(total)/float64(b.N), "bytes/answer")
		server.Do(b, "flushall")
		before := used(b, server)
		l := layer(r.Answers, 0).(*cache.Layer)
		warm(l)
		l.Close()
		size, _ := server.Do(b, "dbsize").(int64)
		b.ReportMetric(float64(used(b, server)-before)/float64(max(size, 1)), "redis-bytes/answer")
		b.ReportMetric(float64(l.Bytes())/float64(max(size, 1)), "process-bytes/answer")
	})
}
