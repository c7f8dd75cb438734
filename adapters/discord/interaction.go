package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// interaction is a command, a click, a choice or a submitted modal of a user.
// https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object
type interaction struct {
	ID        string          `json:"id"`
	Type      int             `json:"type"`
	Token     string          `json:"token"`
	GuildID   string          `json:"guild_id"`
	ChannelID string          `json:"channel_id"`
	Channel   *channel        `json:"channel"`
	Member    *member         `json:"member"`
	User      *user           `json:"user"`
	Message   *message        `json:"message"`
	Data      interactionData `json:"data"`
}

type interactionData struct {
	Name       string          `json:"name"`
	TargetID   string          `json:"target_id"`
	Options    []givenOption   `json:"options"`
	CustomID   string          `json:"custom_id"`
	Values     []string        `json:"values"`
	Components []formComponent `json:"components"`
}

// Kinds of interactions.
const (
	pingInteraction         = 1
	commandInteraction      = 2
	componentInteraction    = 3
	autocompleteInteraction = 4
	modalInteraction        = 5
)

// Kinds of responses to interactions.
// https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type
const (
	pongResponse          = 1
	messageResponse       = 4
	loadingResponse       = 5 // the message comes later
	silentResponse        = 6 // nothing is shown
	autocompleteResponse  = 8
	modalResponse         = 9
	maxAutocompleteChoice = 25
)

// response is the response to an interaction.
type response struct {
	Type int    `json:"type"`
	Data params `json:"data,omitempty"`
}

const (
	// patience is how long a handler has to respond itself, such as with a modal. After
	// that the adapter responds. Discord waits for three seconds.
	patience = 2 * time.Second
	// answerTimeout is the limit for handlers whose result is the response.
	answerTimeout = 2500 * time.Millisecond
)

// handleInteraction delivers an interaction, and returns the response to it. It returns
// nil if the response was already sent.
func (a *Adapter) handleInteraction(ctx context.Context, i *interaction, raw json.RawMessage) (*response, error) {
	if i.Type == pingInteraction {
		return &response{Type: pongResponse}, nil
	}
	if !isID(i.ID) || !isToken(i.Token) || !isID(i.ChannelID) || i.GuildID != "" && !isID(i.GuildID) {
		return nil, bad("the interaction has no id, token or channel_id, or an invalid guild_id")
	}
	who := i.author(a)
	if who.UserID == "" {
		return nil, bad("the interaction has no user")
	}
	at, err := a.placeOfInteraction(ctx, i)
	if err != nil {
		return nil, err
	}
	base := chat.EventBase{ID: i.ID, ThreadID: at.threadID(), User: who, At: snowflakeTime(i.ID), Raw: raw}
	switch i.Type {
	case commandInteraction:
		command, text := i.command()
		return a.deliverInteraction(ctx, at, i, who, true, &chat.SlashCommandEvent{
			EventBase: base, ChannelID: at.channelID(), Command: command, Text: text, TriggerID: i.trigger(),
		})
	case componentInteraction:
		return a.handleComponent(ctx, at, i, base)
	case autocompleteInteraction:
		return a.handleAutocomplete(ctx, i, base)
	case modalInteraction:
		return a.handleForm(ctx, at, i, base)
	}
	return nil, a.deliverPlatformEvent(ctx, &dispatched{kind: "INTERACTION_CREATE", id: i.ID, data: raw}, base)
}

// isToken reports whether a text can be the token of an interaction and is safe in the
// path of a call.
func isToken(text string) bool {
	return text != "" && len(text) <= 1024 && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != '-' && r != '=' && r != '+'
	})
}

func (i *interaction) author(a *Adapter) chat.Author {
	u := i.User
	if u == nil && i.Member != nil {
		u = i.Member.User
	}
	if u == nil || !isID(u.ID) {
		return chat.Author{}
	}
	return a.author(u, i.Member)
}

// trigger returns the trigger id, with which a modal is opened.
func (i *interaction) trigger() string { return i.ID + ":" + i.Token }

