package cache

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"

	"wenbao/answers"
)

// Codec encodes answers compactly: a version, a checksum of what follows, then
// compressed JSON without what the paragraphs hold already.
type Codec struct {
	writers, readers sync.Pool
}

const (
	version      = 2 // the first byte of an encoded answer
	headerLength = 5 // with the checksum
)

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// largest is how many bytes of JSON an answer decodes from at most.
const largest = 8 << 20

// ErrCodec is returned for bytes that are no answer.
var ErrCodec = errors.New("not an encoded answer")

// NewCodec returns a Codec.
func NewCodec() *Codec {
	return &Codec{
		writers: sync.Pool{New: func() any {
			w, err := flate.NewWriter(io.Discard, flate.BestSpeed)
			if err != nil {
				panic(err) // the level is a constant
			}
			return w
		}},
		readers: sync.Pool{New: func() any { return flate.NewReader(bytes.NewReader(nil)) }},
	}
}

// Encode encodes an answer.
func (c *Codec) Encode(a answers.Answer) ([]byte, error) {
	slim := make([]answers.Excerpt, len(a.Excerpts))
	for i, x := range a.Excerpts {
		if x.Start < 0 || x.Start > x.End || x.End > len(x.Text) || x.Text[x.Start:x.End] != x.Quote {
			return nil, fmt.Errorf("encode answer: quote %d is not its paragraph's", i)
		}
		x.Quote = ""
		slim[i] = x
	}
	a.Excerpts = slim
	var out bytes.Buffer
	out.Write([]byte{version, 0, 0, 0, 0})
	w := c.writers.Get().(*flate.Writer)
	defer c.writers.Put(w)
	w.Reset(&out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(a); err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	b := out.Bytes()
	binary.BigEndian.PutUint32(b[1:headerLength], checksum(b[headerLength:]))
	return b, nil
}

// Decode decodes what Encode encoded.
func (c *Codec) Decode(b []byte) (answers.Answer, error) {
	if len(b) < headerLength || b[0] != version || binary.BigEndian.Uint32(b[1:]) != checksum(b[headerLength:]) {
		return answers.Answer{}, ErrCodec
	}
	r := c.readers.Get().(io.ReadCloser)
	defer c.readers.Put(r)
	if err := r.(flate.Resetter).Reset(bytes.NewReader(b[headerLength:]), nil); err != nil {
		return answers.Answer{}, fmt.Errorf("%w: %w", ErrCodec, err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, largest))
	if err != nil {
		return answers.Answer{}, fmt.Errorf("%w: %w", ErrCodec, err)
	}
	var a answers.Answer
	if err := json.Unmarshal(plain, &a); err != nil {
		return answers.Answer{}, fmt.Errorf("%w: %w", ErrCodec, err)
	}
	for i := range a.Excerpts {
		x := &a.Excerpts[i]
		if x.Start < 0 || x.Start > x.End || x.End > len(x.Text) {
			return answers.Answer{}, ErrCodec
		}
		x.Quote = x.Text[x.Start:x.End]
	}
	switch a.Status {
	case answers.Answered, answers.NoAnswer, answers.SmallTalk:
		return a, nil
	}
	return answers.Answer{}, ErrCodec
}
