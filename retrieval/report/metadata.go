package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Metadata is what is known of a document beside its text. What it omits is
// inferred from the text and the id.
type Metadata struct {
	ID          string
	Title       string
	Region      string
	Year        int
	DeliveredOn string // YYYY-MM-DD
	Speaker     string
	SourceURL   string
	Language    string       // BCP 47
	Figures     []Correction `json:",omitempty"` // misread figures put right
}

var metadataKeys = []string{"id", "title", "region", "year", "delivered_on", "speaker", "source_url", "language"}

// IsZero holds where nothing is given.
func (m Metadata) IsZero() bool {
	for _, key := range metadataKeys {
		if m.Get(key) != "" {
			return false
		}
	}
	return len(m.Figures) == 0
}

// MetadataKeys are the keys that Set knows.
func MetadataKeys() []string { return slices.Clone(metadataKeys) }

// Set assigns the value of one key, trimmed; ok is false for an unknown key.
func (m *Metadata) Set(key, value string) (ok bool, err error) {
	value = strings.TrimSpace(value)
	switch key {
	case "id":
		m.ID = value
	case "title":
		m.Title = value
	case "region":
		m.Region = value
	case "year":
		if m.Year, err = strconv.Atoi(value); err != nil || m.Year < 0 || m.Year > 9999 {
			m.Year, err = 0, fmt.Errorf("year: %q is not a year", value)
		}
	case "delivered_on":
		if _, bad := time.Parse(time.DateOnly, value); bad != nil {
			err = fmt.Errorf("delivered_on: %q is not a date like 2022-01-21", value)
		}
		m.DeliveredOn = value
	case "speaker":
		m.Speaker = value
	case "source_url":
		m.SourceURL = value
	case "language":
		m.Language = value
	default:
		return false, nil
	}
	return true, err
}

// Get returns the value of one key, "" where it is not set.
func (m Metadata) Get(key string) string {
	switch key {
	case "id":
		return m.ID
	case "title":
		return m.Title
	case "region":
		return m.Region
	case "year":
		return yearString(m.Year)
	case "delivered_on":
		return m.DeliveredOn
	case "speaker":
		return m.Speaker
	case "source_url":
		return m.SourceURL
	case "language":
		return m.Language
	}
	return ""
}

func yearString(y int) string {
	if y == 0 {
		return ""
	}
	return strconv.Itoa(y)
}
