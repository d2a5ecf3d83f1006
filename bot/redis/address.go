package redis

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// ErrAddress is wrapped by every error of an address; none holds a password.
var ErrAddress = errors.New("not a Redis address")

// parameters are what may stand behind the ? of an address; with secure, in
// one that begins with rediss:// only.
func parameters() (all, secure []string) {
	secure = []string{"ca", "cert", "insecure", "key", "server_name"}
	return slices.Concat([]string{"cluster", "db", "master", "sentinel_user", "sentinel_password"}, secure), secure
}

// ParseAddress reads redis://user:password@host:port/db, rediss:// for TLS and
// unix:///path. Several hosts, or ?cluster=true, are a cluster's; with
// ?master=NAME they are sentinels, whose own login is sentinel_user and
// sentinel_password. ?db= is the database where a path is no number. Of TLS,
// ?ca= names a file of certificates to trust in the place of the system's,
// ?cert= and ?key= the client's own, ?server_name= what the server's
// certificate is for, and ?insecure=true accepts any. These files are read.
func ParseAddress(address string) (*goredis.UniversalOptions, error) {
	scheme, rest, _ := strings.Cut(address, "://")
	rest, query, _ := strings.Cut(rest, "?")
	values, err := parseQuery(scheme, query)
	if err != nil {
		return nil, err
	}
	o := &goredis.UniversalOptions{MasterName: values.Get("master"), IsClusterMode: values.Get("cluster") == "true",
		SentinelUsername: values.Get("sentinel_user"), SentinelPassword: values.Get("sentinel_password")}
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		if o.Username, o.Password, err = login(rest[:at]); err != nil {
			return nil, err
		}
		rest = rest[at+1:]
	}
	db := values.Get("db")
	switch scheme {
	case "unix":
		if rest == "" {
			return nil, fmt.Errorf("%w: it names no socket", ErrAddress)
		}
		o.Addrs = []string{rest}
	case "redis", "rediss":
		hosts, path, _ := strings.Cut(rest, "/")
		if path != "" {
			db = path
		}
		if o.Addrs, err = addresses(hosts); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("%w: it begins with none of redis://, rediss://, unix://", ErrAddress)
	}
	if scheme == "rediss" {
		if o.TLSConfig, err = tlsOf(values); err != nil {
			return nil, err
		}
	}
	if db != "" {
		if o.DB, err = strconv.Atoi(db); err != nil || o.DB < 0 {
			return nil, fmt.Errorf("%w: its database is not a number", ErrAddress)
		}
	}
	if o.DB != 0 && o.MasterName == "" && (len(o.Addrs) > 1 || o.IsClusterMode) {
		return nil, fmt.Errorf("%w: a cluster has only database 0", ErrAddress)
	}
	return o, nil
}

// parseQuery reads what stands behind the ?. No error repeats any of it: it
// may be the rest of a password.
func parseQuery(scheme, query string) (url.Values, error) {
	if strings.Contains(query, "@") {
		return nil, fmt.Errorf("%w: there is an @ behind a ?; in a user or password these are written %%40 and %%3F", ErrAddress)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("%w: what stands behind its ? is malformed", ErrAddress)
	}
	all, secure := parameters()
	for name, given := range values {
		switch {
		case !slices.Contains(all, name):
			return nil, fmt.Errorf("%w: behind its ? is something else than %s", ErrAddress, strings.Join(all, ", "))
		case len(given) > 1:
			return nil, fmt.Errorf("%w: %s is there twice", ErrAddress, name)
		case slices.Contains(secure, name) && scheme != "rediss":
			return nil, fmt.Errorf("%w: %s is of TLS, and needs rediss://", ErrAddress, name)
		case (name == "cluster" || name == "insecure") && given[0] != "true" && given[0] != "false":
			return nil, fmt.Errorf("%w: %s is true or false", ErrAddress, name)
		}
	}
	return values, nil
}

func login(s string) (user, password string, err error) {
	user, password, _ = strings.Cut(s, ":")
	if user, err = url.PathUnescape(user); err == nil {
		password, err = url.PathUnescape(password)
	}
	if err != nil {
		return "", "", fmt.Errorf("%w: its user or password is not percent-encoded", ErrAddress)
	}
	return user, password, nil
}

func addresses(hosts string) ([]string, error) {
	var out []string
	for _, h := range strings.Split(hosts, ",") {
		if h == "" {
			return nil, fmt.Errorf("%w: a host is missing", ErrAddress)
		}
		_, port, err := net.SplitHostPort(h)
		if err != nil {
			h, port = net.JoinHostPort(strings.Trim(h, "[]"), "6379"), "6379"
		}
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, fmt.Errorf("%w: a port is not a number from 1 to 65535", ErrAddress)
		}
		out = append(out, h)
	}
	return out, nil
}
