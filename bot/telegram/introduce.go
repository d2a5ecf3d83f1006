package telegram

import (
	"context"

	"wenbao/answers/text"
	"wenbao/bot/telegram/api"
	"wenbao/bot/telegram/update"
)

// introduce tells Telegram the bot's commands and what it is, in every
// language and, for all other languages, in the default one. The bot works
// without.
func (b *Bot) introduce(ctx context.Context) {
	for _, code := range []text.Lang{"", text.Zh, text.En} {
		lang := text.Pick(string(code), b.settings.Lang)
		for _, c := range introductions(lang) {
			c.params["language_code"] = string(code)
			if !b.introduceBy(ctx, c) {
				return
			}
		}
	}
}

// introduceBy makes one of the calls, again while Telegram is not to be
// reached, and reports whether to go on.
func (b *Bot) introduceBy(ctx context.Context, c call) bool {
	err := b.insist(ctx, c.method, func(string) {}, func(ctx context.Context) error {
		err := b.client.Call(ctx, c.method, c.params, nil)
		switch api.KindOf(err) {
		case api.Passing, api.Slow, api.Unauthorized:
			return err
		}
		if err != nil {
			b.log.Warn("the bot is not introduced in full", "error", err)
		}
		return nil
	})
	return err == nil
}

type call struct {
	method string
	params api.Params
}

// A command in the API's terms.
type menuItem struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

func introductions(lang text.Lang) []call {
	var menu []menuItem
	for _, m := range update.Menu() {
		menu = append(menu, menuItem{m.Name, lang.Say(m.Key)})
	}
	return []call{
		{"setMyCommands", api.Params{"commands": menu}},
		{"setMyDescription", api.Params{"description": lang.Say(text.BotDescription)}},
		{"setMyShortDescription", api.Params{"short_description": lang.Say(text.BotAbout)}},
	}
}
