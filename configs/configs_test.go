package configs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"

	"wenbao/bot/redact"
)

const example = "config.example.yaml"

func TestExampleShowsEveryKeyWithItsDefault(t *testing.T) {
	got, err := Load(example, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), got, cmpopts.IgnoreUnexported(Config{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the example differs from the defaults (-default +example):\n%s", diff)
	}
	var problems Problems
	given := fileLayer(example, &problems).values
	for _, f := range fields() {
		if _, ok := given[f.key]; !ok {
			t.Errorf("%s does not show %s", example, f.key)
		}
	}
}

// TestEveryFieldIsASetting finds a field of Config that was added without a tag,
// with a type that nothing decodes, or with a name that another has.
func TestEveryFieldIsASetting(t *testing.T) {
	checkTags(t, reflect.TypeFor[Config]())
	names := map[string]string{}
	for key := range known() {
		name := envName(key)
		if other, taken := names[name]; taken {
			t.Errorf("%s and %s are both %s", key, other, name)
		}
		names[name] = key
	}
	for _, f := range fields() {
		err := decode(f.in(Default()), "")
		if err != nil && strings.Contains(err.Error(), "decoder") {
			t.Errorf("%s %v", f.key, err)
		}
	}
}

func checkTags(t *testing.T, group reflect.Type) {
	for i := range group.NumField() {
		f := group.Field(i)
		if !f.IsExported() {
			continue
		}
		if f.Tag.Get("key") == "" {
			t.Errorf("%s.%s has no key", group, f.Name)
		}
		if f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[Secret]() {
			checkTags(t, f.Type)
		}
	}
}

func TestVariablesAreThoseOfTheContract(t *testing.T) {
	want := strings.Fields(`HTTP_ADDR OPS_ADDR PUBLIC_URL CORPUS DATA REDIS_URL
		SLACK_MODE SLACK_SIGNING_SECRET SLACK_BOT_TOKEN SLACK_APP_TOKEN SLACK_CLIENT_ID SLACK_CLIENT_SECRET SLACK_API_URL
		TELEGRAM_TOKEN TELEGRAM_MODE TELEGRAM_WEBHOOK_SECRET TELEGRAM_API_URL
		SECRET_KEY ALLOW RATE_USER RATE_WORKSPACE OPS_TOKENS LOG_LEVEL LOG_FORMAT LANG`)
	var got []string
	for _, f := range fields() {
		got = append(got, strings.TrimPrefix(envName(f.key), envPrefix))
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("nothing reads WENBAO_%s", name)
		}
	}
}

