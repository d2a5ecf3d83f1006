package lexicon

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// compactVersion opens a compact lexicon; a change of the layout changes it.
const compactVersion = "wenbao-lexicon 1"

// Encode writes l as lines of tab-separated fields, quick to decode: parsing
// the YAML files takes longer than answering a question may.
func (l *Lexicon) Encode() string {
	var b strings.Builder
	b.WriteString(compactVersion + "\n")
	list := func(forms []string) { b.WriteString("\t" + strings.Join(forms, "|")) }
	for _, c := range l.Concepts {
		b.WriteString("c\t" + c.ID + "\t" + c.Field)
		for _, forms := range [][]string{c.Terms, c.Said, c.Abbr, c.English} {
			list(forms)
		}
		list(ordinals(c.Related))
		b.WriteByte('\n')
	}
	for _, p := range l.Places {
		b.WriteString("p\t" + p.ID + "\t" + p.Name)
		for _, forms := range [][]string{p.Short, p.Weak, p.Abbr, p.English} {
			list(forms)
		}
		list(ordinals(p.Members))
		b.WriteString("\t" + strconv.Itoa(p.Parent) + "\t" + p.Level + "\n")
	}
	return b.String()
}

// Digest names a lexicon by its content: hex SHA-256.
func (l *Lexicon) Digest() string {
	source := l.source
	if source == "" {
		source = l.Encode()
	}
	sum := sha256.Sum256([]byte(source))
	return hex.EncodeToString(sum[:])
}

func ordinals(at []int) []string {
	out := make([]string, len(at))
	for i, n := range at {
		out[i] = strconv.Itoa(n)
	}
	return out
}

// Decode reads what Encode wrote.
func Decode(s string) (*Lexicon, error) {
	head, body, _ := strings.Cut(s, "\n")
	if head != compactVersion {
		return nil, errors.New("lexicon: not a compact lexicon of this version")
	}
	var concepts []Concept
	var places []Place
	for n := 2; body != ""; n++ {
		var line string
		line, body, _ = strings.Cut(body, "\n")
		f := strings.Split(line, "\t")
		switch {
		case f[0] == "c" && len(f) == 8:
			related, err := numbers(f[7])
			if err != nil {
				return nil, fmt.Errorf("lexicon: line %d: %w", n, err)
			}
			concepts = append(concepts, Concept{ID: f[1], Field: f[2], Terms: split(f[3]), Said: split(f[4]), Abbr: split(f[5]), English: split(f[6]), Related: related})
		case f[0] == "p" && len(f) == 10:
			parent, err := strconv.Atoi(f[8])
			if err != nil {
				return nil, fmt.Errorf("lexicon: line %d: %w", n, err)
			}
			members, err := numbers(f[7])
			if err != nil {
				return nil, fmt.Errorf("lexicon: line %d: %w", n, err)
			}
			places = append(places, Place{ID: f[1], Name: f[2], Short: split(f[3]), Weak: split(f[4]), Abbr: split(f[5]), English: split(f[6]), Members: members, Parent: parent, Level: f[9]})
		default:
			return nil, fmt.Errorf("lexicon: line %d is neither a concept nor a place", n)
		}
	}
	if err := checkIndices(concepts, places); err != nil {
		return nil, err
	}
	l := New(concepts, places)
	l.source = s
	return l, nil
}

func checkIndices(concepts []Concept, places []Place) error {
	for _, c := range concepts {
		for _, r := range c.Related {
			if r < 0 || r >= len(concepts) {
				return fmt.Errorf("lexicon: concept %s refers to none", c.ID)
			}
		}
	}
	for _, p := range places {
		if p.Parent < -1 || p.Parent >= len(places) {
			return fmt.Errorf("lexicon: place %s refers to none", p.ID)
		}
		for _, m := range p.Members {
			if m < 0 || m >= len(places) {
				return fmt.Errorf("lexicon: place %s refers to none", p.ID)
			}
		}
	}
	if i := circularMembers(places); i >= 0 {
		return fmt.Errorf("lexicon: the members of place %s form a circle", places[i].ID)
	}
	return nil
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}

func numbers(s string) ([]int, error) {
	var out []int
	for _, f := range split(s) {
		n, err := strconv.Atoi(f)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}
