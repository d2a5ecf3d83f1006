package wire

import (
	"encoding/json"
	"fmt"
	"net/url"
)

// An Interaction is a press, a submitted form or a shortcut.
type Interaction struct {
	Tenant
	Type        string // block_actions, view_submission, message_action, shortcut, …
	Callback    string // of a shortcut
	User        string
	Channel     string
	Trigger     string
	ResponseURL string
	Presses     []Press
	Container   Container
	Message     Quoted
	View        View
}

// A Press is a button that was pressed.
type Press struct{ ActionID, Value, TS string }

// A Container is what holds the pressed button.
type Container struct {
	Type      string // message, view
	TS        string // of the message
	ThreadTS  string
	Channel   string
	Ephemeral bool
}

// Quoted is the message that a shortcut was used on.
type Quoted struct{ TS, ThreadTS, User, BotID, Text string }

// A View is a form, submitted.
type View struct {
	ID, Callback, Metadata string
	// Values holds what was typed or chosen, by block and action.
	Values map[string]map[string]string
}

// ParseInteraction decodes the form of an interaction.
func ParseInteraction(body []byte) (Interaction, error) {
	f, err := url.ParseQuery(string(body))
	if err != nil {
		return Interaction{}, fmt.Errorf("%w: %w", ErrGarbled, err)
	}
	return DecodeInteraction([]byte(f.Get("payload")))
}

type id struct {
	ID string `json:"id"`
}

type rawInteraction struct {
	Type        string `json:"type"`
	Callback    string `json:"callback_id"`
	Team        *id    `json:"team"`
	Enterprise  *id    `json:"enterprise"`
	OrgWide     truth  `json:"is_enterprise_install"`
	User        id     `json:"user"`
	Channel     id     `json:"channel"`
	Trigger     string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
	ActionTS    string `json:"action_ts"`
	Actions     []struct {
		ActionID string `json:"action_id"`
		Value    string `json:"value"`
		TS       string `json:"action_ts"`
		Selected *struct {
			Value string `json:"value"`
		} `json:"selected_option"`
	} `json:"actions"`
	Container struct {
		Type      string `json:"type"`
		MessageTS string `json:"message_ts"`
		ThreadTS  string `json:"thread_ts"`
		ChannelID string `json:"channel_id"`
		Ephemeral bool   `json:"is_ephemeral"`
	} `json:"container"`
	Message struct {
		TS       string `json:"ts"`
		ThreadTS string `json:"thread_ts"`
		User     string `json:"user"`
		BotID    string `json:"bot_id"`
		Text     string `json:"text"`
	} `json:"message"`
	View struct {
		ID       string `json:"id"`
		Callback string `json:"callback_id"`
		Metadata string `json:"private_metadata"`
		State    struct {
			Values map[string]map[string]struct {
				Value    string `json:"value"`
				Selected *struct {
					Value string `json:"value"`
				} `json:"selected_option"`
			} `json:"values"`
		} `json:"state"`
	} `json:"view"`
}

// DecodeInteraction decodes an interaction.
func DecodeInteraction(payload []byte) (Interaction, error) {
	var p rawInteraction
	if err := json.Unmarshal(payload, &p); err != nil {
		return Interaction{}, fmt.Errorf("%w: %w", ErrGarbled, err)
	}
	i := Interaction{Type: p.Type, Callback: p.Callback, User: p.User.ID, Channel: p.Channel.ID, Trigger: p.Trigger, ResponseURL: p.ResponseURL,
		Container: Container{p.Container.Type, p.Container.MessageTS, p.Container.ThreadTS, p.Container.ChannelID, p.Container.Ephemeral},
		Message:   Quoted{p.Message.TS, p.Message.ThreadTS, p.Message.User, p.Message.BotID, p.Message.Text},
		View:      View{ID: p.View.ID, Callback: p.View.Callback, Metadata: p.View.Metadata}}
	i.OrgWide = bool(p.OrgWide)
	if p.Team != nil {
		i.Team = p.Team.ID
	}
	if p.Enterprise != nil {
		i.Enterprise = p.Enterprise.ID
	}
	if i.Channel == "" {
		i.Channel = i.Container.Channel
	}
	if i.Container.ThreadTS == "" {
		i.Container.ThreadTS = p.Message.ThreadTS
	}
	for _, a := range p.Actions {
		press := Press{a.ActionID, a.Value, a.TS}
		if a.Selected != nil && press.Value == "" {
			press.Value = a.Selected.Value
		}
		i.Presses = append(i.Presses, press)
	}
	i.View.Values = p.values()
	if i.Type == "" || i.User == "" || i.Workspace() == "" {
		return i, fmt.Errorf("%w: an interaction without type, user or workspace", ErrGarbled)
	}
	return i, nil
}

func (p *rawInteraction) values() map[string]map[string]string {
	out := map[string]map[string]string{}
	for block, actions := range p.View.State.Values {
		out[block] = map[string]string{}
		for action, v := range actions {
			out[block][action] = v.Value
			if v.Selected != nil {
				out[block][action] = v.Selected.Value
			}
		}
	}
	return out
}
