package teams

import (
	"math"
	"net/http"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// ServeHTTP takes activities. One that is answered 200 is stored. The answer to an
// invoke says what Teams shows.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reply, err := a.take(r)
	if err != nil {
		webhook.Refuse(w, r, a.log, err)
		return
	}
	if reply == nil {
		return
	}
	webhook.Answer(w, reply)
}

func (a *Adapter) take(r *http.Request) (reply any, err error) {
	if err := webhook.CheckMethod(r, http.MethodPost); err != nil {
		return nil, err
	}
	claims, err := a.verify(r.Context(), r.Header.Get("Authorization"))
	if err != nil {
		return nil, err
	}
	body, err := webhook.ReadBody(r, math.MaxInt64) // the bot's bound holds
	if err != nil {
		return nil, err
	}
	act := &activity{raw: body}
	if err := webhook.DecodeJSON(body, act); err != nil {
		return nil, err
	}
	if err := a.checkService(claims, act.ServiceURL); err != nil {
		return nil, err
	}
	switch {
	case act.ChannelID != msteams:
		return nil, bad("the channelId is not msteams")
	case act.Type == "" || len(act.Type) > 64:
		return nil, bad("the activity has no type")
	case !isConversation(act.Conversation.ID):
		return nil, bad("the activity's conversation.id is none")
	}
	act.at = newPlace(act.Conversation.ID, act.ServiceURL, act.kind())
	a.learn(r.Context(), act)
	return a.handle(r.Context(), act)
}

func bad(text string) error { return webhook.BadRequest("%s", text) }
