package platform

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

func (m *callMutant) PostPlan(ctx context.Context, thread chat.ThreadID, plan chat.PlanState) (chat.MessageID, error) {
	if m.postPlan != nil {
		return m.postPlan(ctx, thread, plan)
	}
	return m.acme.PostPlan(ctx, thread, plan)
}

func (m *callMutant) EditPlan(ctx context.Context, thread chat.ThreadID, id chat.MessageID, plan chat.PlanState) error {
	if m.editPlan != nil {
		return m.editPlan(ctx, thread, id, plan)
	}
	return m.acme.EditPlan(ctx, thread, id, plan)
}

func (m *callMutant) MarkFailed(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	if m.fails != nil {
		return m.fails(ctx, thread, id)
	}
	return m.acme.MarkFailed(ctx, thread, id)
}

func (m *callMutant) ReplyMessage(ctx context.Context, thread chat.ThreadID, to chat.MessageID, post *chat.Post) (chat.MessageID, error) {
	if m.reply != nil {
		return m.reply(ctx, thread, to, post)
	}
	return m.acme.ReplyMessage(ctx, thread, to, post)
}

func (m *callMutant) PostEphemeral(ctx context.Context, thread chat.ThreadID, user chat.UserID, post *chat.Post) (chat.MessageID, error) {
	if m.ephemeral != nil {
		return m.ephemeral(ctx, thread, user, post)
	}
	return m.acme.PostEphemeral(ctx, thread, user, post)
}

func (m *callMutant) ScheduleMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post, at time.Time) (chat.ScheduledID, error) {
	if m.schedule != nil {
		return m.schedule(ctx, thread, post, at)
	}
	return m.acme.ScheduleMessage(ctx, thread, post, at)
}

func (m *callMutant) CancelScheduledMessage(ctx context.Context, thread chat.ThreadID, id chat.ScheduledID) error {
	if m.unplan != nil {
		return m.unplan(ctx, thread, id)
	}
	return m.acme.CancelScheduledMessage(ctx, thread, id)
}

func (m *callMutant) PostChannelMessage(ctx context.Context, channel chat.ChannelID, post *chat.Post) (chat.ThreadID, chat.MessageID, error) {
	if m.toChannel != nil {
		return m.toChannel(ctx, channel, post)
	}
	return m.acme.PostChannelMessage(ctx, channel, post)
}

func (m *callMutant) MarkRead(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	if m.markRead != nil {
		return m.markRead(ctx, thread, id)
	}
	return m.acme.MarkRead(ctx, thread, id)
}

func (m *callMutant) MarkSession(ctx context.Context, thread chat.ThreadID, status chat.SessionStatus) error {
	if m.session != nil {
		return m.session(ctx, thread, status)
	}
	return m.acme.MarkSession(ctx, thread, status)
}

func (m *callMutant) FetchUser(ctx context.Context, id chat.UserID) (*chat.User, error) {
	if m.user != nil {
		return m.user(ctx, id)
	}
	return m.acme.FetchUser(ctx, id)
}

func (m *callMutant) FetchChannel(ctx context.Context, id chat.ChannelID) (*chat.ChannelInfo, error) {
	if m.channel != nil {
		return m.channel(ctx, id)
	}
	return m.acme.FetchChannel(ctx, id)
}

