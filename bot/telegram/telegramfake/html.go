package telegramfake

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// An Entity is a part of a message that Telegram shows in another way.
type Entity struct {
	Type   string
	Offset int
	Length int
	URL    string
}

var tags = map[string]string{"b": "bold", "i": "italic", "a": "text_link", "blockquote": "blockquote"}

// parseHTML reads Telegram's HTML as strictly as Telegram does: only its tags,
// closed in order, and only its four named entities.
func parseHTML(s string) (text string, entities []Entity, err error) {
	type opened struct {
		tag    string
		entity Entity
	}
	var out []uint16
	var open []opened
	for s != "" {
		i := strings.IndexAny(s, "<&")
		if i < 0 {
			out = append(out, utf16.Encode([]rune(s))...)
			break
		}
		out = append(out, utf16.Encode([]rune(s[:i]))...)
		s = s[i:]
		if s[0] == '&' {
			r, n := named(s)
			out = append(out, utf16.Encode([]rune(r))...)
			s = s[n:]
			continue
		}
		end := strings.IndexByte(s, '>')
		if end < 0 {
			return "", nil, fmt.Errorf("can't parse entities: unclosed start tag at byte offset %d", i)
		}
		tag := s[1:end]
		s = s[end+1:]
		if name, closing := strings.CutPrefix(tag, "/"); closing {
			if len(open) == 0 || open[len(open)-1].tag != name {
				return "", nil, fmt.Errorf("can't parse entities: unmatched end tag </%s>", name)
			}
			o := open[len(open)-1]
			open = open[:len(open)-1]
			if o.entity.Length = len(out) - o.entity.Offset; o.entity.Length > 0 {
				entities = append(entities, o.entity)
			}
			continue
		}
		name, rest, _ := strings.Cut(tag, " ")
		if tags[name] == "" {
			return "", nil, fmt.Errorf("can't parse entities: unsupported start tag \"%s\"", name)
		}
		e := Entity{Type: tags[name], Offset: len(out)}
		if name == "a" {
			e.URL = strings.TrimSuffix(strings.TrimPrefix(rest, `href="`), `"`)
		}
		if rest == "expandable" {
			e.Type = "expandable_blockquote"
		}
		open = append(open, opened{name, e})
	}
	if len(open) > 0 {
		return "", nil, fmt.Errorf("can't parse entities: can't find end tag corresponding to start tag %q", open[0].tag)
	}
	return string(utf16.Decode(out)), entities, nil
}

func named(s string) (string, int) {
	for name, r := range map[string]string{"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": `"`} {
		if strings.HasPrefix(s, name) {
			return r, len(name)
		}
	}
	return "&", 1
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }
