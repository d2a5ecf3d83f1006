package main

import (
	"net/http"
	"net/http/pprof"

	"wenbao/bot/admin"
)

// profilesPath is where Go's profiles of the running program are.
const profilesPath = "/debug/pprof/"

// profiles are the routes to them. They show how the program works inside, and
// cost time while they are taken: they are for who may operate. One that takes
// longer than the listener's answers may is given its time by the library.
func profiles() []admin.Route {
	routes := map[string]http.HandlerFunc{
		"":        pprof.Index, // and every profile by its name
		"cmdline": pprof.Cmdline, "profile": pprof.Profile, "symbol": pprof.Symbol, "trace": pprof.Trace,
	}
	var out []admin.Route
	for name, h := range routes {
		out = append(out, admin.Route{Pattern: "GET " + profilesPath + name, Role: admin.RoleOperate, Handler: h})
	}
	return out
}
