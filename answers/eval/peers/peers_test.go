package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be bleve's driver, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == bleveDriver {
		if err := runBleveDriver(os.Args[2:], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const (
	samplePassages = `{"id":"a","text":"新增就业一百万人。\n第二行\t也在。"}
{"id":"b","text":"粮食产量七百亿斤，\"两新\"政策 GDP 增长5%。"}
{"id":"c","text":"森林覆盖率二成三。"}
`
	sampleQuestions = `{"id":"q1","question":"粮食产量是多少？","passages":["b"],"answers":["七百亿斤"]}
{"id":"q2","question":"森林覆盖率\"多少\"","passages":["c"],"answers":["两成"]}
{"id":"q3","question":"？","passages":["a"],"answers":[]}
`
)

// writeSet returns the folder of a set.
func writeSet(t *testing.T, passages, questions string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "sample")
	err := errors.Join(os.Mkdir(folder, 0o700),
		os.WriteFile(filepath.Join(folder, "passages.jsonl"), []byte(passages), 0o600),
		os.WriteFile(filepath.Join(folder, "questions.jsonl"), []byte(questions), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// script returns the path of a shell script with the body.
func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wenbao")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPeersFindTheSample runs every peer that is installed. A third question,
// without a word in it, must not stop any.
func TestPeersFindTheSample(t *testing.T) {
	folder := writeSet(t, samplePassages, sampleQuestions)
	for _, name := range []string{"bleve-cjk", "fts5-trigram", "fts5-bigram", "xapian", "lucene-smartcn", "lucene-cjk"} {
		t.Run(name, func(t *testing.T) {
			requirePeer(t, name)
			var table, progress bytes.Buffer
			if err := run(t.Context(), []string{"--only", name, folder}, &table, &progress); err != nil {
				t.Fatalf("%v\n%s", err, table.String())
			}
			if !strings.Contains(table.String(), "| "+name+" | 0.667 | 0.667 | 0.667 | – |") {
				t.Errorf("got\n%s", table.String())
			}
			if progress.String() != "sample: "+name+"\n" {
				t.Errorf("progress %q", progress.String())
			}
		})
	}
}

func requirePeer(t *testing.T, name string) {
	t.Helper()
	var err error
	switch {
	case strings.HasPrefix(name, "lucene"):
		_, err = luceneClasspath("/usr/share/java")
		_, javac := exec.LookPath("javac")
		err = errors.Join(err, javac)
	case name == "xapian":
		err = exec.Command("/usr/bin/python3", "-c", "import xapian").Run()
	case strings.HasPrefix(name, "fts5"):
		trigram := "import sqlite3; sqlite3.connect(':memory:').execute(\"CREATE VIRTUAL TABLE t USING fts5(x, tokenize='trigram')\")"
		err = exec.Command("/usr/bin/python3", "-c", trigram).Run()
	}
	if err != nil {
		t.Skip("not installed:", err)
	}
}

func TestWenbaoIsMeasuredByItsCommandLine(t *testing.T) {
	folder := writeSet(t, samplePassages, sampleQuestions)
	arguments := filepath.Join(t.TempDir(), "arguments")
	binary := script(t, `echo "$@" > `+arguments+`
read -r first || exit 0
cat <<'END'
{"id":"0","took_us":1000,"excerpts":[{"quote":"产量七百亿斤","citation":{"report":"b"}},{"quote":"","citation":{"report":"a"}}]}
{"id":"1","took_us":3000,"status":"no_answer","excerpts":[{"quote":"x","citation":{"report":"b"}},{"quote":"y","citation":{"report":"b"}},{"quote":"z","citation":{"report":"c"}}]}
{"id":"2","took_us":2000}
END
`)
	var table bytes.Buffer
	if err := run(t.Context(), []string{"--wenbao", binary, "--only", "wenbao", folder}, &table, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	if want := "| wenbao | 0.333 | 0.667 | 0.500 | 0.333 | 2.00 | 3.00 |"; !strings.Contains(table.String(), want) {
		t.Errorf("no %q in\n%s", want, table.String())
	}
	got, err := os.ReadFile(arguments)
	if err != nil {
		t.Fatal(err)
	}
	want := "ask --batch --json --top 10 --max-quote 100 --corpus " + filepath.Join(folder, "passages.jsonl")
	if strings.TrimSpace(string(got)) != want {
		t.Errorf("called with %s, want %s", got, want)
	}
}

func TestWenbaoFailures(t *testing.T) {
	folder := writeSet(t, samplePassages, sampleQuestions)
	answers := "read -r first || exit 0\n"
	for name, tt := range map[string]struct{ body, want string }{
		"exit status":  {"echo some log >&2; echo broken index >&2; exit 3", "exit status 3: broken index"},
		"later status": {answers + "exit 2", "exit status 2"},
		"bad line":     {answers + `echo '{"id":"0","error":"too long"}'`, "question 0: too long"},
		"wrong order":  {answers + `echo '{"id":"1"}'`, `answer "1" where 0 was due`},
		"no JSON":      {answers + "echo hello", "after answer 0"},
		"too few":      {answers + `echo '{"id":"0"}'`, "1 answers to 3 questions"},
	} {
		t.Run(name, func(t *testing.T) {
			var table bytes.Buffer
			err := run(t.Context(), []string{"--wenbao", script(t, tt.body), "--only", "wenbao", folder}, &table, &bytes.Buffer{})
			if err == nil || !strings.Contains(table.String(), "failed: ") || !strings.Contains(table.String(), tt.want) {
				t.Errorf("%v, want %q in\n%s", err, tt.want, table.String())
			}
		})
	}
}

func TestJudge(t *testing.T) {
	questions := []question{
		{Passages: []string{"a", "b"}, Answers: []string{"", "甲"}},
		{Passages: []string{"c"}, Answers: []string{"乙"}},
		{Passages: []string{"z"}},
		{Passages: []string{"k"}},
	}
	findings := []finding{
		{took: 4 * time.Millisecond, passages: []string{"b", "a"}, quote: "含甲"},
		{took: 1 * time.Millisecond, passages: []string{"x", "c"}, quote: "无"},
		{took: 3 * time.Millisecond, passages: []string{"x"}},
		{took: 2 * time.Millisecond, passages: strings.Split("a b c d e f g h i j k", " ")},
	}
	got := judge(questions, findings)
	if got.recall1 != 0.25 || got.recall5 != 0.5 || got.mrr10 != 0.375 || got.quoted != 0.25 ||
		got.p50 != 2*time.Millisecond || got.p95 != 4*time.Millisecond {
		t.Errorf("got %+v", got)
	}
	if got := judge(questions, make([]finding, 4)); got.quoted >= 0 || got.recall5 != 0 {
		t.Errorf("without quotes: %+v", got)
	}
}

func TestSetsThatMeanNothingAreRefused(t *testing.T) {
	for name, tt := range map[string]struct{ passages, questions, want string }{
		"no questions":    {samplePassages, "", "no passages or no questions"},
		"unknown passage": {samplePassages, `{"id":"q","question":"x","passages":["nowhere"]}`, "there is no passage nowhere"},
		"no passage":      {samplePassages, `{"id":"q","question":"x"}`, "no right passage"},
		"broken":          {samplePassages, `{"id":`, "questions.jsonl"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadSet(writeSet(t, tt.passages, tt.questions))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := loadSet(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{nil, {"--nonsense"}, {"--only", "altavista", "x"}} {
		if err := run(t.Context(), args, &bytes.Buffer{}, &bytes.Buffer{}); !errors.Is(err, errUsage) {
			t.Errorf("%q: %v", args, err)
		}
	}
	if err := runBleveDriver(nil, &bytes.Buffer{}); !errors.Is(err, errUsage) {
		t.Errorf("the driver without arguments: %v", err)
	}
}

func TestDriverOutputIsChecked(t *testing.T) {
	s := &set{questions: make([]question, 2)}
	for body, want := range map[string]string{
		"echo":                            "too few columns",
		"printf '0\\tfast\\n'":            "invalid syntax",
		"printf '1\\t5\\n'":               "expected question 0",
		"printf 'indexed\\t5\\n0\\t5\\n'": "answered 1 of 2",
	} {
		_, err := runDriver(context.Background(), s, script(t, body))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", body, err, want)
		}
	}
}

func TestPeakMemoryIsThatOfTheProcess(t *testing.T) {
	if highWater(os.Getpid()) == 0 {
		t.Skip("no /proc")
	}
	_, u, err := execute(exec.Command("sh", "-c", "sleep 0.1"))
	if err != nil || u.peak <= 0 || u.peak > 8<<20 || u.wall < 100*time.Millisecond {
		t.Errorf("got %+v, %v", u, err)
	}
	if highWater(-1) != 0 {
		t.Error("a process that is not there has memory")
	}
}
