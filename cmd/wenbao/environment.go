package main

import (
	"context"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"wenbao/answers/text"
	"wenbao/bot/terminal"
)

// environment is what a command sees of the world around it.
type environment struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Environ        []string
	Now            func() time.Time
}

// variable returns the value of an environment variable, "" where it is unset.
func (e *environment) variable(name string) string {
	for i := len(e.Environ) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(e.Environ[i], name+"="); ok {
			return value
		}
	}
	return ""
}

// isTerminal reports whether f, a reader or writer, is a terminal.
func isTerminal(f any) bool {
	file, ok := f.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// widest is how many columns text fills at most: longer lines read badly.
const widest = 96

// style returns how to show replies on stdout.
func (e *environment) style() terminal.Style {
	file, ok := e.Stdout.(*os.File)
	if !ok || !isTerminal(file) {
		return terminal.Style{}
	}
	s := terminal.Style{Columns: 80, Color: e.variable("NO_COLOR") == "" && e.variable("TERM") != "dumb"}
	if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
		s.Columns = min(columns, widest)
	}
	return s
}

// language returns the language that the locale asks for: Chinese unless it
// says English.
func (e *environment) language() text.Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale := e.variable(name); locale != "" {
			return text.Pick(locale, text.Zh)
		}
	}
	return text.Zh
}

// interruptible returns r so that reading ends when ctx does, even where r
// waits for somebody to write.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	out, in := io.Pipe()
	go func() {
		_, err := io.Copy(in, r)
		in.CloseWithError(err)
	}()
	context.AfterFunc(ctx, func() { in.CloseWithError(ctx.Err()) })
	return out
}
