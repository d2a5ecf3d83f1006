package seeds_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"wenbao/seeds"
)

// TestTheReportIsAsPublished: quotes are cited from these bytes.
func TestTheReportIsAsPublished(t *testing.T) {
	report, err := fs.ReadFile(seeds.FS, "nmg-2022.txt")
	if err != nil {
		t.Fatal(err)
	}
	const want = "50063b6a0346ae3bcc3398e458328af8759327c0873c603138b3cc6091f702ee"
	sum := sha256.Sum256(report)
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("nmg-2022.txt has SHA-256 %s, want %s", got, want)
	}
}

func TestQuestionsAreJSONLines(t *testing.T) {
	files, err := fs.Glob(seeds.FS, "questions/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		data, err := fs.ReadFile(seeds.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
			var q struct{ ID, Kind, Question string }
			if err := json.Unmarshal([]byte(line), &q); err != nil || q.ID == "" || q.Kind == "" || q.Question == "" {
				t.Errorf("%s:%d: %v in %.60s", name, i+1, err, line)
			}
		}
	}
}
