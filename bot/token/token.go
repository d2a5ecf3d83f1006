// Package token encodes what a button carries: a verb, an answer's code and a
// few small arguments, in at most 64 bytes of printable ASCII. A token holds
// no text of anybody's and authorises nothing by itself: what it names is
// looked up when it comes back.
package token

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
)

// Max is the most bytes of a token: Telegram's callback_data.
const Max = 64

// version is the first byte of a token; tokens of another version are
// expired, not wrong.
const version = '1'

// A Verb is what a button does.
type Verb byte

const (
	More      Verb = 'm' // further excerpts; code
	Paragraph Verb = 'p' // the paragraph around a quote; code, quote, steps from it
	Why       Verb = 'w' // why a quote was chosen; code, quote
	Up        Verb = 'u' // 👍; code
	Down      Verb = 'd' // 👎; code, reason
	Related   Verb = 'r' // related questions; code
	Term      Verb = 't' // a glossary entry; its Name is the key of the term
	Watch     Verb = 'n' // tell me when answered; code
	Ask       Verb = 'q' // ask a question; its Name is the key of a kept phrase
	Use       Verb = 's' // choose a report; its Name is the key of the report
	Terms     Verb = 'T' // a page of the glossary
	Sources   Verb = 'S' // a page of the reports
	Open      Verb = 'o' // the answer again; code
	Forget    Verb = 'f' // erase what is stored about who presses
)

const verbs = "mpwudrtnqsTSof"

// ErrMalformed is returned for a string that was never a token of this
// version.
var ErrMalformed = errors.New("malformed token")

// A Token is a decoded token.
type Token struct {
	Verb Verb
	Name string // an answer's code, or the key of a term, phrase or report: [A-Za-z0-9]{0,24}
	Args [2]int
}

// String encodes t; Parse(t.String()) is t for every t whose Name is valid.
func (t Token) String() string {
	var b strings.Builder
	b.WriteByte(version)
	b.WriteByte(byte(t.Verb))
	b.WriteByte(':')
	b.WriteString(t.Name)
	if t.Args != [2]int{} {
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(t.Args[0]))
	}
	if t.Args[1] != 0 {
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(t.Args[1]))
	}
	return b.String()
}

// Parse decodes s, which may come from anybody.
func Parse(s string) (Token, error) {
	if len(s) < 3 || len(s) > Max || s[0] != version || s[2] != ':' || strings.IndexByte(verbs, s[1]) < 0 {
		return Token{}, ErrMalformed
	}
	t := Token{Verb: Verb(s[1])}
	parts := strings.Split(s[3:], ":")
	if len(parts) > 3 || !validName(parts[0]) {
		return Token{}, ErrMalformed
	}
	t.Name = parts[0]
	for i, p := range parts[1:] {
		n, err := strconv.Atoi(p)
		if err != nil || n < -9999 || n > 9999 {
			return Token{}, ErrMalformed
		}
		t.Args[i] = n
	}
	return t, nil
}

// Key makes a Name of any text; equal texts have equal keys.
func Key(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:10])
}

func validName(s string) bool {
	if len(s) > 24 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
