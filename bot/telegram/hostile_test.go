package telegram_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wenbao/bot/telegram/telegramfake"
)

// hostile are updates as nobody should send them; %d is the id.
func hostile() []string {
	message := func(s string) string {
		return `{"update_id":%d,"message":{"message_id":1,"chat":{"id":7,"type":"private"},"from":{"id":7},` + s + `}}`
	}
	return []string{
		`{"update_id":%d}`, `{"update_id":%d,"message":null}`, `{"update_id":%d,"message":1}`, `{"update_id":%d,"message":[]}`,
		`{"update_id":"%d","message":{"chat":"x"}}`, `{"update_id":%d.0,"message":{"chat":{"id":"7"}}}`,
		`{"update_id":%d,"callback_query":{}}`, `{"update_id":%d,"callback_query":{"id":5,"from":[],"message":{"chat":{}}}}`,
		`{"update_id":%d,"inline_query":{"id":{},"query":7,"offset":[]}}`, `{"update_id":%d,"chosen_inline_result":"x"}`,
		`{"update_id":%d,"business_message":{},"message_reaction":{},"guest_message":{}}`, `{"update_id":%d,"edited_message":{"edit_date":"x"}}`,
		`{"message":{"message_id":1},"update_id":%d}`, `[{"update_id":%d}]`, `"update_id %d"`,
		message(`"text":5`), message(`"text":null,"caption":{}`), message(`"text":"\ud800\u0000\uffff"`),
		message(`"text":"/ask","entities":[{"type":"bot_command","offset":-5,"length":99999999999}]`),
		message(`"text":"@wenbao_bot x","entities":[{"type":"mention","offset":9223372036854775807,"length":9223372036854775807}]`),
		message(`"text":"@wenbao_bot x","entities":[{"type":"mention","offset":1.5,"length":"2"},null,7,{"type":[]}]`),
		message(`"text":"😀😀","entities":[{"type":"text_mention","offset":1,"length":2,"user":{"id":4242}}]`),
		message(`"text":"aaaa","entities":[{"type":"text_mention","offset":0,"length":3,"user":{"id":4242}},{"type":"text_mention","offset":1,"length":3,"user":{"id":4242}}]`),
		message(`"text":"` + strings.Repeat("长", 1<<20) + `"`), message(`"text":"x","entities":[` + strings.Repeat(`{},`, 5000) + `{}]`),
		message(`"text":"/` + strings.Repeat("a", 5000) + `"`), message(`"text":"/start ` + strings.Repeat("%%", 100) + `"`),
		message(`"text":"x","reply_to_message":` + strings.Repeat(`{"reply_to_message":`, 2000) + `1` + strings.Repeat(`}`, 2000)),
		`{"update_id":%d,"message":{"message_id":99999999999999999999999,"chat":{"id":1e400}}}`,
		`{"update_id":%d,"message":{"message_id":-1,"chat":{"id":7,"type":7},"from":{"id":true}}}`,
	}
}

// Whatever comes, the bot goes on, takes it off Telegram's hands, and answers
// the next question.
func TestHostileUpdates(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		for _, h := range hostile() {
			w.PushRaw(func(id int64) string { return fmt.Sprintf(h, id) })
		}
		settle()
		time.Sleep(10 * time.Second)
		if left := w.Unconfirmed(); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		before := len(w.Sent())
		w.Say(telegramfake.Said{Chat: private, User: ann, ID: 4000, Text: question})
		settle()
		one(t, w.Sent()[before:])
		if err := w.bot.Ready(); err != nil {
			t.Error(err)
		}
		if strings.Contains(w.logs.String(), "panic") {
			t.Error("something panicked")
		}
	})
}

// An update that is not even JSON is found among the others and passed over.
func TestUnreadableUpdate(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		for i := range int64(5) {
			w.Say(telegramfake.Said{Chat: private, User: ann, ID: 10 + i, Text: question})
		}
		for _, broken := range []string{`{"update_id":%d,"message":{{{`, `{"update_id": %d, "x": "` + "\x01" + `"}`, `{"update_id":%d,"x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`} {
			w.PushRaw(func(id int64) string { return fmt.Sprintf(broken, id) })
		}
		for i := range int64(5) {
			w.Say(telegramfake.Said{Chat: private, User: ann, ID: 20 + i, Text: question})
		}
		time.Sleep(5 * time.Minute)
		if sent, left := w.Sent(), w.Unconfirmed(); len(sent) != 10 || len(left) > 0 {
			t.Errorf("%d answered, left %v", len(sent), left)
		}
	})
}