// write returns the path of a file with the content.
func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustLoad(t *testing.T, path string, environ ...string) *Config {
	t.Helper()
	c, err := Load(path, environ)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEnvironmentWinsOverFileOverDefault(t *testing.T) {
	file := write(t, "http: {addr: ':1000'}\nrate:\n  user: 5\nslack:\nlog: {questions: true}\ndata: /file\n")
	c := mustLoad(t, file, "WENBAO_RATE_USER=7", "WENBAO_DATA=", "WENBAO_LANG=", "WENBAO_LOG_QUESTIONS=",
		"WENBAO_OPS_ADDR= localhost:0 ", "OTHER=1", "WENBAO_CORPUS=a b")
	if c.HTTP.Addr != ":1000" || c.Rate.User != 7 || c.Rate.Workspace != 600 || c.Ops.Addr != "localhost:0" ||
		c.Data != "" || c.Lang != "zh" || c.Log.Questions || c.Corpus != "a b" {
		t.Errorf("got %+v", c)
	}
	for key, want := range map[string]string{
		"http.addr": "file " + file, "rate.user": "env WENBAO_RATE_USER", "rate.workspace": "default",
	} {
		if got := c.Origin(key).String(); got != want {
			t.Errorf("origin of %s: %q, want %q", key, got, want)
		}
	}
}

func TestSecretsComeFromFiles(t *testing.T) {
	secret := write(t, "  from-a-file\n")
	tokens := write(t, "alice:read:aaaa\nbob:operate:bbbb\n")
	c := mustLoad(t, write(t, "slack: {signing_secret_file: '"+secret+"', bot_token: in-yaml}\nredis: {url_file: ''}\n"),
		"WENBAO_SLACK_BOT_TOKEN_FILE="+secret, "WENBAO_OPS_TOKENS_FILE="+tokens, "WENBAO_TELEGRAM_TOKEN_FILE=")
	if c.Slack.SigningSecret.Reveal() != "from-a-file" || c.Slack.BotToken.Reveal() != "from-a-file" {
		t.Error("a secret's file was not read, or the variable's did not win")
	}
	if len(c.Ops.Tokens) != 2 || c.Ops.Tokens[1].Name != "bob" {
		t.Errorf("tokens %v", c.Ops.Tokens)
	}
	if got := c.Origin("slack.bot_token").String(); got != "env WENBAO_SLACK_BOT_TOKEN_FILE" {
		t.Errorf("origin %q", got)
	}
}

func TestOpsTokens(t *testing.T) {
	digest := sha256.Sum256([]byte("s3cret:with:colons"))
	c := mustLoad(t, write(t, "ops:\n  tokens: ['a:read:s3cret:with:colons', 'b:operate:other']\n"))
	if c.Ops.Tokens[0].Digest != digest || c.Ops.Tokens[1].Role != RoleOperate {
		t.Errorf("tokens %v", c.Ops.Tokens)
	}
	c = mustLoad(t, "", "WENBAO_OPS_TOKENS=a:read:sha256:"+hex.EncodeToString(digest[:])+", b:operate:other")
	if c.Ops.Tokens[0].Digest != digest || c.Ops.Tokens[0].Token.IsSet() || len(c.Ops.Tokens) != 2 {
		t.Errorf("tokens %v", c.Ops.Tokens)
	}
}

func TestAllow(t *testing.T) {
	open := mustLoad(t, "").Allow
	if !open.Slack("T1", "C1") || !open.Telegram(5) {
		t.Error("an empty list refuses")
	}
	a := mustLoad(t, write(t, "allow: [T1, slack:C2, 'T3/C3', -100123, 'telegram:7']")).Allow
	tests := []struct {
		team, channel string
		want          bool
	}{{"T1", "C9", true}, {"T9", "C2", true}, {"T3", "C3", true}, {"T3", "C4", false}, {"T9", "C9", false}}
	for _, tt := range tests {
		if got := a.Slack(tt.team, tt.channel); got != tt.want {
			t.Errorf("Slack(%s, %s) = %v", tt.team, tt.channel, got)
		}
	}
	if !a.Telegram(-100123) || !a.Telegram(7) || a.Telegram(8) {
		t.Error("Telegram's chats are not those listed")
	}
	if telegramOnly := mustLoad(t, "", "WENBAO_ALLOW=7, 8").Allow; !telegramOnly.Slack("T", "C") || telegramOnly.Telegram(9) {
		t.Error("Telegram's list is not Telegram's alone")
	}
	var printedAgain Allow
	for _, e := range a {
		again, err := parseAllowEntry(e.String())
		if err != nil {
			t.Error(err)
		}
		printedAgain = append(printedAgain, again)
	}
	if diff := cmp.Diff(a, printedAgain); diff != "" {
		t.Error(diff)
	}
}

func TestPlatformModes(t *testing.T) {
	tests := []struct {
		environ           []string
		slack             string
		slackOn, telegram bool
	}{
		{nil, ModeHTTP, false, false},
		{[]string{"WENBAO_SLACK_APP_TOKEN=xapp-1"}, ModeSocket, true, false},
		{[]string{"WENBAO_SLACK_SIGNING_SECRET=s", "WENBAO_TELEGRAM_TOKEN=1:a"}, ModeHTTP, true, true},
		{[]string{"WENBAO_SLACK_MODE=http", "WENBAO_SLACK_APP_TOKEN=xapp-1", "WENBAO_SLACK_SIGNING_SECRET=s"}, ModeHTTP, true, false},
		{[]string{"WENBAO_TELEGRAM_TOKEN=1:a", "WENBAO_TELEGRAM_MODE=webhook", "WENBAO_TELEGRAM_WEBHOOK_SECRET=a_-Z9",
			"WENBAO_PUBLIC_URL=https://w.example:8443/base"}, ModeHTTP, false, true},
		{[]string{"WENBAO_TELEGRAM_TOKEN=1:a", "WENBAO_TELEGRAM_MODE=webhook", "WENBAO_TELEGRAM_WEBHOOK_SECRET=a",
			"WENBAO_PUBLIC_URL=http://127.0.0.1:9999", "WENBAO_TELEGRAM_API_URL=http://127.0.0.1:8081"}, ModeHTTP, false, true},
		{[]string{"WENBAO_REDIS_URL=redis://:pw@h1:6379,h2:6379/0?master=m"}, ModeHTTP, false, false},
		{[]string{"WENBAO_REDIS_URL=unix:///run/redis.sock"}, ModeHTTP, false, false},
		{[]string{"WENBAO_OPS_ADDR=:9090", "WENBAO_OPS_TOKENS=a:read:b"}, ModeHTTP, false, false},
		{[]string{"WENBAO_OPS_ADDR=[::1]:0", "WENBAO_HTTP_ADDR=[::1]:0"}, ModeHTTP, false, false},
		{[]string{"WENBAO_SERVICE_HOST=10.0.0.1", "WENBAO_PORT=tcp://10.0.0.1:80", "WENBAO_PORT_80_TCP_ADDR=10.0.0.1",
			"WENBAO_SERVICE_PORT_HTTP=80", "WENBAO_OPS_PORT_9090_TCP=tcp://10.0.0.1:80"}, ModeHTTP, false, false},
	}
	for _, tt := range tests {
		c, err := Load("", tt.environ)
		if err != nil {
			t.Errorf("%v: %v", tt.environ, err)
			continue
		}
		if c.Slack.Transport() != tt.slack || c.Slack.Enabled() != tt.slackOn || c.Telegram.Enabled() != tt.telegram {
			t.Errorf("%v: slack %s %v, telegram %v", tt.environ, c.Slack.Transport(), c.Slack.Enabled(), c.Telegram.Enabled())
		}
	}
}

// TestProblems: for each wrong setting one line, naming the key and the remedy.
func TestProblems(t *testing.T) {
	tests := []struct {
		name, yaml string
		environ    []string
		want       []string
	}{
		{"unknown key", "slack: {bot_tokn: x}", nil, []string{"unknown key slack.bot_tokn; did you mean slack.bot_token?"}},
		{"unknown group", "telegramm: {token: x}", nil, []string{"unknown key telegramm.token; did you mean telegram.token?"}},
		{"no secret, no file", "log: {level_file: x}", nil, []string{"unknown key log.level_file"}},
		{"unknown variable", "", []string{"WENBAO_REDIS_URI=x"}, []string{"unknown variable WENBAO_REDIS_URI; did you mean WENBAO_REDIS_URL?"}},
		{"a port is no service link", "", []string{"WENBAO_HTTP_PORT=8080"}, []string{"WENBAO_HTTP_PORT; did you mean WENBAO_HTTP_ADDR?"}},
		{"group as value", "http: 8080", nil, []string{"http is a group of settings"}},
		{"value as group", "corpus: {path: x}", nil, []string{"unknown key corpus.path; did you mean corpus?"}},
		{"broken YAML", "a: b: c", nil, []string{"not valid YAML"}},
		{"key twice", "lang: zh\nlang: en", nil, []string{"not valid YAML", "already defined"}},
		{"number as text", "secret_key: 0123", nil, []string{"secret_key (WENBAO_SECRET_KEY): needs text; put it into quotes"}},
		{"text as number", "", []string{"WENBAO_RATE_USER=many"}, []string{"needs a whole number, not many"}},
		{"list as number", "rate: {user: [1]}", nil, []string{"needs a whole number"}},
		{"no boolean", "log: {questions: perhaps}", nil, []string{"needs true or false"}},
		{"list as text", "corpus: [a]", nil, []string{"needs text"}},
		{"negative rate", "rate: {user: -1, workspace: -2}", nil, []string{"rate.user", "rate.workspace"}},
		{"choices", "log: {level: loud, format: xml}\nlang: fr", nil, []string{"debug, info, warn, error", "text, json", "zh, en"}},
		{"addresses", "http: {addr: 8080}\nops: {addr: 'x:99999'}", nil, []string{"http.addr", "ops.addr"}},
		{"same address", "", []string{"WENBAO_OPS_ADDR=127.0.0.1:8080"}, []string{"choose another port"}},
		{"ops reachable", "", []string{"WENBAO_OPS_ADDR=0.0.0.0:9090"}, []string{"ops.tokens (WENBAO_OPS_TOKENS): is empty"}},
		{"ops everywhere", "", []string{"WENBAO_OPS_ADDR=:9090"}, []string{"ops.tokens"}},
		{"tokens", "", []string{"WENBAO_OPS_TOKENS=a:b,a:root:x,a b:read:x,c:read:,d:read:sha256:12,!:read:x"},
			[]string{"name:role:token", `role of token "a"`, `token "c" is empty`, "64 hexadecimal digits", "letters, digits"}},
		{"same name", "", []string{"WENBAO_OPS_TOKENS=a:read:x1,a:operate:x2"}, []string{`two tokens are called "a"`}},
		{"same token", "", []string{"WENBAO_OPS_TOKENS=a:read:x1,b:operate:x1"}, []string{`"a" and "b" share a token`}},
		{"allow", "", []string{"WENBAO_ALLOW=slack:x,telegram:C1,T1"}, []string{`"slack:x" is neither`, `"telegram:C1" is neither`}},
		{"public url", "", []string{"WENBAO_PUBLIC_URL=wenbao.example.org"}, []string{"public_url"}},
		{"public url with query", "", []string{"WENBAO_PUBLIC_URL=https://a/?b=c"}, []string{"without user"}},
		{"public url with #", "", []string{"WENBAO_PUBLIC_URL=https://a#"}, []string{"without user"}},
		{"api urls", "slack: {api_url: ''}\ntelegram: {api_url: 'ftp://x'}", nil, []string{"slack.api_url", "telegram.api_url"}},
		{"redis", "", []string{"WENBAO_REDIS_URL=http://:pw-pw-pw@x"}, []string{"begins with redis://"}},
		{"redis host", "", []string{"WENBAO_REDIS_URL=redis://:pw-pw-pw@/0?"}, []string{"names no host"}},
		{"redis no host", "", []string{"WENBAO_REDIS_URL=redis:///"}, []string{"names no host"}},
		{"slack http", "", []string{"WENBAO_SLACK_MODE=http", "WENBAO_SLACK_BOT_TOKEN=xoxb-1"}, []string{"slack.signing_secret (WENBAO_SLACK_SIGNING_SECRET): is needed in http mode"}},
		{"slack implied http", "", []string{"WENBAO_SLACK_BOT_TOKEN=xoxb-1"}, []string{"WENBAO_SLACK_APP_TOKEN"}},
		{"slack socket", "", []string{"WENBAO_SLACK_MODE=socket"}, []string{"slack.app_token (WENBAO_SLACK_APP_TOKEN): is needed in socket mode"}},
		{"slack mode", "", []string{"WENBAO_SLACK_MODE=carrier-pigeon"}, []string{"can only be http, socket"}},
		{"slack swapped", "", []string{"WENBAO_SLACK_BOT_TOKEN=xapp-1", "WENBAO_SLACK_APP_TOKEN=xoxb-1"}, []string{"is an app token", "is a bot or user token"}},
		{"slack half an install", "", []string{"WENBAO_SLACK_SIGNING_SECRET=s", "WENBAO_SLACK_CLIENT_ID=1"}, []string{"slack.client_secret"}},
		{"slack other half", "", []string{"WENBAO_SLACK_SIGNING_SECRET=s", "WENBAO_SLACK_CLIENT_SECRET=1"}, []string{"slack.client_id"}},
		{"slack tokens in the clear", "", []string{"WENBAO_SLACK_SIGNING_SECRET=s", "WENBAO_SLACK_CLIENT_ID=1", "WENBAO_SLACK_CLIENT_SECRET=1", "WENBAO_DATA=d"}, []string{"secret_key"}},
		{"telegram webhook", "", []string{"WENBAO_TELEGRAM_MODE=webhook"}, []string{"telegram.token", "telegram.webhook_secret", "public_url"}},
		{"telegram webhook secret", "", []string{"WENBAO_TELEGRAM_WEBHOOK_SECRET=a b"}, []string{"A-Z a-z 0-9 _ -"}},
		{"telegram webhook http", "", []string{"WENBAO_TELEGRAM_MODE=webhook", "WENBAO_TELEGRAM_TOKEN=1:a", "WENBAO_TELEGRAM_WEBHOOK_SECRET=a", "WENBAO_PUBLIC_URL=http://w.example:8080"}, []string{"needs https"}},
		{"telegram mode", "", []string{"WENBAO_TELEGRAM_MODE=push"}, []string{"polling, webhook"}},
		{"telegram token", "", []string{"WENBAO_TELEGRAM_TOKEN=1:a/b"}, []string{"123456789:AA"}},
		{"trace", "trace: {sample: 1.5}", []string{"WENBAO_TRACE_ENDPOINT=127.0.0.1:4318", "WENBAO_TRACE_HEADERS=a=b,c d=pw-pw-pw"},
			[]string{"trace.endpoint (WENBAO_TRACE_ENDPOINT): needs an absolute address", "trace.sample (WENBAO_TRACE_SAMPLE): is 1.5", "trace.headers (WENBAO_TRACE_HEADERS): entry 2"}},
		{"the path of traces", "", []string{"WENBAO_TRACE_ENDPOINT=http://127.0.0.1:4318/v1/traces/"}, []string{"leave out /v1/traces"}},
		{"no share", "trace: {sample: most}", nil, []string{"needs a number, not most"}},
		{"no number", "", []string{"WENBAO_TRACE_SAMPLE=NaN"}, []string{"trace.sample"}},
		{"missing file", "", []string{"WENBAO_SECRET_KEY_FILE=/does/not/exist"}, []string{"WENBAO_SECRET_KEY_FILE: open /does/not/exist"}},
		{"file and value", "", []string{"WENBAO_SECRET_KEY_FILE=/x", "WENBAO_SECRET_KEY=y"}, []string{"is given twice"}},
		{"file of no path", "secret_key_file: 5", nil, []string{"needs the path of a file"}},
		{"printed secret", "", []string{"WENBAO_SECRET_KEY=[redacted]"}, []string{"stands for a secret in printed settings"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Load(write(t, tt.yaml), tt.environ)
			var problems Problems
			if !errors.As(err, &problems) || c != nil {
				t.Fatalf("got %v, %v", c, err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in:\n%v", want, err)
				}
			}
			if strings.Contains(err.Error(), "pw-pw-pw") {
				t.Errorf("the error holds a secret: %v", err)
			}
		})
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	_, err := Load(write(t, "lang: fr\nnonsense: 1\n"), []string{"WENBAO_NONSENSE=1", "WENBAO_RATE_USER=x", "WENBAO_LOG_LEVEL=x"})
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 5 {
		t.Fatalf("got %v", err)
	}
	if !strings.HasPrefix(err.Error(), "5 problems in the settings:\n  ") {
		t.Errorf("got %v", err)
	}
}

func TestUnreadableFile(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "missing"), t.TempDir(), write(t, strings.Repeat(" ", maxFile+1))} {
		if _, err := Load(path, nil); err == nil || !strings.Contains(err.Error(), "cannot be read") {
			t.Errorf("%s: %v", path, err)
		}
	}
	empty := write(t, "")
	if _, err := Load("", []string{"WENBAO_SECRET_KEY_FILE=" + empty}); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("an empty secret's file: %v", err)
	}
}

