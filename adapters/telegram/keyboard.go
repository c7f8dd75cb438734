package telegram

import (
	"context"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
)

const (
	// maxCallbackData is how many bytes a button's data has at most.
	// https://core.telegram.org/bots/api#inlinekeyboardbutton
	maxCallbackData = 64
	// buttonsPerRow is how many buttons of a row can be read on a phone.
	buttonsPerRow = 3
	// maxButtons is how many buttons a message has at most. Telegram does not document
	// its limit.
	maxButtons = 100
)

// keyboard has the buttons below a message.
// https://core.telegram.org/bots/api#inlinekeyboardmarkup
type keyboard struct {
	Rows [][]key `json:"inline_keyboard"`
}

type key struct {
	Text string `json:"text"`
	URL  string `json:"url,omitempty"`
	Data string `json:"callback_data,omitempty"`
}

// keyboards returns the buttons and menus of a card, with at most maxButtons in each
// keyboard. Disabled buttons, and those without a label or with an address that Telegram
// would refuse, are left out.
func (a *Adapter) keyboards(ctx context.Context, c *card.Card) ([]*keyboard, error) {
	var all []*keyboard
	left := 0 // how many buttons the last keyboard can still take
	for _, row := range format.Rows(c, buttonsPerRow) {
		var keys []key
		for _, b := range row {
			if b.Disabled || b.Label == "" || b.URL != "" && !isLink(b.URL) {
				continue
			}
			made := key{Text: b.Label, URL: b.URL}
			if b.URL == "" {
				data, err := a.buttons.Pack(ctx, b.ID, b.Value)
				if err != nil {
					return nil, err
				}
				made.Data = data
			}
			keys = append(keys, made)
		}
		if len(keys) == 0 {
			continue
		}
		if left < len(keys) {
			all, left = append(all, &keyboard{}), maxButtons
		}
		left -= len(keys)
		last := all[len(all)-1]
		last.Rows = append(last.Rows, keys)
	}
	return all, nil
}
