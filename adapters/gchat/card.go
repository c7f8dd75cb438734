package gchat

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// Parameters that Chat sends back with a click. The first two are the same in the
// TypeScript SDK.
const (
	actionParameter = "actionId"
	valueParameter  = "value"
	// menuParameter marks a menu: the value of the action is what the user has chosen.
	menuParameter = "menu"
)

// maxItems is how many options a menu may have.
// https://developers.google.com/workspace/chat/api/reference/rest/v1/cards#selectioninput
const maxItems = 100

// outCard is a card. https://developers.google.com/workspace/chat/api/reference/rest/v1/cards
type outCard struct {
	Header   *header      `json:"header,omitempty"`
	Sections []section    `json:"sections"`
	Footer   *fixedFooter `json:"fixedFooter,omitempty"`
}

type header struct {
	Title    string `json:"title"`
	Subtitle string `json:"subtitle,omitempty"`
	ImageURL string `json:"imageUrl,omitempty"`
}

type section struct {
	Widgets []params `json:"widgets"`
}

type fixedFooter struct {
	Primary params `json:"primaryButton"`
}

// cards returns the card of a post as messages. A card that is too long for one message
// becomes several.
func (a *Adapter) cards(post *chat.Post) ([]part, error) {
	c := post.Card
	w := &widgets{adapter: a}
	w.children("", c.Children)
	if w.err != nil {
		return nil, w.err
	}
	head := a.header(c)
	if isSecure(c.ImageURL) && head == nil { // Chat has no header without a title
		w.list = append([]params{{"image": params{"imageUrl": c.ImageURL}}}, w.list...)
	}
	if len(w.list) == 0 { // nor a card without sections
		if head == nil {
			return nil, nil
		}
		w.text(card.NewText("**" + head.Title + "**"))
		head = nil
	}
	note := cmp.Or(post.Fallback, c.FallbackText())
	var parts []part
	for len(w.list) > 0 {
		n, total := 0, 0
		for n < len(w.list) && n < maxWidgets && (n == 0 || total+size(w.list[n]) <= maxCard) {
			total += size(w.list[n])
			n++
		}
		page := &outCard{Header: head, Sections: []section{{Widgets: w.list[:n]}}}
		parts = append(parts, part{card: page, note: format.Shorten(a.plain(note), 1000, format.Bytes)})
		w.list, head = w.list[n:], nil
	}
	return parts, nil
}

func (a *Adapter) header(c *card.Card) *header {
	h := &header{Title: a.plain(c.Title), Subtitle: a.plain(c.Subtitle)}
	if isSecure(c.ImageURL) {
		h.ImageURL = c.ImageURL
	}
	if h.Title == "" { // which Chat wants
		h.Title, h.Subtitle = h.Subtitle, ""
	}
	if h.Title == "" {
		return nil
	}
	return h
}

// plain returns a text without markup.
func (a *Adapter) plain(text string) string {
	return strings.TrimSpace(strings.ToValidUTF8(format.Markup{Emoji: a.spell}.Text(text), "\uFFFD"))
}

// isSecure reports whether Chat takes the address for a picture.
func isSecure(address string) bool { return strings.HasPrefix(strings.ToLower(address), "https://") }

// widgets collects the elements of a card or a dialog.
type widgets struct {
	adapter *Adapter
	list    []params
	buttons []params // of the row that is being made
	err     error
}

func (w *widgets) add(kind string, content any) {
	w.endRow()
	w.list = append(w.list, params{kind: content})
}

func (w *widgets) endRow() {
	if len(w.buttons) > 0 {
		w.list = append(w.list, params{"buttonList": params{"buttons": w.buttons}})
		w.buttons = nil
	}
}

func (w *widgets) fail(at, text string) {
	if w.err == nil {
		w.err = fmt.Errorf("%w: gchat: %s %s", chat.ErrInvalidArgument, at, text)
	}
}

func (w *widgets) children(at string, children []card.Child) {
	for i, child := range children {
		w.child(fmt.Sprintf("%schildren[%d]", at, i), child)
	}
}

func (w *widgets) child(at string, child card.Child) {
	switch e := child.(type) {
	case *card.Image:
		if !isSecure(e.URL) {
			w.text(child) // as a link
			return
		}
		image := params{"imageUrl": e.URL}
		if e.Alt != "" {
			image["altText"] = w.adapter.plain(e.Alt)
		}
		w.add("image", image)
	case *card.Divider:
		w.add("divider", params{})
	case *card.Section:
		w.children(at+".", e.Children)
	case *card.Actions:
		for i, action := range e.Children {
			w.action(fmt.Sprintf("%s.children[%d]", at, i), action)
		}
		w.endRow()
	default:
		w.text(child)
	}
}

