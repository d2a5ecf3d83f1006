package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wenbao/bot/jobs"
	"wenbao/seeds"
)

// TestOperating goes through an operator's day at the command line.
func TestOperating(t *testing.T) {
	bin, dir, data := buildProgram(t), t.TempDir(), t.TempDir()
	if err := os.CopyFS(dir, seeds.FS); err != nil {
		t.Fatal(err)
	}
	writeBridge(t, dir, 1)
	s := serve(t, bin, "--corpus", dir, "--data", data)
	wenbao := func(status int, wants []string, args ...string) string {
		t.Helper()
		cmd := exec.Command(bin, append(args, "--addr", s.ops)...)
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != status {
			t.Errorf("%q: exit status %d, want %d", args, got, status)
		}
		for _, want := range wants {
			if !strings.Contains(string(out), want) {
				t.Errorf("%q: no %q in\n%s", args, want, out)
			}
		}
		return string(out)
	}
	first := s.live(t)
	wenbao(0, []string{"nothing changed", first}, "reindex")
	writeBridge(t, dir, 2)
	wenbao(0, []string{"did not go live", "changed: a", "questions with gold: 120 asked", "took"}, "reindex", "--dry-run")
	wenbao(0, []string{`"state":"succeeded"`, `"live":true`}, "reindex", "--json")
	second := s.live(t)
	if first == second || !strings.Contains(s.ask(t, "新建跨海大桥多少座？", "a"), "2座") {
		t.Error("it did not go live")
	}
	wenbao(0, []string{first, second, "live"}, "generations")
	wenbao(0, []string{first + " is live"}, "activate", first)
	wenbao(2, []string{"404"}, "activate", "none")
	list := wenbao(0, []string{"activate", "reindex", "succeeded", "local"}, "jobs")
	job := strings.Fields(strings.Split(list, "\n")[1])[0]
	wenbao(0, []string{"job " + job, "took"}, "jobs", job)
	wenbao(3, []string{"409"}, "jobs", job, "--cancel")
	wenbao(2, []string{"404"}, "jobs", "none")
	wenbao(2, []string{"name the job"}, "jobs", "--cancel")
	made := wenbao(0, []string{"→ “三线一单”"}, "pins", "add", "红线清单", "--term", "三线一单")
	wenbao(0, []string{"红线清单", "part", "all", "local"}, "pins")
	wenbao(0, []string{`"kind":"pin"`, "第74段"}, "pins", "add", "红线清单在哪", "--at", s.link(t, "三线一单是什么"), "--json")
	wenbao(2, []string{"422", "no glossary"}, "pins", "add", "红线清单", "--term", "四线")
	wenbao(2, []string{"slack:TEAM"}, "pins", "--workspace", "T1")
	wenbao(0, []string{"is removed"}, "pins", "remove", strings.Fields(made)[0])
	wenbao(2, []string{"404"}, "pins", "remove", "none")
	wenbao(0, nil, "questions", "approve", "三线一单是什么")
	wenbao(0, nil, "questions", "block", "桥在哪")
	wenbao(0, []string{"yes", "never", "桥在哪"}, "questions", "public")
	wenbao(0, nil, "questions", "undecide", "桥在哪")
	wenbao(0, []string{"三线一单"}, "questions", "popular", "--window", "day", "--workspace", "web")
	wenbao(0, []string{"question,reason,count"}, "questions", "unanswered", "--csv")
	wenbao(0, []string{"[]"}, "questions", "votes", "--all", "--json")
	wenbao(0, []string{"info"}, "log")
	wenbao(0, nil, "log", "debug")
	wenbao(0, []string{"debug"}, "log")
	wenbao(2, []string{"loud"}, "log", "loud")
	wenbao(0, []string{"corpus: " + dir}, "config", "server")
	if err := os.WriteFile(filepath.Join(dir, "bad.txt"), []byte("\xFF\xFF\xFF"), 0o600); err != nil {
		t.Fatal(err)
	}
	wenbao(3, []string{"failed", "bad.txt:1", "did not go live"}, "reindex")
	wenbao(2, []string{"--token-file"}, "jobs", "--token-file", filepath.Join(dir, "none"))
	s.kill()
	wenbao(3, []string{"wenbao serve"}, "jobs")
}

// TestWatchedFolderAndSettingsReadAgain changes a file, once SIGHUP has told
// the server to watch.
func TestWatchedFolderAndSettingsReadAgain(t *testing.T) {
	bin, dir := buildProgram(t), t.TempDir()
	settings := filepath.Join(t.TempDir(), "wenbao.yaml")
	if err := os.WriteFile(settings, []byte("reindex: {watch: false}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	writeBridge(t, dir, 1)
	s := serve(t, bin, "--corpus", dir, "--config", settings)
	first := s.live(t)
	if err := os.WriteFile(settings, []byte("reindex: {watch: true}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	// The watch begins some time after the signal: a change before is missed,
	// so there is another, after as long as the folder must be still.
	for n := 2; s.live(t) == first; n++ {
		if n == 20 {
			t.Fatal("the change was not noticed")
		}
		writeBridge(t, dir, n)
		for range 30 {
			if time.Sleep(100 * time.Millisecond); s.live(t) != first {
				break
			}
		}
	}
	list, err := s.client.Jobs(t.Context())
	if err != nil || len(list) == 0 || list[0].By != "watch" || list[0].State != jobs.Succeeded {
		t.Errorf("%v %+v", err, list)
	}
}
