package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/conversation"
	"wenbao/bot/library"
	"wenbao/bot/stores"
	"wenbao/bot/terminal"
	"wenbao/bot/token"
	"wenbao/configs"
)

type chatCommand struct{ common }

func (c *chatCommand) Run(ctx context.Context, env *environment) error {
	cfg, err := c.settings(env)
	if err != nil {
		return err
	}
	log := logger(env, cfg, quiet(cfg))
	parts, err := open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer parts.Close()
	handler, err := chatHandler(parts, cfg, log, env.Now)
	if err != nil {
		return err
	}
	ch := chat{handler: handler, lang: lang(cfg), out: env.Stdout, style: env.style()}
	if isTerminal(env.Stdin) {
		ch.prompt = env.Stderr
	}
	return ch.run(ctx, interruptible(ctx, env.Stdin))
}

// chatHandler is the conversation that every platform shares, with a memory
// that ends with the program and without limits.
func chatHandler(p *engineParts, cfg *configs.Config, log *slog.Logger, now func() time.Time) (bot.Handler, error) {
	kept := stores.Defaults()
	kept.User, kept.Team, kept.Presses = 0, 0, 0
	return conversation.New(conversation.Parts{
		Answerer: p.Answers,
		Library:  library.New(p.Search, cfg.PublicURL),
		Stores:   stores.Memory(kept, now).Stores,
		Settings: conversation.Settings{Lang: lang(cfg)},
		Log:      log,
		Now:      now,
	})
}

// A chat is one conversation, a line at a time.
type chat struct {
	handler bot.Handler
	lang    text.Lang
	out     io.Writer
	style   terminal.Style
	prompt  io.Writer // nil: none
	said    int
	keys    keys
}

// longestLine bounds one line of input, in bytes.
const longestLine = 1 << 20

// run replies to each line of in until there is no more, a line says to
// quit, or ctx is done.
func (c *chat) run(ctx context.Context, in io.Reader) error {
	c.ask(c.lang.Say(text.ChatGreeting) + "\n")
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestLine)
	for c.ask("\n> "); lines.Scan(); c.ask("\n> ") {
		line := strings.TrimSpace(lines.Text())
		if quits(line) {
			return nil
		}
		if line == "" {
			continue
		}
		if err := c.reply(ctx, line); err != nil {
			return err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, context.Canceled):
		c.ask("\n")
		return nil
	case errors.Is(err, bufio.ErrTooLong):
		return misuse("a line is longer than %d bytes", longestLine)
	case err != nil:
		return fmt.Errorf("read the question: %w", err)
	}
	return nil
}

// ask writes to a person who types.
func (c *chat) ask(s string) {
	if c.prompt != nil {
		fmt.Fprint(c.prompt, s)
	}
}

func quits(line string) bool {
	switch strings.ToLower(strings.TrimPrefix(line, "/")) {
	case "quit", "exit", "bye", "退出", "结束":
		return true
	}
	return false
}

// reply handles one line: the key of a button shown last, or a message.
func (c *chat) reply(ctx context.Context, line string) error {
	c.said++
	at := bot.Address{Platform: "terminal", Chat: "terminal", User: "terminal"}
	var r bot.Reply
	var err error
	if pressed, ok := c.keys.find(line); ok {
		r, err = c.handler.Act(ctx, bot.Action{Address: at, ID: strconv.Itoa(c.said), Token: pressed})
	} else {
		r, err = c.handler.Handle(ctx, bot.Message{Address: at, ID: strconv.Itoa(c.said), Text: line, Addressed: true})
	}
	if err != nil && r.Silent() {
		return fmt.Errorf("reply: %w", err)
	}
	if len(r.Buttons)+len(r.Suggestions) > 0 || !r.Toast {
		c.keys = nil
	}
	if err := terminal.Write(c.out, c.style, r, c.keys.add); err != nil {
		return err
	}
	_, err = io.WriteString(c.out, "\n")
	return err
}

// keys are the tokens of the buttons on the screen; the first has the key a.
type keys []string

// add names a button, "" for one that a terminal cannot serve.
func (k *keys) add(b bot.Button) string {
	if b.Verb == token.Watch {
		return ""
	}
	*k = append(*k, b.Token)
	return keyOf(len(*k) - 1)
}

func (k keys) find(line string) (tok string, found bool) {
	for i, t := range k {
		if strings.EqualFold(line, keyOf(i)) {
			return t, true
		}
	}
	return "", false
}

// keyOf counts a … z, aa, ab …
func keyOf(i int) string {
	const letters = 26
	key := ""
	for i++; i > 0; i = (i - 1) / letters {
		key = string(rune('a'+(i-1)%letters)) + key
	}
	return key
}
