package configs

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/robfig/cron/v3"
)

// Validate returns Problems with everything that would keep the settings from
// working together, each saying what to change; nil where they do.
func (c *Config) Validate() error {
	var problems Problems
	c.validate(&problems)
	return problems.err()
}

func (c *Config) validate(p *Problems) {
	c.validateListeners(p)
	c.validateTokens(p)
	c.validateURLs(p)
	c.validateRedis(p)
	c.validateSlack(p)
	c.validateTelegram(p)
	c.validateChoices(p)
	c.validateReindex(p)
	c.validateTrace(p)
	atLeastZero(p, "rate.user", c.Rate.User)
	atLeastZero(p, "rate.workspace", c.Rate.Workspace)
}

func (c *Config) validateListeners(p *Problems) {
	public, publicOK := splitAddr(p, "http.addr", c.HTTP.Addr)
	ops, opsOK := splitAddr(p, "ops.addr", c.Ops.Addr)
	if publicOK && opsOK && public.overlaps(ops) {
		p.add("ops.addr", "is the public listener's address too; choose another port")
	}
	if opsOK && !ops.loopback() && len(c.Ops.Tokens) == 0 {
		p.add("ops.tokens", "is empty, but ops.addr %s is reachable from other machines; "+
			"set name:role:token, or listen on 127.0.0.1", c.Ops.Addr)
	}
}

// address is a listener's, taken apart.
type address struct {
	host string
	port int
}

func splitAddr(p *Problems, key, addr string) (address, bool) {
	host, portText, err := net.SplitHostPort(addr)
	port, portErr := strconv.ParseUint(portText, 10, 16)
	if err != nil || portErr != nil {
		p.add(key, "%q is not an address such as 127.0.0.1:8080 or :8080", addr)
		return address{}, false
	}
	return address{host, int(port)}, true
}

func (a address) loopback() bool {
	ip, err := netip.ParseAddr(a.host)
	return a.host == "localhost" || err == nil && ip.IsLoopback()
}

func (a address) everywhere() bool {
	ip, err := netip.ParseAddr(a.host)
	return a.host == "" || err == nil && ip.IsUnspecified()
}

// overlaps reports whether both cannot be listened on; port 0 is a free one.
func (a address) overlaps(b address) bool {
	return a.port != 0 && a.port == b.port && (a.host == b.host || a.everywhere() || b.everywhere())
}

func (c *Config) validateTokens(p *Problems) {
	names, digests := map[string]bool{}, map[[32]byte]string{}
	for _, t := range c.Ops.Tokens {
		if names[t.Name] {
			p.add("ops.tokens", "two tokens are called %q; give each its own name", t.Name)
		}
		if other, ok := digests[t.Digest]; ok && other != t.Name {
			p.add("ops.tokens", "%q and %q share a token; give each its own", other, t.Name)
		}
		names[t.Name], digests[t.Digest] = true, t.Name
	}
}

func (c *Config) validateURLs(p *Problems) {
	if c.PublicURL != "" {
		webURL(p, "public_url", c.PublicURL)
	}
	webURL(p, "slack.api_url", c.Slack.APIURL)
	webURL(p, "telegram.api_url", c.Telegram.APIURL)
}

// webURL accepts an absolute http or https address to which paths can be added.
func webURL(p *Problems, key, text string) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		p.add(key, "needs an absolute address such as https://wenbao.example.org")
		return
	}
	if u.User != nil || strings.ContainsAny(text, "?#") {
		p.add(key, "needs an address without user, ? and #")
	}
}

func (c *Config) validateRedis(p *Problems) {
	if !c.Redis.URL.IsSet() {
		return
	}
	scheme, rest, ok := strings.Cut(c.Redis.URL.Reveal(), "://")
	if !ok || !slices.Contains([]string{"redis", "rediss", "unix"}, scheme) {
		p.add("redis.url", "needs an address that begins with redis://, rediss:// or unix://")
		return
	}
	host, _, _ := strings.Cut(rest[strings.LastIndexByte(rest, '@')+1:], "?")
	if scheme != "unix" {
		host, _, _ = strings.Cut(host, "/")
	}
	if host == "" {
		p.add("redis.url", "names no host, as in redis://127.0.0.1:6379/0")
	}
}

