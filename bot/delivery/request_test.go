package delivery_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wenbao/bot"
	"wenbao/bot/delivery"
	"wenbao/bot/inbox"
	"wenbao/bot/request"
	"wenbao/bot/telemetry"
	"wenbao/bot/telemetry/otlptest"
)

// witness notes the requests that what it is called for belongs to.
type witness struct {
	echo
	platform
	mu   sync.Mutex
	seen []string
}

func (w *witness) note(ctx context.Context, what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, what+" "+request.ID(ctx)+" "+telemetry.TraceID(ctx))
}

func (w *witness) Handle(ctx context.Context, m bot.Message) (bot.Reply, error) {
	w.note(ctx, "handled")
	return w.echo.Handle(ctx, m)
}

func (w *witness) Send(ctx context.Context, e bot.Event, r bot.Reply) (string, error) {
	w.note(ctx, "sent")
	return w.platform.Send(ctx, e, r)
}

// TestTheRequestOutlivesTheProcess receives an event in one process and
// handles it in the next one: it is still the same request and the same trace.
func TestTheRequestOutlivesTheProcess(t *testing.T) {
	to, path := otlptest.New(), filepath.Join(t.TempDir(), "inbox")
	defer to.Close()
	open := func() (*telemetry.Telemetry, *inbox.File, *witness, *delivery.Desk) {
		x, err := telemetry.New(telemetry.Parts{Settings: telemetry.Settings{Endpoint: to.URL, Sample: 1}})
		if err != nil {
			t.Fatal(err)
		}
		box, err := inbox.OpenFile(path, inbox.DefaultBound(), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		w := &witness{}
		d, err := delivery.New(delivery.Parts{Handler: w, Inbox: box, Senders: map[string]delivery.Sender{"test": w}, Traces: x, Stage: x.Stage})
		if err != nil {
			t.Fatal(err)
		}
		return x, box, w, d
	}
	first, box, _, d := open()
	ctx, received := first.Stage(request.With(t.Context(), "r1"), "slack event")
	id := telemetry.TraceID(ctx)
	if err := d.Receive(ctx, message("c", "1", "hello")); err != nil {
		t.Fatal(err)
	}
	received()
	if err := errors.Join(first.Close(), box.Close()); err != nil { // it ends before it handles anything
		t.Fatal(err)
	}

	second, box, w, d := open()
	running, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(running) }()
	for deadline := time.Now().Add(10 * time.Second); len(w.got()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing is sent")
		}
	}
	stop()
	if err := errors.Join(<-done, second.Close(), box.Close()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"handled r1 " + id, "sent r1 " + id}; !slices.Equal(w.seen, want) {
		t.Errorf("got %q, want %q", w.seen, want)
	}
	want := `slack event (server)
  receive (producer)
  handle (consumer) wenbao.platform=test wenbao.outcome=notice
  deliver (consumer) wenbao.platform=test wenbao.outcome=delivered wenbao.attempt=0
`
	if diff := cmp.Diff(want, otlptest.Tree(to.Spans(), otlptest.Style{})); diff != "" {
		t.Error(diff)
	}
}
