package twilio

import (
	"context"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// messagingURL is the address of Twilio's API for what is no message, by that of the
// API: "api." becomes "messaging.".
func messagingURL(apiURL string) string {
	scheme, host, _ := strings.Cut(apiURL, "://")
	if rest, ok := strings.CutPrefix(host, "api."); ok {
		host = "messaging." + rest
	}
	return scheme + "://" + host + "/v2/"
}

// StartTyping shows on WhatsApp that the bot is writing, for 25 seconds or until it
// posts. It is tied to the user's last message, which is marked as read with it; without
// one that is known nothing is shown, and nothing on other channels. There is no place
// for the status. https://www.twilio.com/docs/whatsapp/api/typing-indicators-resource
func (a *Adapter) StartTyping(ctx context.Context, thread chat.ThreadID, _ string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p, err := placeOf(thread)
	if err != nil || p.channel() != channelWhatsApp {
		return err
	}
	kept, err := a.host.History(ctx, thread)
	if err != nil {
		return err
	}
	var id chat.MessageID
	for _, m := range kept {
		if !m.Author.Me && isMessageID(m.ID) {
			id = m.ID
		}
	}
	if id == "" {
		return nil
	}
	_, err = a.messaging.Do(ctx, platform.Call{Op: "Indicators", Path: "Indicators/Typing.json", Body: url.Values{"messageId": {string(id)}, "channel": {channelWhatsApp}}})
	return err
}
