package update_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"wenbao/bot/telegram/update"
	"wenbao/bot/token"
)

var me = update.Me{ID: 4242, Username: "wenbao_bot"}

// FuzzRead: nothing that Telegram could send panics, an id that is there is
// found, and what is made of it is text.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		`{"update_id":1,"message":{"message_id":1,"chat":{"id":-7,"type":"group"},"from":{"id":7},"text":"@wenbao_bot 问","entities":[{"type":"mention","offset":0,"length":11}]}}`,
		`{"update_id":1,"edited_message":{"message_id":1,"edit_date":3,"chat":{"id":7,"type":"private"},"from":{"id":7},"caption":"/ask@wenbao_bot x","caption_entities":[{"offset":-1}]}}`,
		`{"update_id":1,"callback_query":{"id":"1","from":{"id":7},"data":"1m:ABC~7","message":{"message_id":2,"chat":{"id":7}}}}`,
		`{"update_id":1,"inline_query":{"id":"1","from":{"id":7},"query":"x","offset":"10"}}`,
		`{"update_id":1,"chosen_inline_result":{}}`, `{"update_id":"1","x":[]}`, `{`, `null`, `[[]]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		u := update.Read(raw, me)
		var id struct {
			ID int64 `json:"update_id"`
		}
		if json.Unmarshal(raw, &id) == nil && id.ID > 0 && strings.Count(strings.ToLower(string(raw)), "update") == 1 && u.ID != id.ID && strings.Contains(string(raw), `"update_id"`) {
			t.Errorf("id %d, want %d", u.ID, id.ID)
		}
		switch u.Kind {
		case update.Message, update.Edited:
			if u.Event.Message == nil || u.Event.Message.Chat == "" || u.Event.Message.ID == "" || u.Event.Message.User == "" || !utf8.ValidString(u.Event.Message.Text) {
				t.Errorf("%+v", u)
			}
		case update.Callback:
			if (u.Event.Action == nil) != u.Press.Homeless || u.Press.ID == "" {
				t.Errorf("%+v", u)
			}
		case update.Inline:
			if u.Query.ID == "" || u.Query.Offset < 0 {
				t.Errorf("%+v", u)
			}
		}
	})
}

// FuzzSeal: callback data that was sealed opens as it was, and what anybody
// sends opens as something.
func FuzzSeal(f *testing.F) {
	f.Add("1m:ABCDEFGH", "7")
	f.Add("1T::2:1", "9007199254740991")
	f.Add("~~", "-5")
	f.Fuzz(func(t *testing.T, tok, owner string) {
		update.Open(tok)
		if _, err := token.Parse(tok); err != nil {
			return
		}
		data := update.Seal(tok, owner)
		got, who := update.Open(data)
		if got != tok || who != "" && who != strings.TrimLeft(strings.TrimPrefix(owner, "+"), "0") || len(data) > token.Max {
			t.Errorf("%q for %q became %q for %q by %q", tok, owner, got, who, data)
		}
	})
}

// Every token for every user leaves room for the user.
func TestSealsFit(t *testing.T) {
	longest := token.Token{Verb: token.Paragraph, Name: strings.Repeat("f", 24), Args: [2]int{9999, -9999}}.String()
	if data := update.Seal(longest, "4503599627370495"); !strings.Contains(data, "~") || len(data) > 64 {
		t.Errorf("%q of %d bytes", data, len(data))
	}
}

// shuffled makes JSON of the words of updates, put together at random.
func shuffled(random *rand.Rand, depth int) any {
	keys := []string{"update_id", "message", "edited_message", "callback_query", "inline_query", "chosen_inline_result", "message_id", "chat", "from", "id", "type",
		"text", "caption", "entities", "caption_entities", "offset", "length", "user", "sender_chat", "via_bot", "reply_to_message", "message_thread_id",
		"is_topic_message", "data", "query", "edit_date", "is_bot", "forum_topic_created", "language_code"}
	values := []any{nil, true, 0, -1, 1, 7, 4242, 1 << 53, -1.5, 1e300, "", "7", "private", "supergroup", "mention", "text_mention", "@wenbao_bot 问", "/ask@wenbao_bot x",
		"/", "/@", "1m:ABC~7", "😀", "\x00\ufffd"}
	switch n := random.IntN(10); {
	case depth == 0 || n < 3:
		return values[random.IntN(len(values))]
	case n < 5:
		list := make([]any, random.IntN(4))
		for i := range list {
			list[i] = shuffled(random, depth-1)
		}
		return list
	}
	object := map[string]any{}
	for range random.IntN(12) {
		object[keys[random.IntN(len(keys))]] = shuffled(random, depth-1)
	}
	return object
}

// Updates of the right words in the wrong places are read as something.
func TestShuffledUpdates(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	kinds := map[update.Kind]int{}
	for i := range 5_000 {
		u := map[string]any{"update_id": i + 1}
		for _, k := range []string{"message", "edited_message", "callback_query", "inline_query"}[random.IntN(4):] {
			u[k] = shuffled(random, 4)
			if m, ok := u[k].(map[string]any); ok && random.IntN(2) == 0 {
				m["message_id"], m["chat"], m["from"] = 1, map[string]any{"id": 7, "type": "private"}, map[string]any{"id": 7}
			}
			break
		}
		raw, err := json.Marshal(u)
		if err != nil {
			t.Fatal(err)
		}
		got := update.Read(raw, me)
		if got.ID != int64(i+1) {
			t.Fatalf("id %d of %s", got.ID, raw)
		}
		kinds[got.Kind]++
	}
	if kinds[update.Message] == 0 || kinds[update.Callback] == 0 || kinds[update.Inline] == 0 || kinds[update.Edited] == 0 {
		t.Errorf("%v", kinds)
	}
}
