package reports_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"wenbao/bot/admin/client"
	"wenbao/bot/uploads"
)

// TestAReportFromUploadToRemoval: each change is live once its job has ended.
func TestAReportFromUploadToRemoval(t *testing.T) {
	r := newRig(t, t.TempDir())
	out := r.send(202, "POST", "/admin/reports?id=p/c", bridges(3))
	if p := out.Reports; len(p) != 1 || p[0].ID != "p/c" || p[0].Title != "2024年某省政府工作报告" || p[0].Year != 2024 || p[0].Paragraphs != 4 || p[0].Sections != 1 || p[0].Figures != 3 || p[0].Replaces != "" || p[0].Difference != nil {
		t.Errorf("preview %+v", p)
	}
	r.live(out)
	if r.built("p/c") != "3座" {
		t.Errorf("the answer is %q", r.built("p/c"))
	}
	entry := r.list().Reports[2]
	if entry.ID != "p/c" || entry.Origin != uploads.OriginUpload || !entry.Live || entry.UploadedBy != "ann" || entry.UploadedAt.IsZero() || entry.Replaces || entry.Bytes != len(bridges(3)) {
		t.Errorf("entry %+v", entry)
	}
	r.send(409, "POST", "/admin/reports?id=p/c", bridges(4))
	out = r.send(202, "POST", "/admin/reports?id=p/c&replace=true", bridges(4))
	if d := out.Reports[0].Difference; d == nil || d.Changed != 2 || d.Added+d.Removed != 0 || out.Reports[0].Replaces != uploads.OriginUpload {
		t.Errorf("difference %+v", d)
	}
	r.live(out)
	out = r.send(202, "PUT", "/admin/reports/p~c?title="+"%E9%A2%98", bridges(5))
	if d := out.Reports[0].Difference; d == nil || !slices.Equal(d.Metadata, []string{"title: 2024年某省政府工作报告 → 题"}) {
		t.Errorf("difference %+v", d)
	}
	r.live(out)
	if r.built("p/c") != "5座" {
		t.Errorf("the answer is %q", r.built("p/c"))
	}
	r.live(r.send(202, "DELETE", "/admin/reports/p~c", ""))
	if r.built("p/c") != "" || len(r.kept()) != 0 {
		t.Errorf("it is still there: %q, %v", r.built("p/c"), r.kept())
	}
	r.send(404, "DELETE", "/admin/reports/p~c", "")
	r.send(404, "POST", "/admin/reports/p~c/restore", "")
}

