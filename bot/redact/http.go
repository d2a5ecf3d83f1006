package redact

import "net/http"

// Doer is what HTTP clients have in common; the platform libraries accept it.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Client wraps next so that its errors carry no secrets. It is the guard for
// secrets in addresses: http.Client writes the request's address into the
// error itself, after the transport.
func (r *Redactor) Client(next Doer) Doer { return doer{next, r} }

type doer struct {
	next     Doer
	redactor *Redactor
}

func (d doer) Do(req *http.Request) (*http.Response, error) {
	resp, err := d.next.Do(req)
	return resp, d.redactor.Error(err)
}

// Transport wraps next (http.DefaultTransport where nil) so that its errors
// carry no secrets. What http.Client adds to them afterwards it cannot strip:
// see [Redactor.Client].
func (r *Redactor) Transport(next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return transport{next, r}
}

type transport struct {
	next     http.RoundTripper
	redactor *Redactor
}

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	return resp, t.redactor.Error(err)
}
