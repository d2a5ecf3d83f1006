package telegram

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/telegram/api"
	"wenbao/bot/telegram/markup"
	"wenbao/bot/telegram/update"
)

const (
	inlineWorkers = 4
	maxQueries    = 64               // waiting; more are not answered, the next keystroke asks again
	queryWithin   = 10 * time.Second // Telegram drops what comes later
	cards         = 10               // of a page
	cacheCards    = 300              // seconds
	cacheNone     = 10
	longestTitle  = 80 // runes
	longestHints  = 64 // units of the button above the results
	startInline   = "inline"
)

// A typed query is an inline query with the context of its update.
type typed struct {
	update.Query
	from context.Context
}

// query queues an inline query. It is not kept: it is answered now or not at
// all.
func (b *Bot) query(ctx context.Context, q update.Query) {
	select {
	case b.queries <- typed{q, context.WithoutCancel(ctx)}:
	default:
		b.metrics.inline.WithLabelValues("dropped").Inc()
	}
}

func (b *Bot) answerQueries(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case q := <-b.queries:
			within, cancel := context.WithTimeout(q.from, queryWithin)
			stop := context.AfterFunc(ctx, cancel)
			result, err := b.answerQuery(within, q.Query)
			stop()
			cancel()
			if err != nil && ctx.Err() == nil {
				b.log.InfoContext(q.from, "an inline query was not answered", "error", err)
			}
			b.metrics.inline.WithLabelValues(result).Inc()
		}
	}
}

// answerQuery answers an inline query with cards, or with a hint above none.
func (b *Bot) answerQuery(ctx context.Context, q update.Query) (string, error) {
	lang := text.Pick(q.Locale, b.settings.Lang)
	if q.Text == "" || q.Offset >= answers.MaxTop {
		return "none", b.answerNone(ctx, q, lang.Say(text.InlineHint))
	}
	// Limits of what is typed are apart from those of what is asked. A
	// person's private chat has their id: an allow-list knows it by that.
	r, err := b.Conversation.Handle(ctx, bot.Message{
		Address: bot.Address{Platform: Platform, Chat: q.User, User: "inline:" + q.User},
		ID:      q.ID, Text: q.Text, Addressed: true, Fleeting: true, Locale: q.Locale,
		Top: min(answers.MaxTop, q.Offset+cards+1)})
	if err != nil {
		return "failed", err
	}
	if r.Answer == nil || r.Answer.Status != answers.Answered {
		return "none", b.answerNone(ctx, q, r.Plain())
	}
	excerpts := r.Answer.Excerpts
	page := excerpts[min(q.Offset, len(excerpts)):min(q.Offset+cards, len(excerpts))]
	next := ""
	if len(excerpts) > q.Offset+cards {
		next = strconv.Itoa(q.Offset + cards)
	}
	err = b.answerCards(ctx, q, page, next, true)
	if kind := api.KindOf(err); kind == api.Entities || kind == api.Refused {
		b.metrics.plain.Inc()
		err = b.answerCards(ctx, q, page, next, false)
	}
	if err != nil {
		return "failed", err
	}
	return "answered", nil
}

// answerNone shows no results and a button that leads to the private chat.
func (b *Bot) answerNone(ctx context.Context, q update.Query, message string) error {
	if message == "" {
		message = text.Pick(q.Locale, b.settings.Lang).Say(text.InlineHint)
	}
	return b.call(ctx, "answerInlineQuery", api.Params{"inline_query_id": q.ID, "results": []any{},
		"cache_time": cacheNone, "is_personal": true,
		"button": map[string]string{"text": shorten(message, longestHints), "start_parameter": startInline}}, nil)
}

func (b *Bot) answerCards(ctx context.Context, q update.Query, excerpts []answers.Excerpt, next string, formatted bool) error {
	results := make([]card, 0, len(excerpts))
	for _, x := range excerpts {
		results = append(results, newCard(x, formatted))
	}
	return b.call(ctx, "answerInlineQuery", api.Params{"inline_query_id": q.ID, "results": results,
		"cache_time": cacheCards, "is_personal": false, "next_offset": next}, nil)
}

// A card is an inline result: a quote and its citation, sent when chosen.
type card struct {
	Type        string         `json:"type"`
	ID          string         `json:"id"`
	Title       string         `json:"title"`
	Description string         `json:"description,omitempty"`
	URL         string         `json:"url,omitempty"`
	Content     map[string]any `json:"input_message_content"`
}

func newCard(x answers.Excerpt, formatted bool) card {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%d", x.Citation.Report, x.Citation.ParagraphID, x.Start, x.End))
	page := markup.Render(bot.Reply{Kind: bot.KindAnswer, Blocks: []bot.Block{{Kind: bot.BlockQuote,
		Quote: &bot.Quote{Text: x.Quote, Marks: x.Marks, Citation: x.Citation}}}}, markup.Options{})[0]
	c := card{Type: "article", ID: hex.EncodeToString(sum[:12]), Title: shorten(x.Quote, longestTitle),
		Description: shorten(x.Citation.Label, longestTitle),
		Content:     map[string]any{"message_text": page.Text, "link_preview_options": map[string]bool{"is_disabled": true}}}
	if formatted {
		c.Content["message_text"], c.Content["parse_mode"] = page.HTML(), "HTML"
	}
	if u, ok := markup.Absolute(x.Citation.URL); ok {
		c.URL = u
	}
	return c
}

// shorten cuts s to n runes, the last of them an ellipsis.
func shorten(s string, n int) string {
	r := []rune(markup.Clean(s))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n-1]) + "…"
}
