package document

import (
	"bytes"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// decodeError says at which line (from 1) bytes stop making sense.
type decodeError struct {
	Line int
	Byte int
}

func (e *decodeError) Error() string {
	return fmt.Sprintf("byte %d is text in none of UTF-8, UTF-16, GB18030, Big5", e.Byte)
}

// decode turns a document's bytes into UTF-8 text, its byte order mark
// dropped. Bytes that no supported encoding explains are an error.
func decode(b []byte) (string, *decodeError) {
	switch {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		b = b[3:]
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		return decodeUTF16(b[2:], false)
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		return decodeUTF16(b[2:], true)
	}
	if looksUTF16, big := sniffUTF16(b); looksUTF16 {
		return decodeUTF16(b, big)
	}
	bad := firstInvalid(b)
	if bad < 0 {
		return string(b), nil
	}
	// Mostly valid multi-byte sequences: damaged UTF-8, not another encoding.
	if good, broken := countUTF8(b); good > 4*broken {
		return "", errorAt(b, bad)
	}
	if zero := bytes.IndexByte(b, 0); zero >= 0 {
		return "", errorAt(b, min(bad, zero))
	}
	best, share := "", 0.0
	for _, c := range []struct {
		enc    encoding.Encoding
		common func(hi, lo byte) bool
	}{
		{simplifiedchinese.GB18030, commonGB},
		{traditionalchinese.Big5, commonBig5},
	} {
		// The share of everyday characters tells the two apart: each reads the
		// other's text as mostly rare ones.
		s := commonShare(b, c.common)
		if s <= share || s < 0.7 {
			continue
		}
		out, err := c.enc.NewDecoder().Bytes(b)
		if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
			continue
		}
		best, share = string(out), s
	}
	if best == "" {
		return "", errorAt(b, bad)
	}
	return best, nil
}

func errorAt(b []byte, i int) *decodeError {
	return &decodeError{Line: 1 + bytes.Count(b[:i], []byte{'\n'}), Byte: i}
}

func firstInvalid(b []byte) int {
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf && b[i] != 0 {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == 0 || r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}

func countUTF8(b []byte) (good, broken int) {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			broken++
		case n > 1:
			good++
		}
		i += n
	}
	return good, broken
}

// sniffUTF16 recognises UTF-16 without a byte order mark: there are zero
// bytes, as no other encoding has, and one byte order makes Chinese or ASCII
// of nearly all of it. (Line ends and full stops tell the orders apart; many
// a character is another one backwards.)
func sniffUTF16(b []byte) (ok, big bool) {
	if len(b) < 4 || len(b)%2 != 0 || bytes.IndexByte(b, 0) < 0 {
		return false, false
	}
	var likely [2]int
	for i := 0; i < len(b); i += 2 {
		if ordinary(uint16(b[i+1])<<8 | uint16(b[i])) {
			likely[0]++
		}
		if ordinary(uint16(b[i])<<8 | uint16(b[i+1])) {
			likely[1]++
		}
	}
	best := max(likely[0], likely[1])
	return best*20 >= len(b)/2*19, likely[1] > likely[0]
}

// ordinary holds for the code units that Chinese text is made of.
func ordinary(u uint16) bool {
	return u == '\n' || u == '\r' || u == '\t' || u >= 0x20 && u < 0x7F || u >= 0x2010 && u <= 0x206F ||
		u >= 0x3000 && u <= 0x303F || u >= 0x4E00 && u <= 0x9FFF || u >= 0xFF00 && u <= 0xFFEF
}

func decodeUTF16(b []byte, big bool) (string, *decodeError) {
	unit := func(i int) uint16 {
		if big {
			return uint16(b[i])<<8 | uint16(b[i+1])
		}
		return uint16(b[i+1])<<8 | uint16(b[i])
	}
	out := make([]byte, 0, len(b)*3/2)
	line := 1
	for i := 0; i < len(b); i += 2 {
		if i+1 >= len(b) {
			return "", &decodeError{Line: line, Byte: i}
		}
		r := rune(unit(i))
		if utf16.IsSurrogate(r) {
			if i+3 >= len(b) {
				return "", &decodeError{Line: line, Byte: i}
			}
			if r = utf16.DecodeRune(r, rune(unit(i+2))); r == utf8.RuneError {
				return "", &decodeError{Line: line, Byte: i}
			}
			i += 2
		}
		if r == 0 {
			return "", &decodeError{Line: line, Byte: i}
		}
		if r == '\n' {
			line++
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out), nil
}

// commonShare is the share of common characters among the double-byte ones.
func commonShare(b []byte, common func(hi, lo byte) bool) float64 {
	total, hit := 0, 0
	for i := 0; i+1 < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		total++
		if common(b[i], b[i+1]) {
			hit++
		}
		i += 2
	}
	if total == 0 {
		return 0
	}
	return float64(hit) / float64(total)
}

// commonGB holds for level 1 of GB 2312, its punctuation and full-width forms.
func commonGB(hi, lo byte) bool {
	return lo >= 0xA1 && (hi >= 0xB0 && hi <= 0xD7 || hi >= 0xA1 && hi <= 0xA3)
}

// commonBig5 holds for level 1 of Big5 and its punctuation.
func commonBig5(hi, lo byte) bool {
	return hi >= 0xA1 && hi <= 0xC6 && (lo >= 0x40 && lo <= 0x7E || lo >= 0xA1 && lo <= 0xFE)
}
