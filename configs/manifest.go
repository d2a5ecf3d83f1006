package configs

import (
	_ "embed"
	"errors"
	"regexp"
	"strings"
)

//go:embed slack-manifest.yaml
var slackManifest string

// manifestURL stands in the manifest for the public address.
const manifestURL = "https://wenbao.example.org"

var (
	commandName  = regexp.MustCompile(`^/[a-z0-9_-]{1,31}$`)
	manifestHead = regexp.MustCompile(`(?m)\A(#.*\n)+`)
	webAddress   = regexp.MustCompile(`(?m)^ *(- )?(url: |request_url: |redirect_urls:\n *- )` + regexp.QuoteMeta(manifestURL) + `.*\n`)
)

// SlackManifest returns the manifest of the Slack app that is reached at
// publicURL, or with an empty one by Socket Mode.
func SlackManifest(publicURL, command string) (string, error) {
	if !commandName.MatchString(command) {
		return "", errors.New("a command is written /ask: a slash and up to 31 of a-z 0-9 _ -")
	}
	m := strings.Replace(manifestHead.ReplaceAllString(slackManifest, ""), "command: /ask", "command: "+command, 1)
	if publicURL == "" {
		m = webAddress.ReplaceAllString(m, "")
		return strings.Replace(m, "socket_mode_enabled: false", "socket_mode_enabled: true", 1), nil
	}
	return strings.ReplaceAll(m, manifestURL, strings.TrimSuffix(publicURL, "/")), nil
}
