package format

import "github.com/chat-adapter/chat-go/core/card"

// Button is a button on a platform without menus: a button of a card, or an option of a menu.
type Button struct {
	// ID is the id of the action, and Value the value of the button or the option. Both
	// are in the event of a click.
	ID, Value string
	// Label is the text on the button.
	Label string
	// URL is the address that the button opens. Then a click is not an event. Default
	// none.
	URL string
	// Style is the style of the button. Default: [card.DefaultStyle].
	Style card.Style
	// Disabled says that the button cannot be clicked. Default false.
	Disabled bool
	// Modal says that a click opens a modal. Default false.
	Modal bool
}

// Rows returns the buttons of a card in rows of at most perRow, in the order of the card. Each
// group of actions begins a row, and the options of a menu are in rows of their own.
func Rows(c *card.Card, perRow int) [][]Button {
	if c == nil {
		return nil
	}
	return cardRows(c.Children, max(perRow, 1))
}

func cardRows(children []card.Child, perRow int) [][]Button {
	var rows [][]Button
	for _, child := range children {
		switch child := child.(type) {
		case *card.Section:
			rows = append(rows, cardRows(child.Children, perRow)...)
		case *card.Actions:
			rows = append(rows, actionRows(child, perRow)...)
		}
	}
	return rows
}

func actionRows(row *card.Actions, perRow int) [][]Button {
	var rows [][]Button
	var open []Button
	end := func() {
		if len(open) > 0 {
			rows = append(rows, open)
			open = nil
		}
	}
	add := func(b Button) {
		open = append(open, b)
		if len(open) == perRow {
			end()
		}
	}
	menu := func(id string, options []*card.Option) {
		end()
		for _, o := range options {
			if o != nil {
				add(Button{ID: id, Value: o.Value, Label: o.Label})
			}
		}
		end()
	}
	for _, action := range row.Children {
		switch action := action.(type) {
		case *card.Button:
			add(Button{
				ID: action.ID, Value: action.Value, Label: action.Label, Style: action.Style,
				Disabled: action.Disabled, Modal: action.ActionType == card.OpenModal,
			})
		case *card.LinkButton:
			add(Button{ID: action.ID, Label: action.Label, URL: action.URL, Style: action.Style})
		case *card.Select:
			menu(action.ID, action.Options)
		case *card.RadioSelect:
			menu(action.ID, action.Options)
		}
	}
	end()
	return rows
}

// Labels returns the labels of buttons and menus in a card, and the descriptions of its
// pictures. They are useful for a card without text.
func Labels(c *card.Card) []string {
	if c == nil {
		return nil
	}
	return labels(c.Children)
}

func labels(children []card.Child) (all []string) {
	for _, child := range children {
		switch child := child.(type) {
		case *card.Section:
			all = append(all, labels(child.Children)...)
		case *card.Image:
			all = append(all, child.Alt)
		case *card.Actions:
			for _, action := range child.Children {
				switch action := action.(type) {
				case *card.Button:
					all = append(all, action.Label)
				case *card.LinkButton:
					all = append(all, action.Label)
				case *card.Select:
					all = append(all, action.Label)
				case *card.RadioSelect:
					all = append(all, action.Label)
				}
			}
		}
	}
	return all
}
