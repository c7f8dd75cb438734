package whatsapp

import (
	"context"
	"errors"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// request is the body of the call that sends a message.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/reference/whatsapp-business-phone-number/message-api
type request struct {
	Product       string `json:"messaging_product"`
	RecipientType string `json:"recipient_type"`
	// To is the user's phone number, and Recipient the business-scoped id. One of them
	// is enough.
	To        string     `json:"to,omitempty"`
	Recipient string     `json:"recipient,omitempty"`
	Context   *reference `json:"context,omitempty"`
	Type      string     `json:"type"`

	Text        *textContent  `json:"text,omitempty"`
	Interactive *interactive  `json:"interactive,omitempty"`
	Reaction    *reaction     `json:"reaction,omitempty"`
	Template    *Template     `json:"template,omitempty"`
	Image       *mediaContent `json:"image,omitempty"`
	Video       *mediaContent `json:"video,omitempty"`
	Audio       *mediaContent `json:"audio,omitempty"`
	Document    *mediaContent `json:"document,omitempty"`
}

// reference names the message that is answered.
type reference struct {
	MessageID chat.MessageID `json:"message_id"`
}

type textContent struct {
	Body string `json:"body"`
}

type reaction struct {
	MessageID chat.MessageID `json:"message_id"`
	Emoji     string         `json:"emoji"`
}

var errNoID = errors.New("the answer has no id of a message")

// send sends a message and returns its id.
func (a *Adapter) send(ctx context.Context, p place, r request) (chat.MessageID, error) {
	route, stored, err := a.identities.route(ctx, p.number, p.user)
	if err != nil {
		return "", err
	}
	r.Product, r.RecipientType = "whatsapp", "individual"
	switch {
	case stored:
		r.To, r.Recipient = route.Phone, route.Scoped
		if r.Recipient == "" {
			r.Recipient = route.Parent
		}
	case isDigits(p.user):
		r.To = p.user
	default:
		r.Recipient = p.user
	}
	var sent struct {
		Messages []struct {
			ID chat.MessageID `json:"id"`
		} `json:"messages"`
	}
	if err := a.call(ctx, p.number, r, &sent); err != nil {
		return "", err
	}
	if len(sent.Messages) == 0 || checkMessage(sent.Messages[0].ID) != nil {
		return "", &chat.PlatformError{Adapter: adapterName, Op: "messages", Code: chat.CodeTemporary, Err: errNoID}
	}
	return sent.Messages[0].ID, nil
}

// call makes a call for a phone number.
func (a *Adapter) call(ctx context.Context, number string, body, into any) error {
	_, err := a.client.Do(ctx, platform.Call{Op: "messages", Path: number + "/messages", Body: body, Into: into})
	return err
}

// receipt is the body of the call that marks a message as read, and that shows the
// typing indicator.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/typing-indicators
type receipt struct {
	Product   string         `json:"messaging_product"`
	Status    string         `json:"status"`
	MessageID chat.MessageID `json:"message_id"`
	Typing    *typing        `json:"typing_indicator,omitempty"`
}

type typing struct {
	Type string `json:"type"`
}

// MarkRead marks this message of a user, and all earlier ones, as read.
func (a *Adapter) MarkRead(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	p, err := placeOf(thread)
	if err == nil {
		err = checkMessage(id)
	}
	if err != nil {
		return err
	}
	return a.mark(ctx, p, receipt{MessageID: id})
}

// StartTyping shows the typing indicator for 25 seconds, or until the bot posts.
// WhatsApp needs the user's last message for it, and marks that message as read, too.
// If the bot knows no message of the user, StartTyping does nothing. WhatsApp cannot
// show the status text.
func (a *Adapter) StartTyping(ctx context.Context, thread chat.ThreadID, _ string) error {
	p, err := placeOf(thread)
	if err != nil {
		return err
	}
	id, ok := a.received.Get(string(thread))
	if !ok { // another instance has received it
		kept, err := a.host.History(ctx, thread)
		if err != nil {
			return err
		}
		for _, m := range kept {
			if !m.Author.Me && checkMessage(m.ID) == nil {
				id = m.ID
			}
		}
	}
	if id == "" {
		return nil
	}
	return a.mark(ctx, p, receipt{MessageID: id, Typing: &typing{"text"}})
}

func (a *Adapter) mark(ctx context.Context, p place, r receipt) error {
	r.Product, r.Status = "whatsapp", "read"
	var done struct { // an answer that is not JSON is not WhatsApp's
		Success bool `json:"success"`
	}
	return a.call(ctx, p.number, r, &done)
}
