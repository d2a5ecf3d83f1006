package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/answers"
	"wenbao/answers/cache"
	"wenbao/answers/curation"
	"wenbao/bot/limit"
	"wenbao/bot/redis"
	"wenbao/bot/redis/replica"
	"wenbao/bot/stores"
	"wenbao/configs"
	"wenbao/retrieval/stage"
)

// keeping is what serve remembers: in Redis where it is configured, which
// other replicas share, else in the data folder or in memory.
type keeping struct {
	*stores.Set
	Replica *replica.Replica // nil without Redis
	Answers *cache.Layer
	Curated *curation.Layer // over Answers; see openCurating
	log     *slog.Logger
}

// openKeeping opens what is remembered, and the cache over source. It succeeds
// while Redis is away.
func openKeeping(ctx context.Context, cfg *configs.Config, source cache.Source, measure stage.Func, registry *prometheus.Registry, now func() time.Time, log *slog.Logger) (*keeping, error) {
	settings := stores.Defaults()
	settings.Key = []byte(cfg.SecretKey.Reveal())
	settings.OmitQuestions = !cfg.Feedback.Questions
	settings.User, settings.Team = limit.Rate(cfg.Rate.User), limit.Rate(cfg.Rate.Workspace)
	k := &keeping{log: log}
	parts := cache.Parts{Source: source, Stage: measure, Metrics: registry}
	var err error
	if cfg.Redis.URL.IsSet() {
		r, err := replica.Open(ctx, replica.Options{Address: cfg.Redis.URL.Reveal(), Settings: settings, Stage: measure, Log: log, Now: now, Metrics: registry})
		if errors.Is(err, redis.ErrAddress) {
			return nil, misuse("redis.url: %w", err)
		}
		if err != nil {
			return nil, fmt.Errorf("open redis: %w", err)
		}
		k.Replica, k.Set, parts.Shared, parts.Purse = r, r.Set, r.Answers, replica.Purse{}
		if parts.Variant, err = variant(cfg); err != nil {
			k.Close()
			return nil, err
		}
	} else {
		set, err := openLocal(cfg, settings, now)
		if err != nil {
			return nil, fmt.Errorf("data: %w", err)
		}
		k.Set = set
	}
	layer, err := cache.New(parts)
	if err != nil {
		k.Close()
		return nil, err
	}
	k.Answers = layer
	return k, nil
}

// checkRedis looks for mistakes in the address of Redis.
func checkRedis(cfg *configs.Config) error {
	if !cfg.Redis.URL.IsSet() {
		return nil
	}
	if _, err := redis.ParseAddress(cfg.Redis.URL.Reveal()); err != nil {
		return misuse("redis.url: %w", err)
	}
	return nil
}

// openLocal opens what one process remembers: in the data folder, or where
// there is none, until it ends.
func openLocal(cfg *configs.Config, settings stores.Settings, now func() time.Time) (*stores.Set, error) {
	if cfg.Data == "" {
		return stores.Memory(settings, now), nil
	}
	folder := filepath.Join(cfg.Data, "conversation")
	return stores.File(folder, settings, now)
}

// Answerer answers through the cache, and as operators decided.
func (k *keeping) Answerer() answers.Answerer { return replica.Answerer(k.Curated) }

// Check says whether answers do without Redis, or without a node of it.
func (k *keeping) Check(context.Context) error {
	if k.Replica != nil && k.Replica.Degraded() {
		return errRedis
	}
	return nil
}

// Close writes what waits for Redis, if it is there.
func (k *keeping) Close() {
	if k.Answers != nil {
		k.Answers.Close()
	}
	if k.Replica != nil {
		if err := k.Replica.Close(); err != nil {
			k.log.Error("close redis", "error", err)
		}
	} else if k.Set != nil {
		if err := k.Set.Close(); err != nil {
			k.log.Error("close the stores", "error", err)
		}
	}
}

// variant names what decides an answer beside the generation: this very
// program, and the base of links.
func variant(cfg *configs.Config) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the program: %w", err)
	}
	f, err := os.Open(program)
	if err != nil {
		return "", fmt.Errorf("read the program: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", fmt.Errorf("read the program: %w", err)
	}
	fmt.Fprintf(sum, "\x00%s", cfg.PublicURL)
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}