// withSecrets sets every secret there is, and what they need beside them.
func withSecrets() (environ, secrets []string) {
	environ = []string{"WENBAO_SLACK_CLIENT_ID=1"}
	for i, f := range fields() {
		if !f.secret() {
			continue
		}
		value := fmt.Sprintf("hush-hush-%d", i)
		secrets = append(secrets, value)
		switch f.key {
		case "redis.url":
			value = "redis://user:" + value + "@127.0.0.1/0"
		case "ops.tokens":
			value = "alice:operate:" + value
		case "trace.headers":
			value = "X-Tenant=abc, Authorization=Bearer " + value
		}
		environ = append(environ, envName(f.key)+"="+value)
	}
	return environ, secrets
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	environ, secrets := withSecrets()
	c := mustLoad(t, "", environ...)
	var out bytes.Buffer
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		fmt.Fprintf(&out, verb, c)
		fmt.Fprintf(&out, verb, *c)
	}
	asYAML, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(asYAML)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "config", c)
	for _, s := range secrets {
		if strings.Contains(out.String(), s) {
			t.Errorf("%q is printed:\n%s", s, out.String())
		}
	}
	r := redact.New(c.Secrets()...)
	for _, s := range secrets {
		if got := r.String("say " + s); got != "say "+redact.Mark {
			t.Errorf("the redactor leaves %q", got)
		}
	}
}

