package configs

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Allow lists who may ask. A platform without an entry is open to everyone.
type Allow []AllowEntry

// AllowEntry admits a Slack team, a Slack channel, that channel of that team
// where both are given, or a Telegram chat.
type AllowEntry struct {
	SlackTeam    string
	SlackChannel string
	TelegramChat int64
}

// Slack reports whether questions from a channel of a team are admitted.
func (a Allow) Slack(team, channel string) bool {
	listed := false
	for _, e := range a {
		if e.TelegramChat != 0 {
			continue
		}
		listed = true
		if (e.SlackTeam == "" || e.SlackTeam == team) && (e.SlackChannel == "" || e.SlackChannel == channel) {
			return true
		}
	}
	return !listed
}

// Telegram reports whether questions from a chat are admitted.
func (a Allow) Telegram(chat int64) bool {
	listed := false
	for _, e := range a {
		if e.TelegramChat == 0 {
			continue
		}
		listed = true
		if e.TelegramChat == chat {
			return true
		}
	}
	return !listed
}

// String is the form that the settings accept.
func (e AllowEntry) String() string {
	switch {
	case e.TelegramChat != 0:
		return "telegram:" + strconv.FormatInt(e.TelegramChat, 10)
	case e.SlackTeam != "" && e.SlackChannel != "":
		return "slack:" + e.SlackTeam + "/" + e.SlackChannel
	default:
		return "slack:" + e.SlackTeam + e.SlackChannel
	}
}

var (
	slackPlace = regexp.MustCompile(`^([TE][A-Z0-9]+)?/?([CGD][A-Z0-9]+)?$`)
	chatNumber = regexp.MustCompile(`^-?[1-9][0-9]*$`)
)

// parseAllowEntry reads slack:TEAM, slack:CHANNEL, slack:TEAM/CHANNEL or
// telegram:CHAT. The platform may be left out, since the ids tell.
func parseAllowEntry(text string) (AllowEntry, error) {
	platform, id, named := strings.Cut(text, ":")
	if !named {
		platform, id = "", text
	}
	if platform != "slack" && chatNumber.MatchString(id) && (!named || platform == "telegram") {
		chat, err := strconv.ParseInt(id, 10, 64)
		if err == nil {
			return AllowEntry{TelegramChat: chat}, nil
		}
	}
	if place := slackPlace.FindStringSubmatch(id); (!named || platform == "slack") && len(id) > 1 && place != nil {
		return AllowEntry{SlackTeam: place[1], SlackChannel: place[2]}, nil
	}
	return AllowEntry{}, fmt.Errorf("%q is neither slack:TEAM, slack:CHANNEL, slack:TEAM/CHANNEL nor telegram:CHAT "+
		"(T0123ABCD, C0123ABCD, -1001234567890)", text)
}
