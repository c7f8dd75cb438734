package pager

import (
	"errors"
	"net/http"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

const maxBody = 64 << 10 // bytes; a page is far shorter

// page is what the platform sends.
type page struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Text   string `json:"text"`
}

// ServeHTTP takes the platform's webhooks.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := a.take(r); err != nil {
		webhook.Refuse(w, r, a.host.Logger(), err)
	}
}

// take verifies and reads a request and hands what it holds to the bot.
func (a *Adapter) take(r *http.Request) error {
	if err := webhook.CheckMethod(r, http.MethodPost); err != nil {
		return err
	}
	if err := webhook.CheckSecret(r.Header.Get("Pager-Secret"), a.secret); err != nil {
		return err
	}
	var p page
	if err := webhook.ReadJSON(r, maxBody, &p); err != nil {
		return err
	}
	m, err := message(p)
	if err == nil {
		_, err = a.host.Deliver(r.Context(), m)
	}
	return err
}

// message is what a page says.
func message(p page) (*chat.Message, error) {
	thread, noThread := threadIDs.Join(p.Number)
	id, noMessage := messageIDs.Join(p.Number, p.ID)
	if err := errors.Join(noThread, noMessage); err != nil {
		return nil, err
	}
	if p.Text == "" {
		return nil, webhook.BadRequest("text is empty")
	}
	return &chat.Message{
		ID: id, ThreadID: thread, Text: p.Text,
		Author: chat.Author{UserID: chat.UserID(p.Number), UserName: p.Number},
	}, nil
}
