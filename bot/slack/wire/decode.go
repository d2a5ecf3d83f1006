package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
)

// ErrGarbled is wrapped by the error for bytes that are not what Slack sends.
var ErrGarbled = errors.New("not what Slack sends")

// A Tenant is the installation that something was sent to.
type Tenant struct {
	Team       string
	Enterprise string
	OrgWide    bool // installed by the whole enterprise
}

// Workspace is the id under which the installation is known.
func (t Tenant) Workspace() string {
	if t.OrgWide && t.Enterprise != "" {
		return t.Enterprise
	}
	if t.Team == "" {
		return t.Enterprise
	}
	return t.Team
}

// A Command is a slash command.
type Command struct {
	Tenant
	Name, Text    string
	Channel, User string
	ResponseURL   string
	Trigger       string
	SSLCheck      bool
}

// ParseCommand decodes the form of a slash command.
func ParseCommand(body []byte) (Command, error) {
	f, err := url.ParseQuery(string(body))
	if err != nil {
		return Command{}, fmt.Errorf("%w: %w", ErrGarbled, err)
	}
	c := Command{
		Tenant: Tenant{f.Get("team_id"), f.Get("enterprise_id"), f.Get("is_enterprise_install") == "true"},
		Name:   f.Get("command"), Text: f.Get("text"), Channel: f.Get("channel_id"), User: f.Get("user_id"),
		ResponseURL: f.Get("response_url"), Trigger: f.Get("trigger_id"),
		SSLCheck: f.Get("ssl_check") == "1",
	}
	return c, c.check()
}

// DecodeCommand decodes a slash command that came through a socket.
func DecodeCommand(payload []byte) (Command, error) {
	var p struct {
		Team        string `json:"team_id"`
		Enterprise  string `json:"enterprise_id"`
		OrgWide     truth  `json:"is_enterprise_install"`
		Command     string `json:"command"`
		Text        string `json:"text"`
		Channel     string `json:"channel_id"`
		User        string `json:"user_id"`
		ResponseURL string `json:"response_url"`
		Trigger     string `json:"trigger_id"`
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return Command{}, fmt.Errorf("%w: %w", ErrGarbled, err)
	}
	c := Command{Tenant: Tenant{p.Team, p.Enterprise, bool(p.OrgWide)}, Name: p.Command, Text: p.Text,
		Channel: p.Channel, User: p.User, ResponseURL: p.ResponseURL, Trigger: p.Trigger}
	return c, c.check()
}

func (c Command) check() error {
	if c.SSLCheck {
		return nil
	}
	if c.Name == "" || c.User == "" || c.Channel == "" || c.Workspace() == "" || c.Trigger == "" {
		return fmt.Errorf("%w: a command without name, user, channel, workspace or trigger", ErrGarbled)
	}
	return nil
}

// truth is a boolean that Slack sends as such or as a string.
type truth bool

func (t *truth) UnmarshalJSON(b []byte) error {
	*t = string(b) == "true" || string(b) == `"true"`
	return nil
}

// An Envelope is what the Events API delivers.
type Envelope struct {
	Tenant
	Type      string // url_verification, event_callback, …
	Challenge string
	ID        string // of the event
	Bot       string // user id of the bot, where Slack says it
	Event     Event
}

// An Event is one event; which fields are set depends on Type and Subtype.
type Event struct {
	Type, Subtype      string
	User, BotID        string
	Channel            string
	ChannelType        string // channel, group, im, mpim
	Text, TS, ThreadTS string
	Hidden             bool
	Tab                string // of the app's home
	Message, Previous  *Edited
	RevokedBots        []string
}

// Edited is a message before or after an edit.
type Edited struct {
	User     string `json:"user"`
	BotID    string `json:"bot_id"`
	Subtype  string `json:"subtype"`
	Text     string `json:"text"`
	TS       string `json:"ts"`
	ThreadTS string `json:"thread_ts"`
	Edited   *struct {
		User string `json:"user"`
		TS   string `json:"ts"`
	} `json:"edited"`
}

type rawEnvelope struct {
	Type           string          `json:"type"`
	Challenge      string          `json:"challenge"`
	Team           string          `json:"team_id"`
	Enterprise     string          `json:"enterprise_id"`
	ID             string          `json:"event_id"`
	Event          json.RawMessage `json:"event"`
	Authorizations []struct {
		Team       string `json:"team_id"`
		Enterprise string `json:"enterprise_id"`
		User       string `json:"user_id"`
		IsBot      bool   `json:"is_bot"`
		OrgWide    truth  `json:"is_enterprise_install"`
	} `json:"authorizations"`
}

// DecodeEnvelope decodes an event with what is around it. An event of a kind
// that nobody knows is no error.
func DecodeEnvelope(payload []byte) (Envelope, error) {
	var p rawEnvelope
	if err := json.Unmarshal(payload, &p); err != nil {
		return Envelope{}, fmt.Errorf("%w: %w", ErrGarbled, err)
	}
	e := Envelope{Tenant: Tenant{Team: p.Team, Enterprise: p.Enterprise}, Type: p.Type, Challenge: p.Challenge, ID: p.ID}
	if len(p.Authorizations) > 0 {
		a := p.Authorizations[0]
		e.Tenant = Tenant{a.Team, a.Enterprise, bool(a.OrgWide)}
		if e.Workspace() == "" {
			e.Tenant = Tenant{Team: p.Team, Enterprise: p.Enterprise}
		}
		if a.IsBot {
			e.Bot = a.User
		}
	}
	if p.Type != "event_callback" {
		return e, nil
	}
	e.Event = decodeEvent(p.Event)
	if e.Event.Type == "" || e.Workspace() == "" {
		return e, fmt.Errorf("%w: an event without type or workspace", ErrGarbled)
	}
	return e, nil
}

// decodeEvent decodes what is known of an event. Fields of unexpected types
// make it one of the kinds that are ignored, not an error.
func decodeEvent(raw json.RawMessage) Event {
	var head struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(raw, &head) != nil {
		return Event{}
	}
	var p struct {
		Subtype     string  `json:"subtype"`
		User        string  `json:"user"`
		BotID       string  `json:"bot_id"`
		Channel     string  `json:"channel"`
		ChannelType string  `json:"channel_type"`
		Text        string  `json:"text"`
		TS          string  `json:"ts"`
		ThreadTS    string  `json:"thread_ts"`
		Hidden      bool    `json:"hidden"`
		Tab         string  `json:"tab"`
		Message     *Edited `json:"message"`
		Previous    *Edited `json:"previous_message"`
		Tokens      struct {
			Bot []string `json:"bot"`
		} `json:"tokens"`
	}
	if json.Unmarshal(raw, &p) != nil {
		return Event{Type: head.Type, Subtype: "unreadable"}
	}
	return Event{Type: head.Type, Subtype: p.Subtype, User: p.User, BotID: p.BotID, Channel: p.Channel, ChannelType: p.ChannelType,
		Text: p.Text, TS: p.TS, ThreadTS: p.ThreadTS, Hidden: p.Hidden, Tab: p.Tab, Message: p.Message, Previous: p.Previous, RevokedBots: p.Tokens.Bot}
}
