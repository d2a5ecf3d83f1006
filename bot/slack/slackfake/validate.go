package slackfake

import (
	"encoding/json"
	"fmt"
	"unicode/utf16"
)

// limits of strings, by what holds them.
const (
	maxSection, maxHeader, maxButton, maxValue, maxID = 3000, 150, 75, 2000, 255
	maxActions, maxContext, maxURL, maxTitle          = 25, 10, 3000, 24
	maxMetadata, maxLabel, maxPlaceholder, maxOptions = 3000, 2000, 150, 10
	maxOptionValue, maxRich                           = 150, 3000
)

// checker collects what is wrong with blocks.
type checker struct {
	problems []string
	blockIDs map[string]bool
	actions  map[string]bool
}

func (c *checker) bad(where, format string, args ...any) {
	c.problems = append(c.problems, where+": "+fmt.Sprintf(format, args...))
}

func length(s string) int { return len(utf16.Encode([]rune(s))) }

// Validate says what Slack would not accept of blocks, of which there may be
// so many.
func Validate(blocks []map[string]any, most int) []string {
	c := &checker{blockIDs: map[string]bool{}, actions: map[string]bool{}}
	if len(blocks) > most {
		c.bad("blocks", "%d are more than %d", len(blocks), most)
	}
	for i, b := range blocks {
		c.block(fmt.Sprintf("blocks[%d]", i), b)
	}
	return c.problems
}

// ValidateView is Validate for a form or a home.
func ValidateView(v map[string]any) []string {
	raw, _ := json.Marshal(v["blocks"])
	var blocks []map[string]any
	if json.Unmarshal(raw, &blocks) != nil {
		return []string{"blocks: not a list"}
	}
	problems := Validate(blocks, 100)
	c := &checker{problems: problems}
	c.str("view", v, "private_metadata", 0, maxMetadata)
	c.str("view", v, "callback_id", 0, maxID)
	switch v["type"] {
	case "modal":
		for _, k := range []string{"title", "submit", "close"} {
			c.text("view."+k, v[k], maxTitle, true)
		}
	case "home":
	default:
		c.bad("view", "type %v", v["type"])
	}
	return c.problems
}

// str checks a string of least to most characters.
func (c *checker) str(where string, m map[string]any, key string, least, most int) {
	v, found := m[key]
	if !found {
		if least > 0 {
			c.bad(where, "no %s", key)
		}
		return
	}
	s, ok := v.(string)
	if !ok || length(s) < least || length(s) > most {
		c.bad(where, "%s has %d characters, %d to %d are allowed", key, length(s), least, most)
	}
}

func (c *checker) text(where string, v any, most int, plain bool) {
	t, ok := v.(map[string]any)
	if !ok {
		c.bad(where, "no text object")
		return
	}
	kind := t["type"]
	if kind != "plain_text" && (plain || kind != "mrkdwn") {
		c.bad(where, "text of type %v", kind)
	}
	if kind == "mrkdwn" && t["emoji"] != nil || kind == "plain_text" && t["verbatim"] != nil {
		c.bad(where, "a key of the other kind of text")
	}
	c.str(where, t, "text", 1, most)
}

func (c *checker) block(where string, b map[string]any) {
	c.str(where, b, "block_id", 0, maxID)
	if id, ok := b["block_id"].(string); ok && id != "" {
		if c.blockIDs[id] {
			c.bad(where, "block_id twice")
		}
		c.blockIDs[id] = true
	}
	switch b["type"] {
	case "divider":
	case "header":
		c.text(where, b["text"], maxHeader, true)
	case "section":
		c.text(where, b["text"], maxSection, false)
		if b["accessory"] != nil {
			c.element(where+".accessory", b["accessory"])
		}
	case "context":
		for i, e := range c.list(where, b["elements"], maxContext) {
			c.text(fmt.Sprintf("%s.elements[%d]", where, i), e, maxSection, false)
		}
	case "actions":
		for i, e := range c.list(where, b["elements"], maxActions) {
			c.element(fmt.Sprintf("%s.elements[%d]", where, i), e)
		}
	case "input":
		c.text(where+".label", b["label"], maxLabel, true)
		c.element(where+".element", b["element"])
	case "rich_text":
		c.rich(where, b)
	default:
		c.bad(where, "type %v", b["type"])
	}
}

func (c *checker) list(where string, v any, most int) []any {
	l, ok := v.([]any)
	if !ok || len(l) == 0 || len(l) > most {
		c.bad(where, "%d elements, 1 to %d are allowed", len(l), most)
	}
	return l
}

func (c *checker) rich(where string, b map[string]any) {
	total := 0
	for _, e := range c.list(where, b["elements"], 1000) {
		m, _ := e.(map[string]any)
		switch m["type"] {
		case "rich_text_section", "rich_text_quote":
		default:
			c.bad(where, "rich element %v", m["type"])
		}
		for _, x := range c.list(where, m["elements"], 10_000) {
			t, _ := x.(map[string]any)
			s, _ := t["text"].(string)
			if t["type"] != "text" || s == "" {
				c.bad(where, "rich text of type %v, or empty", t["type"])
			}
			total += length(s)
		}
	}
	if total > maxRich {
		c.bad(where, "%d characters of rich text", total)
	}
}

func (c *checker) element(where string, v any) {
	e, ok := v.(map[string]any)
	if !ok {
		c.bad(where, "no element")
		return
	}
	c.str(where, e, "action_id", 1, maxID)
	id, _ := e["action_id"].(string)
	if c.actions[id] && e["type"] == "button" {
		c.bad(where, "action_id %q twice", id)
	}
	c.actions[id] = true
	switch e["type"] {
	case "button":
		c.text(where, e["text"], maxButton, true)
		c.str(where, e, "value", 1, maxValue)
		c.str(where, e, "url", 0, maxURL)
		if s, found := e["style"]; found && s != "primary" && s != "danger" {
			c.bad(where, "style %v", s)
		}
	case "plain_text_input":
		c.str(where, e, "initial_value", 0, 3000)
		if e["placeholder"] != nil {
			c.text(where+".placeholder", e["placeholder"], maxPlaceholder, true)
		}
	case "radio_buttons":
		for _, o := range c.list(where, e["options"], maxOptions) {
			m, _ := o.(map[string]any)
			c.text(where, m["text"], maxButton, false)
			c.str(where, m, "value", 1, maxOptionValue)
		}
	default:
		c.bad(where, "element %v", e["type"])
	}
}
