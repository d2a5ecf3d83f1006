package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"wenbao/answers"
	"wenbao/answers/gate"
	"wenbao/bot/admin"
	"wenbao/bot/audit"
	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
	"wenbao/bot/stores"
	"wenbao/bot/uploads"
	"wenbao/configs"
	"wenbao/retrieval"
	"wenbao/retrieval/cedict"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
	"wenbao/retrieval/shelf"
	"wenbao/retrieval/stage"
	"wenbao/seeds"
)

// reindexing is what lets serve change the live generation.
type reindexing struct {
	cfg     atomic.Pointer[configs.Config]
	log     *slog.Logger
	reader  corpus.Reader
	shelf   *shelf.Shelf // nil without a data folder, as are uploads, and jobs' and audit's files
	jobs    *jobs.Runner
	audit   *audit.Log
	uploads *uploads.Store
	gate    *admin.Gate
	service *reindex.Service
	search  *retrieval.Engine
	changed chan struct{} // settings were read again
	// settled, where set, says that what is live at the start was decided for
	// all replicas, whatever the reports are now.
	settled func(ctx context.Context) bool
	popular stores.Counts // what counts questions; see ComparePopular
}

// openReindexing opens the data folder, and the generation to start with.
func openReindexing(ctx context.Context, cfg *configs.Config, measure stage.Func, now func() time.Time, log *slog.Logger) (*reindexing, *engineParts, error) {
	rd, err := corpusReader(cfg.Indicators)
	if err != nil {
		return nil, nil, err
	}
	r := &reindexing{log: log, reader: rd, changed: make(chan struct{}, 1)}
	r.cfg.Store(cfg)
	if err := r.openData(cfg.Data, now); err != nil {
		r.Close()
		return nil, nil, err
	}
	g, err := reindex.First(ctx, r.shelf, r.source(), cfg.Reindex.Keep, log)
	if err != nil {
		r.Close()
		return nil, nil, err
	}
	return r, r.wire(g, cfg, measure, now), nil
}

// openData opens what is kept in the data folder; "" keeps it in memory.
func (r *reindexing) openData(folder string, now func() time.Time) (err error) {
	if folder == "" {
		r.jobs, err = jobs.Open("", now, r.log)
		return err
	}
	var cleaned []string
	if r.shelf, cleaned, err = shelf.Open(filepath.Join(folder, "generations"), now); err != nil {
		return err
	}
	if len(cleaned) > 0 {
		r.log.Info("unfinished generations removed", "folders", cleaned)
	}
	if r.uploads, cleaned, err = uploads.Open(filepath.Join(folder, "uploads"), r.reader); err != nil {
		return err
	}
	if len(cleaned) > 0 {
		r.log.Info("unfinished uploads removed", "files", cleaned)
	}
	for _, p := range r.uploads.Problems() {
		r.log.Warn("an upload cannot be used", "file", p.File, "problem", p.Message)
	}
	if r.audit, err = audit.Open(filepath.Join(folder, "audit"), audit.Options{}); err != nil {
		return err
	}
	r.jobs, err = jobs.Open(filepath.Join(folder, "jobs", "history"), now, r.log)
	return err
}

// wire puts together what answers from g and what replaces it.
func (r *reindexing) wire(g *retrieval.Generation, cfg *configs.Config, measure stage.Func, now func() time.Time) *engineParts {
	for _, p := range g.Corpus.Problems {
		r.log.Warn("document not used", "file", p.File, "line", p.Line, "problem", p.Message)
	}
	search := retrieval.NewEngine(g, retrieval.Options{Dictionary: cedict.Open()})
	r.search = search
	answerer := func(e *retrieval.Engine, measure stage.Func) *answers.Engine {
		return answers.New(e, answers.Options{Log: r.log, PublicURL: cfg.PublicURL, Stage: measure})
	}
	engine := &engineParts{g.Corpus, search, answerer(search, measure), answerer(search, nil)}
	r.gate = admin.NewGate(tokensOf(cfg), r.audit, now)
	r.service = &reindex.Service{Jobs: r.jobs, Audit: r.audit, Reindexer: reindex.New(search, reindex.Parts{
		Source: r.source(), Shelf: r.shelf, Settings: reindexSettings(cfg), Now: now, Log: r.log,
		Answerer:  func(e *retrieval.Engine) answers.Answerer { return answerer(e, nil) },
		Questions: func() ([]gate.Set, error) { return goldQuestions(r.cfg.Load().Reindex.Questions) },
		Frequent:  r.frequent,
	})}
	return engine
}

// ComparePopular makes reindexing compare the answers to the questions that
// popular counts. It is called before Run.
func (r *reindexing) ComparePopular(popular stores.Counts) { r.popular = popular }

