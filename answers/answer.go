// Package answers turns what retrieval finds into an answer: quotes,
// citations, figures, refusals. Every quoted byte is the source's.
package answers

import (
	"context"
	"time"

	"wenbao/retrieval/report"
)

// Status says what an answer is.
type Status string

const (
	Answered  Status = "answered"
	NoAnswer  Status = "no_answer"
	SmallTalk Status = "small_talk"
)

// Reason says why there is no answer.
type Reason string

const (
	NoMatch      Reason = "no_match"
	OutOfPeriod  Reason = "out_of_period"
	OutOfPlace   Reason = "out_of_place"
	NotMentioned Reason = "not_mentioned"
	NoFigure     Reason = "no_figure"
	OffTopic     Reason = "off_topic"
)

// A Request is a question with what it is asked in.
type Request struct {
	ID       string
	Question string
	History  []string  // the asker's earlier questions, oldest first
	Report   string    // id of the report to keep to, "" for all
	Top      int       // most excerpts wanted; 0 means DefaultTop, at most MaxTop
	MaxQuote int       // longest quote in runes; 0 means DefaultMaxQuote
	Now      time.Time // the day 去年 refers to when no report is in view; zero: the newest report's
	Lang     string    // "zh" or "en": the language of messages; "" means zh
	// Workspace names who shares the answers that operators chose for them;
	// "" for nobody in particular.
	Workspace string
}

const (
	DefaultTop      = 5
	MaxTop          = 50
	DefaultMaxQuote = 200
	// MaxQuestion is the longest question in runes; a longer one is refused.
	MaxQuestion = 500
)

// An Answer is what an asker gets, in the shape of its JSON.
type Answer struct {
	ID          string    `json:"id,omitempty"`
	Question    string    `json:"question"`
	Status      Status    `json:"status"`
	Reason      Reason    `json:"reason,omitempty"`
	Message     string    `json:"message,omitempty"`    // text for the asker
	Understood  string    `json:"understood,omitempty"` // what a follow-up or a mended typo was taken to mean
	Figure      *Figure   `json:"figure,omitempty"`
	Excerpts    []Excerpt `json:"excerpts,omitempty"`
	Suggestions []string  `json:"suggestions,omitempty"` // questions that can be answered
	Generation  string    `json:"generation"`
	TookMicros  int64     `json:"took_us"`
	// Talk is the kind of small talk (greeting, thanks, farewell, identity).
	Talk string `json:"talk,omitempty"`
}

// A Figure is the quantity a question asked for, as the report has it.
type Figure struct {
	report.FigureWire
	Citation *FigureCitation `json:"citation,omitempty"`
}

// A FigureCitation says where the value of a figure stands: in which bytes of a
// paragraph's text.
type FigureCitation struct {
	Report      string `json:"report"`
	ParagraphID string `json:"paragraph_id"`
	Start       int    `json:"start"`
	End         int    `json:"end"`
}

// An Excerpt is a quote with its place. Quote == Text[Start:End].
type Excerpt struct {
	Quote    string   `json:"quote"`
	Text     string   `json:"text"` // the paragraph
	Start    int      `json:"start"`
	End      int      `json:"end"`
	Marks    []Mark   `json:"marks,omitempty"` // matched words, byte offsets into Quote, in order, disjoint
	Citation Citation `json:"citation"`
	Score    float64  `json:"score"`
}

// A Mark is a span of a quote that the question matched.
type Mark struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// A Citation says where a quote stands.
type Citation struct {
	Report      string   `json:"report"`
	Title       string   `json:"title"`
	Section     []string `json:"section,omitempty"`
	Paragraph   int      `json:"paragraph"`
	ParagraphID string   `json:"paragraph_id"`
	Term        string   `json:"term,omitempty"`
	Period      string   `json:"period,omitempty"`
	Label       string   `json:"label"`
	URL         string   `json:"url"` // relative unless a public URL is set
	// Curated says that an operator chose this place for the question, or what
	// a word of the question means.
	Curated bool `json:"curated,omitempty"`
}

// An Answerer answers questions. A cache is a layer of the same interface.
// Implementations are safe for concurrent use; an Answer returned is the
// caller's and its slices are not written to by anyone.
type Answerer interface {
	Answer(ctx context.Context, r Request) (Answer, error)
}
