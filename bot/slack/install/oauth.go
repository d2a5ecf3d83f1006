package install

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"wenbao/answers/text"
	"wenbao/bot/redact"
	"wenbao/bot/store"
)

// Scopes are what the app asks for; the manifest lists the same.
func Scopes() []string {
	return []string{"app_mentions:read", "channels:history", "chat:write", "commands", "groups:history", "im:history", "im:read", "im:write", "mpim:history"}
}

// Parts are what a Flow works with.
type Parts struct {
	ClientID     string
	ClientSecret redact.Secret
	SecretKey    redact.Secret // signs the state
	PublicURL    string        // https://wenbao.example.org
	APIURL       string        // https://slack.com/api/
	Store        *Store
	HTTP         redact.Doer
	Installed    func(ctx context.Context, i Installation) // told afterwards; may be nil
	Lang         text.Lang
	Now          func() time.Time
	Log          *slog.Logger
}

// Flow installs the app in further workspaces by OAuth.
type Flow struct {
	Parts
	key  []byte
	used *store.Memory // states that came back
}

// New returns a Flow.
func New(p Parts) (*Flow, error) {
	if p.ClientID == "" || !p.ClientSecret.IsSet() || p.Store == nil || !p.SecretKey.IsSet() {
		return nil, errors.New("slack: client id, client secret, secret key and a store are needed for installing")
	}
	key, err := hkdf.Key(sha256.New, []byte(p.SecretKey.Reveal()), nil, "wenbao slack state", 32)
	if err != nil {
		return nil, err
	}
	return &Flow{Parts: p, key: key, used: store.NewMemory(store.Bound{Items: 10_000}, p.Now)}, nil
}

const (
	cookie  = "wenbao_slack_install"
	timeout = 10 * time.Minute // to get from Start to Finish
)

// Start sends a browser to Slack. What comes back must come from the same
// browser, once, within ten minutes.
func (f *Flow) Start(w http.ResponseWriter, r *http.Request) {
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		f.page(w, http.StatusInternalServerError, text.SlackInstallFailed)
		return
	}
	browser := base64.RawURLEncoding.EncodeToString(secret)
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: browser, Path: "/slack/", MaxAge: int(timeout.Seconds()),
		HttpOnly: true, Secure: strings.HasPrefix(f.PublicURL, "https:"), SameSite: http.SameSiteLaxMode})
	q := url.Values{"client_id": {f.ClientID}, "scope": {strings.Join(Scopes(), ",")}, "state": {f.state(browser, f.Now())}, "redirect_uri": {f.redirect()}}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, f.authorize()+"?"+q.Encode(), http.StatusFound)
}

// authorize is Slack's page, beside its methods.
func (f *Flow) authorize() string {
	return strings.TrimSuffix(strings.TrimSuffix(f.APIURL, "/"), "/api") + "/oauth/v2/authorize"
}

func (f *Flow) redirect() string { return strings.TrimSuffix(f.PublicURL, "/") + "/slack/oauth" }

// state is a time and a signature over it and the browser.
func (f *Flow) state(browser string, at time.Time) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(at.Unix()))
	mac := hmac.New(sha256.New, f.key)
	mac.Write(b)
	mac.Write([]byte(browser))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(b))
}

// valid reports whether a state is of this browser, fresh and new.
func (f *Flow) valid(ctx context.Context, state, browser string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(state)
	if err != nil || len(raw) != 8+sha256.Size || browser == "" {
		return false
	}
	at := time.Unix(int64(binary.BigEndian.Uint64(raw)), 0)
	if !hmac.Equal([]byte(f.state(browser, at)), []byte(state)) {
		return false
	}
	if age := f.Now().Sub(at); age < -time.Minute || age > timeout {
		return false
	}
	fresh, err := f.used.PutNew(ctx, store.Item{Key: state, Expires: at.Add(timeout + time.Minute)})
	return err == nil && fresh
}

// Finish takes what Slack sends a browser back with.
func (f *Flow) Finish(w http.ResponseWriter, r *http.Request) {
	browser := ""
	if c, err := r.Cookie(cookie); err == nil {
		browser = c.Value
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Path: "/slack/", MaxAge: -1})
	q := r.URL.Query()
	if !f.valid(r.Context(), q.Get("state"), browser) {
		f.page(w, http.StatusBadRequest, text.SlackInstallExpired)
		return
	}
	if q.Get("error") != "" || q.Get("code") == "" {
		f.page(w, http.StatusForbidden, text.SlackInstallDenied)
		return
	}
	i, err := f.exchange(r.Context(), q.Get("code"))
	if err == nil {
		err = f.Store.Put(r.Context(), i)
	}
	if err != nil {
		f.Log.ErrorContext(r.Context(), "slack installation failed", "error", err)
		f.page(w, http.StatusBadGateway, text.SlackInstallFailed)
		return
	}
	f.Log.InfoContext(r.Context(), "slack installation", "workspace", i.Workspace)
	if f.Installed != nil {
		f.Installed(r.Context(), i)
	}
	f.page(w, http.StatusOK, text.SlackInstalled)
}

// exchange makes an installation of a code.
func (f *Flow) exchange(ctx context.Context, code string) (Installation, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	resp, err := slack.GetOAuthV2ResponseContext(ctx, f.HTTP, f.ClientID, f.ClientSecret.Reveal(), code, f.redirect(), slack.OAuthOptionAPIURL(f.APIURL))
	if err != nil {
		return Installation{}, err
	}
	i := Installation{Workspace: resp.Team.ID, BotUser: resp.BotUserID, Token: redact.NewSecret(resp.AccessToken), At: f.Now()}
	if resp.IsEnterpriseInstall && resp.Enterprise.ID != "" {
		i.Workspace = resp.Enterprise.ID
	}
	if !strings.HasPrefix(resp.AccessToken, "xoxb-") || i.Workspace == "" {
		return Installation{}, errors.New("slack answered without a bot token or workspace")
	}
	return i, nil
}

var pageTemplate = template.Must(template.New("").Parse(`<!doctype html><html lang="{{.Lang}}"><meta charset="utf-8">` +
	`<meta name="viewport" content="width=device-width"><title>{{.Title}}</title>` +
	`<body style="font:16px/1.7 system-ui,sans-serif;max-width:34em;margin:15vh auto;padding:0 1em"><h1 style="font-size:1.3em">{{.Title}}</h1><p>{{.Message}}</p>`))

// page says how an installation went.
func (f *Flow) page(w http.ResponseWriter, status int, k text.Key) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.WriteHeader(status)
	if err := pageTemplate.Execute(w, map[string]string{"Lang": string(f.Lang), "Title": f.Lang.Say(text.PageTitle), "Message": f.Lang.Say(k)}); err != nil {
		f.Log.Debug("page not sent", "error", err)
	}
}
