package main

import (
	"wenbao/bot/admin/reports"
	"wenbao/bot/uploads"
	"wenbao/retrieval/corpus"
)

// reports are the operators' API of reports.
func (r *reindexing) reports() *reports.Server {
	library := uploads.New(uploads.Parts{Store: r.uploads, Reader: r.reader, Base: r.base, Live: r.liveReports, Jobs: r.service, Audit: r.audit, Now: r.service.Now, Log: r.log})
	return reports.New(library, r.log)
}

// base reads the corpus without uploads.
func (r *reindexing) base(before *corpus.Corpus) (*corpus.Corpus, string, error) {
	path, origin := r.cfg.Load().Corpus, uploads.OriginCorpus
	if path == "" {
		origin = uploads.OriginProgram
	}
	c, err := loadCorpus(r.reader, path, before)
	return c, origin, err
}

func (r *reindexing) liveReports() (*corpus.Corpus, error) {
	g, release, err := r.search.Acquire()
	if err != nil {
		return nil, err
	}
	defer release()
	return g.Corpus, nil
}
