package reindex_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wenbao/bot/bottest/trouble"
	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
)

// TestFailures: whatever is wrong with the reports or the disk, the error
// says so and the live generation answers on. Put right, it goes through.
func TestFailures(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(t *testing.T, f *folder, r *rig)
		mend  func(t *testing.T, f *folder, r *rig)
		want  string
	}{
		{"unreadable file", func(t *testing.T, f *folder, _ *rig) {
			f.remove("a.txt")
			if err := os.Symlink("a.txt", filepath.Join(f.path, "a.txt")); err != nil { // root reads all else
				t.Skip(err)
			}
		}, func(_ *testing.T, f *folder, _ *rig) { f.remove("a.txt") }, "a.txt"},
		{"wrong encoding", func(_ *testing.T, f *folder, _ *rig) {
			f.write("a.txt", "新建跨海大桥七座。\xFF\xFF\xFE\n")
		}, nil, "a.txt:1"},
		{"empty document", func(_ *testing.T, f *folder, _ *rig) { f.write("a.txt", " \n") }, nil, "a.txt: the document is empty"},
		{"broken metadata", func(_ *testing.T, f *folder, _ *rig) {
			f.write("a.yaml", "year: soon\n")
		}, func(_ *testing.T, f *folder, _ *rig) { f.remove("a.yaml") }, "a.yaml:1: year"},
		{"an id twice", func(_ *testing.T, f *folder, _ *rig) {
			f.write("b.txt", "另一份。")
			f.write("b.yaml", "id: a")
		}, func(_ *testing.T, f *folder, _ *rig) { f.remove("b.yaml") }, "duplicate id"},
		{"corpus gone", func(t *testing.T, f *folder, _ *rig) {
			if err := os.Rename(f.path, f.path+"-away"); err != nil {
				t.Fatal(err)
			}
		}, func(t *testing.T, f *folder, _ *rig) {
			if err := os.Rename(f.path+"-away", f.path); err != nil {
				t.Fatal(err)
			}
		}, "no such file"},
		{"no report left", func(_ *testing.T, f *folder, _ *rig) {
			for _, name := range []string{"a.txt", "nmg-2022.txt", "nmg-2022.yaml"} {
				f.remove(name)
			}
		}, func(_ *testing.T, f *folder, _ *rig) { f.bridge("d", 1) }, "no usable document"},
		{"data folder gone", func(t *testing.T, f *folder, r *rig) {
			f.bridge("a", 8)
			if err := os.Rename(filepath.Dir(r.Shelf.Folder("x")), filepath.Dir(r.Shelf.Folder("x"))+"-away"); err != nil {
				t.Fatal(err)
			}
		}, func(t *testing.T, _ *folder, r *rig) {
			if err := os.Rename(filepath.Dir(r.Shelf.Folder("x"))+"-away", filepath.Dir(r.Shelf.Folder("x"))); err != nil {
				t.Fatal(err)
			}
		}, "make generation"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFolder(t)
			f.bridge("a", 7)
			r := newRig(t, f, t.TempDir(), reindex.Settings{})
			live := r.live()
			tt.spoil(t, f, r)
			j := r.run(reindex.Options{})
			if j.State != jobs.Failed || !strings.Contains(j.Error, tt.want) {
				t.Errorf("the job is %s: %q, want %q", j.State, j.Error, tt.want)
			}
			if tt.mend != nil {
				if r.bridges("a") != "7座" || r.live() != live {
					t.Error("the live generation is not what it was")
				}
				tt.mend(t, f, r)
			}
			untouched(t, r, live, "7座")
			f.bridge("a", 9)
			wantState(t, r.run(reindex.Options{}), jobs.Succeeded)
			if r.bridges("a") != "9座" {
				t.Errorf("after mending the answer is %s", r.bridges("a"))
			}
		})
	}
}

// TestForceLeavesBrokenDocumentsOut, and they are no news afterwards.
func TestForceLeavesBrokenDocumentsOut(t *testing.T) {
	f := newFolder(t)
	f.bridge("a", 7)
	r := newRig(t, f, t.TempDir(), reindex.Settings{})
	f.write("b.txt", "\xFF\xFF\xFF")
	f.bridge("a", 8)
	j := r.run(reindex.Options{Force: true})
	wantState(t, j, jobs.Succeeded)
	if report := reportOf(t, j); len(report.Problems) != 1 || r.bridges("a") != "8座" {
		t.Errorf("report %+v", report)
	}
	f.bridge("a", 9)
	wantState(t, r.run(reindex.Options{}), jobs.Succeeded)
}

// TestDiskFull reindexes on a file system that is nearly full, as much as it
// takes to fail at each point on the way, then makes room.
func TestDiskFull(t *testing.T) {
	data := trouble.SmallDisk(t)
	f := newFolder(t)
	f.bridge("a", 7)
	r := newRig(t, f, data, reindex.Settings{})
	t.Cleanup(r.close) // before the disk goes
	live := r.live()
	f.bridge("a", 8)
	failed := 0
	rooms := []int64{0, 20_000}
	for room := int64(600_000); room <= 750_000; room += 25_000 {
		rooms = append(rooms, room)
	}
	for _, room := range rooms {
		trouble.Fill(t, data, room)
		j, err := r.Reindex(reindex.Caller{Name: "ann"}, reindex.Options{DryRun: true})
		if err != nil { // not even the job could be written down
			j = jobs.Job{State: jobs.Failed, Error: err.Error()}
		} else {
			j = r.wait(j)
		}
		if j.State == jobs.Failed {
			failed++
			if !strings.Contains(j.Error, "no space left") {
				t.Errorf("with %d bytes left: %s", room, j.Error)
			}
		}
		t.Logf("%d bytes left: %s %s", room, j.State, j.Error)
		untouched(t, r, live, "7座")
	}
	if failed < 2 {
		t.Errorf("only %d reindexings failed", failed)
	}
	trouble.Empty(t, data)
	wantState(t, r.run(reindex.Options{}), jobs.Succeeded)
	if r.bridges("a") != "8座" {
		t.Errorf("with room again the answer is %s", r.bridges("a"))
	}
}
