package main_test

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestServedScripts are sessions at the command line with a server that runs:
// each file of testdata/served is one.
func TestServedScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/served/*.txtar")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	bin := buildProgram(t)
	testscript.Run(t, testscript.Params{
		Files: files,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(bin)+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("LANG", "C.UTF-8")
			env.Values["server"] = &holder{}
			return os.WriteFile(filepath.Join(env.WorkDir, "bad.txt"), []byte("某市2024年政府工作报告\n\xE6\x96\n"), 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":   status,
			"serve":    func(ts *testscript.TestScript, _ bool, args []string) { served(t, ts, bin, args) },
			"kill9":    func(ts *testscript.TestScript, _ bool, _ []string) { ts.Value("server").(*holder).kill() },
			"ask":      asked,
			"zip":      zipped,
			"previous": previous,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// holder has the server of a script.
type holder struct{ *server }

// served starts the server: serve ARGUMENT…; what is no flag is a path. $OPS
// is its operators' listener.
func served(t *testing.T, ts *testscript.TestScript, bin string, args []string) {
	for i, a := range args {
		if !strings.HasPrefix(a, "-") {
			args[i] = ts.MkAbs(a)
		}
	}
	s := serve(t, bin, args...)
	ts.Defer(s.kill)
	ts.Value("server").(*holder).server = s
	ts.Setenv("OPS", s.ops)
}

// asked prints what the page's API answers: ask QUESTION REPORT.
func asked(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ask QUESTION REPORT")
	}
	resp, err := http.Get(ts.Value("server").(*holder).public + "/api/v1/ask?q=" + url.QueryEscape(args[0]) + "&report=" + url.QueryEscape(args[1]))
	ts.Check(err)
	defer resp.Body.Close()
	var a struct {
		Status   any // of an answer, or the number of an error
		Excerpts []struct {
			Quote    string
			Citation struct{ Report, Title string }
		}
	}
	ts.Check(json.NewDecoder(resp.Body).Decode(&a))
	fmt.Fprintln(ts.Stdout(), resp.StatusCode, a.Status)
	for _, x := range a.Excerpts {
		fmt.Fprintf(ts.Stdout(), "%s 《%s》 %s\n", x.Citation.Report, x.Citation.Title, x.Quote)
	}
}

// zipped packs files: zip ARCHIVE FILE…; NAME=FILE packs it under a name.
func zipped(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: zip ARCHIVE FILE…")
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	w := zip.NewWriter(f)
	for _, arg := range args[1:] {
		name, file, renamed := strings.Cut(arg, "=")
		if !renamed {
			file = name
		}
		part, err := w.Create(name)
		ts.Check(err)
		_, err = part.Write([]byte(ts.ReadFile(file)))
		ts.Check(err)
	}
	ts.Check(w.Close())
}

// previous sets $PREVIOUS to the generation that was live before.
func previous(ts *testscript.TestScript, neg bool, args []string) {
	list, err := ts.Value("server").(*holder).client.Generations(context.Background())
	ts.Check(err)
	if neg || len(args) > 0 || len(list) < 2 {
		ts.Fatalf("usage: previous, where there is one: %v", list)
	}
	ts.Setenv("PREVIOUS", list[1].ID)
}
