package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"wenbao/bot/admin"
)

// opsHandler serves the operators' listener. Health is everybody's; the rest
// asks for a token where there are any.
func opsHandler(health http.Handler, registry *prometheus.Registry, index *reindexing, routes []admin.Route) http.Handler {
	metrics := promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry})
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", health)
	mux.Handle("GET /readyz", health)
	mux.Handle("GET /metrics", index.gate.Guard(admin.RoleRead, metrics.ServeHTTP))
	operators := index.routes(routes).Handler()
	mux.Handle("/admin/", operators)
	mux.Handle(profilesPath, operators)
	return mux
}
