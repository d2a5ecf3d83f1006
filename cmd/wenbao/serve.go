package main

import (
	"context"
	"log/slog"

	"wenbao/configs"
)

type serveCommand struct {
	common
	Data string `placeholder:"DIR" help:"Folder for what is kept on disk (default: nothing is)."`
}

// Run serves until ctx is done, then finishes what was begun.
func (c *serveCommand) Run(ctx context.Context, env *environment) error {
	cfg, err := c.settings(env)
	if err != nil {
		return err
	}
	level := new(slog.LevelVar)
	level.Set(cfg.Log.SlogLevel())
	log := logger(env, cfg, level)
	for _, warning := range cfg.Warnings() {
		log.Warn(warning)
	}
	a, err := newApp(ctx, cfg, env, log, level)
	if err != nil {
		return err
	}
	defer a.Close()
	a.components = append(a.components, &reloader{
		load: func() (*configs.Config, error) { return c.settings(env) }, apply: a.configure, now: cfg, log: log,
	})
	return a.Run(ctx)
}

// settings are those of the common flags, and these flags over them.
func (c *serveCommand) settings(env *environment) (*configs.Config, error) {
	cfg, err := c.common.settings(env)
	if err == nil && c.Data != "" {
		cfg.Data = c.Data
	}
	return cfg, err
}
