package main

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed drivers
var drivers embed.FS

// engine is something that finds passages.
type engine struct {
	name string
	run  func(ctx context.Context, s *set) (*result, error)
}

// result is what an engine did with a set.
type result struct {
	index    time.Duration // wenbao's includes the start of its process
	asking   time.Duration // for all questions together
	peak     int64         // bytes; 0 where unknown
	findings []finding     // one a question, in order
}

// finding is an engine's response to a question.
type finding struct {
	took     time.Duration
	passages []string // ids, best first
	quote    string   // the first quote; only wenbao has one
}

// engines returns every engine there is. The drivers are in work.
func engines(wenbao, jars, work string) []engine {
	return []engine{
		{"wenbao", func(ctx context.Context, s *set) (*result, error) { return runWenbao(ctx, wenbao, s) }},
		{"lucene-smartcn", lucene(work, jars, "smartcn")},
		{"lucene-cjk", lucene(work, jars, "cjk")},
		{"fts5-trigram", python(work, "fts5.py", "trigram")},
		{"fts5-bigram", python(work, "fts5.py", "bigram")},
		{"xapian", python(work, "xapian_ngram.py")},
		{"bleve-cjk", bleve},
	}
}

// unpackDrivers writes the drivers' sources into work.
func unpackDrivers(work string) error {
	sources, err := fs.Sub(drivers, "drivers")
	if err != nil {
		return err
	}
	return os.CopyFS(work, sources)
}

// python runs a driver with the system's Python, which sees Debian's modules.
func python(work, script string, args ...string) func(context.Context, *set) (*result, error) {
	return func(ctx context.Context, s *set) (*result, error) {
		command := append([]string{"-B", filepath.Join(work, script)}, args...)
		return runDriver(ctx, s, "/usr/bin/python3", command...)
	}
}

// lucene compiles its driver and runs it with a small heap, so that its peak
// memory says something.
func lucene(work, jars, analyzer string) func(context.Context, *set) (*result, error) {
	return func(ctx context.Context, s *set) (*result, error) {
		classpath, err := luceneClasspath(jars)
		if err != nil {
			return nil, err
		}
		compile := exec.CommandContext(ctx, "javac", "-encoding", "UTF-8", "-cp", classpath, "-d", work,
			filepath.Join(work, "Lucene.java"))
		if output, err := compile.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("javac: %w: %s", err, lastLine(output))
		}
		return runDriver(ctx, s, "java", "-Xmx512m", "-XX:+UseSerialGC",
			"-cp", work+string(os.PathListSeparator)+classpath, "Lucene", analyzer)
	}
}

// luceneClasspath finds the jars needed, whose names end with a version.
func luceneClasspath(jars string) (string, error) {
	var found []string
	for _, name := range []string{"core", "analyzers-common", "analyzers-smartcn"} {
		matches, err := filepath.Glob(filepath.Join(jars, "lucene-"+name+"-[0-9]*.jar"))
		if err != nil {
			return "", err
		}
		if len(matches) == 0 {
			return "", fmt.Errorf("no lucene-%s in %s", name, jars)
		}
		found = append(found, matches[len(matches)-1])
	}
	return strings.Join(found, string(os.PathListSeparator)), nil
}

// runDriver runs a driver: its arguments, the two records files and top. It
// writes "indexed" and microseconds, then for each question its number,
// microseconds and the ids found, all separated by tabs.
func runDriver(ctx context.Context, s *set, name string, args ...string) (*result, error) {
	args = append(args, s.passageRecords, s.questionRecords, strconv.Itoa(top))
	output, usage, err := execute(exec.CommandContext(ctx, name, args...))
	if err != nil {
		return nil, err
	}
	r := &result{peak: usage.peak, findings: make([]finding, 0, len(s.questions))}
	lines := bufio.NewScanner(bytes.NewReader(output))
	for lines.Scan() {
		if err := r.add(strings.Split(lines.Text(), "\t")); err != nil {
			return nil, fmt.Errorf("%s wrote %q: %w", name, lines.Text(), err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(r.findings) != len(s.questions) {
		return nil, fmt.Errorf("%s answered %d of %d questions", name, len(r.findings), len(s.questions))
	}
	return r, nil
}

// add takes one line of a driver's output.
func (r *result) add(columns []string) error {
	if len(columns) < 2 {
		return errors.New("too few columns")
	}
	us, err := strconv.ParseInt(columns[1], 10, 64)
	if err != nil {
		return err
	}
	took := time.Duration(us) * time.Microsecond
	if columns[0] == "indexed" {
		r.index = took
		return nil
	}
	if columns[0] != strconv.Itoa(len(r.findings)) {
		return fmt.Errorf("expected question %d", len(r.findings))
	}
	r.asking += took
	r.findings = append(r.findings, finding{took: took, passages: columns[2:]})
	return nil
}

// usage is what a process needed.
type usage struct {
	wall time.Duration
	peak int64
}

// execute runs the command and returns its output.
func execute(cmd *exec.Cmd) ([]byte, usage, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, usage{}, err
	}
	stop, peak := make(chan struct{}), make(chan int64)
	go func() { peak <- watchPeak(cmd.Process.Pid, stop) }()
	err := cmd.Wait()
	wall := time.Since(start)
	close(stop)
	u := usage{wall: wall, peak: <-peak}
	if err != nil {
		return nil, u, fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, lastLine(stderr.Bytes()))
	}
	return stdout.Bytes(), u, nil
}

// watchPeak returns the process's high-water mark of resident memory, as the
// kernel last gave it. (The peak in a child's rusage would include this
// process's own, as of the fork.)
func watchPeak(pid int, stop <-chan struct{}) int64 {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var peak int64
	for {
		if now := highWater(pid); now > 0 {
			peak = now
		}
		select {
		case <-stop:
			return peak
		case <-tick.C:
		}
	}
}

// highWater reads VmHWM; 0 where there is none.
func highWater(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, found := strings.Cut(string(status), "VmHWM:")
	if !found {
		return 0
	}
	kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		return 0
	}
	return kb << 10
}

func lastLine(output []byte) string {
	text := strings.TrimSpace(string(output))
	return text[strings.LastIndexByte(text, '\n')+1:]
}
