package adaptertest

import (
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

const (
	ruleSchedule = "ScheduleMessage has the platform post the message at the time, and returns what CancelScheduledMessage needs."
	ruleCancel   = "CancelScheduledMessage takes it back. It returns [ErrNotFound] if it was posted or cancelled already."
)

var scheduleCases = []Case{
	{ID: "Scheduled/Post", Rule: ruleSchedule, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		at := time.Now().Add(time.Hour).Truncate(time.Second)
		_, can := b.Adapter.(chat.Scheduler)
		message, err := b.thread(t, thread).Schedule(s.ctx, chat.Text("later"), at)
		if !can {
			isUnsupported(t, "Schedule", err)
			return
		}
		must(t, "Schedule", err)
		b.schedules(t, s, "after Schedule", thread, chattest.ScheduledPost{ID: message.ID, Thread: thread, Text: "later", At: at})
		b.shows(t, s, "before the time of a scheduled message", thread)
	}},
	{ID: "Scheduled/Cancel", Rule: ruleCancel, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		if _, can := b.Adapter.(chat.Scheduler); !can {
			isUnsupported(t, "Cancel", b.thread(t, thread).Scheduled("Q1").Cancel(s.ctx))
			return
		}
		at := time.Now().Add(time.Hour).Truncate(time.Second)
		first, err := b.thread(t, thread).Schedule(s.ctx, chat.Text("first"), at)
		must(t, "Schedule", err)
		second, err := b.thread(t, thread).Schedule(s.ctx, chat.Text("second"), at)
		must(t, "Schedule again", err)
		must(t, "Cancel", first.Cancel(s.ctx))
		b.schedules(t, s, "after Cancel of one of two", thread, chattest.ScheduledPost{ID: second.ID, Thread: thread, Text: "second", At: at})
		isError(t, "Cancel of a message that was cancelled", first.Cancel(s.ctx), chat.ErrNotFound)
		must(t, "Cancel by the id", b.thread(t, thread).Scheduled(second.ID).Cancel(s.ctx))
		b.schedules(t, s, "after Cancel of both", thread)
	}},
}

// schedules compares what the platform will post with what it must.
func (b *rig) schedules(t TB, s *Subject, when string, thread chat.ThreadID, want ...chattest.ScheduledPost) {
	t.Helper()
	seen, err := b.Scheduled(s.ctx, thread)
	must(t, "Harness.Scheduled", err)
	same := len(seen) == len(want)
	for i := 0; same && i < len(want); i++ {
		same = seen[i].ID == want[i].ID && seen[i].Text == want[i].Text && seen[i].At.Equal(want[i].At)
	}
	if !same {
		t.Errorf("what the platform will post %s\n    seen: %s\n    want: %s", when, show(seen), show(want))
	}
}
