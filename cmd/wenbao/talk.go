package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/answers"
	"wenbao/bot/conversation"
	"wenbao/bot/library"
	"wenbao/bot/limit"
	"wenbao/bot/stores"
	"wenbao/configs"
	"wenbao/retrieval"
)

// talk is the conversation that every platform shares.
type talk struct{ handler *conversation.Handler }

// newTalk returns the conversation over what is kept in set.
func newTalk(cfg *configs.Config, set *stores.Set, a answers.Answerer, search *retrieval.Engine, registry *prometheus.Registry, log *slog.Logger, now func() time.Time) (*talk, error) {
	allow, err := conversation.ParseAllow(allowed(cfg.Allow))
	if err != nil {
		return nil, misuse("allow: %w", err)
	}
	h, err := conversation.New(conversation.Parts{
		Answerer: a,
		Library:  library.New(search, cfg.PublicURL),
		Stores:   set.Stores,
		Settings: conversation.Settings{Lang: lang(cfg), FollowUps: true, Allow: allow, OmitQuestions: !cfg.Log.Questions},
		Log:      log,
		Now:      now,
		Metrics:  registry,
	})
	if err != nil {
		return nil, err
	}
	return &talk{h}, nil
}

// openStores keeps what people leave behind in the data folder, in memory
// where there is none.
func openStores(cfg *configs.Config, now func() time.Time) (*stores.Set, error) {
	s := stores.Defaults()
	s.User, s.Team = limit.Rate(cfg.Rate.User), limit.Rate(cfg.Rate.Workspace)
	s.Key = []byte(cfg.SecretKey.Reveal())
	if cfg.Data == "" {
		return stores.Memory(s, now), nil
	}
	set, err := stores.File(filepath.Join(cfg.Data, "conversation"), s, now)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	return set, nil
}

func allowed(list configs.Allow) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.String())
	}
	return out
}

// Recheck asks the questions again that somebody waits for an answer to, and
// hands those answered now to tell, which sends them.
func (t *talk) Recheck(ctx context.Context, tell func(ctx context.Context, ds []conversation.Delivery, told func(context.Context, string) error) error) error {
	found, err := t.handler.Recheck(ctx)
	if err != nil || len(found) == 0 {
		return err
	}
	return tell(ctx, found, t.handler.Told)
}