func (m *callMutant) Permalink(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (string, error) {
	if m.link != nil {
		return m.link(ctx, thread, id)
	}
	return m.acme.Permalink(ctx, thread, id)
}

var abilityMutants = []mutant{
	{"a rate limit without its time", "Limits/Post", with(func(m *callMutant) {
		m.post = func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			id, err := m.acme.PostMessage(ctx, thread, post)
			if errors.Is(err, chat.ErrRateLimited) {
				err = &chat.PlatformError{Adapter: "acme", Op: "post", Code: chat.CodeRateLimited}
			}
			return id, err
		}
	})},
	{"a post that is refused and shown", "Limits/Post", with(func(m *callMutant) {
		m.post = func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			id, err := m.acme.PostMessage(ctx, thread, post)
			if errors.Is(err, chat.ErrRateLimited) {
				m.platform.post(thread, post.AsMarkdown())
			}
			return id, err
		}
	})},
	{"cards posted without their texts", "Posts/Card", with(func(m *callMutant) {
		m.post = func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			if post.Card != nil {
				post = &chat.Post{Text: post.Card.Title}
			}
			return m.acme.PostMessage(ctx, thread, post)
		}
	})},
	{"edits to cards forgotten", "Posts/EditCard", with(func(m *callMutant) {
		m.edit = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
			if post.Card != nil {
				return m.call(ctx, thread)
			}
			return m.acme.EditMessage(ctx, thread, id, post)
		}
	})},
	{"emoji not spelled in cards", "Posts/Emoji", with(func(m *callMutant) {
		m.edit = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
			if post.Card == nil {
				return m.acme.EditMessage(ctx, thread, id, post)
			}
			return m.platform.Edit(thread, id, func(p *chattest.Posted) { p.Text = post.AsMarkdown() })
		}
	})},
	{"emoji cut out", "Posts/Emoji", with(func(m *callMutant) {
		m.post = func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			text, _, _ := strings.Cut(post.AsMarkdown(), "{{")
			return m.acme.PostMessage(ctx, thread, &chat.Post{Markdown: text})
		}
	})},
	{"emoji not spelled in streams", "Streams/Emoji", with(func(m *callMutant) {
		m.stream = func(_ context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], _ chat.StreamOptions) (chat.MessageID, string, error) {
			text, err := collect(chunks)
			return m.platform.post(thread, text), text, err
		}
	})},
	{"streams without text posted", "Streams/Empty", with(func(m *callMutant) {
		m.stream = func(_ context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], _ chat.StreamOptions) (chat.MessageID, string, error) {
			text, err := collect(chunks)
			return m.platform.post(thread, spellACME(text)), text, err
		}
	})},
	{"tasks taken for text", "Streams/Tasks", with(func(m *callMutant) {
		m.stream = func(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
			return m.acme.StreamMessage(ctx, thread, func(yield func(chat.Chunk, error) bool) {
				for chunk, err := range chunks {
					if chunk.Task != nil {
						chunk.Text += chunk.Task.Title
					}
					if !yield(chunk, err) {
						return
					}
				}
			}, opts)
		}
	})},
	{"streams unsupported after the first chunk", "Streams/Unsupported", with(func(m *callMutant) {
		m.stream = func(_ context.Context, _ chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], _ chat.StreamOptions) (chat.MessageID, string, error) {
			for range chunks {
				break
			}
			return "", "", errors.ErrUnsupported
		}
	})},
	{"streams unsupported after a post", "Streams/Unsupported", with(func(m *callMutant) {
		m.stream = func(_ context.Context, thread chat.ThreadID, _ iter.Seq2[chat.Chunk, error], _ chat.StreamOptions) (chat.MessageID, string, error) {
			m.platform.post(thread, "…")
			return "", "", errors.ErrUnsupported
		}
	})},

	{"plans posted without their tasks", "Plans/Post", with(func(m *callMutant) {
		m.postPlan = func(ctx context.Context, thread chat.ThreadID, plan chat.PlanState) (chat.MessageID, error) {
			plan.Tasks = nil
			return m.acme.PostPlan(ctx, thread, plan)
		}
	})},
	{"an edited plan is a new message", "Plans/Edit", with(func(m *callMutant) {
		m.editPlan = func(ctx context.Context, thread chat.ThreadID, _ chat.MessageID, plan chat.PlanState) error {
			_, err := m.acme.PostPlan(ctx, thread, plan)
			return err
		}
	})},
	{"a plan keeps its first title", "Plans/Edit", with(func(m *callMutant) {
		m.editPlan = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, plan chat.PlanState) error {
			plan.Title = "Deploy"
			return m.acme.EditPlan(ctx, thread, id, plan)
		}
	})},
	{"a plan shows its last task alone", "Plans/Together", with(func(m *callMutant) {
		m.editPlan = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, plan chat.PlanState) error {
			plan.Tasks = plan.Tasks[len(plan.Tasks)-1:]
			return m.acme.EditPlan(ctx, thread, id, plan)
		}
	})},

	{"answers to nothing", "Replies/Post", with(func(m *callMutant) {
		m.reply = func(ctx context.Context, thread chat.ThreadID, _ chat.MessageID, post *chat.Post) (chat.MessageID, error) {
			return m.acme.PostMessage(ctx, thread, post)
		}
	})},
	{"answers with an id of their own", "Replies/Stream", with(func(m *callMutant) {
		m.reply = func(ctx context.Context, thread chat.ThreadID, to chat.MessageID, post *chat.Post) (chat.MessageID, error) {
			id, err := m.acme.ReplyMessage(ctx, thread, to, post)
			return "R" + id, err
		}
	})},
	{"a message for one shown to all", "Ephemeral/Post", with(func(m *callMutant) {
		m.ephemeral = func(ctx context.Context, thread chat.ThreadID, user chat.UserID, post *chat.Post) (chat.MessageID, error) {
			if _, err := m.acme.PostMessage(ctx, thread, post); err != nil {
				return "", err
			}
			return m.acme.PostEphemeral(ctx, thread, user, post)
		}
	})},
	{"a message for one shown to another", "Ephemeral/Post", with(func(m *callMutant) {
		m.ephemeral = func(ctx context.Context, thread chat.ThreadID, _ chat.UserID, post *chat.Post) (chat.MessageID, error) {
			return m.acme.PostEphemeral(ctx, thread, "U9", post)
		}
	})},
	{"direct messages in place of ephemeral ones that get lost", "Ephemeral/Fallback", func(a *acme) chat.Adapter { return silentDM{a, a} }},
	{"a scheduled message posted at once", "Scheduled/Post", with(func(m *callMutant) {
		m.schedule = func(ctx context.Context, thread chat.ThreadID, post *chat.Post, at time.Time) (chat.ScheduledID, error) {
			if _, err := m.acme.PostMessage(ctx, thread, post); err != nil {
				return "", err
			}
			return m.acme.ScheduleMessage(ctx, thread, post, at)
		}
	})},
	{"a scheduled message an hour late", "Scheduled/Post", with(func(m *callMutant) {
		m.schedule = func(ctx context.Context, thread chat.ThreadID, post *chat.Post, at time.Time) (chat.ScheduledID, error) {
			return m.acme.ScheduleMessage(ctx, thread, post, at.Add(time.Hour))
		}
	})},
	{"cancelling one cancels all", "Scheduled/Cancel", with(func(m *callMutant) {
		m.unplan = func(ctx context.Context, thread chat.ThreadID, id chat.ScheduledID) error {
			err := m.acme.CancelScheduledMessage(ctx, thread, id)
			m.platform.scheduled = nil
			return err
		}
	})},
	{"cancelling nothing succeeds", "Scheduled/Cancel", with(func(m *callMutant) {
		m.unplan = func(ctx context.Context, thread chat.ThreadID, id chat.ScheduledID) error {
			if err := m.acme.CancelScheduledMessage(ctx, thread, id); !errors.Is(err, chat.ErrNotFound) {
				return err
			}
			return nil
		}
	})},
	{"a post to a channel in another channel's thread", "Channels/Post", with(func(m *callMutant) {
		m.toChannel = func(ctx context.Context, _ chat.ChannelID, post *chat.Post) (chat.ThreadID, chat.MessageID, error) {
			return m.acme.PostChannelMessage(ctx, "acme:C99", post)
		}
	})},
	{"a post to a channel and the thread of another", "Channels/Post", with(func(m *callMutant) {
		m.toChannel = func(ctx context.Context, channel chat.ChannelID, post *chat.Post) (chat.ThreadID, chat.MessageID, error) {
			_, id, err := m.acme.PostChannelMessage(ctx, channel, post)
			return chat.ThreadID(string(channel) + ":5"), id, err
		}
	})},
	{"a stream to a channel in as many threads", "Channels/Stream", with(func(m *callMutant) {
		m.edit = func(ctx context.Context, thread chat.ThreadID, _ chat.MessageID, post *chat.Post) error {
			ref, err := m.DecodeThreadID(thread)
			if err != nil {
				return err
			}
			_, _, err = m.acme.PostChannelMessage(ctx, chat.ChannelID("acme:"+ref.Channel), post)
			return err
		}
		m.toChannel = func(ctx context.Context, channel chat.ChannelID, _ *chat.Post) (chat.ThreadID, chat.MessageID, error) {
			return m.acme.PostChannelMessage(ctx, channel, &chat.Post{Text: "…"})
		}
	})},
	{"a channel with another id", "Channels/Fetch", with(func(m *callMutant) {
		m.channel = func(ctx context.Context, id chat.ChannelID) (*chat.ChannelInfo, error) {
			info, err := m.acme.FetchChannel(ctx, id)
			if err == nil {
				info.ID = chat.ChannelID(info.Name)
			}
			return info, err
		}
	})},
	{"everybody is ada", "Users/Nobody", with(func(m *callMutant) {
		m.user = func(ctx context.Context, id chat.UserID) (*chat.User, error) {
			user, err := m.acme.FetchUser(ctx, "U1")
			user.ID = id
			return user, err
		}
	})},
	{"nobody is nobody without an error", "Users/Nobody", with(func(m *callMutant) {
		m.user = func(ctx context.Context, id chat.UserID) (*chat.User, error) {
			if user, err := m.acme.FetchUser(ctx, id); !errors.Is(err, chat.ErrNotFound) {
				return user, err
			}
			return nil, nil
		}
	})},
	{"a user without a name", "Users/Fetch", with(func(m *callMutant) {
		m.user = func(_ context.Context, id chat.UserID) (*chat.User, error) { return &chat.User{ID: id}, nil }
	})},
	{"a session is never closed", "Sessions/Mark", with(func(m *callMutant) {
		m.session = func(ctx context.Context, thread chat.ThreadID, status chat.SessionStatus) error {
			if status == chat.SessionClosed {
				return m.call(ctx, thread)
			}
			return m.acme.MarkSession(ctx, thread, status)
		}
	})},
	{"a session's status is posted", "Sessions/Mark", with(func(m *callMutant) {
		m.session = func(ctx context.Context, thread chat.ThreadID, status chat.SessionStatus) error {
			_, err := m.acme.PostMessage(ctx, thread, &chat.Post{Text: string(status)})
			return err
		}
	})},
	{"sessions of threads that are none", "ThreadIDs/Calls", with(func(m *callMutant) {
		m.session = func(ctx context.Context, _ chat.ThreadID, _ chat.SessionStatus) error { return ctx.Err() }
	})},
	{"nothing marked as read", "ReadMarks/Mark", with(func(m *callMutant) {
		m.markRead = func(ctx context.Context, thread chat.ThreadID, _ chat.MessageID) error { return m.call(ctx, thread) }
	})},
	{"a message marked as failed only once", "FailureMarks/Mark", with(func(m *callMutant) {
		marked := map[chat.MessageID]bool{}
		m.fails = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
			if marked[id] {
				return &chat.PlatformError{Adapter: "acme", Op: "mark", Code: chat.CodeInvalid}
			}
			marked[id] = true
			return m.acme.MarkFailed(ctx, thread, id)
		}
	})},
	{"one address for all", "Permalinks/Address", with(func(m *callMutant) {
		m.link = func(_ context.Context, thread chat.ThreadID, _ chat.MessageID) (string, error) {
			return fmt.Sprintf("https://acme.example/%s", thread), nil
		}
	})},
}

// collect reads a stream to its end.
func collect(chunks iter.Seq2[chat.Chunk, error]) (text string, _ error) {
	for chunk, err := range chunks {
		if err != nil {
			return text, err
		}
		text += chunk.Text
	}
	return text, nil
}

// silentDM has no ephemeral messages, and direct conversations that show nothing.
type silentDM struct {
	chat.Adapter
	chat.DirectMessenger
}

func (s silentDM) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	if strings.HasPrefix(string(thread), "acme:D") {
		return "P-0", nil
	}
	return s.Adapter.PostMessage(ctx, thread, post)
}