func (c *Config) validateSlack(p *Problems) {
	s := c.Slack
	oneOf(p, "slack.mode", s.Mode, "", ModeHTTP, ModeSocket)
	if !commandName.MatchString(s.Command) {
		p.add("slack.command", "%q is not a command such as /ask: a slash and up to 31 of a-z 0-9 _ -", s.Command)
	}
	if !s.Enabled() {
		return
	}
	if s.Transport() == ModeHTTP && !s.SigningSecret.IsSet() {
		p.add("slack.signing_secret", "is needed in http mode, to verify that requests are Slack's; "+
			"set it, or slack.app_token (%s) for socket mode", envName("slack.app_token"))
	}
	if s.Transport() == ModeSocket && !s.AppToken.IsSet() {
		p.add("slack.app_token", "is needed in socket mode; set it, or choose slack.mode http")
	}
	if strings.HasPrefix(s.BotToken.Reveal(), "xapp-") {
		p.add("slack.bot_token", "is an app token (xapp-…); the bot token begins with xoxb-")
	}
	if strings.HasPrefix(s.AppToken.Reveal(), "xox") {
		p.add("slack.app_token", "is a bot or user token (xox…); the app token begins with xapp-")
	}
	c.validateSlackInstall(p)
}

// validateSlackInstall checks what installing into further workspaces needs.
func (c *Config) validateSlackInstall(p *Problems) {
	s := c.Slack
	switch {
	case s.ClientID != "" && !s.ClientSecret.IsSet():
		p.add("slack.client_secret", "is needed beside slack.client_id")
	case s.ClientID == "" && s.ClientSecret.IsSet():
		p.add("slack.client_id", "is needed beside slack.client_secret")
	case s.ClientID != "" && !c.SecretKey.IsSet() && (c.Data != "" || c.Redis.URL.IsSet()):
		p.add("secret_key", "is needed to encrypt the tokens of workspaces that install the app")
	}
}

var (
	webhookSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
	telegramToken = regexp.MustCompile(`^[A-Za-z0-9_:-]+$`)
)

func (c *Config) validateTelegram(p *Problems) {
	t := c.Telegram
	oneOf(p, "telegram.mode", t.Mode, ModePolling, ModeWebhook)
	if t.Token.IsSet() && !telegramToken.MatchString(t.Token.Reveal()) {
		p.add("telegram.token", "has characters that no token has; a token is written 123456789:AA…")
	}
	if t.WebhookSecret.IsSet() && !webhookSecret.MatchString(t.WebhookSecret.Reveal()) {
		p.add("telegram.webhook_secret", "needs 1 to 256 characters of A-Z a-z 0-9 _ -")
	}
	if t.Mode != ModeWebhook {
		return
	}
	if !t.Enabled() {
		p.add("telegram.token", "is needed for telegram.mode webhook")
	}
	if !t.WebhookSecret.IsSet() {
		p.add("telegram.webhook_secret", "is needed for telegram.mode webhook, to verify that updates are Telegram's")
	}
	c.validateWebhookURL(p)
}

