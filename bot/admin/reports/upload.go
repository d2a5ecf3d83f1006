package reports

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"time"

	"wenbao/bot/admin"
	"wenbao/bot/uploads"
	"wenbao/bot/uploads/intake"
	"wenbao/retrieval/report"
)

const (
	// maxReceiving is how many uploads are received at once, on disk; one more
	// waits for patience.
	maxReceiving = 8
	patience     = 10 * time.Second
	// An upload may take graceTime, and besides what it takes at slowest
	// bytes a second.
	graceTime = 20 * time.Second
	slowest   = 16 << 10
	// answerTime is how long reading, keeping and answering may take then.
	answerTime = 2 * time.Minute
)

var (
	errLarge = fmt.Errorf("the upload has more than %d MiB; a report has 30 to 100 KB: send many as several .zip files; nothing was kept", intake.MaxBody>>20)
	errSlow  = fmt.Errorf("the upload came too slowly: at least %d KiB a second are wanted; nothing was kept", slowest>>10)
	errBusy  = errors.New("too many uploads come in at once; try again in a minute")
	errCut   = errors.New("the upload was cut off; nothing was kept")
)

// request is an upload as its address asks for it.
type request struct {
	intake.Options
	name    string
	replace bool
	dryRun  bool
}

// metadataKeys are the parameters of an upload that are its metadata.
func metadataKeys() []string {
	return report.MetadataKeys()[1:] // the id has its own
}

func requestOf(r *http.Request, id string, known []string) (request, error) {
	values, err := parameters(r, append(known, metadataKeys()...)...)
	if err != nil {
		return request{}, err
	}
	q := request{name: values.Get("name"), replace: id != "", Options: intake.Options{ID: id, Under: values.Get("under")}}
	if id == "" {
		q.ID = values.Get("id")
		if q.replace, err = flagOf(values, "replace"); err != nil {
			return q, err
		}
	}
	if q.ID != "" && q.Under != "" {
		return q, errors.New("give id, the whole id, or under, a folder for the names of files; not both")
	}
	if q.dryRun, err = flagOf(values, "dry_run"); err != nil {
		return q, err
	}
	q.Given, err = givenIn(values)
	return q, err
}

func givenIn(values url.Values) (report.Metadata, error) {
	var m report.Metadata
	for _, key := range metadataKeys() {
		if values.Get(key) == "" {
			continue
		}
		if _, err := m.Set(key, values.Get(key)); err != nil {
			return m, err
		}
	}
	return m, nil
}

// upload keeps what a request sends, or says what that would do. id is that of
// the address, "" where it names none.
func (s *Server) upload(w http.ResponseWriter, r *http.Request, id string, known ...string) {
	q, err := requestOf(r, id, known)
	if err != nil {
		admin.Problem(w, r, http.StatusBadRequest, err.Error())
		return
	}
	if err := s.take(w, r, q); err != nil {
		if !q.dryRun {
			s.library.Refused(admin.CallerOf(r), uploads.WhatUpload, q.ID, err)
		}
		s.fail(w, r, err)
	}
}

// take receives an upload and answers, but for errors of receiving.
func (s *Server) take(w http.ResponseWriter, r *http.Request, q request) error {
	if s.library.Store == nil {
		return uploads.ErrNoData
	}
	if err := enter(r, s.receiving, patience); err != nil {
		return err
	}
	defer func() { <-s.receiving }()
	spool, err := s.receive(w, r)
	if err != nil {
		return err
	}
	defer s.closeSpool(r, spool)
	if err := enter(r, s.reading, answerTime/2); err != nil {
		return err
	}
	defer func() { <-s.reading }()
	haul, err := intake.Read(intake.Body{ReaderAt: spool, Size: spool.Size, Type: r.Header.Get("Content-Type"), Name: q.name}, q.Options)
	if err != nil {
		return err
	}
	if !q.dryRun {
		out, err := s.library.Put(admin.CallerOf(r), haul, uploads.Options{Replace: q.replace, Match: matchOf(r)})
		s.changed(w, r, out, err)
		return nil
	}
	out, err := s.library.Preview(haul)
	if err == nil {
		admin.JSON(w, http.StatusOK, out)
	}
	return err
}

// enter takes a place, once there is one.
func enter(r *http.Request, places chan struct{}, wait time.Duration) error {
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case places <- struct{}{}:
		return nil
	case <-r.Context().Done():
		return r.Context().Err()
	case <-late.C:
		return errBusy
	}
}

// receive takes the body onto disk. Nothing of one that does not arrive whole
// stays.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) (*uploads.Spool, error) {
	if r.ContentLength > intake.MaxBody {
		return nil, errLarge
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" {
		return nil, fmt.Errorf("%w: it has the Content-Encoding %s; send it as it is, or as .zip", intake.ErrForm, coding)
	}
	control := http.NewResponseController(w)
	spool, err := s.library.Store.Spool(&paced{Reader: http.MaxBytesReader(w, r.Body, intake.MaxBody), control: control, begun: time.Now()})
	if err != nil {
		return nil, explained(err)
	}
	if err := deadlines(control, time.Time{}, time.Now().Add(answerTime)); err != nil {
		return nil, errors.Join(err, spool.Close())
	}
	return spool, nil
}

// deadlines replaces the listener's, which are for small requests.
func deadlines(control *http.ResponseController, read, write time.Time) error {
	err := errors.Join(control.SetReadDeadline(read), control.SetWriteDeadline(write))
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

func (s *Server) closeSpool(r *http.Request, spool *uploads.Spool) {
	if err := spool.Close(); err != nil {
		s.log.ErrorContext(r.Context(), "remove what was received", "error", err)
	}
}

// explained says what an error of receiving means.
func explained(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errSlow
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return errCut
	}
	return err
}

// paced reads a body whose sender has the more time the more was sent.
type paced struct {
	io.Reader
	control *http.ResponseController
	begun   time.Time
	until   time.Time // the time in effect
	n       int64
}

func (p *paced) Read(b []byte) (int, error) {
	until := p.begun.Add(graceTime + time.Duration(p.n/slowest)*time.Second)
	if until.Sub(p.until) >= time.Second {
		if err := deadlines(p.control, until, until.Add(answerTime)); err != nil {
			return 0, err
		}
		p.until = until
	}
	n, err := p.Reader.Read(b)
	p.n += int64(n)
	return n, err
}