// frequent lists questions asked often.
func (r *reindexing) frequent(ctx context.Context, n int) ([]answers.Request, error) {
	if r.popular == nil {
		return nil, nil
	}
	texts, err := r.popular.Overall(ctx, n)
	if err != nil {
		return nil, err
	}
	questions := make([]answers.Request, 0, len(texts))
	for _, text := range texts {
		questions = append(questions, answers.Request{Question: text})
	}
	return questions, nil
}

// routes are the operators' API, with further routes.
func (r *reindexing) routes(further []admin.Route) *admin.Server {
	return admin.New(admin.Parts{Service: r.service, Jobs: r.jobs, Gate: r.gate, Routes: append(r.reports().Routes(), further...), Log: r.log})
}

// Stop ends the job at work; it is called before the listeners wait for those
// who follow it.
func (r *reindexing) Stop() {
	if r.jobs == nil {
		return
	}
	if err := r.jobs.Close(); err != nil {
		r.log.Error("close the job history", "error", err)
	}
}

// Close gives back the data folder. The engine is closed before.
func (r *reindexing) Close() {
	r.Stop()
	if r.service != nil {
		r.service.Close()
	}
	if r.shelf != nil {
		if err := r.shelf.Close(); err != nil {
			r.log.Error("close the generations", "error", err)
		}
	}
	if r.uploads != nil {
		if err := r.uploads.Close(); err != nil {
			r.log.Error("close the uploads", "error", err)
		}
	}
	if err := r.audit.Close(); err != nil {
		r.log.Error("close the audit log", "error", err)
	}
}

// Configure takes over what can change while serving.
func (r *reindexing) Configure(cfg *configs.Config) {
	r.cfg.Store(cfg)
	r.gate.SetTokens(tokensOf(cfg))
	r.service.Configure(reindexSettings(cfg))
	select {
	case r.changed <- struct{}{}:
	default: // told already
	}
}

func reindexSettings(cfg *configs.Config) reindex.Settings {
	return reindex.Settings{Keep: cfg.Reindex.Keep, Floor: float64(cfg.Reindex.Floor) / 100}
}

func tokensOf(cfg *configs.Config) []admin.Token {
	var tokens []admin.Token
	for _, t := range cfg.Ops.Tokens {
		tokens = append(tokens, admin.Token{Name: t.Name, Role: t.Role, Digest: t.Digest})
	}
	return tokens
}

// source is where the settings say that reports and lexicon are, with what was
// uploaded over the reports.
type source struct {
	cfg     *atomic.Pointer[configs.Config]
	uploads *uploads.Store
	reader  corpus.Reader
}

func (r *reindexing) source() *source { return &source{&r.cfg, r.uploads, r.reader} }

func (s *source) Reader() corpus.Reader { return s.reader }

func (s *source) Corpus(before *corpus.Corpus) (*corpus.Corpus, error) {
	base, err := loadCorpus(s.reader, s.cfg.Load().Corpus, before)
	if err != nil {
		return nil, err
	}
	return s.uploads.Over(base, before)
}

func (s *source) Lexicon() (*lexicon.Lexicon, error) { return loadLexicon(s.cfg.Load().Lexicon) }

func (s *source) Name() string {
	path := s.cfg.Load().Corpus
	if path == "" {
		return "the program's own"
	}
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

// goldQuestions reads the program's questions with gold, and the operator's
// at path, a file or a folder.
func goldQuestions(path string) ([]gate.Set, error) {
	sets, err := readSets(seeds.FS, "questions")
	if err != nil {
		return nil, err
	}
	for i := range sets {
		sets[i].Report = sets[i].Name // a file is named for its report
	}
	if path == "" {
		return sets, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reindex.questions: %w", err)
	}
	var own []gate.Set
	if info.IsDir() {
		own, err = readSets(os.DirFS(path), ".")
	} else {
		var set gate.Set
		set, err = gate.ReadSet(os.DirFS(filepath.Dir(path)), filepath.Base(path))
		own = []gate.Set{set}
	}
	if err != nil {
		return nil, fmt.Errorf("reindex.questions: %w", err)
	}
	return append(sets, own...), nil
}

func readSets(fsys fs.FS, folder string) ([]gate.Set, error) {
	inside, err := fs.Sub(fsys, folder)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(inside, "*.jsonl")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("there is no .jsonl file of questions")
	}
	var sets []gate.Set
	for _, name := range names {
		s, err := gate.ReadSet(inside, name)
		if err != nil {
			return nil, err
		}
		sets = append(sets, s)
	}
	return sets, nil
}
