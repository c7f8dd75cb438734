package telegram

import (
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
)

// entityKinds are the entities that exist in Markdown, too. Underlined text, spoilers
// and others become plain text. https://core.telegram.org/bots/api#messageentity
var entityKinds = map[string]format.EntityKind{
	"bold": format.StrongEntity, "italic": format.EmphasisEntity, "strikethrough": format.DeleteEntity, "code": format.CodeEntity,
	"pre": format.CodeBlockEntity, "blockquote": format.QuoteEntity, "expandable_blockquote": format.QuoteEntity,
	"text_link": format.LinkEntity, "text_mention": format.MentionEntity,
}

// kitEntities converts entities to those of package format.
func kitEntities(text string, entities []entity) []format.Entity {
	out := make([]format.Entity, 0, len(entities))
	for i := range entities {
		e := &entities[i]
		k := format.Entity{Kind: entityKinds[e.Type], Offset: e.Offset, Length: e.Length, URL: e.URL, Language: e.Language}
		if e.Type == "url" {
			k.Kind, k.URL = format.LinkEntity, e.address(text)
		}
		if e.User != nil {
			k.User = chat.UserID(number(e.User.ID))
		}
		out = append(out, k)
	}
	return out
}

var telegramKinds = map[format.EntityKind]string{
	format.StrongEntity: "bold", format.EmphasisEntity: "italic", format.DeleteEntity: "strikethrough", format.CodeEntity: "code",
	format.CodeBlockEntity: "pre", format.QuoteEntity: "blockquote", format.LinkEntity: "text_link", format.MentionEntity: "text_mention",
}

// outEntity is an entity that is sent.
type outEntity struct {
	Type     string `json:"type"`
	Offset   int    `json:"offset"`
	Length   int    `json:"length"`
	URL      string `json:"url,omitempty"`
	Language string `json:"language,omitempty"`
	User     *idOf  `json:"user,omitempty"`
}

type idOf struct {
	ID int64 `json:"id"`
}

// telegramEntities converts entities of package format to those of Telegram. A link
// that Telegram would refuse stays plain text.
func telegramEntities(entities []format.Entity) []outEntity {
	out := make([]outEntity, 0, len(entities))
	for _, e := range entities {
		kind, known := telegramKinds[e.Kind]
		if !known {
			continue
		}
		t := outEntity{Type: kind, Offset: e.Offset, Length: e.Length, Language: e.Language}
		switch e.Kind {
		case format.LinkEntity:
			if t.URL = e.URL; !isLink(e.URL) {
				continue
			}
		case format.MentionEntity:
			id, ok := userNumber(e.User)
			if !ok {
				continue
			}
			t.User = &idOf{id}
		}
		out = append(out, t)
	}
	return out
}

// isLink reports whether Telegram accepts an address as that of a link.
func isLink(address string) bool {
	lower := strings.ToLower(address)
	for _, scheme := range []string{"https://", "http://", "tg://", "mailto:", "tel:", "ton://"} {
		if strings.HasPrefix(lower, scheme) && len(address) > len(scheme) {
			return true
		}
	}
	return false
}

// address returns the address of a link. It is empty for an entity that is not a link.
func (e *entity) address(text string) string {
	switch e.Type {
	case "text_link":
		return e.URL
	case "url":
		address := e.cut(text)
		if address != "" && !strings.Contains(address, "://") {
			address = "https://" + address
		}
		return address
	}
	return ""
}

// linksOf returns the links in a text.
func linksOf(text string, entities []entity) []chat.Link {
	var links []chat.Link
	for i := range entities {
		e := &entities[i]
		if address := e.address(text); address != "" {
			links = append(links, chat.Link{URL: address})
		}
	}
	return links
}
