// Wenbao answers questions with cited, verbatim excerpts of government work
// reports: in the terminal, on a web page and in chat.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// version is set when a release is built.
var version = "dev"

// commands is the command line.
type commands struct {
	Ask         askCommand         `cmd:"" help:"Answer one question, or with --batch many."`
	Chat        chatCommand        `cmd:"" help:"Talk in the terminal."`
	Serve       serveCommand       `cmd:"" help:"Serve everything that is configured; at least the web page."`
	Eval        evalCommand        `cmd:"" help:"Judge answers by questions with gold."`
	Inspect     inspectCommand     `cmd:"" help:"Show what the parser made of each report."`
	Reports     reportsCommand     `cmd:"" help:"List, upload, replace, remove and download the reports of a running server."`
	Reindex     reindexCommand     `cmd:"" help:"Let a running server index its reports anew."`
	Jobs        jobsCommand        `cmd:"" help:"Show what a running server did, or cancel what it does."`
	Generations generationsCommand `cmd:"" help:"List the generations of the index that a running server keeps."`
	Activate    activateCommand    `cmd:"" help:"Let a running server answer from a generation that it keeps."`
	Pins        pinsCommand        `cmd:"" help:"Decide what phrases mean and which paragraph answers a question, on a running server."`
	Questions   questionsCommand   `cmd:"" help:"Show what a running server is asked, and decide what its public page shows."`
	Log         logCommand         `cmd:"" help:"Show or change how much a running server logs."`
	Config      configCommand      `cmd:"" help:"Check or print the settings."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env := &environment{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(), Now: time.Now}
	err := guard(func() error { return run(ctx, os.Args[1:], env) })
	if message := messageOf(err); message != "" {
		fmt.Fprintln(os.Stderr, "wenbao: "+message)
	}
	stop()
	os.Exit(statusOf(err))
}

// guard makes an error of a panic: the exit status of a panic is that of wrong
// use.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("this is a mistake in the program: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}

// run parses the arguments and runs the command they name.
func run(ctx context.Context, args []string, env *environment) error {
	parser, err := kong.New(&commands{}, kong.Name("wenbao"), kong.Writers(env.Stdout, env.Stderr), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Description("Questions about government work reports, answered with cited, verbatim excerpts."))
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	var wrong *kong.ParseError
	if errors.As(err, &wrong) {
		return misuse("%w; see wenbao --help", err)
	}
	if err != nil {
		return err
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return parsed.Run(env)
}
