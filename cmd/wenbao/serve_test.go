package main_test

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSignals: SIGINT and SIGTERM let a request in flight finish, and the
// program ends with status 0.
func TestSignals(t *testing.T) {
	bin := buildProgram(t)
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			cmd := exec.Command(bin, "serve")
			cmd.Env = []string{"WENBAO_HTTP_ADDR=127.0.0.1:0", "WENBAO_OPS_ADDR=127.0.0.1:0", "WENBAO_LOG_FORMAT=json"}
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = cmd.Process.Kill() }()
			lines := bufio.NewScanner(stderr)
			conn := halfAsked(t, readyAddress(t, lines))
			defer conn.Close()
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
			finish(t, conn)
			for lines.Scan() { // until the program ends
			}
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

// readyAddress waits for the line that says where the program serves.
func readyAddress(t *testing.T, lines *bufio.Scanner) string {
	t.Helper()
	for lines.Scan() {
		var e struct{ Msg, HTTP, Ops string }
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("%v in %s", err, lines.Text())
		}
		if e.Msg == "ready" {
			if e.Ops == "" {
				t.Error("ready does not name ops")
			}
			return e.HTTP
		}
	}
	t.Fatal("the program ended before it was ready")
	return ""
}

const halfBody = `{"question":"2021年新建绿色矿山多少座"}`

// halfAsked sends a request without its body.
func halfAsked(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, "http://"+address+"/api/v1/ask", strings.NewReader(halfBody))
	if err != nil {
		t.Fatal(err)
	}
	var whole strings.Builder
	if err := req.Write(&whole); err != nil {
		t.Fatal(err)
	}
	head := strings.TrimSuffix(whole.String(), halfBody)
	if _, err := conn.Write([]byte(head)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // the server has read the head
	return conn
}

func finish(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := conn.Write([]byte(halfBody)); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("status %d", res.StatusCode)
	}
}
