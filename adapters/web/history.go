package web

import (
	"context"

	"github.com/chat-adapter/chat-go/core/chat"
)

// transcript is a conversation as it is kept: the bot's history with the edits
// laid over it.
type transcript struct {
	messages []*uiMessage // oldest first
	removed  map[string]bool
}

// read returns the kept conversation. A conversation that nobody has written in
// is empty.
func (a *Adapter) read(ctx context.Context, thread chat.ThreadID) (*transcript, error) {
	kept, err := a.host.History(ctx, thread)
	if err != nil {
		return nil, err
	}
	t := &transcript{messages: make([]*uiMessage, 0, len(kept)), removed: map[string]bool{}}
	if len(kept) == 0 {
		return t, nil
	}
	edits, err := a.edits(ctx, thread)
	if err != nil {
		return nil, err
	}
	seen := make(map[chat.MessageID]bool, len(kept))
	for _, m := range kept {
		// A message that was delivered again is in the list again.
		if seen[m.ID] {
			continue
		}
		seen[m.ID] = true
		ui := toUI(m)
		if e, ok := edits[m.ID]; ok {
			a.renewEdit(ctx, thread, m.ID, e)
			if e.Deleted {
				t.removed[ui.ID] = true
				continue
			}
			ui.Parts[0].Text = e.Text
			ui.Metadata.Edited, ui.Metadata.Version = true, e.Version
		}
		t.messages = append(t.messages, ui)
	}
	return t, nil
}

// ids are the messages that the transcript holds.
func (t *transcript) ids() map[string]bool {
	ids := make(map[string]bool, len(t.messages))
	for _, m := range t.messages {
		ids[m.ID] = true
	}
	return ids
}
