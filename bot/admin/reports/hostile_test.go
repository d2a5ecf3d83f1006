package reports_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wenbao/bot/bottest/trouble"
	"wenbao/bot/jobs"
	"wenbao/bot/uploads"
	"wenbao/bot/uploads/intake"
)

// formOf is a form of one file, named as no browser would.
func formOf(name, content string) (body, contentType string) {
	return "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\n" + content + "\r\n--x--\r\n", "Content-Type: multipart/form-data; boundary=x"
}

// overlapping is an archive whose second entry is the first one again.
func overlapping(t *testing.T) string {
	b := []byte(zipOf(t, "c.txt", bridges(3), "d.txt", bridges(4)))
	second := bytes.LastIndex(b, []byte("PK\x01\x02"))
	copy(b[second+42:], []byte{0, 0, 0, 0})
	return string(b)
}

func manyFiles(t *testing.T, n int) string {
	var files []string
	for i := range n {
		files = append(files, fmt.Sprintf("%d.txt", i), bridges(i))
	}
	return zipOf(t, files...)
}

// TestHostileUploads: a clear error, and nothing is lost or kept.
func TestHostileUploads(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.live(r.send(202, "PUT", "/admin/reports/kept", bridges(5)))
	word := zipOf(t, "[Content_Types].xml", "<x/>", "_rels/.rels", "", "word/document.xml", "<x/>")
	named := func(name string) func(t *testing.T) (string, []string) {
		return func(*testing.T) (string, []string) {
			b, contentType := formOf(name, bridges(3))
			return b, []string{contentType}
		}
	}
	zipped := func(files ...string) func(t *testing.T) (string, []string) {
		return func(t *testing.T) (string, []string) { return zipOf(t, files...), nil }
	}
	plain := func(content string) func(t *testing.T) (string, []string) {
		return func(*testing.T) (string, []string) { return content, nil }
	}
	tests := []struct {
		name   string
		path   string
		body   func(t *testing.T) (content string, headers []string)
		status int
		want   string
	}{
		{"a text too long", "?name=c.txt", plain(strings.Repeat("长", intake.MaxDocument/3+1)), 422, "c.txt: it has more than 4 MiB"},
		{"zip bomb", "?name=c.zip", zipped("d.txt", bridges(3), "c.txt", strings.Repeat("长", 1<<20)), 422, "c.txt: it unpacks to more than 100 times its size"},
		{"greater zip bomb", "?name=c.zip", zipped("d.txt", bridges(3), "c.txt", strings.Repeat("长", 8<<20)), 422, "c.txt: it unpacks to more than 100 times its size"},
		{"zip bomb of many files", "?name=c.zip", func(t *testing.T) (string, []string) { return manyFiles(t, 1001), nil }, 422, "more than 1000 files"},
		{"zip in a zip", "?name=c.zip", zipped("c.zip", zipOf(t, "c.txt", bridges(3))), 422, "c.zip: this is a ZIP archive, no plain text"},
		{"entries that share bytes", "?name=c.zip", func(t *testing.T) (string, []string) { return overlapping(t), nil }, 422, "share bytes of the archive"},
		{"upwards", "", named("../../c.txt"), 422, "the name leads upwards"},
		{"upwards in a zip", "?name=c.zip", zipped("d.txt", bridges(3), "../uploads/00000001/0.txt", bridges(3)), 422, "../uploads/00000001/0.txt: the name leads upwards"},
		{"absolute", "", named("/etc/c.txt"), 422, "the name begins with /"},
		{"backslash", "", named(`..\\c.txt`), 422, `the name holds \`},
		{"drive", "", named("C:c.txt"), 422, "names a drive"},
		{"hidden", "", named(".c.txt"), 422, "begins with a dot"},
		{"zero byte", "?name=c.zip", zipped("c.txt\x00.txt", bridges(3)), 422, "U+0000"},
		{"turned around", "", named("c\u202etxt.exe.txt"), 422, "U+202E"},
		{"tilde", "", named("a~c.txt"), 422, "holds ~"},
		{"a long name", "?name=" + strings.Repeat("c", 300) + ".txt", plain(bridges(3)), 422, "has 304 bytes; at most 200"},
		{"upwards as an id", "?id=../c", plain(bridges(3)), 422, "leads upwards"},
		{"upwards as a folder", "?under=../c&name=c.txt", plain(bridges(3)), 422, "leads upwards"},
		{"upwards in the metadata", "?name=c.zip", zipped("c.txt", bridges(3), "c.yaml", "id: ../../c"), 422, "leads upwards"},
		{"twice but for case", "?name=c.zip", zipped("c.txt", bridges(3), "C.txt", bridges(4)), 422, "C.txt: the name is there twice"},
		{"PDF", "?name=c.txt", plain("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj"), 422, "c.txt: this is a PDF"},
		{"Word", "?name=c.docx", plain(word), 422, "c.docx: this is a Word document"},
		{"Word called .txt", "?name=c.txt", plain(word), 422, "c.txt: this is a Word document"},
		{"HTML", "?name=c.txt", plain("<!doctype html><title>x</title>"), 422, "this is a web page"},
		{"picture", "?name=c.txt", plain("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), 422, "this is a picture"},
		{"program", "?name=c.txt", plain("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00"), 422, "no plain text"},
		{"in no encoding", "?name=c.txt", plain(bridges(3) + "\xE6\x96\n"), 422, "c.txt:5: byte "},
		{"half a zip", "?name=c.zip", func(t *testing.T) (string, []string) {
			whole := zipOf(t, "c.txt", bridges(3))
			return whole[:len(whole)/2], nil
		}, 422, "not all of it arrived"},
		{"half a form", "", func(*testing.T) (string, []string) {
			whole, contentType := formOf("c.txt", bridges(3))
			return whole[:len(whole)-20], []string{contentType}
		}, 400, "unexpected EOF"},
		{"one bad among good ones", "?name=c.zip", zipped("c.txt", bridges(3), "d.txt", "\xFF\xFF", "e.txt", bridges(4)), 422, "d.txt:1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r.t = t
			unharmed(r, func() {
				content, headers := tt.body(t)
				resp, body := r.call("POST", "/admin/reports"+tt.path, strings.NewReader(content), headers...)
				var p struct {
					Detail   string
					Problems []string
				}
				if err := json.Unmarshal([]byte(body), &p); err != nil || resp.StatusCode != tt.status || !strings.Contains(p.Detail+strings.Join(p.Problems, "\n"), tt.want) {
					t.Errorf("%d %.1000s, want %d with %q", resp.StatusCode, body, tt.status, tt.want)
				}
			})
		})
	}
}

// refused counts the refusals in the audit log.
func (r *rig) refused() int {
	n := 0
	for _, line := range r.trail() {
		if strings.Contains(line, "refused") {
			n++
		}
	}
	return n
}

// unharmed checks that something keeps nothing and loses nothing, and that it
// was written down.
func unharmed(r *rig, do func()) {
	r.t.Helper()
	files, before, done, refused := r.kept(), r.list(), len(r.jobs.List()), r.refused()
	do()
	if now := r.refused(); now != refused+1 {
		r.t.Errorf("the audit log has %d more refusals", now-refused)
	}
	if now := r.kept(); !slices.Equal(now, files) {
		r.t.Errorf("files are now %q, were %q", now, files)
	}
	now := r.list()
	if !slices.Equal(now.Reports, before.Reports) || len(now.Problems) > 0 || len(r.jobs.List()) != done {
		r.t.Errorf("reports are now %+v, were %+v", now, before)
	}
	if r.built("kept") != "5座" || r.built("a") != "1座" {
		r.t.Errorf("answers are now %q and %q", r.built("kept"), r.built("a"))
	}
}

// TestBodiesThatDoNotEnd are cut off: those that say how long they are before
// a byte of them is read, others at the limit; those that stop halfway leave
// nothing.
func TestBodiesThatDoNotEnd(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.live(r.send(202, "PUT", "/admin/reports/kept", bridges(5)))
	tests := []struct {
		name string
		send func(t *testing.T) string
		want []string // in the answer, where there is one
	}{
		{"200 MB that say so", func(*testing.T) string {
			return r.raw("POST /admin/reports?id=c HTTP/1.1\r\nContent-Length: 209715200", "", false)
		}, []string{"413", "more than 32 MiB", "nothing was kept"}},
		{"200 MB in chunks", func(t *testing.T) string {
			answer, sent := trouble.Pour(t, r.Listener.Addr().String(), "POST /admin/reports?id=c HTTP/1.1\r\nAuthorization: Bearer operate\r\nTransfer-Encoding: chunked\r\n", 200<<20)
			if sent > intake.MaxBody+16<<20 { // what the system holds on the way
				t.Errorf("%d bytes were taken", sent)
			}
			return answer
		}, []string{"413", "more than 32 MiB"}},
		{"half of what was said", func(*testing.T) string {
			return r.raw("PUT /admin/reports/kept HTTP/1.1\r\nContent-Length: 1000", bridges(3), true)
		}, []string{"400", "cut off; nothing was kept"}},
		{"a chunk that does not end", func(*testing.T) string {
			return r.raw("PUT /admin/reports/kept HTTP/1.1\r\nTransfer-Encoding: chunked", "40\r\n"+bridges(3)[:30], true)
		}, []string{"400", "cut off; nothing was kept"}},
		{"chunks without the last", func(*testing.T) string {
			return r.raw("PUT /admin/reports/kept HTTP/1.1\r\nTransfer-Encoding: chunked", "3\r\n长\r\n", true)
		}, []string{"400", "cut off; nothing was kept"}},
		{"a form that does not end", func(*testing.T) string {
			b, contentType := formOf("c.txt", bridges(3))
			return r.raw("POST /admin/reports HTTP/1.1\r\n"+contentType+"\r\nContent-Length: 10000", b[:len(b)-20], true)
		}, []string{"400", "cut off; nothing was kept"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r.t = t
			unharmed(r, func() {
				answer := tt.send(t)
				for _, want := range tt.want {
					if !strings.Contains(answer, want) {
						t.Errorf("%q, want %q", answer, want)
					}
				}
			})
		})
	}
}

// TestSlowUploadsHaveTime: one that goes on for longer than the listener gives
// small requests arrives all the same.
func TestSlowUploadsHaveTime(t *testing.T) {
	r := newRig(t, t.TempDir())
	out, in := io.Pipe()
	go func() {
		text := bridges(6)
		for i := 0; i < len(text); i += 16 {
			_, _ = io.WriteString(in, text[i:min(len(text), i+16)])
			time.Sleep(readTimeout / 5)
		}
		in.Close()
	}()
	resp, body := r.call("PUT", "/admin/reports/c", out)
	var o uploads.Outcome
	if err := json.Unmarshal([]byte(body), &o); err != nil || resp.StatusCode != 202 {
		t.Fatalf("%v: %d %s", err, resp.StatusCode, body)
	}
	if r.live(o); r.built("c") != "6座" {
		t.Errorf("the answer is %q", r.built("c"))
	}
}

// TestConcurrentReplaceAndReindex: many replace one report at once while
// others reindex. Every answer on the way is a version that was sent, whole;
// what is live in the end is what was kept last.
func TestConcurrentReplaceAndReindex(t *testing.T) {
	r := newRig(t, t.TempDir())
	const writers, rounds = 6, 4
	var group, watching sync.WaitGroup
	var last sync.Map // by job: it ends
	for w := range writers {
		group.Go(func() {
			for i := range rounds {
				n := 100 + w*rounds + i
				out := r.send(202, "PUT", "/admin/reports/a", bridges(n))
				last.Store(out.Job, true)
				if out.Queued != (out.Behind != "") {
					t.Errorf("%+v", out)
				}
				if i%2 == 0 {
					r.call("POST", "/admin/reindex", nil) // busy or not
				}
			}
		})
	}
	group.Go(func() {
		for i := range 3 { // beside it another report comes and goes
			r.send(202, "PUT", "/admin/reports/c", bridges(10+i))
			r.send(202, "DELETE", "/admin/reports/c", "")
		}
	})
	stop := make(chan struct{})
	watching.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			got := r.built("a")
			var n int
			if _, err := fmt.Sscanf(got, "%d座", &n); err != nil || n != 1 && (n < 100 || n >= 100+writers*rounds) {
				t.Errorf("the answer is %q", got)
				return
			}
		}
	})
	group.Wait()
	last.Range(func(id, _ any) bool {
		var j jobs.Job
		if err := r.jobs.Watch(t.Context(), id.(string), func(now jobs.Job) error { j = now; return nil }); err != nil || j.State != jobs.Succeeded {
			t.Errorf("%v: job %s is %s: %s", err, j.ID, j.State, j.Error)
		}
		return true
	})
	for _, j := range r.jobs.List() {
		if err := r.jobs.Watch(t.Context(), j.ID, func(jobs.Job) error { return nil }); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	watching.Wait()
	text, record, err := r.store.Text("a")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimPrefix(strings.Split(string(text), "，")[0], "2024年某省政府工作报告\n一、2023年工作回顾\n新建跨海大桥")
	if r.built("a") != want || r.built("c") != "" {
		t.Errorf("the answer is %q, kept was %q", r.built("a"), want)
	}
	for _, e := range r.list().Reports {
		if !e.Live || e.ID == "a" && e.SHA256 != record.SHA256 {
			t.Errorf("%+v", e)
		}
	}
	if files := r.kept(); len(files) != 3 {
		t.Errorf("files %q", files)
	}
}

// TestOneOfManyWithTheSameVersion wins; the others learn that it has changed.
func TestOneOfManyWithTheSameVersion(t *testing.T) {
	r := newRig(t, t.TempDir())
	seen := r.list().Reports[0].Version
	var won, lost atomic.Int32
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			switch resp, body := r.call("PUT", "/admin/reports/a", strings.NewReader(bridges(20+n)), `If-Match: "`+seen+`"`); resp.StatusCode {
			case http.StatusAccepted:
				won.Add(1)
			case http.StatusPreconditionFailed:
				lost.Add(1)
			default:
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		})
	}
	group.Wait()
	if won.Load() != 1 || lost.Load() != 7 {
		t.Errorf("%d won, %d lost", won.Load(), lost.Load())
	}
}

// TestDiskFull: on a disk with as much room as it takes to fail at each point
// on the way, an upload is kept wholly or not at all, and the answer
// says which.
func TestDiskFull(t *testing.T) {
	data := trouble.SmallDisk(t)
	r := newRig(t, data)
	t.Cleanup(r.stop) // before the disk goes
	r.live(r.send(202, "PUT", "/admin/reports/kept", bridges(5)))
	text := bridges(6) + strings.Repeat("长", 100<<10)
	states := map[int]int{}
	for _, room := range []int64{0, 4 << 10, 64 << 10, 308 << 10, 400 << 10, 620 << 10, 632 << 10, 640 << 10} {
		trouble.Fill(t, data, room)
		resp, body := r.call("PUT", "/admin/reports/c", strings.NewReader(text))
		states[resp.StatusCode]++
		_, _, err := r.store.Text("c")
		switch kept := err == nil; {
		case resp.StatusCode == http.StatusInsufficientStorage && strings.Contains(body, "no space left") && !kept:
		case resp.StatusCode == http.StatusAccepted && kept:
		default:
			t.Errorf("with %d bytes left: %d %s; kept: %v", room, resp.StatusCode, body, kept)
		}
		trouble.Empty(t, data)
		for _, name := range r.kept() {
			if strings.Contains(name, ".making") || strings.Contains(name, ".incoming") {
				t.Errorf("with %d bytes left %s stays", room, name)
			}
		}
		if r.built("kept") != "5座" || r.built("a") != "1座" {
			t.Errorf("with %d bytes left the answers are %q and %q", room, r.built("kept"), r.built("a"))
		}
		if err := r.store.Forget("c", func() error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if states[http.StatusInsufficientStorage] < 3 {
		t.Errorf("states %v: the disk was hardly ever full", states)
	}
	t.Logf("states %v", states)
	for _, j := range r.jobs.List() {
		_ = r.jobs.Watch(t.Context(), j.ID, func(jobs.Job) error { return nil })
	}
	r.live(r.send(202, "PUT", "/admin/reports/c", bridges(7)))
	if r.built("c") != "7座" || r.built("kept") != "5座" {
		t.Errorf("with room again the answers are %q and %q", r.built("c"), r.built("kept"))
	}
}
