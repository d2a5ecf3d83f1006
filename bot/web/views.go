package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"wenbao/answers/text"
)

//go:embed pages/*.html
var pages embed.FS

//go:embed static/*
var statics embed.FS

// views are the parsed pages, and where their files are served.
type views struct {
	ask, reader, lost *template.Template
	version           string // of the static files
}

func newViews() (views, error) {
	v := views{}
	h := sha256.New()
	err := fs.WalkDir(statics, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := statics.ReadFile(name)
		h.Write(data)
		return err
	})
	if err != nil {
		return v, fmt.Errorf("read the page's files: %w", err)
	}
	v.version = hex.EncodeToString(h.Sum(nil)[:6])
	for name, to := range map[string]**template.Template{"ask": &v.ask, "reader": &v.reader, "lost": &v.lost} {
		t, err := template.New("frame.html").Option("missingkey=error").ParseFS(pages, "pages/frame.html", "pages/"+name+".html")
		if err != nil {
			return v, fmt.Errorf("parse page %s: %w", name, err)
		}
		*to = t
	}
	return v, nil
}

// A frame is what every page has.
type frame struct {
	Title   string
	Lang    string // of the page's own words, as HTML names it
	Words   map[string]string
	Version string
	Base    string // path that every link begins with
	Home    string
	Other   link // the page in the other language
}

// A link leads somewhere.
type link struct{ Text, URL string }

// words are what templates say, by the names they use.
var words = map[string]text.Key{
	"title": text.PageTitle, "lead": text.PageLead, "question": text.PageQuestion, "ask": text.PageAsk,
	"examples": text.PageExamples, "report": text.PageReport, "all": text.PageAllReports, "anew": text.PageAnew,
	"further": text.PageFurther, "outline": text.PageOutline, "skip": text.PageSkip, "home": text.PageHome,
	"original": text.PageOriginal, "jump": text.PageJump, "open": text.PageOpenReport,
	"related": text.RelatedTitle, "popular": text.PopularTitle, "working": text.Working, "glossary": text.PageGlossary, "top": text.PageOutlineTop,
	"reason": text.PageReason, "send": text.PageSend, "back": text.PageBack, "use": text.PageUse, "verify": text.ButtonVerify,
	"check": text.CommandWordVerify,
}

func wordsIn(lang text.Lang) map[string]string {
	said := make(map[string]string, len(words))
	for name, key := range words {
		said[name] = lang.Say(key)
	}
	return said
}

// language returns the language of a page: the one chosen, the first that the
// browser asks for and we speak, or ours.
func (s *Server) language(r *http.Request) text.Lang {
	if chosen := r.URL.Query().Get("lang"); chosen != "" {
		return text.Pick(chosen, s.Lang)
	}
	return accepted(r.Header.Get("Accept-Language"), s.Lang)
}

// speak says the page's own words in lang.
func (f *frame) speak(lang text.Lang) {
	f.Lang, f.Words = "zh-CN", wordsIn(lang)
	if lang == text.En {
		f.Lang = "en"
	}
}

func (s *Server) frame(r *http.Request, lang text.Lang, title string) frame {
	f := frame{Title: title, Version: s.views.version, Base: s.base, Home: s.base + "/"}
	f.speak(lang)
	other, label := text.En, "English"
	if lang == text.En {
		other, label = text.Zh, "中文"
	}
	if chosen := r.URL.Query().Get("lang"); chosen != "" {
		f.Home += "?lang=" + string(lang)
	}
	if r.Method == http.MethodPost {
		f.Other = link{label, s.base + "/?lang=" + string(other)}
		return f
	}
	q := r.URL.Query()
	q.Set("lang", string(other))
	f.Other = link{label, s.base + "/" + strings.TrimLeft(r.URL.EscapedPath(), "/") + "?" + q.Encode()}
	return f
}

// show renders a page in full before anything of it is sent.
func (s *Server) show(w http.ResponseWriter, r *http.Request, status int, t *template.Template, view any) {
	var page bytes.Buffer
	if err := t.Execute(&page, view); err != nil {
		s.failed(r, err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "private, no-cache")
	h.Add("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes())
}

// lostView is a page that says what is not there, and what is.
type lostView struct {
	frame
	Message string
	Links   []link
}

func (s *Server) lost(w http.ResponseWriter, r *http.Request, status int, k text.Key, v lostView, args ...text.Arg) {
	lang := s.language(r)
	v.frame = s.frame(r, lang, lang.Say(text.PageTitle))
	v.Message = lang.Say(k, args...)
	s.show(w, r, status, s.views.lost, v)
}

// static serves a file of the pages. Its address changes with its content.
func (s *Server) static(w http.ResponseWriter, r *http.Request) {
	data, err := statics.ReadFile("static/" + r.PathValue("name"))
	if err != nil {
		s.lost(w, r, http.StatusNotFound, text.PageNotFound, lostView{})
		return
	}
	if r.URL.Query().Get("v") == s.views.version {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, r.PathValue("name"), time.Time{}, bytes.NewReader(data))
}
