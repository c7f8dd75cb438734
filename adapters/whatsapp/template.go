package whatsapp

import (
	"fmt"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Template is a message that Meta has approved, together with the values for its
// variables.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview
type Template struct {
	// Name is the name of the template. Required.
	Name string `json:"name"`
	// Language is a language in which Meta has approved the template. Required.
	Language Language `json:"language"`
	// Components are the parts of the template that have variables. Default: none.
	Components []Component `json:"components,omitempty"`
}

// Language is the language of a template.
type Language struct {
	// Code is the code of the language, such as "en_US". Required.
	Code string `json:"code"`
}

// Component has the values for the variables of one part of a template.
type Component struct {
	// Type is "header", "body" or "button".
	Type string `json:"type"`
	// SubType is the kind of a button: "quick_reply", "url", or another one that Meta
	// lists. Default: the part is no button.
	SubType string `json:"sub_type,omitempty"`
	// Index is the position of a button among the buttons, from "0". Default: the part
	// is no button.
	Index string `json:"index,omitempty"`
	// Parameters are the values, in the order of the variables. Required.
	Parameters []Parameter `json:"parameters"`
}

// Parameter is the value for one variable of a template.
type Parameter struct {
	// Type is "text", "payload" (of a quick reply), "image", "video" or "document". The
	// field of the same name has the value.
	Type string `json:"type"`
	// Name is the name of the variable, if the template's variables have names.
	// Default: they have numbers.
	Name string `json:"parameter_name,omitempty"`
	// Text is the value of a variable of the type "text".
	Text string `json:"text,omitempty"`
	// Payload is the ActionID of the [chat.ActionEvent] that a tap on the quick reply
	// causes.
	Payload string `json:"payload,omitempty"`
	// Image, Video and Document are files for the header.
	Image    *TemplateFile `json:"image,omitempty"`
	Video    *TemplateFile `json:"video,omitempty"`
	Document *TemplateFile `json:"document,omitempty"`
}

// TemplateFile is a file in the header of a template. WhatsApp fetches it.
type TemplateFile struct {
	// Link is the public address of the file.
	Link string `json:"link"`
	// FileName is the name of a document that the user sees. Default: WhatsApp takes it
	// from the address.
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
