package main

import (
	"log/slog"
	"time"

	"wenbao/answers/text"
	"wenbao/bot/request"
	"wenbao/bot/telemetry"
	"wenbao/configs"
)

// common are the flags of every command that answers.
type common struct {
	Config string `placeholder:"FILE" help:"Settings file."`
	Corpus string `placeholder:"PATH" help:"Folder of reports, .jsonl file or .txt file (default: the reports in the program)."`
	Lang   string `enum:",zh,en" default:"" placeholder:"zh|en" help:"Language of messages."`
}

// settings returns the settings in effect, these flags over all others.
func (c common) settings(env *environment) (*configs.Config, error) {
	cfg, err := configs.Load(c.Config, env.Environ)
	if err != nil {
		return nil, misuse("%w", err)
	}
	if c.Corpus != "" {
		cfg.Corpus = c.Corpus
	}
	switch {
	case c.Lang != "":
		cfg.Lang = c.Lang
	case cfg.Origin("lang").Source == "default":
		cfg.Lang = string(env.language())
	}
	return cfg, nil
}

func lang(cfg *configs.Config) text.Lang { return text.Pick(cfg.Lang, text.Zh) }

// quiet is the level of commands that answer in the terminal: there only what
// is wrong is logged.
func quiet(cfg *configs.Config) slog.Level { return max(cfg.Log.SlogLevel(), slog.LevelWarn) }

// logger logs to stderr, from a level on, as the settings say.
func logger(env *environment, cfg *configs.Config, level slog.Leveler) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	var lines slog.Handler = slog.NewTextHandler(env.Stderr, o)
	if cfg.Log.Format == configs.FormatJSON {
		lines = slog.NewJSONHandler(env.Stderr, o)
	}
	return slog.New(request.Handler(redacted(cfg, lines), telemetry.TraceID))
}

// parseDay reads a flag's YYYY-MM-DD; "" is no day.
func parseDay(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return day, misuse("%s: %q is not a day like 2022-01-21", flag, s)
	}
	return day, nil
}