// text adds an element as Markdown text, in several parts if it is too long for one
// message.
func (w *widgets) text(child card.Child) {
	source := w.adapter.markdown(format.CardTree(&card.Card{Children: []card.Child{child}}, format.NoActions), w.adapter.nameOf)
	for _, text := range format.SplitMarkdown(source, maxCard/2, format.Bytes) {
		if !isBlank(text) {
			w.add("textParagraph", params{"text": text, "textSyntax": "MARKDOWN"})
		}
	}
}

// nameOf returns a user's name. It stands in the place of a mention, which a card
// cannot have.
func (a *Adapter) nameOf(id chat.UserID) string {
	name := string(id)
	if k, ok := a.known.Get(name); ok {
		name = k.DisplayName
	}
	return strings.TrimSuffix(markdown.Print(markdown.NewRoot(markdown.NewParagraph(markdown.NewText("@"+name)))), "\n")
}

func (w *widgets) action(at string, action card.Action) {
	switch e := action.(type) {
	case *card.Button:
		b := params{"text": w.label(e.Label), "onClick": params{"action": w.onClick(e.ID, e.ActionType == card.OpenModal, valueParameter, e.Value)}}
		w.style(b, e.Style, e.Tooltip)
		if e.Disabled {
			b["disabled"] = true
		}
		w.buttons = append(w.buttons, b)
	case *card.LinkButton:
		if !isWebLink(e.URL) {
			w.fail(at+".url", "must be an http, https, mailto or tel address")
			return
		}
		b := params{"text": w.label(e.Label), "onClick": params{"openLink": params{"url": e.URL}}}
		w.style(b, e.Style, e.Tooltip)
		w.buttons = append(w.buttons, b)
	case *card.Select:
		w.menu(at, "DROPDOWN", e.ID, cmp.Or(e.Label, e.Placeholder), e.InitialOption, e.Options, true)
	case *card.RadioSelect:
		w.menu(at, "RADIO_BUTTON", e.ID, e.Label, e.InitialOption, e.Options, true)
	}
}

// label returns the text of a button. It is an invisible character if the text is
// empty, which Chat would refuse.
func (w *widgets) label(text string) string { return cmp.Or(w.adapter.plain(text), "\u2063") }

func (w *widgets) style(b params, style card.Style, tooltip string) {
	switch style {
	case card.Primary:
		b["type"] = "FILLED"
	case card.Danger:
		b["type"], b["color"] = "FILLED", params{"red": 0.7, "green": 0.1, "blue": 0.1}
	}
	if tooltip != "" {
		b["altText"] = w.adapter.plain(tooltip)
	}
}

// onClick returns the action of a click: Chat sends the app the parameters, given as
// keys and values in turn. It calls a Workspace add-on at the address that is the
// function's name.
func (w *widgets) onClick(id string, dialog bool, more ...string) params {
	list := []params{{"key": actionParameter, "value": id}}
	for i := 0; i < len(more); i += 2 {
		list = append(list, params{"key": more[i], "value": more[i+1]})
	}
	action := params{"function": cmp.Or(w.adapter.config.EndpointURL, id), "parameters": list}
	if dialog {
		action["interaction"] = "OPEN_DIALOG"
	}
	return action
}

func (w *widgets) menu(at, kind, id, label, initial string, options []*card.Option, reports bool) {
	if len(options) == 0 || len(options) > maxItems {
		w.fail(at+".options", fmt.Sprintf("are %d, want 1 to %d", len(options), maxItems))
		return
	}
	items := make([]params, len(options))
	for i, o := range options {
		items[i] = params{"text": cmp.Or(w.adapter.plain(o.Label), "\u2063"), "value": o.Value, "selected": initial != "" && o.Value == initial}
		if o.Description != "" {
			items[i]["bottomText"] = w.adapter.plain(o.Description)
		}
	}
	menu := params{"name": id, "type": kind, "items": items}
	if label != "" {
		menu["label"] = w.adapter.plain(label)
	}
	if reports {
		menu["onChangeAction"] = w.onClick(id, false, menuParameter, "1")
	}
	w.add("selectionInput", menu)
}

// isWebLink reports whether a button can open an address.
func isWebLink(address string) bool {
	scheme, rest, ok := strings.Cut(strings.ToLower(address), ":")
	return ok && rest != "" && (scheme == "https" || scheme == "http" || scheme == "mailto" || scheme == "tel")
}
