package bot

import (
	"fmt"
	"net/url"
	"strings"
)

// ParseTeam reads a team as operators write it: slack:TEAM, telegram:CHAT, web
// for everybody on the page and the API, or "" for nobody in particular. It
// returns what Address.Team does.
func ParseTeam(s string) (string, error) {
	s = strings.TrimSpace(s)
	platform, name, named := strings.Cut(s, ":")
	switch {
	case s == "":
		return "", nil
	case s == "web":
		return Address{Platform: "web"}.Team(), nil
	case platform == "slack" && name != "":
		return Address{Platform: platform, Workspace: name}.Team(), nil
	case platform == "telegram" && name != "":
		return Address{Platform: platform, Chat: name}.Team(), nil
	case named:
		return "", fmt.Errorf("%q is no workspace: the platform is slack or telegram, and an id follows", s)
	}
	return "", fmt.Errorf("%q is no workspace; write slack:TEAM, telegram:CHAT or web", s)
}

// ShowTeam is the reverse of ParseTeam; other teams are shown as they are.
func ShowTeam(team string) string {
	platform, rest, _ := strings.Cut(team, "/")
	name := strings.TrimPrefix(rest, "/")
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	switch platform {
	case "":
		return ""
	case "web":
		return "web"
	case "slack", "telegram":
		return platform + ":" + name
	}
	return team
}
