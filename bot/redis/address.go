package redis

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// ErrAddress is wrapped by every error of an address; none holds a password.
var ErrAddress = errors.New("not a Redis address")

// ParseAddress reads redis://user:password@host:port/db, rediss:// for TLS and
// unix:///path. Several hosts, or ?cluster=true, are a cluster's; with
// ?master=NAME they are sentinels, whose own login is sentinel_user and
// sentinel_password. ?db= is the database where a path is no number;
// ?insecure=true accepts any certificate.
func ParseAddress(address string) (*goredis.UniversalOptions, error) {
	scheme, rest, _ := strings.Cut(address, "://")
	rest, query, _ := strings.Cut(rest, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("%w: its query is malformed", ErrAddress)
	}
	o := &goredis.UniversalOptions{MasterName: values.Get("master"), IsClusterMode: truth(values.Get("cluster")),
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
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: truth(values.Get("insecure"))}
		if len(o.Addrs) == 1 {
			o.TLSConfig.ServerName, _, _ = net.SplitHostPort(o.Addrs[0])
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
		if _, _, err := net.SplitHostPort(h); err != nil {
			h = net.JoinHostPort(strings.Trim(h, "[]"), "6379")
		}
		out = append(out, h)
	}
	return out, nil
}

func truth(s string) bool {
	b, err := strconv.ParseBool(s)
	return err == nil && b
}
