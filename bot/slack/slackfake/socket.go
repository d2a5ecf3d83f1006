package slackfake

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// socket is a connection of Socket Mode.
type socket struct {
	conn *websocket.Conn
	mu   sync.Mutex // of writing
}

func (s *socket) write(v any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn.WriteJSON(v)
}

// Frame sends bytes as they are through the newest socket.
func (f *Fake) Frame(raw []byte) bool {
	s := f.newest()
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn.WriteMessage(websocket.TextMessage, raw) == nil
}

func (f *Fake) newest() *socket {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.sockets) == 0 {
		return nil
	}
	return f.sockets[len(f.sockets)-1]
}

// Sockets counts the connections there are.
func (f *Fake) Sockets() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.sockets)
}

// WaitSocket waits until the app is connected.
func (f *Fake) WaitSocket() bool {
	return f.Wait(func() bool { return len(f.sockets) > 0 }, 10*time.Second)
}

// Disconnect asks the app to connect anew, and closes the old connection.
func (f *Fake) Disconnect() {
	if s := f.newest(); s != nil {
		_ = s.write(map[string]any{"type": "disconnect", "reason": "refresh_requested", "debug_info": map[string]any{"host": "fake"}})
	}
}

func (f *Fake) socket(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("ticket") == "" {
		http.Error(w, "no ticket", http.StatusForbidden)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	s := &socket{conn: conn}
	defer conn.Close()
	if s.write(map[string]any{"type": "hello", "num_connections": 1, "connection_info": map[string]any{"app_id": "A0FAKE"},
		"debug_info": map[string]any{"host": "fake", "build_number": 1, "approximate_connection_time": 18060}}) != nil {
		return
	}
	f.mu.Lock()
	f.sockets = append(f.sockets, s)
	f.touch()
	f.mu.Unlock()
	done := make(chan struct{})
	go f.ping(s, done)
	f.read(s)
	close(done)
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, x := range f.sockets {
		if x == s {
			f.sockets = append(f.sockets[:i], f.sockets[i+1:]...)
			break
		}
	}
	f.touch()
}

func (f *Fake) ping(s *socket, done chan struct{}) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-done:
			return
		case <-t.C:
			if s.conn.WriteControl(websocket.PingMessage, []byte("Ping from fake"), time.Now().Add(time.Second)) != nil {
				return
			}
		}
	}
}

// read takes acknowledgements.
func (f *Fake) read(s *socket) {
	for {
		var got struct {
			ID      string          `json:"envelope_id"`
			Payload json.RawMessage `json:"payload"`
		}
		if s.conn.ReadJSON(&got) != nil {
			return
		}
		f.mu.Lock()
		if d := f.pending[got.ID]; d != nil && !d.done {
			d.done, d.result.Status, d.result.Body = true, http.StatusOK, got.Payload
			d.result.Took = time.Since(d.begun)
			close(d.ready)
		}
		f.touch()
		f.mu.Unlock()
	}
}
