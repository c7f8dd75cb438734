package chat

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
)

// Callback URLs of buttons: when a card is posted, each button that has one gets
// a token for its value, and what it stood for is kept in the state. The keys and
// values are the TypeScript SDK's, so that either SDK understands a click on a
// button that the other has posted. A click claims the record, by turning it into
// a form that the TypeScript SDK does not take for one.
const (
	callbackPrefix = "__cb:"
	callbackTTL    = 7 * 24 * time.Hour
)

// callbackRecord is what a token stands for.
type callbackRecord struct {
	ActionID      string         `json:"actionId,omitempty"`
	URL           string         `json:"url,omitempty"`
	OriginalValue *string        `json:"originalValue,omitempty"`
	Scope         *callbackScope `json:"scope,omitempty"`

	// Clicked is the record after a click; the fields above are empty then.
	Clicked *callbackRecord `json:"clicked,omitempty"`
	// Posted says that the click has been posted.
	Posted bool `json:"posted,omitempty"`
}

// callbackScope is where the button was posted. Clicks from elsewhere are not
// its.
type callbackScope struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// The types of scope.
const (
	scopeThread  = "thread"
	scopeChannel = "channel"
)

func threadScope(id ThreadID) callbackScope { return callbackScope{string(id), scopeThread} }

func channelScope(id ChannelID) callbackScope { return callbackScope{string(id), scopeChannel} }

// callbackToken returns the token in a button's value.
func callbackToken(value string) (string, bool) { return strings.CutPrefix(value, callbackPrefix) }

func (c *Chat) callbackRecord(token string) Data[callbackRecord] {
	return newRecord[callbackRecord](c, callbackKey(token), callbackTTL)
}

// withCallbacks returns the card as it is posted: buttons with a callback URL
// have a token for their value, and those that count once one before it. The card
// itself stays as it is.
func (c *Chat) withCallbacks(ctx context.Context, scope callbackScope, whole *card.Card) (*card.Card, error) {
	if whole == nil {
		return nil, nil
	}
	w := callbackWriter{ctx: ctx, chat: c, scope: scope}
	children, changed, err := mapChildren(whole.Children, w.child)
	if err != nil || !changed {
		return whole, err
	}
	out := *whole
	out.Children = children
	return &out, nil
}

// callbackWriter goes through a card.
type callbackWriter struct {
	ctx   context.Context
	chat  *Chat
	scope callbackScope
}

// mapChildren returns the list with each element replaced by what change makes of
// it, or the list itself if that changes none.
func mapChildren[T any](list []T, change func(T) (T, bool, error)) ([]T, bool, error) {
	var out []T
	for i, e := range list {
		next, changed, err := change(e)
		if err != nil {
			return list, false, err
		}
		if !changed {
			continue
		}
		if out == nil {
			out = append(out, list...)
		}
		out[i] = next
	}
	if out == nil {
		return list, false, nil
	}
	return out, true, nil
}

func (w callbackWriter) child(e card.Child) (card.Child, bool, error) {
	switch e := e.(type) {
	case *card.Section:
		children, changed, err := mapChildren(e.Children, w.child)
		return &card.Section{Children: children}, changed, err
	case *card.Actions:
		children, changed, err := mapChildren(e.Children, w.action)
		return &card.Actions{Children: children}, changed, err
	case *card.Unknown:
		return w.unknown(e)
	}
	return e, false, nil
}

func (w callbackWriter) action(e card.Action) (card.Action, bool, error) {
	switch e := e.(type) {
	case *card.Button:
		if e.CallbackURL == "" && !e.Once {
			return e, false, nil
		}
		out := *e
		if e.CallbackURL != "" {
			if err := w.hideCallback(&out); err != nil {
				return e, false, err
			}
		}
		if e.Once {
			out.Value = onceValue(out.Value)
		}
		return &out, true, nil
	case *card.Unknown:
		return w.unknown(e)
	}
	return e, false, nil
}

// hideCallback gives the button the value that stands for its callback URL.
func (w callbackWriter) hideCallback(b *card.Button) error {
	r := callbackRecord{ActionID: b.ID, URL: b.CallbackURL}
	if b.Value != "" {
		original := b.Value
		r.OriginalValue = &original
	}
	value, err := w.keep(r)
	b.Value, b.CallbackURL = value, ""
	return err
}

// unknown replaces the values of buttons within an element that package card does
// not know.
func (w callbackWriter) unknown(e *card.Unknown) (*card.Unknown, bool, error) {
	if !strings.Contains(string(e.Raw), `"callbackUrl"`) {
		return e, false, nil
	}
	d := json.NewDecoder(strings.NewReader(string(e.Raw)))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return e, false, fmt.Errorf("%w: the element of type %q is not valid JSON", ErrInvalidArgument, e.Name)
	}
	changed, err := w.tree(tree)
	if err != nil || !changed {
		return e, false, err
	}
	raw, err := json.Marshal(tree)
	return &card.Unknown{Name: e.Name, Raw: raw}, true, err
}

