package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// metadata is what a modal's private_metadata holds: the bot's context and what
// the program attached. It is the TypeScript SDK's.
type metadata struct {
	ContextID string `json:"c,omitempty"`
	Private   string `json:"m,omitempty"`
}

// packMetadata returns a modal's private_metadata.
func packMetadata(contextID, private string) string {
	if contextID == "" && private == "" {
		return ""
	}
	data, err := json.Marshal(metadata{contextID, private})
	if err != nil {
		return ""
	}
	return string(data)
}

// unpackMetadata is the inverse of packMetadata. Anything else is a context, as
// old versions of the TypeScript SDK wrote it.
func unpackMetadata(text string) metadata {
	var m struct {
		ContextID *string `json:"c"`
		Private   *string `json:"m"`
	}
	if json.Unmarshal([]byte(text), &m) != nil || m.ContextID == nil && m.Private == nil {
		return metadata{ContextID: text}
	}
	var out metadata
	if m.ContextID != nil {
		out.ContextID = *m.ContextID
	}
	if m.Private != nil {
		out.Private = *m.Private
	}
	return out
}

// view is a modal or the app's home, as interactions have it.
// https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
type view struct {
	ID              string `json:"id"`
	CallbackID      string `json:"callback_id"`
	PrivateMetadata string `json:"private_metadata"`
	Hash            string `json:"hash"`
	Blocks          []struct {
		Type    string `json:"type"`
		BlockID string `json:"block_id"`
	} `json:"blocks"`
	State struct {
		// Values are the inputs by block and action.
		Values map[string]map[string]inputState `json:"values"`
	} `json:"state"`
}

// values returns the answers by the ids of the inputs.
func (v *view) values() chat.ModalValues {
	values := chat.ModalValues{}
	for _, inputs := range v.State.Values {
		for id, input := range inputs {
			if value, ok := input.value(); ok {
				values[id] = value
			}
		}
	}
	return values
}

// handleSubmission takes a submitted modal. Slack waits three seconds for what
// becomes of it.
// https://docs.slack.dev/surfaces/modals#response_actions
func (a *Adapter) handleSubmission(ctx context.Context, in *interaction) (answer, error) {
	if in.View == nil {
		return nil, badEvent(in.Type, errors.New("view is missing"))
	}
	packed := unpackMetadata(in.View.PrivateMetadata)
	// The trigger is another one each time that a modal is submitted; a view that
	// was corrected keeps its id and hash.
	id := in.TriggerID
	if id == "" {
		id = in.View.ID + ":" + in.View.Hash
	}
	ev := &chat.ModalSubmitEvent{
		EventBase:       in.base("", id),
		CallbackID:      in.View.CallbackID,
		PrivateMetadata: packed.Private,
		ContextID:       packed.ContextID,
		ViewID:          triggerID(in.src.origin, in.View.ID),
		Values:          in.View.values(),
		TriggerID:       triggerID(in.src.origin, in.TriggerID),
	}
	wanted, err := webhook.InTime(ctx, func() (chat.ModalAnswer, error) { return a.host.SubmitModal(ctx, ev) })
	if err != nil {
		return nil, err
	}
	return in.View.response(wanted, a.markup)
}

// response returns what Slack is told, nothing to close the modal.
func (v *view) response(wanted chat.ModalAnswer, w markup) (answer, error) {
	switch wanted.Action {
	case "", chat.ModalClose:
		return nil, nil
	case chat.ModalClear:
		return json.Marshal(map[string]string{"response_action": "clear"})
	case chat.ModalErrors:
		return json.Marshal(map[string]any{"response_action": "errors", "errors": v.errorsByBlock(wanted.Errors)})
	case chat.ModalUpdate, chat.ModalPush:
		next, err := w.modalView(wanted.Modal, wanted.ContextID)
		if err != nil {
			return nil, err
		}
		return json.Marshal(map[string]any{"response_action": string(wanted.Action), "view": next})
	}
	return nil, fmt.Errorf("%w: slack: ModalAnswer.Action is %q, want one of chat's", chat.ErrInvalidArgument, wanted.Action)
}

// errorsByBlock returns the errors by the blocks of the inputs, as Slack wants
// them. It refuses an answer that names any other block, so an error for an input
// that is not there goes to the first one.
func (v *view) errorsByBlock(byInput map[string]string) map[string]string {
	blockOf := map[string]string{}
	first := ""
	for block, inputs := range v.State.Values {
		for id := range inputs {
			blockOf[id] = block
		}
	}
	for _, b := range v.Blocks {
		if b.Type == "input" && first == "" {
			first = b.BlockID
		}
	}
	out := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(byInput)) {
		block, ok := blockOf[id]
		if !ok {
			if block = first; block == "" {
				block = id
			}
		}
		if out[block] != "" {
			out[block] += "\n"
		}
		out[block] += byInput[id]
	}
	return out
}

// handleClosed takes a modal that was closed without being submitted.
func (a *Adapter) handleClosed(ctx context.Context, in *interaction) error {
	if in.View == nil {
		return badEvent(in.Type, errors.New("view is missing"))
	}
	packed := unpackMetadata(in.View.PrivateMetadata)
	_, err := a.host.Deliver(ctx, &chat.ModalClosedEvent{
		EventBase:       in.base("", in.View.ID),
		CallbackID:      in.View.CallbackID,
		PrivateMetadata: packed.Private,
		ContextID:       packed.ContextID,
	})
	return err
}
