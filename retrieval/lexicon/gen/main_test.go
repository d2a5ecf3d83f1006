package main

import (
	"os"
	"strings"
	"testing"
)

// TestGeneratedFilesAreCurrent regenerates what the program embeds.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	compact, digest, err := generate(os.DirFS("../../../configs/lexicon"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"lexicon.txt": compact, "lexicon.sum": digest} {
		got, err := os.ReadFile("../../../configs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(string(got)) != strings.TrimSpace(want) {
			t.Errorf("configs/%s is not what configs/lexicon/*.yaml says; run: make generate", name)
		}
	}
}

func TestRunWritesBothFilesOrNeither(t *testing.T) {
	dir := t.TempDir()
	if err := run("../../../configs/lexicon", dir+"/l.txt", dir+"/l.sum"); err != nil {
		t.Fatal(err)
	}
	if err := run(dir, dir+"/other.txt", dir+"/other.sum"); err == nil {
		t.Error("a folder without lexicon files is taken")
	}
	if _, err := os.Stat(dir + "/other.txt"); err == nil {
		t.Error("a file was written")
	}
}
