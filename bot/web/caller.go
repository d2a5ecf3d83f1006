package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// callerOf returns the address that a request came from, and whether that is
// this machine. A proxy on this machine or in a private network is believed
// about whom it forwards for: the last address it gives is one that it saw.
func callerOf(r *http.Request) (address string, local bool) {
	peer := parseIP(r.RemoteAddr)
	if forwarded := r.Header.Values("X-Forwarded-For"); len(forwarded) > 0 && (peer.IsLoopback() || peer.IsPrivate()) {
		last := forwarded[len(forwarded)-1]
		last = last[strings.LastIndexByte(last, ',')+1:]
		return group(parseIP(strings.TrimSpace(last))), false
	}
	return group(peer), peer.IsLoopback()
}

func parseIP(s string) netip.Addr {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	ip, _ := netip.ParseAddr(s)
	return ip.Unmap().WithZone("")
}

// group is what is counted as one caller: of IPv6 a whole network, of which
// everybody has one to themselves.
func group(ip netip.Addr) string {
	if ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}
