package configs

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

type manifest struct {
	Features struct {
		Commands []struct {
			Command, URL string
		} `yaml:"slash_commands"`
	}
	OAuth struct {
		Redirects []string `yaml:"redirect_urls"`
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			URL string `yaml:"request_url"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			URL string `yaml:"request_url"`
		}
		Socket bool `yaml:"socket_mode_enabled"`
	}
}

func TestSlackManifest(t *testing.T) {
	read := func(url, command string) manifest {
		t.Helper()
		text, err := SlackManifest(url, command)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, "example.org") {
			t.Errorf("not filled in:\n%s", text)
		}
		var m manifest
		if err := yaml.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := read("https://w.example.com/", "/gov")
	if m.Settings.Events.URL != "https://w.example.com/slack/events" || m.Settings.Interactivity.URL != "https://w.example.com/slack/interactions" ||
		m.Features.Commands[0].URL != "https://w.example.com/slack/commands" || m.OAuth.Redirects[0] != "https://w.example.com/slack/oauth" ||
		m.Features.Commands[0].Command != "/gov" || m.Settings.Socket {
		t.Errorf("%+v", m)
	}
	if m := read("", "/ask"); !m.Settings.Socket || m.Settings.Events.URL != "" || m.Features.Commands[0].URL != "" || len(m.OAuth.Redirects) != 0 {
		t.Errorf("socket: %+v", m)
	}
	for _, bad := range []string{"ask", "/", "/问", "/a b", ""} {
		if _, err := SlackManifest("", bad); err == nil {
			t.Errorf("the command %q is accepted", bad)
		}
	}
}
