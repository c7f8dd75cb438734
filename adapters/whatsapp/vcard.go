package whatsapp

import (
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// sharedContact is a contact that somebody has sent.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/contacts
type sharedContact struct {
	Name struct {
		Formatted string `json:"formatted_name"`
		First     string `json:"first_name"`
		Last      string `json:"last_name"`
	} `json:"name"`
	Phones []struct {
		Phone string `json:"phone"`
		WaID  string `json:"wa_id"`
	} `json:"phones"`
	Emails []struct {
		Email string `json:"email"`
	} `json:"emails"`
	URLs []struct {
		URL string `json:"url"`
	} `json:"urls"`
	Org struct {
		Company string `json:"company"`
		Title   string `json:"title"`
	} `json:"org"`
	VCard string `json:"vcard"`
}

func (c *sharedContact) name() string {
	if c.Name.Formatted != "" {
		return c.Name.Formatted
	}
	return strings.TrimSpace(c.Name.First + " " + c.Name.Last)
}

// text returns a contact in words.
func (c *sharedContact) text() string {
	words := []string{c.name()}
	for _, p := range c.Phones {
		words = append(words, p.Phone)
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

// attachment returns a contact as a vCard. It is WhatsApp's, or else one with the
// fields that WhatsApp sends. https://www.rfc-editor.org/rfc/rfc6350
func (c *sharedContact) attachment() chat.Attachment {
	content := c.VCard
	if content == "" {
		content = c.vcard()
	}
	name := c.name()
	if name == "" {
		name = "Contact"
	}
	return chat.Attachment{
		Type: "file", Name: name + ".vcf", MIMEType: "text/vcard", Size: int64(len(content)), FetchMetadata: map[string]string{contentKey: content},
	}
}

var vcardText = strings.NewReplacer("\\", "\\\\", "\r\n", "\\n", "\n", "\\n", "\r", "\\n", ",", "\\,", ";", "\\;")

func (c *sharedContact) vcard() string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			b.WriteString(name + ":" + vcardText.Replace(value) + "\r\n")
		}
	}
	line("BEGIN", "VCARD")
	line("VERSION", "4.0")
	b.WriteString("FN:" + vcardText.Replace(c.name()) + "\r\n") // which a vCard must have
	for _, p := range c.Phones {
		line("TEL", p.Phone)
	}
	for _, e := range c.Emails {
		line("EMAIL", e.Email)
	}
	for _, u := range c.URLs {
		line("URL", u.URL)
	}
	line("ORG", c.Org.Company)
	line("TITLE", c.Org.Title)
	line("END", "VCARD")
	return b.String()
}
