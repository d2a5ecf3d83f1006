// Package redistest starts Redis servers for tests: Debian's redis-server and
// redis-sentinel on loopback, on free ports, with data in the test's folder.
package redistest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// Server is a running redis-server.
type Server struct {
	Addr     string
	TLS      string // its address for TLS; see StartTLS
	Password string // of the user "default"; see WithPassword
	port     int
	dir      string
	args     []string

	mu  sync.Mutex
	cmd *exec.Cmd
}

// binary returns a program of Redis, and skips the test where it is missing.
func binary(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed (make redis)", name)
	}
	return path
}

// ports hands out ports that were free.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		l.Close()
		if port >= 55000 { // the bus of a cluster is at port + 10000
			continue
		}
		if bus, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port+10000)); err == nil {
			bus.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

// Start starts a redis-server with further arguments.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	binary(t, "redis-server")
	port := freePort(t)
	s := &Server{Addr: "127.0.0.1:" + strconv.Itoa(port), Password: passwordIn(args), port: port, dir: t.TempDir(),
		args: append([]string{"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--daemonize", "no", "--logfile", "log", "--loglevel", "warning"}, args...)}
	t.Cleanup(s.Kill)
	s.Restart(t)
	return s
}

// WithPassword are the arguments with which a server asks for a password, also
// of the servers that copy it.
func WithPassword(password string) []string {
	return []string{"--requirepass", password, "--masterauth", password}
}

// passwordIn returns the password that a server started with args asks for.
func passwordIn(args []string) string {
	if i := slices.Index(args, "--requirepass"); i >= 0 {
		return args[i+1]
	}
	return ""
}

// URL is its address for redis.Open.
func (s *Server) URL() string { return "redis://" + login(s.Password) + s.Addr + "/0" }

func login(password string) string {
	if password == "" {
		return ""
	}
	return url.UserPassword("", password).String() + "@"
}

// Restart starts the server, which is not running, again.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.run(t, "redis-server", s.args)
	s.await(t)
}

func (s *Server) await(t testing.TB) {
	t.Helper()
	until(t, func() error { _, err := s.do("ping"); return err }, s.log)
}

func (s *Server) run(t testing.TB, program string, args []string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cmd = cmd
}

func (s *Server) log() string {
	b, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(b)
}

// Kill kills the server at once.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// Pause stops the server from running until Resume.
func (s *Server) Pause(t testing.TB) { s.signal(t, syscall.SIGSTOP) }

// Resume ends Pause.
func (s *Server) Resume(t testing.TB) { s.signal(t, syscall.SIGCONT) }

func (s *Server) signal(t testing.TB, sig syscall.Signal) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

