package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the program as people do: each file of testdata is a
// session at the command line.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	bin := buildProgram(t)
	seeds, err := filepath.Abs("../../seeds")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files: files,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(bin)+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("SEEDS", seeds)
			env.Setenv("LANG", "C.UTF-8")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":   status,
			"verbatim": verbatim,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

func buildProgram(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "wenbao")
	cmd := exec.Command("go", "build", "-ldflags", "-X main.version=v0.0.0-test", "-o", bin, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// status runs the program and wants an exit status: status N ARGUMENT…, or
// status N <FILE ARGUMENT… with standard input.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: status N [<FILE] ARGUMENT…")
	}
	want, args := args[0], args[1:]
	input := ""
	if len(args) > 0 && strings.HasPrefix(args[0], "<") {
		input, args = ts.ReadFile(strings.TrimPrefix(args[0], "<")), args[1:]
	}
	cmd := exec.Command(filepath.Join(strings.SplitN(ts.Getenv("PATH"), string(os.PathListSeparator), 2)[0], "wenbao"), args...)
	cmd.Dir, cmd.Env, cmd.Stdin = ts.MkAbs("."), environ(ts), strings.NewReader(input)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		ts.Fatalf("%v", err)
	}
	fmt.Fprint(ts.Stdout(), stdout.String())
	fmt.Fprint(ts.Stderr(), stderr.String())
	if got := fmt.Sprint(cmd.ProcessState.ExitCode()); got != want {
		ts.Fatalf("exit status %s, want %s", got, want)
	}
}

// environ is the script's environment without settings of whoever runs the
// tests.
func environ(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"HOME", "PATH", "TMPDIR", "WORK", "LANG", "LC_ALL", "NO_COLOR", "WENBAO_PUBLIC_URL", "WENBAO_LEXICON", "WENBAO_RATE_USER", "WENBAO_CORPUS", "WENBAO_SLACK_SIGNING_SECRET", "WENBAO_REDIS_URL"} {
		if v := ts.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// verbatim holds every answer on the last standard output (JSON, one a line)
// to quote == text[start:end] with text a paragraph of a source:
// verbatim SOURCE…
func verbatim(ts *testscript.TestScript, neg bool, sources []string) {
	if neg || len(sources) == 0 {
		ts.Fatalf("usage: verbatim SOURCE…")
	}
	paragraphs := map[string]bool{}
	for _, s := range sources {
		for line := range strings.SplitSeq(ts.ReadFile(s), "\n") {
			paragraphs[strings.TrimSpace(line)] = true
		}
	}
	quotes := 0
	for line := range strings.SplitSeq(strings.TrimSpace(ts.ReadFile("stdout")), "\n") {
		var a struct {
			Excerpts []struct {
				Quote, Text string
				Start, End  int
			}
		}
		ts.Check(json.Unmarshal([]byte(line), &a))
		for _, x := range a.Excerpts {
			quotes++
			if x.Start < 0 || x.End > len(x.Text) || x.Start >= x.End || x.Text[x.Start:x.End] != x.Quote {
				ts.Fatalf("%q is not [%d:%d] of its text", x.Quote, x.Start, x.End)
			}
			if !paragraphs[x.Text] {
				ts.Fatalf("not a paragraph of the source: %q", x.Text)
			}
		}
	}
	if quotes == 0 {
		ts.Fatalf("no quotes")
	}
}
