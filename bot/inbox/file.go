package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"time"

	"wenbao/bot/journal"
)

// File is a Memory kept in a journal. Receive returns once the entry is on
// disk; the marks that follow survive the process, and reach the disk with
// the next entry.
type File struct {
	*Memory
	log *journal.Log
}

// record is a line of the journal.
type record struct {
	Entry *Entry    `json:"entry,omitempty"` // received, or as a rewrite found it
	Key   string    `json:"key,omitempty"`
	State State     `json:"state,omitempty"`
	Reply []byte    `json:"reply,omitempty"`
	Post  string    `json:"posted,omitempty"`
	At    time.Time `json:"at,omitzero"`
}

// smallest size of a journal that is worth rewriting.
const smallest = 4 << 20

// OpenFile opens the inbox at path. Nobody holds what was left undelivered.
func OpenFile(path string, bound Bound, now func() time.Time) (*File, error) {
	f := &File{Memory: NewMemory(bound, now)}
	log, err := journal.Open(path, f.replay)
	if err != nil {
		return nil, fmt.Errorf("open inbox: %w", err)
	}
	f.log = log
	if log.Size() > 3*f.live() {
		if err := f.rewrite(); err != nil {
			log.Close()
			return nil, fmt.Errorf("open inbox: %w", err)
		}
	}
	return f, nil
}

func (f *File) replay(b []byte) error {
	var r record
	if err := json.Unmarshal(b, &r); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	switch {
	case r.Entry != nil:
		f.last++
		e := *r.Entry
		e.order = f.last
		f.pending[e.Key] = &e
	case r.State == Answered:
		if e := f.pending[r.Key]; e != nil {
			e.State, e.Reply = Answered, r.Reply
		}
	case r.State == Delivered:
		delete(f.pending, r.Key)
		if f.done[r.Key] == nil {
			f.done[r.Key] = f.order.PushBack(receipt{r.Key, r.Post, r.At})
		}
		f.expire()
	}
	return nil
}

// Receive is Memory's, on disk when it returns.
func (f *File) Receive(_ context.Context, e Entry) (bool, error) {
	n, fresh, err := f.receiveAndWrite(e)
	if err != nil {
		return false, err
	}
	if !fresh {
		return false, f.log.Sync() // the first notification may still be on its way to the disk
	}
	if err := f.log.Flush(n); err != nil {
		f.drop(e.Key)
		return false, fmt.Errorf("receive: %w", err)
	}
	return true, nil
}

func (f *File) receiveAndWrite(e Entry) (uint64, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fresh, err := f.receive(e)
	if err != nil || !fresh {
		return 0, false, err
	}
	n, err := f.write(record{Entry: f.pending[e.Key]})
	if err != nil {
		delete(f.pending, e.Key)
		return 0, false, fmt.Errorf("receive: %w", err)
	}
	return n, true, nil
}

func (f *File) drop(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.pending, key)
}

// Answered is Memory's, kept.
func (f *File) Answered(_ context.Context, key string, reply []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.answered(key, reply); err != nil {
		return err
	}
	_, err := f.write(record{Key: key, State: Answered, Reply: reply})
	return err
}

// Delivered is Memory's, kept.
func (f *File) Delivered(_ context.Context, key, posted string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := f.now()
	if err := f.delivered(receipt{key, posted, at}); err != nil {
		return err
	}
	if _, err := f.write(record{Key: key, State: Delivered, Post: posted, At: at}); err != nil {
		return err
	}
	if f.log.Size() > smallest && f.log.Size() > 3*f.live() {
		return f.rewrite()
	}
	return nil
}

// Forget erases what a person sent and was answered from the file, and their
// undelivered entries that nobody works on; it counts those.
func (f *File) Forget(_ context.Context, person string) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.forget(person), f.rewrite()
}

// Close closes the inbox.
func (f *File) Close() error { return f.log.Close() }

func (f *File) write(r record) (uint64, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return 0, fmt.Errorf("encode record: %w", err)
	}
	return f.log.Write(b)
}

// live returns about how many bytes a rewritten journal takes.
func (f *File) live() int64 {
	n := int64(120 * len(f.done))
	for _, e := range f.pending {
		n += int64(200 + (len(e.Event)+len(e.Reply))*4/3)
	}
	return n
}

// rewrite leaves in the journal only what is known now.
func (f *File) rewrite() error {
	return f.log.Rewrite(func(emit func([]byte) error) error {
		keep := func(r record) error {
			b, err := json.Marshal(r)
			if err != nil {
				return fmt.Errorf("encode record: %w", err)
			}
			return emit(b)
		}
		for el := f.order.Front(); el != nil; el = el.Next() {
			r := el.Value.(receipt)
			if err := keep(record{Key: r.key, State: Delivered, Post: r.posted, At: r.at}); err != nil {
				return err
			}
		}
		entries := make([]*Entry, 0, len(f.pending))
		for _, e := range f.pending {
			entries = append(entries, e)
		}
		sort.Slice(entries, func(i, j int) bool { return entries[i].order < entries[j].order })
		for _, e := range entries {
			if err := keep(record{Entry: e}); err != nil {
				return err
			}
		}
		return nil
	})
}
