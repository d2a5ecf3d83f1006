package figures

import (
	_ "embed"

	"wenbao/retrieval/words"
)

// The words that tell, in the clause around a quantity, the verb from what is
// measured. They are the common language of such reports, no data set's.
//
//go:embed words.txt
var wordFile string

var (
	lists         = words.Parse(wordFile)
	joints        = lists.Set("joints")
	changeVerbs   = lists.Set("change-verbs")
	actionVerbs   = lists.Set("action-verbs")
	nounVerbs     = lists.Set("noun-verbs")
	intransitive  = lists.Set("never-transitive")
	comparisons   = lists.Set("comparisons")
	leadWords     = lists.Set("lead-words")
	tailWords     = lists.Set("tail-words")
	stopWords     = lists.Set("stop-words")
	supportNouns  = lists.Set("support-nouns")
	headNouns     = lists.Set("head-nouns")
	genericNouns  = lists.Set("generic-nouns")
	totals        = lists.Set("totals")
	declines      = lists.Set("declines")
	reached       = lists.Set("reached")
	growthVerbs   = lists.Set("growth-verbs")
	shareNouns    = lists.Set("share-nouns")
	growthNouns   = lists.Set("growth-nouns")
	perHead       = lists.Set("per-head")
	basisWords    = lists.Set("basis")
	compareWords  = lists.Set("compared-with")
	forecasts     = lists.Set("forecasts")
	shareVerbs    = lists.Set("share-verbs")
	planWords     = lists.Set("plan-shares")
	nounMakers    = lists.Set("noun-makers")
	comparators   = lists.Set("comparators")
	aimNouns      = lists.Set("aim-nouns")
	noNouns       = lists.Set("no-nouns")
	modifiers     = lists.Set("head-modifiers")
	wholeAreas    = lists.Set("whole-areas")
	sharedStarts  = lists.Set("shared-starts")
	cuts          = lists.Set("cuts")
	secondVerbs   = lists.Set("second-verbs")
	trailingVerbs = lists.Set("trailing-verbs")
	results       = lists.Set("results")
	objectEnds    = lists.Set("object-ends")
	jointInside   = lists.Set("joint-inside")
	countedPlaces = lists.Set("counted-places")
	parallel      = lists.Set("parallel")
	predicates    = lists.Set("predicates")
	objectStarts  = lists.Set("object-starts")
	standing      = lists.Set("standing")
	fixedNouns    = lists.Set("fixed-nouns")
	stocks        = lists.Set("stocks")
	already       = lists.Set("already")
	times         = lists.Set("when")
	partWords     = lists.Set("parts")
	adverbials    = lists.Set("adverbials")
	degrees       = lists.Set("degrees")
	ratioEnds     = lists.Set("ratio-ends")
	ratioStarts   = lists.Set("ratio-starts")
	lastJoints    = lists.Set("last-joints")
	perMany       = lists.Set("per-many")
	perOne        = lists.Set("per-one")
)
