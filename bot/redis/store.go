package redis

import (
	"slices"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// stores are what keys are of: the word after Prefix, in braces or not.
func stores() []string {
	return []string{"answer", "session", "ledger", "phrase", "vote", "miss", "watch", "install", "recent", "decision", "popular", "inbox", "lease", "board", "questions", "presses"}
}

// storeOf names what a command is about, "" where its key is not one of ours.
func storeOf(cmds ...goredis.Cmder) string {
	if len(cmds) == 0 {
		return ""
	}
	args := cmds[0].Args()
	for _, arg := range args[1:min(len(args), 4)] { // a script's first key is the fourth
		key, _ := arg.(string)
		rest, ours := strings.CutPrefix(strings.TrimPrefix(key, "rate:"), Prefix)
		if !ours {
			continue
		}
		rest = strings.TrimPrefix(rest, "{")
		if end := strings.IndexAny(rest, ":}"); end >= 0 && slices.Contains(stores(), rest[:end]) {
			return rest[:end]
		}
	}
	return ""
}
