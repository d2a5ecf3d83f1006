package shelf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// layout is the version of how a generation lies on disk.
const layout = 1

// A Manifest says what a generation is made of.
type Manifest struct {
	Layout  int       `json:"layout"`
	ID      string    `json:"id"`
	MadeAt  time.Time `json:"made_at"`
	Schema  int       `json:"schema"`  // of the index: fields and analyzers
	Corpus  string    `json:"corpus"`  // digest
	Lexicon string    `json:"lexicon"` // digest
	Source  string    `json:"source"`  // where the corpus came from
	Reports []Report  `json:"reports"`
	Files   []File    `json:"files"`
	Sum     string    `json:"sum"` // SHA-256 of the manifest without it
}

// A Report is one report of a generation.
type Report struct {
	ID         string `json:"id"`
	Title      string `json:"title"`
	Digest     string `json:"digest"`
	Paragraphs int    `json:"paragraphs"`
}

// A File is one file of a generation.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Size is the bytes of all files.
func (m Manifest) Size() int64 {
	var n int64
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

// seal lists and flushes the files of folder and writes the manifest there.
func (m *Manifest) seal(folder string) error {
	m.Layout, m.Files = layout, nil
	var folders []string
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			folders = append(folders, name)
			return nil
		}
		rest, err := filepath.Rel(folder, name)
		if err != nil {
			return err
		}
		f, err := sumFile(name, true)
		f.Name = filepath.ToSlash(rest)
		m.Files = append(m.Files, f)
		return err
	})
	if err != nil {
		return err
	}
	if m.Sum, err = m.sum(); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(folder, manifestFile), append(raw, '\n')); err != nil {
		return err
	}
	for _, f := range folders {
		if err := syncFolder(f); err != nil {
			return err
		}
	}
	return nil
}

// sum is the checksum of the manifest itself.
func (m Manifest) sum() (string, error) {
	m.Sum = ""
	raw, err := json.Marshal(m)
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), err
}

func readManifest(name string) (Manifest, error) {
	var m Manifest
	raw, err := os.ReadFile(name)
	if err != nil {
		return m, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	sum, err := m.sum()
	if err != nil || sum != m.Sum || m.Layout != layout {
		return m, fmt.Errorf("%w: its manifest is not as it was written", ErrDamaged)
	}
	return m, nil
}

// verify compares the files of folder with the manifest.
func (m Manifest) verify(folder string) error {
	for _, want := range m.Files {
		got, err := sumFile(filepath.Join(folder, filepath.FromSlash(want.Name)), false)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if got.Size != want.Size || got.SHA256 != want.SHA256 {
			return fmt.Errorf("%w: %s is not as it was written", ErrDamaged, want.Name)
		}
	}
	return nil
}

// sumFile reads a file for its checksum; flush also sees to it that it is on
// disk.
func sumFile(name string, flush bool) (File, error) {
	f, err := os.Open(name)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err == nil && flush {
		err = f.Sync()
	}
	return File{Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

// replaceFile writes a file that is whole even after a crash.
func replaceFile(name string, content []byte) error {
	f, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(name+".new", name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(name+".new"))
	}
	return syncFolder(filepath.Dir(name))
}
