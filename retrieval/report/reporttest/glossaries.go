package reporttest

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
)

// Glossaries is a row of a file of reports with glossaries written in one form:
// what is to be read from them, and questions for what their terms mean. Gold
// has by document the pieces of the definition.
type Glossaries struct {
	ID, Form  string
	Documents []struct{ Name, Text string }
	Terms     []struct{ Document, Name, Definition string }
	Questions []struct {
		Q, Term string
		Gold    map[string][]string
	}
}

// ReadGlossaries reads the rows of a file; fewer than thirty fail the test.
func ReadGlossaries(t testing.TB, name string) []Glossaries {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []Glossaries
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var g Glossaries
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			t.Fatal(err)
		}
		out = append(out, g)
	}
	if err := lines.Err(); err != nil || len(out) < 30 {
		t.Fatalf("%d rows: %v", len(out), err)
	}
	return out
}
