package store

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"wenbao/bot/journal"
)

// File is a Memory whose changes are kept in a journal. What a method
// returned for survives the process being killed, and with Durable a loss of
// power.
type File struct {
	mem     *Memory
	durable bool

	mu  sync.Mutex // keeps the journal in the order of the changes
	log *journal.Log
}

// change is a record of the journal.
type change struct {
	Op      string    `json:"op"` // put, del
	Key     string    `json:"key,omitempty"`
	Owner   string    `json:"owner,omitempty"`
	Value   []byte    `json:"value,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
}

// smallest size of a journal that is worth rewriting.
const smallest = 1 << 20

// OpenFile opens the store at path.
func OpenFile(path string, durable bool, bound Bound, now func() time.Time) (*File, error) {
	f := &File{mem: NewMemory(bound, now), durable: durable}
	log, err := journal.Open(path, func(record []byte) error {
		var c change
		if err := json.Unmarshal(record, &c); err != nil {
			return fmt.Errorf("record: %w", err)
		}
		if c.Op == "del" {
			return f.mem.Delete(context.Background(), c.Key)
		}
		return f.mem.Put(context.Background(), Item{c.Key, c.Owner, c.Value, c.Expires})
	})
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	f.log = log
	return f, nil
}

// Get returns the value under key. The caller does not change it.
func (f *File) Get(ctx context.Context, key string) ([]byte, bool, error) { return f.mem.Get(ctx, key) }

// Count counts the items of an owner.
func (f *File) Count(ctx context.Context, owner string) (int, error) { return f.mem.Count(ctx, owner) }

// Scan calls fn for every item, the one put longest ago first, until it
// returns false.
func (f *File) Scan(ctx context.Context, fn func(Item) bool) error { return f.mem.Scan(ctx, fn) }

// Put keeps an item in the place of the one with its key.
func (f *File) Put(ctx context.Context, i Item) error {
	return f.change(func() (change, bool, error) { return putting(i), true, f.mem.Put(ctx, i) })
}

// PutNew keeps an item unless there is one with its key.
func (f *File) PutNew(ctx context.Context, i Item) (added bool, err error) {
	err = f.change(func() (change, bool, error) {
		added, err = f.mem.PutNew(ctx, i)
		return putting(i), added, err
	})
	return added, err
}

// Merge keeps an item, with what merge makes of the value that is there and of
// its own where its key has one.
func (f *File) Merge(ctx context.Context, i Item, merge func(old, its []byte) []byte) error {
	return f.change(func() (change, bool, error) {
		if old, found, _ := f.mem.Get(ctx, i.Key); found { // memory does not fail
			i.Value = merge(old, i.Value)
		}
		return putting(i), true, f.mem.Put(ctx, i)
	})
}

// Delete removes the item with this key, if there is one.
func (f *File) Delete(ctx context.Context, key string) error {
	return f.change(func() (change, bool, error) {
		return change{Op: "del", Key: key}, true, f.mem.Delete(ctx, key)
	})
}

// Forget removes every item of an owner, from the file too, and counts them.
func (f *File) Forget(ctx context.Context, owner string) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.mem.Forget(ctx, owner)
	if err != nil {
		return n, err
	}
	if err := f.rewrite(); err != nil {
		return n, fmt.Errorf("forget: %w", err)
	}
	return n, nil
}

// Close closes the store.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.Close()
}

func putting(i Item) change {
	return change{Op: "put", Key: i.Key, Owner: i.Owner, Value: i.Value, Expires: i.Expires}
}

// change lets apply change the memory and writes what it did, if anything, to
// the journal.
func (f *File) change(apply func() (c change, changed bool, err error)) error {
	n, err := f.write(apply)
	if err != nil || n == 0 || !f.durable {
		return err
	}
	return f.log.Flush(n)
}

func (f *File) write(apply func() (change, bool, error)) (uint64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, changed, err := apply()
	if err != nil || !changed {
		return 0, err
	}
	record, err := json.Marshal(c)
	if err != nil {
		return 0, fmt.Errorf("encode record: %w", err)
	}
	n, err := f.log.Write(record)
	if err != nil {
		return 0, err
	}
	if size := f.log.Size(); size > smallest && size > 3*int64(f.mem.size()) {
		if err := f.rewrite(); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// rewrite leaves only what the memory holds in the journal.
func (f *File) rewrite() error {
	return f.log.Rewrite(func(emit func([]byte) error) error {
		var failure error
		err := f.mem.Scan(context.Background(), func(i Item) bool {
			record, err := json.Marshal(putting(i))
			if err == nil {
				err = emit(record)
			}
			failure = err
			return err == nil
		})
		if err != nil {
			return err
		}
		return failure
	})
}
