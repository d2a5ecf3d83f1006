package intake

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/unicode/norm"
)

// maxName is the most bytes of a name, its folders included.
const maxName = 200

// Name returns the name of a file or report, a relative path with /, in
// normal form (NFC). One that could lead elsewhere, or be read as another, is
// an error.
func Name(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", errors.New("the name is not UTF-8")
	}
	name = norm.NFC.String(name)
	switch {
	case name == "":
		return "", errors.New("the name is empty")
	case len(name) > maxName:
		return "", fmt.Errorf("the name has %d bytes; at most %d are taken", len(name), maxName)
	case strings.HasPrefix(name, "/"):
		return "", errors.New("the name begins with /; names are relative")
	}
	for _, r := range name {
		switch {
		case r == '\\':
			return "", errors.New(`the name holds \; folders are parted by /`)
		case r == '~':
			return "", errors.New("the name holds ~, which stands for / in addresses")
		case !unicode.IsPrint(r) && r != '\u3000':
			return "", fmt.Errorf("the name holds a character that cannot be seen: %U", r)
		}
	}
	for part := range strings.SplitSeq(name, "/") {
		if err := checkPart(part); err != nil {
			return "", err
		}
	}
	return name, nil
}

func checkPart(part string) error {
	switch {
	case part == "":
		return errors.New("the name has an empty part: //, or / at its end")
	case part == "..":
		return errors.New("the name leads upwards: it holds .. as a folder")
	case strings.HasPrefix(part, "."):
		return fmt.Errorf("%q begins with a dot", part)
	case strings.TrimSpace(part) != part:
		return fmt.Errorf("%q begins or ends with white space", part)
	case len(part) > 1 && part[1] == ':' && part[0] < utf8.RuneSelf && unicode.IsLetter(rune(part[0])):
		return fmt.Errorf("%q names a drive", part[:2])
	}
	return nil
}

// Fold returns what two names have in common that differ only in case: on many
// systems they are one.
func Fold(name string) string { return cases.Fold().String(name) }

// entryName decodes the name of a ZIP entry: Windows writes it in its own
// encoding. marked says that the archive calls it UTF-8.
func entryName(raw string, marked bool) (string, error) {
	if utf8.ValidString(raw) && (marked || !likelyGB(raw)) {
		return raw, nil
	}
	name, err := simplifiedchinese.GB18030.NewDecoder().String(raw)
	if err != nil || strings.ContainsRune(name, utf8.RuneError) {
		return "", errors.New("the name is neither UTF-8 nor GB18030")
	}
	return name, nil
}

// likelyGB holds for bytes that are UTF-8 by chance, as 某省 is in GB18030:
// they would be nothing but pairs of letters such as ĳʡ, and are frequent
// characters in GB18030.
func likelyGB(raw string) bool {
	pairs := 0
	for i := 0; i < len(raw); {
		start := i
		for i+1 < len(raw) && raw[i] >= 0xB0 && raw[i] <= 0xDF && raw[i+1] >= 0xA1 && raw[i+1] < 0xC0 {
			i += 2
		}
		switch {
		case i-start >= 4:
			pairs += (i - start) / 2
		case i > start || raw[i] >= utf8.RuneSelf:
			return false
		default:
			i++
		}
	}
	return pairs > 0
}

// junk reports whether a name is of what systems leave in archives beside the
// files: it is passed over.
func junk(name string) bool {
	if first, _, inside := strings.Cut(name, "/"); inside && first == "__MACOSX" {
		return true
	}
	switch base := path.Base(name); strings.ToLower(base) {
	case ".ds_store", "thumbs.db", "desktop.ini":
		return true
	default:
		return strings.HasPrefix(base, "._")
	}
}
