package update

import (
	"strconv"
	"strings"

	"wenbao/bot/token"
)

// sealed parts a button's token from the user it is for.
const sealed = "~"

// Seal returns callback data: a button's token and the user that it is for,
// "" for everybody. A token that leaves no room for the user is for
// everybody.
func Seal(tok, owner string) string {
	n, err := strconv.ParseInt(owner, 10, 64)
	if err != nil || n <= 0 {
		return tok
	}
	data := tok + sealed + strconv.FormatInt(n, 36)
	if len(data) > token.Max {
		return tok
	}
	return data
}

// Open is the inverse of Seal for anything that callback data may hold.
func Open(data string) (tok, owner string) {
	tok, seal, found := strings.Cut(data, sealed)
	if !found {
		return data, ""
	}
	n, err := strconv.ParseInt(seal, 36, 64)
	if err != nil || n <= 0 {
		return data, ""
	}
	return tok, strconv.FormatInt(n, 10)
}