func (a *Adapter) placeOfInteraction(ctx context.Context, i *interaction) (place, error) {
	if c := i.Channel; c != nil && i.GuildID != "" && c.ID == i.ChannelID {
		at := place{guild: i.GuildID, parent: i.ChannelID}
		if !isThreadType(c.Type) {
			return at, nil
		}
		if isID(c.ParentID) {
			at.parent, at.thread = c.ParentID, i.ChannelID
			return at, nil
		}
	}
	return a.placeIn(ctx, i.GuildID, i.ChannelID, nil)
}

// deliverInteraction delivers an event, and waits for a response from its handlers, at
// most for patience. answerable says that a message answers the interaction. Until it
// comes, Discord shows that it is loading.
func (a *Adapter) deliverInteraction(ctx context.Context, at place, i *interaction, who chat.Author, answerable bool, ev chat.Inbound) (*response, error) {
	w := a.waiting.begin(i.ID)
	if w == nil {
		_, err := a.host.Deliver(ctx, ev)
		return nil, err
	}
	defer a.waiting.end(i.ID)
	open := &openInteraction{ID: i.ID, Token: i.Token, Answerable: answerable}
	if err := a.keepOpen(ctx, at, who.UserID, open); err != nil {
		return nil, err
	}
	receipt, err := a.host.Deliver(ctx, ev)
	if err != nil {
		return nil, err
	}
	handled := make(chan struct{})
	a.background.run(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, tokenTTL)
		defer cancel()
		if receipt != nil {
			_ = receipt.Wait(ctx) // the outcome of the event does not matter for the response
		}
		close(handled)
		<-w.ended
		if answerable {
			a.endLoading(ctx, open)
		}
	})
	timer := time.NewTimer(patience)
	defer timer.Stop()
	done := false
	select {
	case <-w.answered:
	case <-handled:
		done = true
	case <-timer.C:
	case <-ctx.Done():
	}
	if answerable {
		w.close(func() error { return a.showLoading(ctx, open, done) })
		return nil, nil
	}
	if w.close(nil) {
		return &response{Type: silentResponse}, nil
	}
	return nil, nil
}

// handleComponent takes a click on a button or a choice in a menu.
func (a *Adapter) handleComponent(ctx context.Context, at place, i *interaction, base chat.EventBase) (*response, error) {
	if i.Message == nil || !isID(i.Message.ID) || i.Data.CustomID == "" {
		return nil, bad("the click has no message or no custom_id")
	}
	id, value, err := a.unpack(ctx, i.Data.CustomID)
	if err == nil && len(i.Data.Values) > 0 {
		value, _, err = a.buttons.Unpack(ctx, i.Data.Values[0])
	}
	if errors.Is(err, chat.ErrNotFound) {
		a.log.WarnContext(ctx, "a click on a button that is too old", "error", err)
		return &response{Type: silentResponse}, nil
	} else if err != nil {
		return nil, err
	}
	return a.deliverInteraction(ctx, at, i, base.User, false, &chat.ActionEvent{
		EventBase: base, MessageID: chat.MessageID(i.Message.ID), ActionID: id, Value: value, TriggerID: i.trigger(),
	})
}

// handleGatewayInteraction takes an interaction that came over the gateway, and sends
// the response by a call.
func (a *Adapter) handleGatewayInteraction(ctx context.Context, ev *dispatched, i *interaction) error {
	r, err := a.handleInteraction(ctx, i, ev.data)
	if err != nil || r == nil {
		return err
	}
	if err := a.respond(ctx, i.ID, i.Token, r); err != nil {
		a.log.WarnContext(ctx, "an interaction was not answered", "error", err)
	}
	return nil
}

// parseTrigger returns the parts of a trigger id.
func parseTrigger(trigger string) (id, token string, err error) {
	id, token, _ = strings.Cut(trigger, ":")
	if !isID(id) || !isToken(token) {
		return "", "", fmt.Errorf("%w: discord: the trigger id is not one of an interaction", chat.ErrInvalidArgument)
	}
	return id, token, nil
}
