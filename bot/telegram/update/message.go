package update

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/command"
)

// longest is how much of a text is looked at, in bytes: Telegram allows 4096
// UTF-16 units.
const longest = 32 << 10

// content are the fields of messages that a person sent without words.
// A message with none of them and no text is Telegram's own: somebody joined,
// a title changed.
func content() []string {
	return []string{"photo", "video", "document", "audio", "voice", "sticker", "animation", "video_note",
		"contact", "location", "venue", "poll", "dice", "story", "game"}
}

// message reads a message. In a private chat everything is for the bot; in a
// group a command of the bot, a mention of it and a reply to it.
func (u *Update) message(m object, me Me, edited bool) {
	u.Kind = Ignored
	chat := m.object("chat")
	from, ok := sender(m, me)
	if !ok || chat.int("id") == 0 || m.int("message_id") == 0 {
		return
	}
	words, entities := wordsOf(m)
	words = words[:min(len(words), longest)]
	r := reader{me: me, private: chat.string("type") == "private", words: words, entities: entities}
	if words == "" && !slices.ContainsFunc(content(), m.has) || words == "" && (!r.private || edited || m.has("media_group_id")) {
		return
	}
	said, isCommand, addressed := r.read(repliesTo(m, me))
	if !addressed {
		return
	}
	u.Kind = Message
	out := &bot.Message{
		Address: bot.Address{Platform: Platform, Chat: id(chat.int("id")), Thread: topic(m), User: from},
		ID:      id(m.int("message_id")), Text: said, Command: isCommand,
		Addressed: true, Whisper: r.private, Locale: m.object("from").string("language_code")}
	if edited {
		u.Kind = Edited
		sum := sha256.Sum256([]byte(words))
		out.Edit = id(m.int("edit_date")) + "-" + hex.EncodeToString(sum[:4])
	}
	u.Event = bot.Event{Message: out}
}

// sender returns who wrote a message, false for bots, channels and the bot's
// own words sent by somebody as an inline result. An anonymous administrator
// writes as the group.
func sender(m object, me Me) (string, bool) {
	from, as := m.object("from"), m.object("sender_chat").int("id")
	chat := m.object("chat")
	switch kind := chat.string("type"); kind {
	case "private", "group", "supergroup":
	default:
		return "", false
	}
	if m.object("via_bot").int("id") == me.ID && me.ID != 0 || m.bool("is_automatic_forward") {
		return "", false
	}
	if as != 0 {
		return id(as), as == chat.int("id")
	}
	return id(from.int("id")), from.int("id") > 0 && !from.bool("is_bot")
}

// wordsOf returns the text or the caption of a message, with its entities.
func wordsOf(m object) (string, []object) {
	const most = 200
	if s := m.string("text"); s != "" {
		return s, m.list("entities", most)
	}
	return m.string("caption"), m.list("caption_entities", most)
}

// repliesTo reports whether a message replies to one of the bot's. Every
// message of a topic points at the notice that began it; that is no reply.
func repliesTo(m object, me Me) bool {
	to := m.object("reply_to_message")
	return me.ID != 0 && to.object("from").int("id") == me.ID && !to.has("forum_topic_created")
}

// reader reads the words of a message.
type reader struct {
	me       Me
	private  bool
	words    string
	entities []object
}

// A command begins the message: /name or /name@bot.
var commandPattern = regexp.MustCompile(`^/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]{1,64}))?(?:\s|$)`)

// read returns what was said to the bot, whether it is a command, and whether
// it was said to the bot at all.
func (r reader) read(isReply bool) (said string, isCommand, addressed bool) {
	if c := commandPattern.FindStringSubmatch(r.words); c != nil {
		name, to, rest := strings.ToLower(c[1]), c[2], strings.TrimSpace(r.words[len(c[0]):])
		switch {
		case to != "" && !strings.EqualFold(to, r.me.Username):
			return "", false, false
		case name == string(command.Ask):
			return rest, false, true
		case !r.private && to == "" && !slices.Contains(Commands(), name):
			return "", false, false // some other bot's
		}
		return strings.TrimSpace(name + " " + rest), true, true
	}
	said, mentioned := r.withoutMention()
	return said, false, r.private || isReply || mentioned
}

// Commands are the names of the bot's commands.
func Commands() []string {
	var out []string
	for _, c := range Menu() {
		out = append(out, c.Name)
	}
	return append(out, "start", "lang")
}

// A MenuItem is a command that Telegram shows.
type MenuItem struct {
	Name string
	Key  text.Key // what it does
}

// Menu lists the commands in the order in which they are shown.
func Menu() []MenuItem {
	return []MenuItem{
		{"ask", text.CommandAsk}, {"term", text.CommandTerm}, {"terms", text.CommandTerms},
		{"sources", text.CommandSources}, {"use", text.CommandUse}, {"top", text.CommandTop},
		{"more", text.CommandMore}, {"verify", text.CommandVerify}, {"reset", text.CommandReset},
		{"forgetme", text.CommandForget}, {"help", text.CommandHelp},
	}
}

// withoutMention returns the words without the mentions of the bot, and
// whether there was one. Entities that lie outside the words are passed over.
func (r reader) withoutMention() (string, bool) {
	units := utf16.Encode([]rune(r.words))
	found := false
	type span struct{ from, to int }
	var cut []span
	for _, e := range r.entities {
		from, n := e.int("offset"), e.int("length")
		if from < 0 || n <= 0 || from > int64(len(units)) || n > int64(len(units))-from {
			continue
		}
		s := span{int(from), int(from + n)}
		if r.isMe(e, string(utf16.Decode(units[s.from:s.to]))) {
			found = true
			cut = append(cut, s)
		}
	}
	slices.SortFunc(cut, func(a, b span) int { return b.from - a.from })
	last := len(units) + 1
	for _, s := range cut {
		if s.to > last { // overlaps the one behind it
			continue
		}
		units = slices.Replace(units, s.from, s.to, ' ')
		last = s.from
	}
	out := string(utf16.Decode(units))
	if !utf8.ValidString(out) {
		out = strings.ToValidUTF8(out, "")
	}
	if found {
		out = strings.Trim(strings.TrimSpace(out), "，,：:")
	}
	return strings.TrimSpace(out), found
}

func (r reader) isMe(e object, words string) bool {
	switch e.string("type") {
	case "mention":
		return r.me.Username != "" && strings.EqualFold(words, "@"+r.me.Username)
	case "text_mention":
		return r.me.ID != 0 && e.object("user").int("id") == r.me.ID
	}
	return false
}
