package teams

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// replyTimeout is the limit for an answer. Teams itself waits 15 seconds.
// https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability
const replyTimeout = 13 * time.Second

// ServeHTTP takes an activity, at /webhooks/teams. It answers 200 when the activity is
// stored, 401 without a valid token, 400 for what cannot be read, and 503 while it cannot be
// stored or the keys of tokens cannot be fetched. The body of the answer to an invoke is what
// Teams shows.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), replyTimeout)
	defer cancel()
	reply, err := a.take(r.WithContext(ctx))
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
	body, err := webhook.ReadBody(r, math.MaxInt64) // the limit is chat.Config.Webhook.MaxBodyBytes
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
		return nil, bad("the activity's conversation.id is not valid")
	}
	act.at = newPlace(act.Conversation.ID, act.ServiceURL, act.kind())
	a.learn(r.Context(), act)
	return a.handle(r.Context(), act)
}

func bad(text string) error { return webhook.BadRequest("%s", text) }
