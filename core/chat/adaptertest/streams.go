package adaptertest

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	ruleStream      = "StreamMessage posts the concatenation of the chunks' text as one message, shows it as it grows, with the tasks that come along, and returns its id and the whole text, Markdown as it came."
	ruleStreamEmpty = "If nothing comes that can be shown, it posts nothing."
	ruleStreamUnfit = "An error that satisfies errors.Is(err, errors.ErrUnsupported) is returned before anything is read or posted: the bot then posts and edits."
	ruleStreamTasks = "A task whose end has not come when the stream fails or ctx ends is shown as one that has failed, not as if it went on."
	ruleStreamFails = "When the sequence yields an error or ctx ends, it finishes the message with what it has and returns the error with them."

	ruleStreamBuffered = "BuffersStreams reports whether a stream must be whole before its message is posted, also as an answer and to a channel."
)

var errStream = errors.New("the stream broke off")

// streamBreak is what the bot adds to the text of a stream that fails.
const streamBreak = " …"

var streamCases = []Case{
	{ID: "Streams/Whole", Rule: ruleStream, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		parts := []string{"one ", "", "two ", "thr", "ee"}
		sent := b.post(t, s, thread, chat.Chunks(chunks(parts, nil)))
		b.shows(t, s, "after a stream", thread, shownPost{sent.ID(), "one two three"})
		if s.Features.NoEdits {
			return
		}
		must(t, "Edit of a message that was streamed", sent.Edit(s.ctx, chat.Text("changed")))
		b.shows(t, s, "after an edit of a streamed message", thread, shownPost{sent.ID(), "changed"})
	}},
	{ID: "Streams/Buffered", Rule: ruleStreamBuffered, Run: func(t TB, s *Subject) {
		if !s.Features.NoEdits {
			return
		}
		bufferer, ok := s.rig(t).Adapter.(chat.StreamBufferer)
		if !ok || !bufferer.BuffersStreams() {
			t.Errorf("Features.NoEdits is declared, and the adapter is no StreamBufferer that reports true: answers would begin with a message that is never whole")
		}
	}},
	{ID: "Streams/Returned", Rule: ruleStream, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		streamer, ok := b.Adapter.(chat.Streamer)
		if !ok {
			return // Streams/Whole saw the bot post and edit
		}
		parts := []string{"some *mark", "down* ", "and é", "\xf0\x9f", "\x98\x80"}
		_, m := s.Features.message()
		id, text, err := streamer.StreamMessage(s.ctx, thread, chunks(parts, nil), chat.StreamOptions{Recipient: m.Author.UserID})
		if errors.Is(err, errors.ErrUnsupported) {
			return // Streams/Unsupported looks at it
		}
		must(t, "StreamMessage", err)
		equal(t, "the text that StreamMessage returned", text, strings.Join(parts, ""))
		if id == "" {
			t.Errorf("StreamMessage returned an empty id")
		}
	}},
	{ID: "Streams/Unsupported", Rule: ruleStreamUnfit, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		streamer, ok := b.Adapter.(chat.Streamer)
		if !ok {
			return
		}
		read := false
		_, _, err := streamer.StreamMessage(s.ctx, thread, func(yield func(chat.Chunk, error) bool) {
			read = true
			yield(chat.Chunk{Text: "some text"}, nil)
		}, chat.StreamOptions{})
		if !errors.Is(err, errors.ErrUnsupported) {
			return
		}
		if read {
			t.Errorf("StreamMessage says that streams are unsupported\n    seen: it has read the stream\n    want: the bot can still read it")
		}
		b.shows(t, s, "after a stream that is unsupported", thread)
	}},
	{ID: "Streams/Empty", Rule: ruleStreamEmpty, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		for _, parts := range [][]string{nil, {"", ""}} {
			sent, err := b.thread(t, thread).Post(s.ctx, chat.Chunks(chunks(parts, nil)))
			if err != nil {
				t.Errorf("Post of a stream without text: %v", err)
			} else if sent.ID() != "" {
				t.Errorf("Post of a stream without text returned the message %q", sent.ID())
			}
		}
		b.shows(t, s, "after streams without text", thread)
	}},
	{ID: "Streams/Tasks", Rule: ruleStream, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		sent := b.post(t, s, thread, chat.Chunks(func(yield func(chat.Chunk, error) bool) {
			task := chat.Task{ID: "1", Title: "Look it up", Status: chat.TaskInProgress}
			done := task
			done.Status, done.Output = chat.TaskComplete, "found"
			_ = yield(chat.Chunk{Task: &task, PlanTitle: "Research"}, nil) &&
				yield(chat.Chunk{Text: "the "}, nil) &&
				yield(chat.Chunk{Text: "ans", Task: &done}, nil) &&
				yield(chat.Chunk{Text: "wer"}, nil)
		}))
		b.mentions(t, s, "after a stream with a task", thread, sent.ID(), "the answer")
		equal(t, "the text of the message that was sent", sent.Message.Text, "the answer")
	}},
	{ID: "Streams/Emoji", Rule: ruleEmoji, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		b.post(t, s, thread, chat.Chunks(chunks([]string{"well done ", "{{emo", "ji:thumbs_up}", "}", " all"}, nil)))
		b.spelled(t, s, "after a stream with an emoji", thread)
	}},
	{ID: "Streams/Fails", Rule: ruleStreamFails, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		sent, err := b.thread(t, thread).Post(s.ctx, chat.Chunks(chunks([]string{"what ", "came"}, errStream)))
		isError(t, "Post of a stream that fails", err, errStream)
		if sent == nil {
			t.Errorf("Post of a stream that fails returned no message, although there was text")
			return
		}
		b.shows(t, s, "after a stream that failed", thread, shownPost{sent.ID(), "what came" + streamBreak})
	}},
	{ID: "Streams/FailsAtOnce", Rule: ruleStreamFails, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		_, err := b.thread(t, thread).Post(s.ctx, chat.Chunks(chunks(nil, errStream)))
		isError(t, "Post of a stream that fails before its first text", err, errStream)
	}},
	{ID: "Streams/Cancelled", Rule: ruleStreamFails, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		ctx, cancel := context.WithCancel(s.ctx)
		defer cancel()
		sent, err := b.thread(t, thread).Post(ctx, chat.Stream(func(yield func(string, error) bool) {
			if !yield("what came", nil) {
				return
			}
			cancel()
			_ = yield(" too late", nil)
		}))
		isError(t, "Post of a stream whose context ends", err, context.Canceled)
		if sent == nil {
			t.Errorf("Post of a stream whose context ends returned no message, although there was text")
			return
		}
		b.shows(t, s, "after a stream whose context ended", thread, shownPost{sent.ID(), "what came"})
	}},
	{ID: "Streams/TasksEnd", Rule: ruleStreamTasks, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		seen := 0
		for name, fail := range map[string]error{"failed": errStream, "was cancelled": nil} {
			for _, statuses := range [][]chat.TaskStatus{{chat.TaskInProgress, chat.TaskError}, {chat.TaskInProgress}} {
				ctx, cancel := context.WithCancel(s.ctx)
				_, err := b.thread(t, thread).Post(ctx, chat.Chunks(func(yield func(chat.Chunk, error) bool) {
					for _, status := range statuses {
						if !yield(chat.Chunk{Task: &chat.Task{ID: "1", Title: "Look it up", Status: status}}, nil) {
							return
						}
					}
					if !yield(chat.Chunk{Text: "what came"}, nil) {
						return
					}
					if fail == nil {
						cancel()
					}
					_ = yield(chat.Chunk{}, fail)
				}))
				cancel()
				if err == nil {
					t.Errorf("Post of a stream that %s returned no error", name)
				}
			}
			posts := b.shown(t, s, thread)[seen:]
			if seen += len(posts); len(posts) != 2 {
				t.Errorf("two streams that %s are shown as %d messages, want 2", name, len(posts))
				continue
			}
			equal(t, "a stream that "+name+" with a task in progress, next to one whose task had failed", posts[1].Text, posts[0].Text)
		}
	}},
	{ID: "Streams/Together", Rule: ruleSafe, Race: true, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		together(4, func(int) {
			_, err := b.thread(t, thread).Post(s.ctx, chat.Chunks(chunks([]string{"a ", "b ", "c"}, nil)))
			must(t, "Post of a stream, among others", err)
		})
		posts := b.shown(t, s, thread)
		equal(t, "messages shown after streams at once", len(posts), 4)
		for _, p := range posts {
			equal(t, "the text of a stream among others", strings.TrimSpace(p.Text), "a b c")
		}
	}},
}

// chunks yields the parts, and then the error unless it is nil.
func chunks(parts []string, err error) iter.Seq2[chat.Chunk, error] {
	return func(yield func(chat.Chunk, error) bool) {
		for _, part := range parts {
			if !yield(chat.Chunk{Text: part}, nil) {
				return
			}
		}
		if err != nil {
			yield(chat.Chunk{}, err)
		}
	}
}