func (w callbackWriter) tree(node any) (changed bool, err error) {
	var inner []any
	switch n := node.(type) {
	case []any:
		inner = n
	case map[string]any:
		url, _ := n["callbackUrl"].(string)
		id, _ := n["id"].(string)
		if n["type"] == "button" && url != "" && id != "" {
			r := callbackRecord{ActionID: id, URL: url}
			if v, ok := n["value"].(string); ok {
				r.OriginalValue = &v
			}
			if n["value"], err = w.keep(r); err != nil {
				return false, err
			}
			delete(n, "callbackUrl")
			changed = true
		}
		for _, e := range n {
			inner = append(inner, e)
		}
	}
	for _, e := range inner {
		below, err := w.tree(e)
		if err != nil {
			return false, err
		}
		changed = changed || below
	}
	return changed, nil
}

// keep stores the record and returns the value that stands for it.
func (w callbackWriter) keep(r callbackRecord) (string, error) {
	if err := w.chat.callbacks.check(r.URL); err != nil {
		return "", fmt.Errorf("%w: the button %q: callbackUrl %w", ErrInvalidArgument, r.ActionID, err)
	}
	var token [8]byte
	_, _ = rand.Read(token[:]) // it never fails
	name := hex.EncodeToString(token[:])
	r.Scope = &w.scope
	if err := w.chat.callbackRecord(name).Set(w.ctx, r); err != nil {
		return "", fmt.Errorf("chat: keeping the callback of button %q: %w", r.ActionID, err)
	}
	return callbackPrefix + name, nil
}

// clickCallback gives the event the value that its button was made with, and has
// the click posted to the button's callback URL, once. It reports whether the
// button has one. A token that is unknown, expired or another button's changes
// nothing.
func (c *Chat) clickCallback(ctx context.Context, a Adapter, ev *ActionEvent) (bool, error) {
	token, ok := callbackToken(ev.Value)
	if !ok {
		return false, nil
	}
	var button callbackRecord
	posted := false
	_, err := c.callbackRecord(token).Update(ctx, func(r callbackRecord) (callbackRecord, error) {
		posted = r.Posted
		if r.Clicked != nil {
			button = *r.Clicked
			return r, errUnchanged
		}
		button = r
		if !c.belongs(a, button, ev) {
			return r, errUnchanged
		}
		return callbackRecord{Clicked: &button}, nil
	})
	if unreadable(err) {
		c.log.WarnContext(ctx, "callback-unreadable", "adapter", a.Name(), "thread", string(ev.ThreadID), "action", ev.ActionID, "error", err)
		return false, nil
	}
	if err != nil && !errors.Is(err, errUnchanged) {
		return false, fmt.Errorf("chat: callback of action %q: %w", ev.ActionID, err)
	}
	if !c.belongs(a, button, ev) {
		c.log.WarnContext(ctx, "callback-not-found", "adapter", a.Name(), "thread", string(ev.ThreadID), "action", ev.ActionID)
		return false, nil
	}
	if !posted {
		body, err := json.Marshal(clickBody{
			Type: "action", ActionID: ev.ActionID, Value: button.OriginalValue, User: callbackUser{ev.User.UserID, ev.User.UserName},
			ThreadID: ev.ThreadID, MessageID: ev.MessageID,
		})
		if err != nil {
			return true, err
		}
		base := EventBase{ID: "callback:" + token, ThreadID: ev.ThreadID}
		err = c.storeTask(ctx, a, base, taskCallback, callbackPost{ID: rand.Text(), URL: button.URL, Body: body, Token: token})
		if err != nil {
			return true, fmt.Errorf("chat: callback of action %q: %w", ev.ActionID, err)
		}
	}
	ev.Value = ""
	if button.OriginalValue != nil {
		ev.Value = *button.OriginalValue
	}
	return true, nil
}

// belongs reports whether the click is one on the record's button.
func (c *Chat) belongs(a Adapter, r callbackRecord, ev *ActionEvent) bool {
	if r.ActionID == "" || r.URL == "" || r.ActionID != ev.ActionID || r.Scope == nil || ev.ThreadID == "" {
		return false
	}
	switch r.Scope.Type {
	case scopeThread:
		return sameThread(a, ThreadID(r.Scope.ID), ev.ThreadID)
	case scopeChannel:
		ref, err := a.DecodeThreadID(ev.ThreadID)
		return err == nil && r.Scope.ID == string(channelID(a, ref))
	}
	return false
}

// sameThread reports whether something that happened in a thread concerns what
// was posted to posted. What is posted to a channel itself begins a thread that
// has another id.
func sameThread(a Adapter, posted, thread ThreadID) bool {
	if posted == thread {
		return true
	}
	from, err := a.DecodeThreadID(posted)
	if err != nil || from.Thread != "" {
		return false
	}
	to, err := a.DecodeThreadID(thread)
	return err == nil && to.Channel == from.Channel
}
