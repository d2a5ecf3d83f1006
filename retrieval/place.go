package retrieval

import "fmt"

// lookAt makes the paragraph at a place the only hit, however little it has to
// do with the question.
func (r *ranking) lookAt(res *Result, at Place) error {
	r.begin()
	for ri, report := range r.g.Corpus.Reports {
		if report.ID != at.Report {
			continue
		}
		for pi := range report.Paragraphs {
			if report.Paragraphs[pi].ID != at.Paragraph {
				continue
			}
			h, ok := r.score(r.g.first[ri] + pi)
			if !ok {
				break
			}
			r.detail(&h)
			res.Hits = []Hit{h}
			return nil
		}
	}
	return fmt.Errorf("%w: %s#%s", ErrUnknownPlace, at.Report, at.Paragraph)
}
