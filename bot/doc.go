// Package bot is the conversation that every platform shares: a [Message] or
// an [Action] comes in, a [Reply] goes out.
//
// A Reply is a document without a platform: adapters render it and never add
// words of their own. Quotes in it are verbatim bytes of a report; every
// other word comes from wenbao/answers/text or from the Answerer.
//
// From the bottom up:
//
//	bot/token     what a button carries: at most 64 bytes, versioned
//	bot/command   the words of a message that ask for something other than an answer
//	bot/store     small keyed values with owners and expiry: in memory, or in a file
//	bot/journal   the file below it: an append-only log that survives kill -9
//	bot/session, bot/ledger, bot/feedback, bot/watch, bot/popular, bot/limit
//	              what is kept: conversations, answers given, votes and
//	              unanswered questions, who waits for an answer, what is often
//	              asked, how fast somebody asks
//	bot           the vocabulary: Message, Action, Reply, and what is needed of others
//	bot/library   reports, glossaries and paragraphs of the live generation
//	bot/compose   what a reply shows, in which order
//	bot/conversation  Handler: one message or action → one reply
//	bot/inbox     deliveries, each known by its key, and how far each got
//	bot/delivery  Desk: receive → handle → send, bounded, exactly one reply
//	bot/stores    puts the memory or file versions together
//	bot/lease     what one of several processes may do at a time, and what it tells the others
//	bot/redis     a Redis that an answer can do without; below it what several
//	              processes keep there: shelf (values), counts, mail (the
//	              inbox), lead (leases), replica (all of it)
//	bot/health    what the parts say of themselves, for /readyz
//	bot/request   ids of what comes in, in every line of the log
//	bot/meter     questions counted
//	bot/telemetry  stages timed, and their spans sent to a collector
//	bot/conformance, bot/bottest  for tests: what every store promises; an Answerer without an index
//
// A platform whose answers go back on the connection that asked (terminal,
// API, page) calls a Handler directly; the page and the API's clients carry
// their session themselves (Message.Carried). A platform that posts (Slack,
// Telegram) hands events to a delivery.Desk and implements its Sender.
package bot
