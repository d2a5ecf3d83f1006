// Package settings is the part of the operators' API that shows the settings
// in effect and changes how much is logged.
package settings

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"wenbao/bot/admin"
	"wenbao/bot/audit"
)

// Parts are what a server of these routes works with.
type Parts struct {
	// Print writes the settings in effect as YAML, without secrets.
	Print func(w io.Writer) error
	Level *slog.LevelVar
	// Note writes down what was done, and by whom.
	Note func(r *http.Request, e audit.Entry)
}

// Routes returns the routes.
func Routes(p Parts) []admin.Route {
	s := server{p}
	return []admin.Route{
		{Pattern: "GET /admin/config", Role: admin.RoleRead, Handler: s.config},
		{Pattern: "GET /admin/log", Role: admin.RoleRead, Handler: s.level},
		{Pattern: "PUT /admin/log", Role: admin.RoleOperate, Handler: s.setLevel},
	}
}

type server struct{ Parts }

func (s server) config(w http.ResponseWriter, r *http.Request) {
	var out bytes.Buffer
	if err := s.Print(&out); err != nil {
		admin.Problem(w, r, http.StatusInternalServerError, "the settings cannot be printed")
		return
	}
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	_, _ = w.Write(out.Bytes())
}

// Level is how much is logged.
type Level struct {
	Level string `json:"level"` // debug, info, warn or error
}

func (s server) level(w http.ResponseWriter, _ *http.Request) {
	admin.JSON(w, http.StatusOK, Level{strings.ToLower(s.Level.Level().String())})
}

// setLevel holds until the program ends, or its settings are read again.
func (s server) setLevel(w http.ResponseWriter, r *http.Request) {
	var want Level
	if err := admin.Decode(w, r, &want); err != nil {
		admin.Problem(w, r, http.StatusBadRequest, err.Error())
		return
	}
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	level, known := levels[strings.ToLower(want.Level)]
	if !known {
		admin.Problem(w, r, http.StatusUnprocessableEntity, `"level" is debug, info, warn or error`)
		return
	}
	s.Level.Set(level)
	s.Note(r, audit.Entry{What: "log level", Target: want.Level, Outcome: "ok"})
	s.level(w, r)
}
