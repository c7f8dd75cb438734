package whatsapp

import (
	"fmt"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Template is a message that Meta has approved, with what stands in its places.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview
type Template struct {
	// Name is the template's. Required.
	Name string `json:"name"`
	// Language is one that it has been approved in, such as "en_US". Required.
	Language Language `json:"language"`
	// Components are the parts of it that have places to fill. Default: it has none.
	Components []Component `json:"components,omitempty"`
}

// Language is the language of a template.
type Language struct {
	// Code is such as "en_US".
	Code string `json:"code"`
}

// Component fills the places in one part of a template.
type Component struct {
	// Type is "header", "body" or "button".
	Type string `json:"type"`
	// SubType is the kind of a button: "quick_reply", "url", or another one that Meta
	// lists. Default: it is no button.
	SubType string `json:"sub_type,omitempty"`
	// Index is the place of a button, from "0". Default: it is no button.
	Index string `json:"index,omitempty"`
	// Parameters are what stands in the places, in their order.
	Parameters []Parameter `json:"parameters"`
}

// Parameter is what stands in a place of a template.
type Parameter struct {
	// Type is "text", "payload" of a quick reply, "image", "video" or "document".
	Type string `json:"type"`
	// Name is the place's, where the template has names. Default: places have numbers.
	Name string `json:"parameter_name,omitempty"`
	// Text is the text.
	Text string `json:"text,omitempty"`
	// Payload is the action id with which a tap comes back as a [chat.ActionEvent].
	Payload string `json:"payload,omitempty"`
	// Image, Video and Document are files at public addresses.
	Image    *TemplateFile `json:"image,omitempty"`
	Video    *TemplateFile `json:"video,omitempty"`
	Document *TemplateFile `json:"document,omitempty"`
}

// TemplateFile is a file in the header of a template.
type TemplateFile struct {
	// Link is its address.
	Link string `json:"link"`
	// FileName is what a document is called. Default: the address tells.
	FileName string `json:"filename,omitempty"`
}

func (t *Template) validate() error {
	switch {
	case t.Name == "":
		return fmt.Errorf("%w: whatsapp: Template.Name is empty, want the name of an approved template", chat.ErrInvalidArgument)
	case t.Language.Code == "":
		return fmt.Errorf("%w: whatsapp: Template.Language.Code is empty, want one such as %q", chat.ErrInvalidArgument, "en_US")
	}
	for i, c := range t.Components {
		if c.Type == "" || len(c.Parameters) == 0 {
			return fmt.Errorf("%w: whatsapp: Template.Components[%d] has no Type or no Parameters", chat.ErrInvalidArgument, i)
		}
	}
	return nil
}
