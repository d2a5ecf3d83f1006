package retrieval

// Weights are the numbers that ranking depends on. The tuner in answers/eval
// sets them; the values in DefaultWeights are what it found.
type Weights struct {
	IDFPower float64 `json:"idf_power"` // idf is raised to this
	Unigram  float64 `json:"unigram"`   // of a character beside bigrams at 1
	Word     float64 `json:"word"`      // of a Latin word or number
	Function float64 `json:"function"`  // of a bigram that holds a grammatical character
	K1       float64 `json:"k1"`        // BM25 saturation of the paragraph
	B        float64 `json:"b"`         // BM25 length normalisation of the paragraph

	Said      float64 `json:"said"`       // a concept's term in place of what was said
	Related   float64 `json:"related"`    // a related concept's term
	General   float64 `json:"general"`    // share of that where the concept fits any subject
	English   float64 `json:"english"`    // a dictionary's translation
	Near      float64 `json:"near"`       // a term of the concept nearest to the question as a whole
	NearFall  float64 `json:"near_fall"`  // power of a concept's score against the nearest one's
	NearSure  float64 `json:"near_sure"`  // share of the question from which a near concept counts in full
	NearNamed float64 `json:"near_named"` // factor on that where who, where or which is asked for, or a list
	NearCover float64 `json:"near_cover"` // how much of that counts in the coverage
	FormMass  float64 `json:"form_mass"`  // how much a matched form counts against literal grams
	FormOwn   float64 `json:"form_own"`   // how much of that follows the form's own length, not that of what it stands for (0–1)

	Paragraph float64 `json:"paragraph"`
	Sentence  float64 `json:"sentence"`
	Clause    float64 `json:"clause"`
	Head      float64 `json:"head"`   // section path as evidence for a sentence
	Length    float64 `json:"length"` // length normalisation of the sentence

	Bridge   float64 `json:"bridge"`   // a bigram across what was cut out: 种了多少亩草 asks for 种草
	Repeat   float64 `json:"repeat"`   // gain of a find that a sentence repeats
	Preamble float64 `json:"preamble"` // factor on title, date and salutation
	Unknown  float64 `json:"unknown"`  // share of characters that neither corpus nor lexicon knows in the coverage

	Period      float64 `json:"period"` // gain where the sentence's year is the one asked for
	Span        float64 `json:"span"`   // share of that where the sentence speaks of several years and one is asked for
	WrongPeriod float64 `json:"wrong_period"`
	Tense       float64 `json:"tense"` // gain where done/planned agree
	WrongTense  float64 `json:"wrong_tense"`
	Unit        float64 `json:"unit"`      // gain for a quantity of the unit asked for
	Dimension   float64 `json:"dimension"` // gain for a quantity of that kind
	Indicator   float64 `json:"indicator"` // gain of a figure that measures what the question names in full
	NoQuantity  float64 `json:"no_quantity"`
	Shape       float64 `json:"shape"`       // gain where a sentence has the shape of the answer (list, date, place)
	Where       float64 `json:"where"`       // gain of naming a place where one is asked for
	Term        float64 `json:"term"`        // gain of a glossary entry that is asked for
	Glossary    float64 `json:"glossary"`    // loss of an entry that is not asked for
	Heading     float64 `json:"heading"`     // factor on headings
	OtherPlace  float64 `json:"other_place"` // factor where a place that is asked for is not mentioned
	OwnPlace    float64 `json:"own_place"`   // the same where that place has reports of its own
	OwnName     float64 `json:"own_name"`    // share of the name of such a place as a word

	ChoiceClause float64 `json:"choice_clause"` // of the best clause when choosing the sentence
	ChoiceNumber float64 `json:"choice_number"` // of holding a number when choosing the sentence
	First        float64 `json:"first"`         // factor on terms already in the paragraph's first sentence, when choosing the quote
	Extend       float64 `json:"extend"`        // a neighbouring sentence joins the quote when it scores this share of the best
	QuoteIDF     float64 `json:"quote_idf"`     // idf power when choosing the sentence within a paragraph
	Frequent     float64 `json:"frequent"`
}

// DefaultWeights returns the tuned weights.
func DefaultWeights() Weights {
	return Weights{
		IDFPower: 0.7, Unigram: 1.125, Word: 2.5, Function: 0.64, K1: 0.48, B: 1,
		Said: 0.7, Related: 0.3, General: 0.264, English: 0.9, Near: 1.1, NearFall: 3, NearSure: 0.45, NearNamed: 0.5, NearCover: 0.45, FormMass: 0.8, FormOwn: 0.3,
		Paragraph: 0.55, Sentence: 0.32, Clause: 0.158, Head: 0.54, Length: 0.45,
		Bridge: 0.275, Repeat: 0.16, Preamble: 0.9, Unknown: 0.15,
		Period: 0.25, Span: 0.2, WrongPeriod: 0.3, Tense: 0.2, WrongTense: 0.14,
		Unit: 0.36, Dimension: 0.34, Indicator: 0.25, NoQuantity: 0.27, Shape: 0.062, Where: 0.24, Term: 1.5, Glossary: 0.16, Heading: 0.6, OtherPlace: 0.62, OwnPlace: 0.1, OwnName: 0.1,
		ChoiceClause: 0.064, ChoiceNumber: 4, First: 0.25, Extend: 0.6, QuoteIDF: 0.7, Frequent: 0.2,
	}
}
