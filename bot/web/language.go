package web

import (
	"strconv"
	"strings"

	"wenbao/answers/text"
)

// accepted returns the language that we speak which an Accept-Language header
// likes best, other where it likes none.
func accepted(header string, other text.Lang) text.Lang {
	best, most := other, 0.0
	for i, part := range strings.Split(header, ",") {
		if i == 20 {
			break
		}
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		quality := 1.0
		if q, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
			quality, _ = strconv.ParseFloat(q, 64)
		}
		zh, en := text.Pick(tag, text.Zh), text.Pick(tag, text.En)
		if zh == en && quality > most {
			best, most = zh, quality
		}
	}
	return best
}
