package telegram

import (
	"context"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
)

const (
	// maxCallbackData is in bytes.
	// https://core.telegram.org/bots/api#inlinekeyboardbutton
	maxCallbackData = 64
	// buttonsPerRow is how many can be read on a phone.
	buttonsPerRow = 3
	// maxButtons is how many a message may have.
	maxButtons = 100
)

// keyboard is the buttons below a message.
// https://core.telegram.org/bots/api#inlinekeyboardmarkup
type keyboard struct {
	Rows [][]key `json:"inline_keyboard"`
}

type key struct {
	Text string `json:"text"`
	URL  string `json:"url,omitempty"`
	Data string `json:"callback_data,omitempty"`
}

// keyboard returns the card's buttons and menus, or nil if it has none. What cannot
// be clicked is left out.
func (a *Adapter) keyboard(ctx context.Context, c *card.Card) (*keyboard, error) {
	k := &keyboard{}
	left := maxButtons
	for _, row := range format.Rows(c, buttonsPerRow) {
		var keys []key
		for _, b := range row {
			if b.Disabled || b.Label == "" || left == 0 {
				continue
			}
			left--
			made := key{Text: b.Label}
			if b.URL != "" {
				if !isLink(b.URL) {
					continue
				}
				made.URL = b.URL
			} else {
				data, err := a.buttons.Pack(ctx, b.ID, b.Value)
				if err != nil {
					return nil, err
				}
				made.Data = data
			}
			keys = append(keys, made)
		}
		if len(keys) > 0 {
			k.Rows = append(k.Rows, keys)
		}
	}
	if len(k.Rows) == 0 {
		return nil, nil
	}
	return k, nil
}