// Do sends one command.
func (s *Server) Do(t testing.TB, args ...any) any {
	t.Helper()
	v, err := s.do(args...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return v
}

func (s *Server) do(args ...any) (any, error) {
	c := goredis.NewClient(&goredis.Options{Addr: s.Addr, Password: s.Password, MaxRetries: -1, DialerRetries: 1, DialTimeout: time.Second, DisableIdentity: true})
	defer c.Close()
	return c.Do(context.Background(), args...).Result()
}

// patience is how long a server may take to be what a test needs.
const patience = 60 * time.Second

// until waits until f succeeds.
func until(t testing.TB, f func() error, log func() string) {
	t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	t.Fatalf("redis did not get ready: %v\n%s", err, log())
}

// Cluster is three masters and a replica of each.
type Cluster struct{ Nodes []*Server }

// StartCluster starts a cluster of six nodes with further arguments.
func StartCluster(t testing.TB, args ...string) *Cluster {
	t.Helper()
	cli := binary(t, "redis-cli")
	c := &Cluster{}
	create := []string{"--cluster", "create"}
	for range 6 {
		n := Start(t, append([]string{"--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "1500",
			"--repl-diskless-sync-delay", "0", "--appendonly", "no", "--cluster-require-full-coverage", "no"}, args...)...)
		c.Nodes = append(c.Nodes, n)
		create = append(create, n.Addr)
	}
	cmd := exec.Command(cli, append(create, "--cluster-replicas", "1", "--cluster-yes")...)
	if password := c.Nodes[0].Password; password != "" {
		cmd.Env = append(os.Environ(), "REDISCLI_AUTH="+password)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("create cluster: %v\n%s", err, out)
	}
	for _, n := range c.Nodes {
		until(t, n.inCluster, n.log)
	}
	return c
}

func (s *Server) inCluster() error {
	info, err := s.do("cluster", "info")
	if err == nil && !strings.Contains(fmt.Sprint(info), "cluster_state:ok") {
		err = fmt.Errorf("cluster: %v", info)
	}
	if err != nil {
		return err
	}
	replication, err := s.do("info", "replication")
	if text := fmt.Sprint(replication); err == nil && strings.Contains(text, "role:slave") && !strings.Contains(text, "master_link_status:up") ||
		strings.Contains(text, "role:master") && !strings.Contains(text, "state=online") {
		err = fmt.Errorf("replication: %v", text)
	}
	return err
}

// URL is the cluster's address.
func (c *Cluster) URL() string {
	var hosts []string
	for _, n := range c.Nodes {
		hosts = append(hosts, n.Addr)
	}
	return "redis://" + login(c.Nodes[0].Password) + strings.Join(hosts, ",")
}

// Hosts are the addresses of the nodes, as they stand in a URL.
func (c *Cluster) Hosts() string {
	_, hosts, _ := strings.Cut(c.URL(), "://")
	return hosts[strings.LastIndex(hosts, "@")+1:]
}

// MasterOf returns the node that serves a key.
func (c *Cluster) MasterOf(t testing.TB, key string) *Server {
	t.Helper()
	for _, n := range c.Nodes {
		_, err := n.do("get", key)
		if err == nil || err == goredis.Nil {
			return n
		}
	}
	t.Fatal("no node serves " + key)
	return nil
}

// Sentinel is a master and a replica watched by three sentinels.
type Sentinel struct {
	Master, Replica *Server
	Sentinels       []*Server
}

// StartSentinel starts them; login are the lines of the sentinels'
// configuration that say who may ask them, and args are the servers'.
func StartSentinel(t testing.TB, login string, args ...string) *Sentinel {
	t.Helper()
	binary(t, "redis-sentinel")
	args = append([]string{"--repl-diskless-sync-delay", "0"}, args...)
	s := &Sentinel{Master: Start(t, args...)}
	s.Replica = Start(t, append([]string{"--replicaof", "127.0.0.1 " + strconv.Itoa(s.Master.port)}, args...)...)
	for range 3 {
		s.Sentinels = append(s.Sentinels, s.watch(t, login))
	}
	for _, w := range s.Sentinels {
		until(t, func() error {
			v, err := w.do("sentinel", "master", "wenbao")
			if text := fmt.Sprint(v); err == nil && (!strings.Contains(text, "num-other-sentinels:2") || !strings.Contains(text, "num-slaves:1")) {
				err = fmt.Errorf("sentinel: %s", text)
			}
			return err
		}, w.log)
	}
	until(t, func() error {
		v, err := s.Replica.do("info", "replication")
		if err == nil && !strings.Contains(fmt.Sprint(v), "master_link_status:up") {
			err = fmt.Errorf("replication: %v", v)
		}
		return err
	}, s.Replica.log)
	return s
}

func (s *Sentinel) watch(t testing.TB, login string) *Server {
	t.Helper()
	port := freePort(t)
	w := &Server{Addr: "127.0.0.1:" + strconv.Itoa(port), port: port, dir: t.TempDir()}
	for line := range strings.Lines(login) {
		if password, its := strings.CutPrefix(line, "requirepass "); its {
			w.Password = strings.TrimSpace(password)
		}
	}
	conf := fmt.Sprintf("port %d\nbind 127.0.0.1\nlogfile log\nsentinel monitor wenbao 127.0.0.1 %d 2\nsentinel down-after-milliseconds wenbao 1000\nsentinel failover-timeout wenbao 5000\n", port, s.Master.port)
	if s.Master.Password != "" {
		conf += fmt.Sprintf("sentinel auth-pass wenbao %s\n", s.Master.Password)
	}
	if err := os.WriteFile(filepath.Join(w.dir, "sentinel.conf"), []byte(conf+login), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Kill)
	w.run(t, "redis-sentinel", []string{"sentinel.conf"})
	w.await(t)
	return w
}

// URL is the address of what the sentinels watch.
func (s *Sentinel) URL() string {
	var hosts []string
	for _, w := range s.Sentinels {
		hosts = append(hosts, w.Addr)
	}
	return "redis://" + login(s.Master.Password) + strings.Join(hosts, ",") + "/0?master=wenbao"
}
