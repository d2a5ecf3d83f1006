// Peers measures wenbao beside other engines on passage sets, all in one run.
//
//	peers [--wenbao FILE] [--only NAME,…] [--jars FOLDER] SET…
//
// A set is a folder with passages.jsonl ({"id","text"}) and questions.jsonl
// ({"id","question","passages","answers"}). Every engine gets the question as
// it is, and answers one question after the other in a process of its own. The
// peers come from Debian's packages: setup.sh installs them. For each set one
// Markdown table is written; an engine that fails has its reason in the table
// and makes the exit status 1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// top is the number of passages asked of each engine.
const top = 10

func main() {
	if len(os.Args) > 1 && os.Args[1] == bleveDriver {
		exit(runBleveDriver(os.Args[2:], os.Stdout))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func exit(err error) {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		os.Exit(0)
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// errUsage marks a wrong command line.
var errUsage = errors.New("wrong use")

// run measures the engines on the sets that args name.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("peers", flag.ContinueOnError)
	flags.SetOutput(stderr)
	wenbao := flags.String("wenbao", "bin/wenbao", "wenbao's binary")
	only := flags.String("only", "", "measure only these engines, separated by commas")
	jars := flags.String("jars", "/usr/share/java", "the folder of Lucene's jars")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if flags.NArg() == 0 {
		return fmt.Errorf("%w: name at least one set", errUsage)
	}
	work, err := os.MkdirTemp("", "peers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	chosen, err := choose(engines(*wenbao, *jars, work), *only)
	if err != nil {
		return err
	}
	if err := unpackDrivers(work); err != nil {
		return err
	}
	return measureSets(ctx, chosen, flags.Args(), work, stdout, stderr)
}

// choose keeps the engines whose names are listed, all where the list is empty.
func choose(all []engine, list string) ([]engine, error) {
	if list == "" {
		return all, nil
	}
	var chosen []engine
	for _, name := range strings.Split(list, ",") {
		i := slices.IndexFunc(all, func(e engine) bool { return e.name == name })
		if i < 0 {
			return nil, fmt.Errorf("%w: no engine is called %q", errUsage, name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// measureSets writes a table for each set.
func measureSets(ctx context.Context, chosen []engine, folders []string, work string, stdout, stderr io.Writer) error {
	failed := 0
	for _, folder := range folders {
		s, err := loadSet(folder)
		if err != nil {
			return err
		}
		if err := s.writeRecords(work); err != nil {
			return err
		}
		rows := make([]row, 0, len(chosen))
		for _, e := range chosen {
			fmt.Fprintf(stderr, "%s: %s\n", s.name, e.name)
			r := measure(ctx, e, s)
			if r.err != nil {
				failed++
			}
			rows = append(rows, r)
		}
		if err := writeTable(stdout, s, rows); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d measurements failed", failed)
	}
	return nil
}
