package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"wenbao/bot/redact"
	"wenbao/configs"
)

type configCommand struct {
	Check checkCommand `cmd:"" help:"Look for mistakes in the settings, the corpus and the lexicon."`
	Print printCommand `cmd:"" help:"Print the settings in effect, and where each came from; secrets are left out."`

	Server serverConfigCommand `cmd:"" help:"Print the settings of a running server; secrets are left out."`

	SlackManifest manifestCommand `cmd:"" name:"slack-manifest" help:"Print the manifest with which the Slack app is made."`
}

type checkCommand struct {
	Config string `placeholder:"FILE" help:"Settings file."`
}

func (c *checkCommand) Run(env *environment) error {
	cfg, err := common{Config: c.Config}.settings(env)
	if err != nil {
		return err
	}
	for _, warning := range cfg.Warnings() {
		fmt.Fprintln(env.Stderr, "warning: "+warning)
	}
	reports, corpusErr := readCorpus(cfg)
	_, lexiconErr := loadLexicon(cfg.Lexicon)
	if err := errors.Join(checkRedis(cfg), corpusErr, lexiconErr); err != nil {
		return err
	}
	for _, p := range reports.Problems {
		fmt.Fprintln(env.Stderr, "warning: "+p.String())
	}
	_, err = fmt.Fprintf(env.Stdout, "settings are fine; reports: %d\n", len(reports.Reports))
	return err
}

type printCommand struct {
	Config string `placeholder:"FILE" help:"Settings file."`
}

func (p *printCommand) Run(env *environment) error {
	cfg, err := common{Config: p.Config}.settings(env)
	if err != nil {
		return err
	}
	return cfg.Print(env.Stdout)
}

type manifestCommand struct {
	URL     string `name:"url" placeholder:"URL" help:"Public address, such as https://wenbao.example.org."`
	Socket  bool   `help:"Use Socket Mode, which needs no public address."`
	Command string `default:"/ask" placeholder:"/NAME" help:"The slash command."`
}

func (c *manifestCommand) Run(env *environment) error {
	address, err := url.Parse(c.URL)
	switch {
	case c.Socket != (c.URL == ""):
		return misuse("give --url with the public address, or --socket")
	case !c.Socket && (err != nil || address.Scheme != "https" || address.Host == ""):
		return misuse("--url: %q is not an address such as https://wenbao.example.org", c.URL)
	}
	m, err := configs.SlackManifest(c.URL, c.Command)
	if err != nil {
		return misuse("--command: %w", err)
	}
	_, err = fmt.Fprint(env.Stdout, m)
	return err
}

// redacted keeps every secret of the settings out of a log.
func redacted(cfg *configs.Config, next slog.Handler) slog.Handler {
	return redact.New(cfg.Secrets()...).Handler(next)
}
