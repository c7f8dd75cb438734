package slack

import (
	"fmt"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/card"
)

// cardWriter turns a card into blocks.
type cardWriter struct {
	blockList
	tables, charts int
	row            []slackapi.BlockElement // the buttons and menus that wait for a block
	rowIDs         map[string]bool
	disabled       []string // labels of buttons that cannot be clicked
}

// cardBlocks returns a card as blocks. Its errors are [chat.ErrInvalidArgument]
// and name the field.
func (w markup) cardBlocks(c *card.Card, where surface) (*blockList, error) {
	out := &cardWriter{blockList: blockList{markup: w, surface: where}}
	if c.Title != "" {
		title := w.plainText(c.Title, maxHeader)
		out.add(slackapi.NewHeaderBlock(title), length(title.Text))
	}
	if c.Subtitle != "" {
		out.text(c.Subtitle, card.Muted)
	}
	if c.ImageURL != "" {
		if err := out.image("imageUrl", c.ImageURL, c.Title, "Card image"); err != nil {
			return nil, err
		}
	}
	if err := out.children("children", c.Children); err != nil {
		return nil, err
	}
	return &out.blockList, nil
}

func (w *cardWriter) children(field string, children []card.Child) error {
	for i, child := range children {
		if err := w.child(fmt.Sprintf("%s[%d]", field, i), child); err != nil {
			return err
		}
	}
	return nil
}

// child adds one element. Those of later versions, which are not known here,
// are left out.
func (w *cardWriter) child(at string, child card.Child) error {
	switch child := child.(type) {
	case *card.Text:
		w.text(child.Content, child.Style)
	case *card.Image:
		return w.image(at+".url", child.URL, child.Alt, "Image")
	case *card.Divider:
		w.add(slackapi.NewDividerBlock(), 0)
	case *card.Section:
		return w.children(at+".children", child.Children)
	case *card.Fields:
		w.fields(child.Children)
	case *card.Link:
		w.element(child)
	case *card.Table:
		w.table(child)
	case *card.Chart:
		w.chart(child)
	case *card.Actions:
		return w.actions(at+".children", child.Children)
	case *card.Unknown:
		if child.Name == feedbackName {
			return w.feedback(at, child.Raw)
		}
	}
	return nil
}

func (w *cardWriter) image(field, address, alt, otherwise string) error {
	address, err := webURL(field, address, "https", "http")
	if err != nil {
		return err
	}
	alt = shorten(w.plain(alt), maxAlt)
	if alt == "" {
		alt = otherwise
	}
	w.add(slackapi.NewImageBlock(address, alt, "", nil), length(alt))
	return nil
}
