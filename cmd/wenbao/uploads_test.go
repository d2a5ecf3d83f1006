package main_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wenbao/bot/bottest/trouble"
	"wenbao/bot/uploads"
)

// bridgeText is a report that says how many bridges were built.
func bridgeText(n int) string {
	return fmt.Sprintf("2024年某省政府工作报告\n一、2023年工作回顾\n新建跨海大桥%d座。\n", n) + strings.Repeat("新增图书馆一座。\n", 200)
}

// send makes a request of the operators' API; 0 is the status where the server
// went away.
func (s *server) send(t *testing.T, method, path string, body []byte) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequest(method, "http://"+s.ops+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(raw)
}

// pair is an archive of the reports y and z of one version.
func pair(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"y.txt", "z.txt"} {
		f, err := w.Create(name)
		if err == nil {
			_, err = io.WriteString(f, bridgeText(n))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestKilledWhileUploading kills the server at random moments while reports
// are replaced. Started again it has what it said it kept, or the version that
// was under way, whole; what came together is of one version; nothing
// half-made is left; and all of it goes live.
func TestKilledWhileUploading(t *testing.T) {
	kills := 6
	if s := os.Getenv(killsEnv); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	bin, dir, data := buildProgram(t), t.TempDir(), t.TempDir()
	writeBridge(t, dir, 1)
	s := serve(t, bin, "--corpus", dir, "--data", data)
	sent, during := 0, 0
	var one, two atomic.Int64 // versions that were said to be kept
	for kill := range kills {
		stopped, first := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for begun := sent; ; {
				sent++
				if status, answer := s.send(t, "PUT", "/admin/reports/x", []byte(bridgeText(sent))); status == 0 {
					return
				} else if status != http.StatusAccepted {
					t.Errorf("%d %s", status, answer)
					return
				}
				one.Store(int64(sent))
				if status, _ := s.send(t, "POST", "/admin/reports?name=r.zip&replace=true", pair(t, sent)); status == 0 {
					return
				}
				two.Store(int64(sent))
				if sent == begun+1 {
					close(first)
				}
			}
		}()
		<-first
		time.Sleep(time.Duration(rand.Int64N(int64(60 * time.Millisecond))))
		s.kill()
		<-stopped
		left := filesOf(t, filepath.Join(data, "uploads"))
		if strings.Contains(left, ".making") || strings.Contains(left, ".incoming") {
			during++
		}
		s = serve(t, bin, "--corpus", dir, "--data", data)
		if left := filesOf(t, filepath.Join(data, "uploads")); strings.Contains(left, "/.") {
			t.Errorf("kill %d: half-made files stay: %s", kill, left)
		}
		list := s.allLive(t)
		if len(list.Problems) > 0 || len(list.Reports) != 4 {
			t.Fatalf("kill %d: %+v", kill, list)
		}
		versions := map[string]int{}
		for _, r := range list.Reports[1:] {
			versions[r.ID] = s.version(t, r)
		}
		if x := versions["x"]; x != int(one.Load()) && x != sent {
			t.Errorf("kill %d: x is version %d, %d was kept, %d was under way", kill, x, one.Load(), sent)
		}
		if y := versions["y"]; y != versions["z"] || y != int(two.Load()) && y != sent {
			t.Errorf("kill %d: y and z are versions %d and %d, %d was kept, %d was under way", kill, y, versions["z"], two.Load(), sent)
		}
	}
	t.Logf("%d versions were sent; %d of %d kills left something half-made", sent, during, kills)
}

// allLive waits until what is kept is live: a server that starts sees to that
// by itself.
func (s *server) allLive(t *testing.T) uploads.Listing {
	t.Helper()
	for range 200 {
		list, err := s.client.Reports(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(list.Reports, func(r uploads.Entry) bool { return !r.Live }) {
			settled(t, s.client)
			return list
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("what is kept does not go live")
	return uploads.Listing{}
}

// version returns which version a report is, as it is kept and as it is
// answered from.
func (s *server) version(t *testing.T, r uploads.Entry) int {
	t.Helper()
	text, err := s.client.Source(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	line := strings.Split(string(text), "\n")[2]
	if _, err := fmt.Sscanf(line, "新建跨海大桥%d座。", &n); err != nil || string(text) != bridgeText(n) || !r.Live {
		t.Errorf("%s is not whole, or not live: %v %s %+v", r.ID, err, line, r)
	}
	if quote := s.ask(t, "新建跨海大桥多少座？", r.ID); quote != line {
		t.Errorf("%s is answered with %q, kept is %q", r.ID, quote, line)
	}
	return n
}

// filesOf lists the files below a folder, each after a slash.
func filesOf(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	if err := filepath.WalkDir(dir, func(name string, _ os.DirEntry, err error) error {
		names = append(names, strings.TrimPrefix(name, dir))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

// TestMemoryWhile200MBAreSent: they are cut off, and the server grows by less
// than it takes at most of one upload.
func TestMemoryWhile200MBAreSent(t *testing.T) {
	bin, data := buildProgram(t), t.TempDir()
	s := serve(t, bin, "--data", data)
	before := s.peak(t)
	const size = 200 << 20
	for name, head := range map[string]string{
		"that say so":     fmt.Sprintf("POST /admin/reports?id=x HTTP/1.1\r\nContent-Length: %d\r\n", size),
		"in chunks":       "POST /admin/reports?id=x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
		"of a form":       "POST /admin/reports HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Type: multipart/form-data; boundary=x\r\n",
		"as a dry run":    "POST /admin/reports?id=x&dry_run=true HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
		"of an archive":   "POST /admin/reports?name=x.zip HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
		"for another way": "PUT /admin/reports/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
	} {
		answer, sent := trouble.Pour(t, s.ops, head, size)
		if !strings.Contains(answer, "413") || !strings.Contains(answer, "more than 32 MiB") || sent >= size {
			t.Errorf("200 MB %s: %d bytes were taken: %s", name, sent, answer)
		}
		t.Logf("200 MB %s: cut off after %d MB, peak RSS %d MB", name, sent>>20, s.peak(t)>>10)
	}
	if after := s.peak(t); after-before > 24<<10 {
		t.Errorf("the peak RSS grew from %d to %d kB", before, after)
	}
	if files := strings.TrimSpace(filesOf(t, filepath.Join(data, "uploads"))); files != "" {
		t.Errorf("files stay: %s", files)
	}
}

// peak returns the most memory that the server had, in kB.
func (s *server) peak(t *testing.T) int {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.Process.Pid))
	if err != nil {
		t.Skip("memory is measured on Linux")
	}
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmHWM:" {
			n, err := strconv.Atoi(f[1])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("no VmHWM")
	return 0
}
