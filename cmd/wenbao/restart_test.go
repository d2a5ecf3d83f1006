package main_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestWhatIsKeptSurvivesARestart: an answer of the API can be verified on the
// page, opened and voted on after the program was ended, and after kill -9;
// votes and unanswered questions are in the data folder, without who asked.
func TestWhatIsKeptSurvivesARestart(t *testing.T) {
	bin, data := buildProgram(t), t.TempDir()
	s := serve(t, bin, "--data", data)
	code := s.code(t, "2021年新建绿色矿山多少座")
	s.code(t, "北京2021年GDP是多少")
	s.vote(t, code)
	if err := s.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-s.ended
	if err := s.Wait(); err != nil {
		t.Fatal(err)
	}
	s = serve(t, bin, "--data", data)
	s.verify(t, code)
	killed := s.code(t, "今年绿色矿山的目标")
	s.kill()
	s = serve(t, bin, "--data", data)
	s.verify(t, code)
	s.verify(t, killed)
	s.vote(t, killed)
	for name, want := range map[string]string{"votes.log": code, "unanswered.log": "北京", "answers.log": killed} {
		kept := values(t, filepath.Join(data, "conversation", name))
		if !strings.Contains(kept, want) || strings.Contains(kept, "127.0.0.1") {
			t.Errorf("%s: no %q, or the address of who asked, in %s", name, want, kept)
		}
	}
}

var valuePattern = regexp.MustCompile(`"value":"([^"]*)"`)

// values returns what a file of the conversation keeps.
func values(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := string(raw)
	for _, m := range valuePattern.FindAllSubmatch(raw, -1) {
		value, err := base64.StdEncoding.DecodeString(string(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		out += string(value)
	}
	return out
}

// code asks over the API and returns the answer's code.
func (s *server) code(t *testing.T, question string) string {
	t.Helper()
	resp, err := http.Get(s.public + "/api/v1/ask?q=" + url.QueryEscape(question))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	code := resp.Header.Get("X-Wenbao-Code")
	if resp.StatusCode != http.StatusOK || code == "" {
		t.Fatalf("%s: %d, code %q", question, resp.StatusCode, code)
	}
	return code
}

// page returns what a request of the page shows.
func page(t *testing.T, resp *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %v", resp.StatusCode, err)
	}
	return string(b)
}

func (s *server) verify(t *testing.T, code string) {
	t.Helper()
	resp, err := http.Get(s.public + "/?lang=zh&q=" + url.QueryEscape("核对 "+code))
	if shown := page(t, resp, err); !strings.Contains(shown, "未变") || !strings.Contains(shown, "绿色矿山") {
		t.Errorf("%s is not verified:\n%s", code, shown)
	}
}

func (s *server) vote(t *testing.T, code string) {
	t.Helper()
	resp, err := http.PostForm(s.public+"/press", url.Values{"a": {"1u:" + code}, "lang": {"zh"}})
	if shown := page(t, resp, err); !strings.Contains(shown, "回到这条回答") {
		t.Errorf("the vote on %s is not taken:\n%s", code, shown)
	}
}
