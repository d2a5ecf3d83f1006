package redis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"
)

// tlsOf returns what the parameters of an address say of TLS.
func tlsOf(values url.Values) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: values.Get("server_name"), InsecureSkipVerify: values.Get("insecure") == "true"}
	if file := values.Get("ca"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("%w: ca: %w", ErrAddress, err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%w: ca: %s holds no certificate in PEM", ErrAddress, file)
		}
	}
	cert, key := values.Get("cert"), values.Get("key")
	if (cert == "") != (key == "") {
		return nil, fmt.Errorf("%w: cert and key go together", ErrAddress)
	}
	if cert != "" {
		own, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("%w: cert, key: %w", ErrAddress, err)
		}
		c.Certificates = []tls.Certificate{own}
	}
	return c, nil
}

// dialTLS dials as the library would, but within the context: the library's
// own waits for a handshake whatever the context says. Each node is verified
// by the name that it is dialled by.
func dialTLS(c *tls.Config, timeout time.Duration) func(ctx context.Context, network, addr string) (net.Conn, error) {
	d := &tls.Dialer{NetDialer: &net.Dialer{KeepAlive: time.Minute}, Config: c}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		return d.DialContext(ctx, network, addr)
	}
}
