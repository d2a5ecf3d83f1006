// Package telegram is wenbao's place in Telegram: private chats, groups and
// their topics, inline queries.
//
// From the bottom up:
//
//	bot/telegram/api      calls of the Bot API, their errors, never the token
//	bot/telegram/update   what Telegram sends, whatever it is, as events
//	bot/telegram/markup   replies as messages: entities, pages, keyboards
//	bot/telegram/pace     Telegram's limits on sending
//	bot/telegram          Sender brings replies there; Bot takes updates, by
//	                      long polling or webhook, and hands them to the Desk
//	bot/telegram/telegramfake  a Bot API of our own for tests
//
// An update counts as taken only when its event is in the Desk's inbox: the
// next getUpdates confirms it to Telegram, or the webhook answers 200. What
// Telegram delivers again is known there by its key.
package telegram
