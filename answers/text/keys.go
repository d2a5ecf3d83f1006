package text

// A Key names a message of the catalogue.
type Key int

// What a person hears whatever they asked.
const (
	Greeting Key = iota
	Thanks
	Farewell
	Identity
	Help
	Empty
	TooLong // n: the most characters
	LimitedUser
	LimitedWorkspace // n: seconds to wait
	Busy
	Failed
	NotAllowed
	Working
	UnknownCommand // name
	NearCommand    // name: the command that may have been meant

	// Answers.
	Refused
	Nearest
	Understood // name: the question as understood
	AnswerCode // code
	FigureAchieved
	FigureTarget
	FigureForecast
	Curated
	Partly // list: the asks that found no answer

	// Commands.
	TermsTitle // n
	TermsNone
	TermUnknown // name
	TermUsage
	TermMore     // n: further reports that define it
	SourcesTitle // n
	SourcesNone
	SourceChosen
	PageNote // n: the page; list: how many there are
	UseDone  // name
	UseAll
	UseUnknown   // name
	UseAmbiguous // name
	UseUsage
	UseCurrent // name
	PopularTitle
	PopularNone
	TopSet // n
	MoreTitle
	MoreNone
	MoreNothing
	ResetDone
	Forgotten // n
	ForgetConfirm
	ForgetNothing
	ForgetFailed
	LangSet
	LangUsage
	VerifyUsage
	VerifyUnknown // code
	VerifyTitle   // code
	VerifyEmpty   // code
	VerifyUnchanged
	VerifyChanged
	VerifyGone

	// Actions.
	ParagraphTitle // name: the report
	ParagraphGone
	ParagraphFirst
	ParagraphLast
	WhyTitle
	WhyWords   // list
	WhyTerm    // name
	WhySection // name
	WhyPeriod  // name
	WhyRank    // n
	WhyMeaning
	WhyCurated
	VotedUp
	VotedDown
	VotedReason
	ReasonWrong
	ReasonIncomplete
	ReasonOutdated
	ReasonUnclear
	RelatedTitle
	RelatedNone
	WatchDone
	WatchAlready
	WatchFull
	WatchNeedless
	WatchAnswered // name: the question
	Expired
	NotYours

	// Buttons.
	ButtonMore
	ButtonParagraph
	ButtonWhy
	ButtonUp
	ButtonDown
	ButtonForget
	ButtonVerify
	ButtonRelated
	ButtonWatch
	ButtonPrevious
	ButtonNext
	ButtonTerm // name
	ButtonPreviousPage
	ButtonNextPage

	// Refusals, by reason.
	RefusedNoMatch
	RefusedOutOfPeriod // list: the years the reports are about
	RefusedOutOfPlace  // name: the place; list: the regions covered
	RefusedNotMentioned
	RefusedNoFigure
	RefusedOffTopic

	// Questions offered instead.
	AskFigure // name: the indicator; list: the period
	AskTarget // name, list
	AskTerm   // name

	// Pages and the terminal.
	PageTitle
	PageLead
	PageQuestion
	PageAsk
	PageExamples
	PageReport
	PageAllReports
	PageAnew
	PageAfter  // name: the question before
	PageCovers // n
	PageFurther
	PageOutline
	PageSkip
	PageHome
	PageOriginal
	PageParagraph // n
	PageCited     // n
	PageJump
	PageBadRange    // n
	PageNoParagraph // name
	PageNoReport
	PageNotFound
	PageOpenReport
	PageGlossary
	PageOutlineTop
	PageReason
	PageSend
	PageBack
	PageUse
	CommandWordVerify
	ChatGreeting

	// Slack.
	SlackShare
	SlackShared // name: the question
	SlackNotInChannel
	SlackContinued
	SlackNext
	SlackReasonTitle
	SlackReasonWords
	SlackSend
	SlackCancel
	SlackChoose
	SlackHomeLead // name: the command
	SlackHomeAsk
	SlackHomeRecent
	SlackHomePopular
	SlackAskHint
	SlackInstalled
	SlackInstallFailed
	SlackInstallDenied
	SlackInstallExpired

	// Telegram's own.
	CommandAsk
	CommandTerm
	CommandTerms
	CommandSources
	CommandUse
	CommandTop
	CommandMore
	CommandVerify
	CommandReset
	CommandForget
	CommandHelp
	BotDescription
	BotAbout
	InlineHint
	ButtonPrivately

	keys // how many there are
)
