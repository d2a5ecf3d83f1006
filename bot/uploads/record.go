package uploads

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"wenbao/retrieval/report"
)

const (
	recordExt = ".json"
	textExt   = ".txt"
)

// A Record is what is kept of a report beside its text.
type Record struct {
	ID      string          `json:"id"`
	Removed bool            `json:"removed,omitempty"` // a report of the corpus that is not to be read
	Name    string          `json:"name,omitempty"`    // of the document: the id, where Given has none
	File    string          `json:"file,omitempty"`    // that it came in
	Given   report.Metadata `json:"given,omitzero"`
	Size    int             `json:"size,omitempty"`
	SHA256  string          `json:"sha256,omitempty"` // of the text as it was sent
	By      string          `json:"by"`
	At      time.Time       `json:"at"`
}

// Slug is that of the report.
func (r Record) Slug() string { return strings.ReplaceAll(r.ID, "/", "~") }

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// sealed is a record as it is written.
type sealed struct {
	Record json.RawMessage `json:"record"`
	Sum    string          `json:"sum"` // SHA-256 of record
}

func (r Record) encode() ([]byte, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	out, err := json.Marshal(sealed{raw, sumOf(raw)})
	return append(out, '\n'), err
}

var errDamaged = errors.New("the record is not as it was written")

func decodeRecord(raw []byte) (Record, error) {
	var s sealed
	var r Record
	if err := json.Unmarshal(raw, &s); err != nil || sumOf(s.Record) != s.Sum {
		return r, errDamaged
	}
	dec := json.NewDecoder(bytes.NewReader(s.Record))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil || r.ID == "" {
		return r, errDamaged
	}
	return r, nil
}
