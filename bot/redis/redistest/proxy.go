package redistest

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Proxy passes on to a server what it gets, and back, late.
type Proxy struct {
	Addr     string
	delay    atomic.Int64
	listener net.Listener
	target   string

	mu    sync.Mutex
	conns []net.Conn
	done  sync.WaitGroup
}

// StartProxy starts a proxy without delay.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: l.Addr().String(), listener: l, target: target}
	p.done.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// SetDelay makes replies come so much later.
func (p *Proxy) SetDelay(d time.Duration) { p.delay.Store(int64(d)) }

// URL is its address for redis.Open.
func (p *Proxy) URL() string { return "redis://" + p.Addr + "/0" }

func (p *Proxy) accept() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", p.target)
		if err != nil {
			in.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, in, out)
		p.mu.Unlock()
		p.done.Go(func() { p.pipe(out, in, false) })
		p.done.Go(func() { p.pipe(in, out, true) })
	}
}

func (p *Proxy) pipe(to, from net.Conn, late bool) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if late {
			time.Sleep(time.Duration(p.delay.Load()))
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err == io.EOF || err != nil {
			return
		}
	}
}

func (p *Proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	for _, c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.done.Wait()
}
