package bottest

import (
	"fmt"
	"strings"

	"wenbao/bot"
)

// Print writes a reply as text: what an asker would see, and the buttons.
func Print(r bot.Reply) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[%s%s]\n", r.Kind, flags(r))
	for _, block := range r.Blocks {
		printBlock(&b, block)
	}
	printButtons(&b, "", r.Buttons)
	for _, s := range r.Suggestions {
		fmt.Fprintf(&b, "? %s\n", s.Label)
	}
	return b.String()
}

func flags(r bot.Reply) string {
	out := ""
	if r.Toast {
		out += " toast"
	}
	if r.Private {
		out += " private"
	}
	if r.Replaces != "" {
		out += " replaces " + r.Replaces
	}
	return out
}

func printBlock(b *strings.Builder, block bot.Block) {
	switch block.Kind {
	case bot.BlockFigure:
		fmt.Fprintf(b, "= %s %s %s %s\n", block.Figure.Indicator, block.Said, block.Figure.Period, block.Text)
	case bot.BlockQuote:
		printQuote(b, *block.Quote)
	case bot.BlockList:
		for _, i := range block.Items {
			fmt.Fprintf(b, "- %s", i.Text)
			if i.Note != "" {
				fmt.Fprintf(b, " (%s)", i.Note)
			}
			b.WriteString("\n")
		}
	case bot.BlockTitle:
		fmt.Fprintf(b, "# %s\n", block.Text)
	case bot.BlockNote:
		fmt.Fprintf(b, "· %s\n", block.Text)
	default:
		fmt.Fprintf(b, "%s\n", block.Text)
	}
}

func printQuote(b *strings.Builder, q bot.Quote) {
	var marked strings.Builder
	at := 0
	for _, m := range q.Marks {
		marked.WriteString(q.Text[at:m.Start] + "*" + q.Text[m.Start:m.End] + "*")
		at = m.End
	}
	marked.WriteString(q.Text[at:])
	if q.Number > 0 {
		fmt.Fprintf(b, "%d ", q.Number)
	}
	fmt.Fprintf(b, "「%s」\n    —— %s\n", marked.String(), q.Citation.Label)
	if q.Note != "" {
		fmt.Fprintf(b, "    %s\n", q.Note)
	}
	printButtons(b, "    ", q.Buttons)
}

func printButtons(b *strings.Builder, indent string, buttons []bot.Button) {
	if len(buttons) == 0 {
		return
	}
	b.WriteString(indent)
	for i, x := range buttons {
		if i > 0 {
			b.WriteString(" ")
		}
		fmt.Fprintf(b, "<%s>", x.Label)
	}
	b.WriteString("\n")
}

// Buttons returns every button of a reply, those of its quotes and lists
// included, in the order of Print.
func Buttons(r bot.Reply) []bot.Button {
	var out []bot.Button
	for _, b := range r.Blocks {
		if b.Quote != nil {
			out = append(out, b.Quote.Buttons...)
		}
		for _, i := range b.Items {
			if i.Button != nil {
				out = append(out, *i.Button)
			}
		}
	}
	return append(append(out, r.Buttons...), r.Suggestions...)
}

// Quotes returns every quote of a reply.
func Quotes(r bot.Reply) []bot.Quote {
	var out []bot.Quote
	for _, b := range r.Blocks {
		if b.Quote != nil {
			out = append(out, *b.Quote)
		}
	}
	return out
}

// Counter is a source of bytes that are the same every time.
type Counter struct{ n uint64 }

// Read fills p.
func (c *Counter) Read(p []byte) (int, error) {
	for i := range p {
		c.n = c.n*6364136223846793005 + 1442695040888963407
		p[i] = byte(c.n >> 33)
	}
	return len(p), nil
}
