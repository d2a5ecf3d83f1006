// Package table is a read-only map from folded English keys to weighted Chinese
// words, laid out so that it is searched in place in a constant string.
package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// The layout, little endian:
//
//	uint32              number of blocks
//	uint32 × blocks     where each block starts, counted from the end of this list
//	blocks              up to blockSize keys each, in ascending order
//
// A key is: bytes shared with the key before it in the block, bytes that
// follow, those bytes, number of values; a value is: weight, number of
// characters, each character as two bytes. All counts are one byte. Words are in
// UTF-16 without surrogates, since that is two thirds of UTF-8 for Chinese.
const blockSize = 16

// MaxKey is the longest key in bytes, MaxValues the most values of a key.
const (
	MaxKey    = 48
	MaxValues = 8
)

// Value is a Chinese word with its weight in 1…255.
type Value struct {
	Word   string
	Weight uint8
}

// Fold gives the form in which keys are stored and looked up: lower case,
// hyphens as spaces, one space between words, straight apostrophes, no leading
// “to”, “a”, “an” or “the”. It is idempotent.
func Fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '-', '‐', '‑', '–', '_':
			return ' '
		case '’', '‘':
			return '\''
		}
		return r
	}, strings.ToLower(s))
	words := strings.Fields(s)
	for len(words) > 1 {
		switch words[0] {
		case "to", "a", "an", "the":
			words = words[1:]
			continue
		}
		break
	}
	return strings.Join(words, " ")
}

// Encode lays out m. Keys must be folded and at most MaxKey bytes, lists not
// empty and at most MaxValues long; their order is kept.
func Encode(m map[string][]Value) ([]byte, error) {
	keys := make([]string, 0, len(m))
	for k := range m {
		if k == "" || len(k) > MaxKey || Fold(k) != k {
			return nil, fmt.Errorf("key %q cannot be stored", k)
		}
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var offsets, blocks []byte
	prev := ""
	for i, k := range keys {
		if i%blockSize == 0 {
			offsets = binary.LittleEndian.AppendUint32(offsets, uint32(len(blocks)))
			prev = ""
		}
		shared := 0
		for shared < len(prev) && shared < len(k) && prev[shared] == k[shared] {
			shared++
		}
		blocks = append(blocks, byte(shared), byte(len(k)-shared))
		blocks = append(blocks, k[shared:]...)
		prev = k
		vs := m[k]
		if len(vs) == 0 || len(vs) > MaxValues {
			return nil, fmt.Errorf("key %q has %d values", k, len(vs))
		}
		blocks = append(blocks, byte(len(vs)))
		for _, v := range vs {
			n := utf8.RuneCountInString(v.Word)
			if n == 0 || n > 255 || v.Weight == 0 {
				return nil, fmt.Errorf("key %q: value %q cannot be stored", k, v.Word)
			}
			blocks = append(blocks, v.Weight, byte(n))
			for _, r := range v.Word {
				if r > 0xffff || r == utf8.RuneError {
					return nil, fmt.Errorf("key %q: value %q cannot be stored", k, v.Word)
				}
				blocks = binary.LittleEndian.AppendUint16(blocks, uint16(r))
			}
		}
	}
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(offsets)/4))
	return append(append(out, offsets...), blocks...), nil
}

// Table is encoded data. It copies nothing and is safe for concurrent use.
type Table string

// Get gives the values of a key, in the order they were stored; nil without it.
func (t Table) Get(key string) []Value {
	if key == "" || len(key) > MaxKey {
		return nil
	}
	// The last block whose first key is not after the one sought.
	b := sort.Search(t.blocks(), func(i int) bool {
		p := t.block(i)
		return string(t[p+2:p+2+int(t[p+1])]) > key
	}) - 1
	if b < 0 {
		return nil
	}
	var found []Value
	t.scan(b, func(k []byte, at int) bool {
		if string(k) < key {
			return true
		}
		if string(k) == key {
			found = t.values(at)
		}
		return false
	})
	return found
}

// Walk calls f for every key in ascending order.
func (t Table) Walk(f func(key string, values []Value)) {
	for b := range t.blocks() {
		t.scan(b, func(k []byte, at int) bool {
			f(string(k), t.values(at))
			return true
		})
	}
}

// scan calls f with each key of a block and the place of its values until f
// gives false. The key is overwritten by the next one.
func (t Table) scan(b int, f func(key []byte, at int) bool) {
	end := len(t)
	if b+1 < t.blocks() {
		end = t.block(b + 1)
	}
	var buf [MaxKey]byte
	for p := t.block(b); p < end; {
		shared, n := int(t[p]), int(t[p+1])
		copy(buf[shared:], t[p+2:p+2+n])
		p += 2 + n
		if !f(buf[:shared+n], p) {
			return
		}
		count := int(t[p])
		p++
		for range count {
			p += 2 + 2*int(t[p+1])
		}
	}
}

func (t Table) values(p int) []Value {
	vs := make([]Value, t[p])
	p++
	var word [64]byte
	for i := range vs {
		w := word[:0]
		n := int(t[p+1])
		for c := p + 2; c < p+2+2*n; c += 2 {
			w = utf8.AppendRune(w, rune(t[c])|rune(t[c+1])<<8)
		}
		vs[i] = Value{Word: string(w), Weight: t[p]}
		p += 2 + 2*n
	}
	return vs
}

func (t Table) blocks() int { return int(t.uint32(0)) }

func (t Table) block(i int) int { return 4 + 4*t.blocks() + int(t.uint32(4+4*i)) }

func (t Table) uint32(p int) uint32 {
	return uint32(t[p]) | uint32(t[p+1])<<8 | uint32(t[p+2])<<16 | uint32(t[p+3])<<24
}

// Check reports the first way in which t breaks the layout.
func (t Table) Check() (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("table: truncated")
		}
	}()
	prev := ""
	t.Walk(func(k string, vs []Value) {
		switch {
		case err != nil:
		case k <= prev:
			err = fmt.Errorf("table: key %q after %q", k, prev)
		case len(vs) == 0 || len(vs) > MaxValues:
			err = fmt.Errorf("table: key %q has %d values", k, len(vs))
		}
		prev = k
	})
	return err
}
