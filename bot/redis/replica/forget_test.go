package replica_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wenbao/bot"
	"wenbao/bot/conversation"
	"wenbao/bot/delivery"
	"wenbao/bot/redis/redistest"
	"wenbao/bot/redis/replica"
	"wenbao/bot/stores"
	"wenbao/bot/token"
)

// dump returns every key of a server with all that it holds, at one moment.
func dump(t *testing.T, s *redistest.Server) map[string]string {
	t.Helper()
	all, _ := s.Do(t, "eval", `
local out = {}
local read = {string = {'GET'}, hash = {'HGETALL'}, set = {'SMEMBERS'}, zset = {'ZRANGE', 0, -1}}
for _, key in ipairs(redis.call('KEYS', '*')) do
  local how = read[redis.call('TYPE', key).ok]
  out[#out + 1] = key
  out[#out + 1] = redis.call(how[1], key, unpack(how, 2))
end
return out`, 0).([]any)
	out := map[string]string{}
	for i := 0; i < len(all); i += 2 {
		out[fmt.Sprint(all[i])] = fmt.Sprint(all[i+1])
	}
	return out
}

// traces finds the keys that name somebody: by id, or by any hash that is made
// of who they are.
func traces(dump map[string]string, id, person string, hash func(string) string) (found []string) {
	sum := sha256.Sum256([]byte(person))
	names := regexp.MustCompile(strings.Join([]string{regexp.QuoteMeta(id), regexp.QuoteMeta(person), hex.EncodeToString(sum[:12]), hash(person)}, "|"))
	for _, key := range slices.Sorted(maps.Keys(dump)) {
		if names.MatchString(key) || names.MatchString(dump[key]) {
			found = append(found, key)
		}
	}
	return found
}

// talk is a person who talks with the bot by way of a desk.
type talk struct {
	bot.Address
	desk    *delivery.Desk
	replies chan bot.Reply
	n       *int
}

func (k talk) say(t *testing.T, text string) bot.Reply {
	t.Helper()
	*k.n++
	return k.send(t, bot.Event{Message: &bot.Message{Address: k.Address, ID: fmt.Sprint(*k.n), Text: text, Addressed: true}})
}

func (k talk) press(t *testing.T, token token.Token, input string) {
	t.Helper()
	*k.n++
	k.send(t, bot.Event{Action: &bot.Action{Address: k.Address, ID: fmt.Sprint(*k.n), Token: token.String(), Input: input}})
}

func (k talk) send(t *testing.T, e bot.Event) bot.Reply {
	t.Helper()
	if err := k.desk.Receive(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return <-k.replies
}

// lives leaves behind all that one can.
func (k talk) lives(t *testing.T) {
	t.Helper()
	for _, q := range []string{"2021年新建绿色矿山多少座", "月球基地建了多少座"} {
		r := k.say(t, q)
		if r.Code == "" {
			t.Fatalf("%s: %+v", q, r)
		}
		k.press(t, token.Token{Verb: token.Down, Name: r.Code}, "words of "+k.User)
		k.press(t, token.Token{Verb: token.Watch, Name: r.Code}, "")
		k.press(t, token.Token{Verb: token.Related, Name: r.Code}, "")
	}
	k.say(t, "lang en")
}

// After "forget me" nothing in Redis names the person, by id or by hash, but
// what docs/redis.md says ends by itself; what others left is still there.
func TestForgetMe(t *testing.T) {
	k, server := learn(t), redistest.Start(t)
	settings := stores.Defaults()
	settings.Key, settings.Presses = []byte("a key of the test's"), 0
	settings.User = 100 // so that limits are counted
	r, err := replica.Open(t.Context(), replica.Options{Address: server.URL(), Settings: settings, Each: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	h, err := conversation.New(conversation.Parts{Answerer: k.engine, Library: k.library, Stores: r.Stores})
	if err != nil {
		t.Fatal(err)
	}
	sender := sent{make(chan bot.Reply, 1), func() {}}
	desk, err := delivery.New(delivery.Parts{Handler: h, Inbox: r.Inbox, Senders: map[string]delivery.Sender{"slack": sender, "telegram": sender, "web": sender}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- desk.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	hash, n := stores.Hasher(settings.Key), 0
	for name, address := range map[string]bot.Address{
		"a channel":   {Platform: "slack", Workspace: "T1", Chat: "C1", Thread: "1.5", User: "UALICE7"},
		"Slack alone": {Platform: "slack", Workspace: "T1", Chat: "D1", User: "UALICE7"},
		"a group":     {Platform: "telegram", Chat: "-1007", User: "47114711"},
		"alone":       {Platform: "telegram", Chat: "47114711", User: "47114711"},
		"the page":    {Platform: "web", User: hash("192.0.2.7")},
	} {
		t.Run(name, func(t *testing.T) {
			server.Do(t, "flushall")
			other := address
			if other.Chat == other.User {
				other.Chat = "OTHER"
			}
			other.User = "OTHER"
			talk{other, desk, sender.replies, &n}.lives(t)
			me := talk{address, desk, sender.replies, &n}
			me.lives(t)
			kinds := map[string]bool{}
			for _, key := range traces(dump(t, server), address.User, address.Person(), hash) {
				kind, _, _ := strings.Cut(strings.TrimPrefix(key, "wenbao:{"), ":")
				kinds[kind] = kind != "inbox}" // while a reply is not marked yet
			}
			maps.DeleteFunc(kinds, func(_ string, kept bool) bool { return !kept })
			want := []string{"ledger", "popular", "rate", "session", "vote", "watch"}
			if got := slices.Sorted(maps.Keys(kinds)); !slices.Equal(got, want) {
				t.Fatalf("before: %q, want %q", got, want)
			}
			me.say(t, "forget me")
			var left []string
			for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) { // the reply is marked after it is sent
				left = traces(dump(t, server), address.User, address.Person(), hash)
				left = slices.DeleteFunc(left, func(key string) bool { return strings.HasPrefix(key, "rate:wenbao:") })
				if len(left) == 0 || time.Now().After(end) {
					break
				}
			}
			after := dump(t, server)
			for _, key := range left {
				t.Errorf("left: %s: %s", key, after[key])
			}
			for _, key := range traces(after, address.User, address.Person(), hash) {
				if left, _ := server.Do(t, "pttl", key).(int64); left < 0 || left > time.Minute.Milliseconds() {
					t.Errorf("%s is left for %d ms", key, left)
				}
			}
			if theirs := traces(after, other.User, other.Person(), hash); len(theirs) < 8 {
				t.Errorf("of another is left only %q", theirs)
			}
		})
	}
}
