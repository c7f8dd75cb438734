package web

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// archive is a host whose history is what kept returns.
type archive struct {
	*shelf
	kept func() []*chat.Message
}

func (a archive) History(context.Context, chat.ThreadID) ([]*chat.Message, error) {
	return a.kept(), nil
}

// What there is to a message is stored before the message. Whoever reads the conversation
// at that moment sees none without its card, its tasks, or that it was stopped.
func TestNoMessageIsReadWithoutItsContent(t *testing.T) {
	for name, stored := range map[string]*content{
		"card":    {Body: &body{Text: "Tea?", Card: []byte(`{"type":"card"}`)}},
		"plan":    {Body: &body{Plan: &plan{Title: "Tea"}}},
		"stopped": {Body: &body{Text: "Once"}, Stopped: true},
		"deleted": {Deleted: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &shelf{values: map[string][]byte{}, lists: map[string][][]byte{}}
				a := &Adapter{}
				a.host = archive{shelf: s, kept: func() []*chat.Message {
					synctest.Wait() // until all is read that is not read after the history
					if err := a.storeContent(t.Context(), "web:ada:c1", "m1", stored); err != nil {
						t.Error(err)
					}
					return []*chat.Message{{ID: "m1", ThreadID: "web:ada:c1", Text: "Tea?", Author: chat.Author{Me: true}}}
				}}
				read, err := a.read(t.Context(), "web:ada:c1")
				require.NoError(t, err)
				if stored.Deleted {
					require.Empty(t, read.messages)
					return
				}
				require.Len(t, read.messages, 1)
				require.Equal(t, stored.Stopped, read.messages[0].Metadata.Stopped)
				require.Equal(t, stored.Body.Card, read.messages[0].Body.Card)
				require.Equal(t, stored.Body.Plan, read.messages[0].Body.Plan)
			})
		})
	}
}