// TestReportsOfTheCorpus are replaced, removed and restored; their files stay
// as they are.
func TestReportsOfTheCorpus(t *testing.T) {
	r := newRig(t, t.TempDir())
	out := r.send(202, "PUT", "/admin/reports/p~b", bridges(7))
	if out.Reports[0].Replaces != uploads.OriginCorpus {
		t.Errorf("preview %+v", out.Reports)
	}
	r.live(out)
	if e := r.list().Reports[1]; !e.Replaces || e.Origin != uploads.OriginUpload || r.built("p/b") != "7座" {
		t.Errorf("%+v, the answer is %q", e, r.built("p/b"))
	}
	r.live(r.send(202, "DELETE", "/admin/reports/p%2Fb", "")) // its id, encoded
	if list := r.list(); r.built("p/b") != "" || !slices.Equal(ids(list), []string{"a"}) || !slices.Equal(list.Removed, []string{"p/b"}) {
		t.Errorf("%q in %+v", r.built("p/b"), list)
	}
	r.send(404, "GET", "/admin/reports/p~b", "")
	r.send(409, "DELETE", "/admin/reports/a", "") // the last one
	r.send(409, "POST", "/admin/reports/a/restore", "")
	r.live(r.send(202, "POST", "/admin/reports/p~b/restore", ""))
	if list := r.list(); r.built("p/b") != "2座" || len(list.Removed) != 0 || list.Reports[1].Origin != uploads.OriginCorpus {
		t.Errorf("%q in %+v", r.built("p/b"), list)
	}
	r.live(r.send(202, "DELETE", "/admin/reports/p~b", ""))
	r.live(r.send(202, "POST", "/admin/reports?id=p/b", bridges(8))) // back without being asked to replace
	if r.built("p/b") != "8座" || len(r.list().Removed) != 0 {
		t.Errorf("the answer is %q", r.built("p/b"))
	}
	if raw, err := os.ReadFile(filepath.Join(r.corpus, "p", "b.txt")); err != nil || string(raw) != bridges(2) {
		t.Error("the corpus was touched")
	}
	want := []string{"replace p/b ok", "remove p/b ok", "remove a refused", "restore a refused", "restore p/b ok", "remove p/b ok", "upload p/b ok"}
	var got []string
	for _, line := range r.trail() {
		if f := strings.Fields(line); f[1] != "reindex" && f[0] == "ann" {
			got = append(got, strings.Join(f[1:4], " "))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("audit log %q", got)
	}
}

// TestUploadsOutliveTheServer, and what was kept but not live goes live at the
// next reindexing.
func TestUploadsOutliveTheServer(t *testing.T) {
	data := t.TempDir()
	r := newRig(t, data)
	r.live(r.send(202, "POST", "/admin/reports?id=c", bridges(3)))
	r.live(r.send(202, "DELETE", "/admin/reports/a", ""))
	r.stop()
	r = startRig(t, r.corpus, data)
	if list := r.list(); r.built("c") != "3座" || r.built("a") != "" || !slices.Equal(list.Removed, []string{"a"}) || len(list.Problems) != 0 {
		t.Errorf("%+v", list)
	}
	for _, e := range r.list().Reports {
		if !e.Live {
			t.Errorf("%s is not live", e.ID)
		}
	}
}

// TestDryRunsKeepNothing: they say what would be, problems included.
func TestDryRunsKeepNothing(t *testing.T) {
	r := newRig(t, t.TempDir())
	zipped := zipOf(t, "p/b.txt", bridges(2)+"完。\n", "c.txt", bridges(3), "d.txt", "", "e.pdf", "%PDF-1.4", ".DS_Store", "x")
	out := r.send(200, "POST", "/admin/reports?dry_run=true&name=r.zip", zipped)
	if len(out.Reports) != 2 || out.Reports[0].ID != "p/b" || out.Reports[0].Replaces != uploads.OriginCorpus || out.Reports[0].Difference.Added != 1 || out.Reports[1].ID != "c" {
		t.Errorf("reports %+v", out.Reports)
	}
	if len(out.Problems) != 2 || !strings.Contains(out.Problems[0], "d.txt") || !strings.Contains(out.Problems[1], "e.pdf") || !slices.Equal(out.Ignored, []string{".DS_Store"}) || out.Job != "" {
		t.Errorf("outcome %+v", out)
	}
	out = r.send(200, "PUT", "/admin/reports/c?dry_run=1&year=2025", bridges(3))
	if len(out.Reports) != 1 || out.Reports[0].Year != 2025 {
		t.Errorf("outcome %+v", out)
	}
	out = r.send(200, "POST", "/admin/reports?dry_run=true&id=A", bridges(3))
	if len(out.Problems) != 1 || !strings.Contains(out.Problems[0], "in case only") {
		t.Errorf("outcome %+v", out)
	}
	if len(r.kept()) != 0 || len(r.jobs.List()) != 0 || len(r.trail()) != 0 {
		t.Errorf("kept %v", r.kept())
	}
}

// TestPreconditions: whoever saw another version than there is changes
// nothing.
func TestPreconditions(t *testing.T) {
	r := newRig(t, t.TempDir())
	resp, body := r.call("GET", "/admin/reports/a", nil)
	var seen uploads.Detail
	if err := json.Unmarshal([]byte(body), &seen); err != nil || resp.Header.Get("ETag") != `"`+seen.Version+`"` || seen.Preview.Paragraphs != 4 || len(seen.Preview.Outline) != 1 {
		t.Fatalf("%v %s", err, body)
	}
	r.send(412, "PUT", "/admin/reports/a", bridges(9), `If-Match: "0000"`)
	r.send(412, "PUT", "/admin/reports/new", bridges(9), `If-Match: *`)
	r.send(412, "PUT", "/admin/reports/a", bridges(9), `If-None-Match: *`)
	r.send(412, "DELETE", "/admin/reports/a", "", `If-Match: "0000", "1111"`)
	r.live(r.send(202, "PUT", "/admin/reports/a", bridges(9), `If-Match: "0000", "`+seen.Version+`"`))
	r.send(412, "PUT", "/admin/reports/a", bridges(10), `If-Match: "`+seen.SHA256+`"`)
	r.live(r.send(202, "PUT", "/admin/reports/a", bridges(10), `If-Match: "`+r.list().Reports[0].SHA256+`"`))
	r.live(r.send(202, "DELETE", "/admin/reports/a", "", `If-Match: *`))
	r.live(r.send(202, "PUT", "/admin/reports/a", bridges(11), `If-None-Match: *`))
	if r.built("a") != "11座" {
		t.Errorf("the answer is %q", r.built("a"))
	}
}

// TestDownloads are the bytes that were uploaded, under a name in Chinese.
func TestDownloads(t *testing.T) {
	r := newRig(t, t.TempDir())
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(bridges(3))
	if err != nil {
		t.Fatal(err)
	}
	r.live(r.send(202, "PUT", "/admin/reports/prov2026~%E5%9B%9B%E5%B7%9D%E7%9C%81", gb))
	tests := []struct{ slug, text, contentType, disposition string }{
		{"a", bridges(1), "text/plain; charset=utf-8", "attachment; filename=a.txt"},
		{"p~b", bridges(2), "text/plain; charset=utf-8", "attachment; filename=b.txt"},
		{"prov2026~%E5%9B%9B%E5%B7%9D%E7%9C%81", gb, "text/plain", `attachment; filename="report.txt"; filename*=utf-8''%E5%9B%9B%E5%B7%9D%E7%9C%81.txt`},
	}
	for _, tt := range tests {
		resp, body := r.call("GET", "/admin/reports/"+tt.slug+"/source", nil, "Authorization: Bearer read")
		if resp.StatusCode != 200 || body != tt.text || resp.Header.Get("Content-Type") != tt.contentType || resp.Header.Get("Content-Disposition") != tt.disposition {
			t.Errorf("%s: %d %q %v", tt.slug, resp.StatusCode, body, resp.Header)
		}
		if resp, body := r.call("GET", "/admin/reports/"+tt.slug+"/source", nil, "If-None-Match: "+resp.Header.Get("ETag")); resp.StatusCode != 304 || body != "" {
			t.Errorf("%s again: %d", tt.slug, resp.StatusCode)
		}
	}
	resp, _ := r.call("GET", "/admin/reports/none/source", nil)
	if resp.StatusCode != 404 {
		t.Errorf("none: %d", resp.StatusCode)
	}
}

// TestRequestsThatMeanSomethingElse are errors, not guesses.
func TestRequestsThatMeanSomethingElse(t *testing.T) {
	r := newRig(t, t.TempDir())
	tests := []struct {
		name, method, path string
		headers            []string
		status             int
		want               string
	}{
		{"a reader uploads", "POST", "/admin/reports?id=c", []string{"Authorization: Bearer read"}, 403, "operate"},
		{"a reader replaces", "PUT", "/admin/reports/c", []string{"Authorization: Bearer read"}, 403, "operate"},
		{"a reader removes", "DELETE", "/admin/reports/a", []string{"Authorization: Bearer read"}, 403, "operate"},
		{"a reader restores", "POST", "/admin/reports/a/restore", []string{"Authorization: Bearer read"}, 403, "operate"},
		{"nobody looks", "GET", "/admin/reports", []string{"Authorization: Bearer wrong"}, 401, "token"},
		{"another site", "POST", "/admin/reports?id=c", []string{"Sec-Fetch-Site: cross-site"}, 403, "other sites"},
		{"a misspelled parameter", "POST", "/admin/reports?id=c&dryrun=true", nil, 400, `there is no parameter "dryrun" here; there are: id, name, under, replace, dry_run, title`},
		{"neither true nor false", "POST", "/admin/reports?id=c&dry_run=yes!", nil, 400, "dry_run=yes! is neither"},
		{"a parameter twice", "POST", "/admin/reports?id=c&id=d", nil, 400, "given twice"},
		{"a year that is none", "POST", "/admin/reports?id=c&year=soon", nil, 400, `year: "soon" is not a year`},
		{"a day that is none", "POST", "/admin/reports?id=c&delivered_on=2024-13-01", nil, 400, "not a date like"},
		{"id and folder", "POST", "/admin/reports?id=c&under=d", nil, 400, "not both"},
		{"an id beside the address", "PUT", "/admin/reports/c?id=d", nil, 400, `there is no parameter "id"`},
		{"an address that cannot be read", "POST", "/admin/reports?id=%zz", nil, 400, "cannot be read"},
		{"no name", "POST", "/admin/reports", nil, 400, "give ?id=ID, or ?name=FILE.txt"},
		{"packed on the way", "POST", "/admin/reports?id=c", []string{"Content-Encoding: gzip"}, 400, "Content-Encoding gzip"},
		{"removing with a parameter", "DELETE", "/admin/reports/a?dry_run=true", nil, 400, "dry_run"},
		{"a form that is none", "POST", "/admin/reports", []string{"Content-Type: multipart/form-data; boundary=x"}, 400, "the upload cannot be read"},
		{"another method", "PATCH", "/admin/reports/a", nil, 405, "GET, PUT, DELETE"},
		{"differs in case only", "PUT", "/admin/reports/P~B", nil, 422, `the id "P/B" differs from that of the report "p/b" in case only`},
		{"no such report", "GET", "/admin/reports/none", nil, 404, "no such report: none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r.t = t
			resp, body := r.call(tt.method, tt.path, strings.NewReader(bridges(9)), tt.headers...)
			var p struct{ Detail string }
			if err := json.Unmarshal([]byte(body), &p); err != nil || resp.StatusCode != tt.status || resp.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(p.Detail, tt.want) {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		})
	}
	r.t = t
	if len(r.kept()) != 0 || len(r.jobs.List()) != 0 {
		t.Errorf("kept %v", r.kept())
	}
}

// TestWithoutADataFolder reports can be looked at, and everything else says
// what to set.
func TestWithoutADataFolder(t *testing.T) {
	r := newRig(t, "")
	if got := ids(r.list()); !slices.Equal(got, []string{"a", "p/b"}) {
		t.Errorf("reports %q", got)
	}
	for _, call := range [][2]string{{"POST", "/admin/reports?id=c"}, {"POST", "/admin/reports?id=c&dry_run=true"}, {"PUT", "/admin/reports/a"}, {"DELETE", "/admin/reports/a"}, {"POST", "/admin/reports/a/restore"}} {
		if resp, body := r.call(call[0], call[1], strings.NewReader(bridges(3))); resp.StatusCode != http.StatusConflict || !strings.Contains(body, "WENBAO_DATA") {
			t.Errorf("%s: %d %s", call, resp.StatusCode, body)
		}
	}
}

// TestACorpusThatCannotBeRead keeps nobody from looking at the uploads, but
// from changing them.
func TestACorpusThatCannotBeRead(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.live(r.send(202, "PUT", "/admin/reports/c", bridges(3)))
	if err := os.Rename(r.corpus, r.corpus+"-away"); err != nil {
		t.Fatal(err)
	}
	if list := r.list(); !slices.Equal(ids(list), []string{"c"}) || len(list.Problems) != 1 || !strings.Contains(list.Problems[0], "no such file") {
		t.Errorf("%+v", list)
	}
	r.send(409, "PUT", "/admin/reports/c", bridges(4))
	r.send(409, "DELETE", "/admin/reports/c", "")
	r.send(409, "GET", "/admin/reports/a", "")
	if err := os.Rename(r.corpus+"-away", r.corpus); err != nil {
		t.Fatal(err)
	}
	r.live(r.send(202, "DELETE", "/admin/reports/a", ""))
	r.live(r.send(202, "DELETE", "/admin/reports/p~b", ""))
	if r.built("c") != "3座" || !slices.Equal(ids(r.list()), []string{"c"}) {
		t.Errorf("%+v", r.list())
	}
}

// TestTheClient calls all of it.
func TestTheClient(t *testing.T) {
	r := newRig(t, t.TempDir())
	c, err := client.New(r.URL, "operate", r.Client())
	if err != nil {
		t.Fatal(err)
	}
	file := func(name, text string) client.File { return client.File{Name: name, Reader: strings.NewReader(text)} }
	out, err := c.Upload(t.Context(), []client.File{file("省.txt", bridges(3)), file("省.yaml", "title: 题"), file("r.zip", zipOf(t, "x/d.txt", bridges(4)))}, client.UploadOptions{Under: "u"})
	if err != nil || len(out.Reports) != 2 || out.Reports[0].ID != "u/省" || out.Reports[0].Title != "题" || out.Reports[1].ID != "u/x/d" {
		t.Fatalf("%v %+v", err, out)
	}
	r.live(out)
	var failure *client.Error
	if _, err := c.Upload(t.Context(), []client.File{file("a.txt", bridges(3))}, client.UploadOptions{}); !asError(err, &failure) || failure.Status != 409 {
		t.Errorf("%v", err)
	}
	if out, err := c.Upload(t.Context(), []client.File{file("x.txt", bridges(3))}, client.UploadOptions{ID: "a", Replace: true, DryRun: true}); err != nil || out.Reports[0].Replaces == "" || out.Job != "" {
		t.Errorf("%v %+v", err, out)
	}
	if _, err := c.Upload(t.Context(), []client.File{file("c.txt", ""), file("d.txt", "")}, client.UploadOptions{}); !asError(err, &failure) || failure.Status != 422 || len(failure.Problems) != 2 {
		t.Errorf("%v %+v", err, failure)
	}
	if list, err := c.Reports(t.Context()); err != nil || len(list.Reports) != 4 {
		t.Errorf("%v %+v", err, list)
	}
	if d, err := c.Report(t.Context(), "u/省"); err != nil || d.Title != "题" || d.Preview.File != "省.txt" {
		t.Errorf("%v %+v", err, d)
	}
	if text, err := c.Source(t.Context(), "u/省"); err != nil || string(text) != bridges(3) {
		t.Errorf("%v %s", err, text)
	}
	if out, err = c.Remove(t.Context(), "p/b"); err != nil {
		t.Fatal(err)
	}
	r.live(out)
	if out, err = c.Restore(t.Context(), "p/b"); err != nil {
		t.Fatal(err)
	}
	r.live(out)
	if _, err := c.Upload(t.Context(), []client.File{{Name: "c.txt", Reader: io.MultiReader(strings.NewReader("一"), brokenFile{})}}, client.UploadOptions{}); err == nil || err.Error() != "send c.txt: the disk is broken" {
		t.Errorf("a file that cannot be read: %v", err)
	}
}

type brokenFile struct{}

func (brokenFile) Read([]byte) (int, error) { return 0, errors.New("the disk is broken") }

func asError(err error, failure **client.Error) bool { return errors.As(err, failure) }
