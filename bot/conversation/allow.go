package conversation

import (
	"fmt"
	"strings"

	"wenbao/bot"
)

// An AllowList names who may ask, one entry each: "slack:T0123" (a
// workspace), "slack:T0123/C0456" (a channel of it), "slack:C0456" (a
// channel), "telegram:-100123" (a chat). A platform that no entry names is
// open to all.
type AllowList []string

// ParseAllow checks the entries of an allow-list.
func ParseAllow(entries []string) (AllowList, error) {
	for _, e := range entries {
		platform, where, found := strings.Cut(e, ":")
		if !found || platform == "" || where == "" || strings.ContainsAny(e, " ,") {
			return nil, fmt.Errorf("allow-list: %q is not PLATFORM:CHAT or PLATFORM:WORKSPACE/CHAT", e)
		}
	}
	return AllowList(entries), nil
}

// Has reports whether somebody at a may ask.
func (l AllowList) Has(a bot.Address) bool {
	named := false
	for _, e := range l {
		platform, where, _ := strings.Cut(e, ":")
		if platform != a.Platform {
			continue
		}
		named = true
		if where == a.Chat || where == a.Workspace || where == a.Workspace+"/"+a.Chat {
			return true
		}
	}
	return !named
}
