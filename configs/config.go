package configs

import (
	"log/slog"
	"net/url"
	"strings"

	"wenbao/bot/redact"
)

// Secret is a setting that never prints; see [redact.Secret].
type Secret = redact.Secret

// The values of settings with a fixed choice.
const (
	ModeHTTP    = "http"
	ModeSocket  = "socket"
	ModePolling = "polling"
	ModeWebhook = "webhook"
	FormatText  = "text"
	FormatJSON  = "json"
	LangChinese = "zh"
	LangEnglish = "en"
)

// Where the platforms are unless a setting says otherwise.
const (
	slackAPI    = "https://slack.com/api/"
	telegramAPI = "https://api.telegram.org"
)

// Config is every setting. Each field with a key tag is one, or a group of
// them; a new one needs a line in [Default] where it is not empty, a line in
// config.example.yaml, and a rule in Validate where it can be wrong.
type Config struct {
	HTTP       HTTP     `key:"http"`
	Ops        Ops      `key:"ops"`
	PublicURL  string   `key:"public_url"`
	Corpus     string   `key:"corpus"`
	Data       string   `key:"data"`
	Lexicon    string   `key:"lexicon"`
	Indicators string   `key:"indicators"`
	Reindex    Reindex  `key:"reindex"`
	Redis      Redis    `key:"redis"`
	Slack      Slack    `key:"slack"`
	Telegram   Telegram `key:"telegram"`
	SecretKey  Secret   `key:"secret_key"`
	Allow      Allow    `key:"allow"`
	Rate       Rate     `key:"rate"`
	Feedback   Feedback `key:"feedback"`
	Log        Log      `key:"log"`
	Trace      Trace    `key:"trace"`
	Lang       string   `key:"lang"`

	origins map[string]Origin
}

// HTTP is the public listener.
type HTTP struct {
	Addr string `key:"addr"`
}

// Ops is the operators' listener.
type Ops struct {
	Addr   string    `key:"addr"`
	Tokens OpsTokens `key:"tokens"`
}

// Reindex says when the reports are indexed anew, and what must hold for the
// result to go live.
type Reindex struct {
	Keep      int    `key:"keep"`
	Floor     int    `key:"floor"`
	Questions string `key:"questions"`
	Watch     bool   `key:"watch"`
	Schedule  string `key:"schedule"`
}

// Redis is the shared store; without a URL the memory stores are used.
type Redis struct {
	URL Secret `key:"url"`
}

// Slack connects to Slack.
type Slack struct {
	Mode          string `key:"mode"`
	SigningSecret Secret `key:"signing_secret"`
	BotToken      Secret `key:"bot_token"`
	AppToken      Secret `key:"app_token"`
	ClientID      string `key:"client_id"`
	ClientSecret  Secret `key:"client_secret"`
	APIURL        string `key:"api_url"`
	Command       string `key:"command"`
	FollowUps     bool   `key:"follow_ups"`
}

// Telegram connects to Telegram.
type Telegram struct {
	Token         Secret `key:"token"`
	Mode          string `key:"mode"`
	WebhookSecret Secret `key:"webhook_secret"`
	APIURL        string `key:"api_url"`
}

// Rate limits questions a minute; 0 is unlimited.
type Rate struct {
	User      int `key:"user"`
	Workspace int `key:"workspace"`
}

// Feedback says what is kept of votes and unanswered questions.
type Feedback struct {
	Questions bool `key:"questions"`
}

// Log says what is logged, and how.
type Log struct {
	Level     string `key:"level"`
	Format    string `key:"format"`
	Questions bool   `key:"questions"`
}

// Trace says where traces go, and how many.
type Trace struct {
	Endpoint  string  `key:"endpoint"`
	Headers   Secret  `key:"headers"`
	Sample    float64 `key:"sample"`
	Questions bool    `key:"questions"`
}

// Default returns the settings that hold where nothing else is said.
func Default() *Config {
	return &Config{
		HTTP:     HTTP{Addr: "127.0.0.1:8080"},
		Ops:      Ops{Addr: "127.0.0.1:9090"},
		Reindex:  Reindex{Keep: 3},
		Slack:    Slack{APIURL: slackAPI, Command: "/ask", FollowUps: true},
		Telegram: Telegram{Mode: ModePolling, APIURL: telegramAPI},
		Rate:     Rate{User: 20, Workspace: 600},
		Feedback: Feedback{Questions: true},
		Log:      Log{Level: "info", Format: FormatText},
		Trace:    Trace{Sample: 1},
		Lang:     LangChinese,
	}
}

// Enabled reports whether Slack is configured at all.
func (s Slack) Enabled() bool {
	return s.Mode != "" || s.SigningSecret.IsSet() || s.BotToken.IsSet() ||
		s.AppToken.IsSet() || s.ClientID != "" || s.ClientSecret.IsSet()
}

// Transport returns the mode in effect: the one chosen, or else socket where
// an app token is set and http where none is.
func (s Slack) Transport() string {
	switch {
	case s.Mode != "":
		return s.Mode
	case s.AppToken.IsSet():
		return ModeSocket
	default:
		return ModeHTTP
	}
}

// Enabled reports whether Telegram is configured at all.
func (t Telegram) Enabled() bool { return t.Token.IsSet() }

// HeaderValues returns the headers by name: secrets.
func (t Trace) HeaderValues() map[string]string {
	values := map[string]string{}
	for _, h := range strings.Split(t.Headers.Reveal(), ",") {
		if name, value, ok := strings.Cut(strings.TrimSpace(h), "="); ok {
			values[name] = value
		}
	}
	return values
}

// SlogLevel returns the level to log from; that of a Config which Validate
// accepts is the one named.
func (l Log) SlogLevel() slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.Level)); err != nil {
		return slog.LevelInfo
	}
	return level
}

// Secrets returns every secret value in the settings, for a [redact.Redactor].
func (c *Config) Secrets() []string {
	var values []string
	for _, f := range fields() {
		switch v := f.in(c).Interface().(type) {
		case Secret:
			values = append(values, v.Reveal())
		case OpsTokens:
			for _, t := range v {
				values = append(values, t.Token.Reveal())
			}
		}
	}
	if password := urlPassword(c.Redis.URL.Reveal()); password != "" {
		values = append(values, password)
	}
	for _, value := range c.Trace.HeaderValues() { // which may stand alone, without “Bearer” too
		values = append(values, value, value[strings.LastIndexByte(value, ' ')+1:])
	}
	kept := values[:0]
	for _, v := range values {
		if v != "" {
			kept = append(kept, v)
		}
	}
	return kept
}

// urlPassword returns the password in an address. It does not need the rest
// of the address to be one that net/url accepts: Redis URLs may list hosts.
func urlPassword(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	authority, _, _ := strings.Cut(rest, "/")
	at := strings.LastIndexByte(authority, '@')
	if at < 0 {
		return ""
	}
	_, password, _ := strings.Cut(authority[:at], ":")
	if plain, err := url.PathUnescape(password); err == nil {
		return plain
	}
	return password
}
