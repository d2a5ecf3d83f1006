package web

import (
	"net/url"
	"strconv"
	"strings"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/token"
)

// replyView is a reply as the page shows it.
type replyView struct {
	Kind        bot.Kind
	Blocks      []blockView
	Actions     []link
	Forms       []formView // what changes something
	Suggestions []link
}

// A formView is a button that is pressed by a form.
type formView struct {
	Label, Token string
	Asks         bool // words may go with it
}

type blockView struct {
	Kind   bot.BlockKind
	Lines  []string
	Value  string   // of a figure
	About  []string // what it is of, when, which kind
	Quote  *quoteView
	Items  []itemView
	Before string // a heading above it
}

type itemView struct {
	Text, Note, URL string
	Action          *link
}

type quoteView struct {
	Parts   []part
	Label   string
	URL     string
	Lead    bool // the quote that answers
	Note    string
	Chips   []link
	Actions []link
}

// view shows a reply. A page without a question has the reply's title for its
// heading.
func (s *Server) view(reply bot.Reply, v *askView) *replyView {
	out := &replyView{Kind: reply.Kind}
	for i, b := range reply.Blocks {
		if b.Kind == bot.BlockTitle && i == 0 && v.Heading == "" {
			v.Heading = b.Text
			continue
		}
		block := s.block(b, v)
		if reply.Kind == bot.KindAnswer && b.Quote != nil {
			block.Quote.Lead = b.Quote.Number == 1
			if b.Quote.Number == 2 {
				block.Before = v.Words["further"]
			}
		}
		out.Blocks = append(out.Blocks, block)
	}
	for _, b := range reply.Buttons {
		s.button(b, reply, v, out)
	}
	if reply.Code != "" && (reply.Kind == bot.KindAnswer || reply.Kind == bot.KindRefusal) {
		out.Actions = append(out.Actions, link{v.Words["verify"], v.to("q", v.Words["check"]+" "+reply.Code)})
	}
	for _, b := range reply.Suggestions {
		out.Suggestions = append(out.Suggestions, link{b.Label, v.address(b.Label)})
	}
	return out
}

// button puts a button among the links or the forms.
func (s *Server) button(b bot.Button, reply bot.Reply, v *askView, out *replyView) {
	switch {
	case !does(b.Verb):
	case b.Verb == token.More:
		if to, ok := v.more(reply); ok {
			out.Actions = append(out.Actions, link{b.Label, to})
		}
	case shows(b.Verb):
		out.Actions = append(out.Actions, link{b.Label, v.pressing(b.Token)})
	default:
		out.Forms = append(out.Forms, formView{b.Label, b.Token, b.Asks})
	}
}

// more is where more excerpts are: the question again with more of them, so
// that a page that is loaded again stays the same.
func (v *askView) more(reply bot.Reply) (to string, ok bool) {
	if reply.Answer == nil || v.Question == "" {
		return v.to("q", text.Zh.Say(text.ButtonMore)), reply.Code != ""
	}
	if len(reply.Answer.Excerpts) < v.most || v.most >= answers.MaxTop {
		return "", false
	}
	u, err := url.Parse(v.before.to("q", v.Question))
	if err != nil {
		return "", false
	}
	q := u.Query()
	q.Set("n", strconv.Itoa(min(v.most+mostExcerpts, answers.MaxTop)))
	u.RawQuery = q.Encode()
	return u.String(), true
}

func (s *Server) block(b bot.Block, v *askView) blockView {
	out := blockView{Kind: b.Kind}
	if b.Text != "" {
		out.Lines = strings.Split(b.Text, "\n")
	}
	if b.Figure != nil {
		out.Value = b.Said
		for _, about := range []string{b.Figure.Indicator, b.Figure.Period, b.Text} {
			if about != "" {
				out.About = append(out.About, about)
			}
		}
	}
	for _, i := range b.Items {
		out.Items = append(out.Items, s.item(i, v))
	}
	if b.Quote != nil {
		out.Quote = s.quote(b.Quote, v)
	}
	return out
}

// item shows a line of a list, which leads to a page or presses a button.
func (s *Server) item(i bot.Item, v *askView) itemView {
	out := itemView{Text: i.Text, Note: i.Note, URL: s.local(i.URL)}
	switch {
	case i.Button == nil:
	case i.URL == "":
		out.URL = v.pressing(i.Button.Token)
	case i.Button.Verb == token.Use:
		out.Action = &link{v.Words["use"], v.pressing(i.Button.Token)}
	}
	return out
}

func (s *Server) quote(q *bot.Quote, v *askView) *quoteView {
	out := &quoteView{Parts: parts(q.Text, q.Marks, nil), Label: q.Citation.Label, Note: q.Note, URL: s.local(q.Citation.URL)}
	if v.Chosen != "" && out.URL != "" {
		joint := "?"
		if strings.Contains(out.URL, "?") {
			joint = "&"
		}
		out.URL += joint + "lang=" + v.Chosen
	}
	for _, b := range q.Buttons {
		to := link{b.Label, v.pressing(b.Token)}
		if b.Verb == token.Term {
			out.Chips = append(out.Chips, to)
		} else if shows(b.Verb) {
			out.Actions = append(out.Actions, to)
		}
	}
	return out
}

// local keeps a link to our own pages on this host.
func (s *Server) local(address string) string {
	if path := strings.TrimPrefix(address, s.PublicURL); strings.HasPrefix(path, "/") {
		return s.base + path
	}
	return address
}
