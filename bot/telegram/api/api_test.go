package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wenbao/bot/redact"
	"wenbao/bot/telegram/api"
)

// client calls an API that answers with this status and body.
func client(t *testing.T, status int, body string) *api.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return api.New(s.URL, redact.NewSecret("123:AAA"), s.Client(), nil)
}

// Every answer is told apart.
func TestKinds(t *testing.T) {
	refused := func(code, description string) string {
		return `{"ok":false,"error_code":` + code + `,"description":"` + description + `"}`
	}
	for _, tt := range []struct {
		status int
		body   string
		want   api.Kind
	}{
		{200, `{"ok":true,"result":{"id":1}}`, api.None},
		{502, "<html>502 Bad Gateway</html>", api.Passing},
		{200, "", api.Passing}, {200, `{"ok":true,"result":`, api.Passing}, {200, `{"ok":true,"result":"x"}`, api.Passing},
		{500, refused("500", "Internal Server Error"), api.Passing}, {500, `{"message":"no"}`, api.Passing},
		{429, `{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":7}}`, api.Slow},
		{200, `{"ok":false,"description":"an upload","parameters":{"retry_after":7}}`, api.Slow},
		{401, refused("401", "Unauthorized"), api.Unauthorized}, {404, refused("404", "Not Found"), api.Absent},
		{409, refused("409", "Conflict: terminated by other getUpdates request"), api.Conflict},
		{403, refused("403", "Forbidden: bot was kicked from the group chat"), api.Unreachable},
		{400, refused("400", "Bad Request: chat not found"), api.Unreachable}, {400, refused("400", "Bad Request: TOPIC_CLOSED"), api.Unreachable},
		{400, refused("400", "Bad Request: can't parse entities: Unsupported start tag"), api.Entities},
		{400, refused("400", "Bad Request: message is not modified: x"), api.Unchanged},
		{400, refused("400", "Bad Request: message to edit not found"), api.Missing},
		{400, refused("400", "Bad Request: query is too old and response timeout expired or query ID is invalid"), api.TooLate},
		{400, `{"ok":false,"error_code":400,"description":"x","parameters":{"migrate_to_chat_id":-100}}`, api.Migrated},
		{400, refused("400", "Bad Request: BUTTON_DATA_INVALID"), api.Refused},
	} {
		var out struct{ ID int64 }
		err := client(t, tt.status, tt.body).Call(t.Context(), "m", api.Params{"a": 1, "b": "x", "c": nil}, &out)
		if got := api.KindOf(err); got != tt.want {
			t.Errorf("%d %s: kind %d, want %d (%v)", tt.status, tt.body, got, tt.want, err)
		}
		var after interface{ RetryAfter() time.Duration }
		if tt.want == api.Slow && (!errors.As(err, &after) || after.RetryAfter() != 7*time.Second) {
			t.Errorf("%v does not say when", err)
		}
	}
}

// A call ends with its context, which the library alone would not heed.
func TestContext(t *testing.T) {
	gate := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-gate:
		case <-r.Context().Done():
		}
	}))
	defer s.Close()
	defer close(gate)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	err := api.New(s.URL, redact.NewSecret("123:AAA"), s.Client(), nil).Call(ctx, "getUpdates", nil, nil)
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "123:AAA") {
		t.Errorf("%v", err)
	}
}

// A base with a percent sign is not a format.
func TestPercentInBase(t *testing.T) {
	var path string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.EscapedPath()
		_, _ = w.Write([]byte(`{"ok":true,"result":true}`))
	}))
	defer s.Close()
	if err := api.New(s.URL+"/a%20b/", redact.NewSecret("123:AAA"), s.Client(), nil).Call(t.Context(), "m", nil, nil); err != nil || path != "/a%20b/bot123:AAA/m" {
		t.Errorf("%s %v", path, err)
	}
}
