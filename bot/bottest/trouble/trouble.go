// Package trouble makes what tests expose servers to: a disk that fills up, a
// body that does not end.
package trouble

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
)

// filler is the file that takes the room on a disk.
const filler = "filler"

// SmallDisk mounts a file system of 24 MB for the time of the test. Where that
// cannot be done the test is skipped.
func SmallDisk(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("mounting takes Linux and root")
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=24m", "wenbao-test", dir).CombinedOutput(); err != nil {
		t.Skipf("cannot mount: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("%v %s", err, out)
		}
	})
	return dir
}

// Fill leaves that much room on the disk.
func Fill(t *testing.T, dir string, room int64) {
	t.Helper()
	Empty(t, dir)
	w, err := os.Create(filepath.Join(dir, filler))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	block := make([]byte, 64<<10)
	size := int64(0)
	for {
		n, err := w.Write(block)
		size += int64(n)
		if err != nil {
			break
		}
	}
	if err := w.Truncate(max(0, size-room)); err != nil {
		t.Fatal(err)
	}
}

// Empty gives the room back that Fill took.
func Empty(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(dir, filler)); err != nil {
		t.Fatal(err)
	}
}

// Pour sends a request whose body goes on in chunks of 64 KiB up to n bytes,
// while it waits for an answer. head is its lines but for Host, each ended by
// \r\n. It returns the answer and how many bytes of the body were taken.
func Pour(t *testing.T, addr, head string, n int) (answer string, taken int) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%sHost: %s\r\n\r\n", head, addr)
	var sent atomic.Int64
	writing := make(chan struct{})
	go func() {
		defer close(writing)
		chunk := append([]byte("10000\r\n"), append(bytes.Repeat([]byte("a"), 1<<16), '\r', '\n')...)
		for int(sent.Load()) < n {
			if _, err := conn.Write(chunk); err != nil {
				return
			}
			sent.Add(1 << 16)
		}
	}()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body) // it may end with the connection
	conn.Close()
	<-writing
	return resp.Status + string(body), int(sent.Load())
}
