// Package journal is an append-only log of records in one file. What Append
// returned for survives the process being killed; with sync it survives the
// machine losing power. A record torn by a crash is cut off when the log is
// opened again.
package journal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// MaxRecord is the most bytes of one record.
const MaxRecord = 1 << 20

// ErrInUse is wrapped when another process has the log open.
var ErrInUse = errors.New("in use by another process")

// ErrClosed is returned by a log that was closed, or that could not be
// trusted any more after a failed write.
var ErrClosed = errors.New("journal is closed")

const header = 8 // length, CRC-32C of the record

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A Log is an open log; it is safe for concurrent use.
type Log struct {
	path string
	lock *os.File

	mu      sync.Mutex // file, size, written
	file    *os.File   // nil when closed
	size    int64
	written uint64 // records appended

	syncing sync.Mutex // held while flushing; acquired before mu
	synced  uint64     // records known to be on disk
}

// Open opens or creates the log at path and calls replay for each record in
// it, which is valid during the call only. Bytes after the last whole record
// are moved to path + ".torn".
func Open(path string, replay func(record []byte) error) (*Log, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	lock, err := acquire(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("open journal %s: %w", path, err)
	}
	l := &Log{path: path, lock: lock}
	if err := l.load(replay); err != nil {
		l.Close()
		return nil, fmt.Errorf("open journal %s: %w", path, err)
	}
	return l, nil
}

func (l *Log) load(replay func([]byte) error) error {
	os.Remove(l.path + ".new") // of a rewrite that was killed
	f, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	l.file = f
	if l.size, err = Read(bufio.NewReaderSize(f, 1<<16), replay); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() > l.size {
		if err := l.cutTorn(info.Size()); err != nil {
			return err
		}
	}
	if _, err := f.Seek(l.size, io.SeekStart); err != nil {
		return err
	}
	return syncDir(filepath.Dir(l.path))
}

// cutTorn moves what follows the last whole record aside.
func (l *Log) cutTorn(end int64) error {
	torn, err := os.Create(l.path + ".torn")
	if err != nil {
		return err
	}
	defer torn.Close()
	if _, err := io.Copy(torn, io.NewSectionReader(l.file, l.size, end-l.size)); err != nil {
		return err
	}
	return l.file.Truncate(l.size)
}

// Read calls f for each whole record and returns the bytes they take. It
// stops without error at the first one that is torn.
func Read(r io.Reader, f func(record []byte) error) (int64, error) {
	var size int64
	var head [header]byte
	buf := make([]byte, 0, 4096)
	for {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return size, torn(err)
		}
		n := binary.LittleEndian.Uint32(head[:4])
		if n > MaxRecord {
			return size, nil
		}
		if cap(buf) < int(n) {
			buf = make([]byte, n)
		}
		buf = buf[:n]
		if _, err := io.ReadFull(r, buf); err != nil {
			return size, torn(err)
		}
		if crc32.Checksum(buf, castagnoli) != binary.LittleEndian.Uint32(head[4:]) {
			return size, nil
		}
		if err := f(buf); err != nil {
			return size, err
		}
		size += header + int64(n)
	}
}

func torn(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil
	}
	return err
}

// Append adds a record. With durable it returns once the record is on disk;
// records appended at the same time share the flush.
func (l *Log) Append(record []byte, durable bool) error {
	n, err := l.Write(record)
	if err != nil || !durable {
		return err
	}
	return l.Flush(n)
}

// Write adds a record and returns its number, for Flush.
func (l *Log) Write(record []byte) (uint64, error) {
	if len(record) > MaxRecord {
		return 0, fmt.Errorf("journal: record of %d bytes is too long", len(record))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return 0, ErrClosed
	}
	if _, err := l.file.Write(frame(record)); err != nil {
		l.undo()
		return 0, fmt.Errorf("append to journal: %w", err)
	}
	l.size += header + int64(len(record))
	l.written++
	return l.written, nil
}

func frame(record []byte) []byte {
	b := make([]byte, header, header+len(record))
	binary.LittleEndian.PutUint32(b, uint32(len(record)))
	binary.LittleEndian.PutUint32(b[4:], crc32.Checksum(record, castagnoli))
	return append(b, record...)
}

// undo removes what a failed write left. Where that fails too, the log is
// closed: a record after a torn one would be lost.
func (l *Log) undo() {
	err := l.file.Truncate(l.size)
	if err == nil {
		_, err = l.file.Seek(l.size, io.SeekStart)
	}
	if err != nil {
		l.file.Close()
		l.file = nil
	}
}

// Flush returns once record n is on disk.
func (l *Log) Flush(n uint64) error {
	l.syncing.Lock()
	defer l.syncing.Unlock()
	if l.synced >= n {
		return nil
	}
	l.mu.Lock()
	file, upTo := l.file, l.written
	l.mu.Unlock()
	if file == nil {
		return ErrClosed
	}
	if err := file.Sync(); err != nil {
		// What a failed flush left is unknown, and a second one may lie.
		l.mu.Lock()
		l.file.Close()
		l.file = nil
		l.mu.Unlock()
		return fmt.Errorf("flush journal: %w", err)
	}
	l.synced = upTo
	return nil
}

// Sync returns once everything appended so far is on disk.
func (l *Log) Sync() error {
	l.mu.Lock()
	n := l.written
	l.mu.Unlock()
	return l.Flush(n)
}

// Size returns the bytes of the log.
func (l *Log) Size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size
}

// Rewrite replaces all records by those that each emits. A crash leaves the
// old log or the new one, whole. The caller sees to it that nothing is
// appended meanwhile that each does not emit.
func (l *Log) Rewrite(each func(emit func(record []byte) error) error) error {
	l.syncing.Lock()
	defer l.syncing.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return ErrClosed
	}
	f, size, err := l.writeNew(each)
	if err != nil {
		os.Remove(l.path + ".new")
		return fmt.Errorf("rewrite journal: %w", err)
	}
	l.file.Close()
	l.file, l.size, l.synced = f, size, l.written
	return nil
}

func (l *Log) writeNew(each func(func([]byte) error) error) (*os.File, int64, error) {
	f, err := os.OpenFile(l.path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, 0, err
	}
	w, size := bufio.NewWriterSize(f, 1<<16), int64(0)
	err = each(func(record []byte) error {
		size += header + int64(len(record))
		_, err := w.Write(frame(record))
		return err
	})
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(l.path+".new", l.path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(l.path))
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, size, nil
}

// Close flushes and closes the log and lets others open it.
func (l *Log) Close() error {
	l.syncing.Lock()
	defer l.syncing.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	if l.file != nil {
		err = errors.Join(l.file.Sync(), l.file.Close())
		l.file = nil
	}
	if l.lock != nil {
		err = errors.Join(err, l.lock.Close())
		l.lock = nil
	}
	return err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return ignoreUnsupported(d.Sync())
}
