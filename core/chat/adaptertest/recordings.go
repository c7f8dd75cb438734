package adaptertest

import (
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Recorded returns a recorded webhook as a sample. want is what the bot must
// handle; without any, nothing is.
func Recorded(r *webhook.Recording, want ...chat.Inbound) Sample {
	return Sample{Name: r.Name, Method: r.Method, Path: r.Path, Header: r.Header.Clone(), Body: string(r.Body), Want: want}
}

var recordingCases = []Case{
	{ID: "Recordings/Answered", Rule: ruleDelivers, Needs: NeedsRecordings, Run: func(t TB, s *Subject) {
		for _, recording := range s.Features.Recordings {
			b := s.rig(t) // recordings may hold a webhook and its redelivery
			a := b.send(t, s, b.signed(Recorded(recording), time.Now()))
			equal(t, fmt.Sprintf("the status of recording %q", recording.Name), a.status, recording.Status)
		}
	}},
}
