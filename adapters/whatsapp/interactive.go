package whatsapp

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
)

// WhatsApp's limits for buttons and lists. Those of texts are in characters:
//
//   - https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-reply-buttons-messages
//   - https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-list-messages
//   - https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-cta-url-messages
const (
	maxButtons     = 3
	maxRows        = 10
	maxButtonTitle = 20
	maxRowTitle    = 24
	maxDescription = 72
	maxRowID       = 200 // a button's can have 256
	maxButtonBody  = 1024
)

// interactive is a text with buttons, a list or a link under it.
type interactive struct {
	Type   string      `json:"type"` // "button", "list" or "cta_url"
	Body   textBody    `json:"body"`
	Action actionOfAll `json:"action"`
}

type textBody struct {
	Text string `json:"text"`
}

// actionOfAll has the fields of each type.
type actionOfAll struct {
	Buttons    []button    `json:"buttons,omitempty"`
	Button     string      `json:"button,omitempty"` // opens the list
	Sections   []section   `json:"sections,omitempty"`
	Name       string      `json:"name,omitempty"` // "cta_url"
	Parameters *linkButton `json:"parameters,omitempty"`
}

type button struct {
	Type  string `json:"type"` // "reply"
	Reply reply  `json:"reply"`
}

type reply struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

type section struct {
	Rows []row `json:"rows"`
}

type row struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

type linkButton struct {
	Text string `json:"display_text"`
	URL  string `json:"url"`
}

// maxBody returns the most characters that its text can have.
func (i *interactive) maxBody() int {
	if i.Type == "list" {
		return maxText
	}
	return maxButtonBody
}

// choices returns the buttons and menus of a card: up to three as buttons, more as
// lists of ten rows, and a single link as a link. The second result tells which of them
// the text must show instead.
func (a *Adapter) choices(ctx context.Context, c *card.Card) ([]interactive, format.CardActions, error) {
	var options, links []format.Button
	for _, list := range format.Rows(c, maxRows) {
		for _, b := range list {
			b.Label = strings.Join(strings.Fields(b.Label), " ") // a title is one line
			switch {
			case b.Disabled || format.IsBlank(b.Label):
			case b.URL != "":
				links = append(links, b)
			case !slices.ContainsFunc(options, func(o format.Button) bool { return o.ID == b.ID && o.Value == b.Value }):
				options = append(options, b) // WhatsApp takes each id once
			}
		}
	}
	if len(options) == 0 {
		if len(links) == 1 && isWebAddress(links[0].URL) && format.Length(links[0].Label, format.UTF16) <= maxButtonTitle {
			return []interactive{{Type: "cta_url", Action: actionOfAll{Name: "cta_url", Parameters: &linkButton{links[0].Label, links[0].URL}}}}, format.NoActions, nil
		}
		return nil, format.LinkActions, nil
	}
	var all []interactive
	titles := titles{}
	if len(options) <= maxButtons {
		i := interactive{Type: "button"}
		for _, o := range options {
			id, err := a.buttons.Pack(ctx, o.ID, o.Value)
			if err != nil {
				return nil, 0, err
			}
			i.Action.Buttons = append(i.Action.Buttons, button{"reply", reply{id, titles.fit(o.Label, maxButtonTitle)}})
		}
		return []interactive{i}, format.LinkActions, nil
	}
	for first := 0; first < len(options); first += maxRows {
		var rows []row
		for _, o := range options[first:min(first+maxRows, len(options))] {
			id, err := a.buttons.Pack(ctx, o.ID, o.Value)
			if err != nil {
				return nil, 0, err
			}
			r := row{ID: id, Title: titles.fit(o.Label, maxRowTitle)}
			if r.Title != o.Label { // it is cut
				r.Description = format.Shorten(o.Label, maxDescription, format.UTF16)
			}
			rows = append(rows, r)
		}
		all = append(all, interactive{Type: "list", Action: actionOfAll{Button: listButton, Sections: []section{{rows}}}})
	}
	return all, format.LinkActions, nil
}

// listButton is the text of the button that opens a list. WhatsApp requires one, and a
// card has none.
const listButton = "☰"

// titles are the titles so far. WhatsApp refuses a title that occurs twice.
type titles map[string]bool

// fit returns a label as a title that was not used yet.
func (t titles) fit(label string, most int) string {
	title := format.Shorten(label, most, format.UTF16)
	for n := 2; t[title]; n++ {
		mark := " " + strconv.Itoa(n)
		title = format.Shorten(label, most-len(mark), format.UTF16) + mark
	}
	t[title] = true
	return title
}

func isWebAddress(address string) bool {
	return strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://")
}

// withChoices puts the first choices under the last text, and each further one under a
// text of its own.
func withChoices(parts []part, choices []interactive) []part {
	for i := range choices {
		c := &choices[i]
		if n := len(parts) - 1; i == 0 && n >= 0 && parts[n].request.Text != nil {
			c.Body.Text = parts[n].request.Text.Body
			parts = parts[:n]
		} else {
			c.Body.Text = moreChoices
		}
		parts = append(parts, part{request: request{Type: "interactive", Interactive: c}})
	}
	return parts
}

// moreChoices is the text above buttons that have no text of their own.
const moreChoices = "…"