// validateWebhookURL checks that updates can reach the public address.
// Telegram's own server is particular; one of one's own takes any address.
func (c *Config) validateWebhookURL(p *Problems) {
	if c.PublicURL == "" {
		p.add("public_url", "is needed for telegram.mode webhook: Telegram sends updates there; set it, or choose polling")
		return
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || c.Telegram.APIURL != telegramAPI {
		return
	}
	if u.Scheme != "https" || !slices.Contains([]string{"", "443", "80", "88", "8443"}, u.Port()) {
		p.add("public_url", "needs https and port 443, 80, 88 or 8443 for telegram.mode webhook; change it, or choose polling")
	}
}

func (c *Config) validateChoices(p *Problems) {
	oneOf(p, "log.level", c.Log.Level, "debug", "info", "warn", "error")
	oneOf(p, "log.format", c.Log.Format, FormatText, FormatJSON)
	oneOf(p, "lang", c.Lang, LangChinese, LangEnglish)
}

func (c *Config) validateReindex(p *Problems) {
	r := c.Reindex
	if r.Keep < 1 {
		p.add("reindex.keep", "is %d; it is a number of generations, the live one included", r.Keep)
	}
	if r.Floor < 0 || r.Floor > 100 {
		p.add("reindex.floor", "is %d; it is a percentage, 0 to 100", r.Floor)
	}
	if r.Schedule != "" {
		if _, err := cron.ParseStandard(r.Schedule); err != nil {
			p.add("reindex.schedule", "%q is not a cron expression such as 0 3 * * *: %v", r.Schedule, err)
		}
	}
}

// header is one of trace.headers.
var header = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+.^_|~-]+=[^\x00-\x1f\x7f]+$`)

func (c *Config) validateTrace(p *Problems) {
	t := c.Trace
	if t.Endpoint != "" {
		webURL(p, "trace.endpoint", t.Endpoint)
	}
	if strings.HasSuffix(strings.TrimRight(t.Endpoint, "/"), "/v1/traces") {
		p.add("trace.endpoint", "is the base address of the collector; leave out /v1/traces, which is added")
	}
	if !(t.Sample >= 0 && t.Sample <= 1) { // nor is it NaN
		p.add("trace.sample", "is %v; it is the share of traces that are kept, 0 to 1", t.Sample)
	}
	for n, h := range strings.Split(t.Headers.Reveal(), ",") {
		if t.Headers.IsSet() && !header.MatchString(strings.TrimSpace(h)) {
			p.add("trace.headers", "entry %d is not NAME=VALUE, as in Authorization=Bearer 123,X-Tenant=abc", n+1)
		}
	}
}

func oneOf(p *Problems, key, value string, choices ...string) {
	if slices.Contains(choices, value) {
		return
	}
	named := slices.DeleteFunc(slices.Clone(choices), func(s string) bool { return s == "" })
	p.add(key, "is %q, but can only be %s", value, strings.Join(named, ", "))
}

func atLeastZero(p *Problems, key string, n int) {
	if n < 0 {
		p.add(key, "is %d; it is a number of questions a minute, 0 for unlimited", n)
	}
}

// minSecret is the length below which a secret that we choose ourselves can
// be guessed.
const minSecret = 16

// Warnings returns what works but is probably not meant, for the operator.
func (c *Config) Warnings() []string {
	var w Problems
	s, t := c.Slack, c.Telegram
	if s.Enabled() && !s.BotToken.IsSet() && s.ClientID == "" {
		w.add("slack.bot_token", "is not set: slash commands can be answered, mentions and direct messages cannot")
	}
	if t.WebhookSecret.IsSet() && t.Mode != ModeWebhook {
		w.add("telegram.webhook_secret", "has no effect: telegram.mode is %s", t.Mode)
	}
	if c.SecretKey.IsSet() && len(c.SecretKey.Reveal()) < minSecret {
		w.add("secret_key", "is shorter than %d characters", minSecret)
	}
	if !c.SecretKey.IsSet() && (c.Redis.URL.IsSet() || c.Data != "") {
		w.add("secret_key", "is not set: who is behind the hashes in statistics can be guessed, and the page knows nobody again after a restart or on another replica")
	}
	if c.Reindex.Watch && c.Corpus == "" {
		w.add("reindex.watch", "has nothing to watch: corpus is empty, and the reports in the program do not change")
	}
	if c.Trace.Endpoint == "" && (c.Trace.Headers.IsSet() || c.Trace.Questions) {
		w.add("trace.endpoint", "is not set: there are no traces, and the other settings of trace have no effect")
	}
	for _, token := range c.Ops.Tokens {
		if token.Token.IsSet() && len(token.Token.Reveal()) < minSecret {
			w.add("ops.tokens", "the token of %q is shorter than %d characters", token.Name, minSecret)
		}
	}
	texts := make([]string, len(w))
	for i, problem := range w {
		texts[i] = fmt.Sprint(problem)
	}
	return texts
}