func TestPrintIsYAMLWithOrigins(t *testing.T) {
	environ, _ := withSecrets()
	file := write(t, "rate: {user: 3}\nallow: [T1, -5]\n")
	var out bytes.Buffer
	if err := mustLoad(t, file, append(environ, "WENBAO_CORPUS=a\nb")...).Print(&out); err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	if err := yaml.Unmarshal(out.Bytes(), &values); err != nil {
		t.Fatalf("%v in\n%s", err, out.String())
	}
	for _, want := range []string{
		"  user: 3 # file " + file,
		"  workspace: 600 # default",
		"http:\n  addr: 127.0.0.1:8080 # default",
		"  bot_token: '[redacted]' # env WENBAO_SLACK_BOT_TOKEN",
		"  tokens: ['alice:operate:[redacted]'] # env WENBAO_OPS_TOKENS",
		"allow: ['slack:T1', 'telegram:-5'] # file",
		`corpus: "a\nb" # env WENBAO_CORPUS`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestPrintedDefaultsLoad(t *testing.T) {
	var out bytes.Buffer
	if err := Default().Print(&out); err != nil {
		t.Fatal(err)
	}
	got := mustLoad(t, write(t, out.String()))
	if diff := cmp.Diff(Default(), got, cmpopts.IgnoreUnexported(Config{}), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestPrintReportsAFailedWrite(t *testing.T) {
	if err := Default().Print(failingWriter{}); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, fs.ErrClosed }

func TestWarnings(t *testing.T) {
	if got := mustLoad(t, "").Warnings(); len(got) != 0 {
		t.Errorf("the defaults warn: %v", got)
	}
	got := mustLoad(t, "", "WENBAO_SLACK_SIGNING_SECRET=s", "WENBAO_TELEGRAM_WEBHOOK_SECRET=s",
		"WENBAO_SECRET_KEY=short", "WENBAO_OPS_TOKENS=a:read:short", "WENBAO_TRACE_QUESTIONS=true").Warnings()
	if len(got) != 5 || !strings.Contains(got[0], "WENBAO_SLACK_BOT_TOKEN") {
		t.Errorf("got %q", got)
	}
	for _, env := range []string{"WENBAO_DATA=data", "WENBAO_REDIS_URL=redis://127.0.0.1"} {
		if got := mustLoad(t, "", env).Warnings(); len(got) != 1 || !strings.Contains(got[0], "WENBAO_SECRET_KEY") {
			t.Errorf("%s without a key: %q", env, got)
		}
	}
}

func TestTrace(t *testing.T) {
	got := mustLoad(t, write(t, "trace: {sample: 0.25, endpoint: 'http://[::1]:4318'}"), "WENBAO_TRACE_HEADERS=a=b=c, Authorization=Bearer 12 34").Trace
	if got.Sample != 0.25 || got.Endpoint != "http://[::1]:4318" {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff(map[string]string{"a": "b=c", "Authorization": "Bearer 12 34"}, got.HeaderValues()); diff != "" {
		t.Error(diff)
	}
	if none := mustLoad(t, "", "WENBAO_TRACE_SAMPLE=0").Trace; none.Sample != 0 || len(none.HeaderValues()) != 0 {
		t.Errorf("got %+v", none)
	}
}

func TestLevels(t *testing.T) {
	for name, want := range map[string]slog.Level{"debug": slog.LevelDebug, "error": slog.LevelError, "?": slog.LevelInfo} {
		if got := (Log{Level: name}).SlogLevel(); got != want {
			t.Errorf("%s is %v", name, got)
		}
	}
}

func TestLexiconIsEmbedded(t *testing.T) {
	if !strings.HasPrefix(Lexicon, "wenbao-lexicon ") || len(strings.TrimSpace(LexiconDigest)) != 64 {
		t.Fatalf("%.20q, %q", Lexicon, LexiconDigest)
	}
}

func FuzzLoad(f *testing.F) {
	data, err := os.ReadFile(example)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data), "a:read:b,c:operate:sha256:00", "T1,-5")
	f.Add("allow: [[1], {a: b}, null]", "", "")
	f.Fuzz(func(t *testing.T, yaml, tokens, allow string) {
		path := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(path, []string{"WENBAO_OPS_TOKENS=" + tokens, "WENBAO_ALLOW=" + allow})
		if (c == nil) == (err == nil) {
			t.Errorf("got %v, %v", c, err)
		}
	})
}
