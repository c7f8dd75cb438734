package platform

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// callMutant replaces methods. A nil function leaves the method.
type callMutant struct {
	*acme
	name    func() string
	post    func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error)
	edit    func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error
	del     func(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error
	encode  func(ref chat.ThreadRef) (chat.ThreadID, error)
	decode  func(id chat.ThreadID) (chat.ThreadRef, error)
	stream  func(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error)
	react   func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error
	unreact func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error
	typing  func(ctx context.Context, thread chat.ThreadID) error
	openDM  func(ctx context.Context, user chat.UserID) (chat.ThreadID, error)
	run     func(ctx context.Context) error
	scope   func() chat.LockScope

	postPlan  func(ctx context.Context, thread chat.ThreadID, plan chat.PlanState) (chat.MessageID, error)
	editPlan  func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, plan chat.PlanState) error
	reply     func(ctx context.Context, thread chat.ThreadID, to chat.MessageID, post *chat.Post) (chat.MessageID, error)
	ephemeral func(ctx context.Context, thread chat.ThreadID, user chat.UserID, post *chat.Post) (chat.MessageID, error)
	schedule  func(ctx context.Context, thread chat.ThreadID, post *chat.Post, at time.Time) (chat.ScheduledID, error)
	unplan    func(ctx context.Context, thread chat.ThreadID, id chat.ScheduledID) error
	toChannel func(ctx context.Context, channel chat.ChannelID, post *chat.Post) (chat.ThreadID, chat.MessageID, error)
	fails     func(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error
	session   func(ctx context.Context, thread chat.ThreadID, status chat.SessionStatus) error
	markRead  func(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error
	user      func(ctx context.Context, id chat.UserID) (*chat.User, error)
	channel   func(ctx context.Context, id chat.ChannelID) (*chat.ChannelInfo, error)
	link      func(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (string, error)
}

func (m *callMutant) Name() string {
	if m.name != nil {
		return m.name()
	}
	return m.acme.Name()
}

func (m *callMutant) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	if m.post != nil {
		return m.post(ctx, thread, post)
	}
	return m.acme.PostMessage(ctx, thread, post)
}

func (m *callMutant) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	if m.edit != nil {
		return m.edit(ctx, thread, id, post)
	}
	return m.acme.EditMessage(ctx, thread, id, post)
}

func (m *callMutant) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	if m.del != nil {
		return m.del(ctx, thread, id)
	}
	return m.acme.DeleteMessage(ctx, thread, id)
}

func (m *callMutant) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	if m.encode != nil {
		return m.encode(ref)
	}
	return m.acme.EncodeThreadID(ref)
}

func (m *callMutant) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	if m.decode != nil {
		return m.decode(id)
	}
	return m.acme.DecodeThreadID(id)
}

func (m *callMutant) StreamMessage(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
	if m.stream != nil {
		return m.stream(ctx, thread, chunks, opts)
	}
	return m.acme.StreamMessage(ctx, thread, chunks, opts)
}

func (m *callMutant) AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error {
	if m.react != nil {
		return m.react(ctx, thread, id, emoji)
	}
	return m.acme.AddReaction(ctx, thread, id, emoji)
}

func (m *callMutant) RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error {
	if m.unreact != nil {
		return m.unreact(ctx, thread, id, emoji)
	}
	return m.acme.RemoveReaction(ctx, thread, id, emoji)
}

func (m *callMutant) StartTyping(ctx context.Context, thread chat.ThreadID, status string) error {
	if m.typing != nil {
		return m.typing(ctx, thread)
	}
	return m.acme.StartTyping(ctx, thread, status)
}

func (m *callMutant) OpenDM(ctx context.Context, user chat.UserID) (chat.ThreadID, error) {
	if m.openDM != nil {
		return m.openDM(ctx, user)
	}
	return m.acme.OpenDM(ctx, user)
}

func (m *callMutant) Run(ctx context.Context) error {
	if m.run != nil {
		return m.run(ctx)
	}
	return m.acme.Run(ctx)
}

func (m *callMutant) LockScope() chat.LockScope {
	if m.scope != nil {
		return m.scope()
	}
	return m.acme.LockScope()
}

// with plants changed methods.
func with(change func(m *callMutant)) func(*acme) chat.Adapter {
	return func(a *acme) chat.Adapter {
		m := &callMutant{acme: a}
		change(m)
		return m
	}
}

var errRefused = errors.New("acme: refused")

var callMutants = []mutant{
	{"a name that changes", "Identity/Name", with(func(m *callMutant) {
		m.name = func() string {
			if m.host != nil {
				return "acme2"
			}
			return "acme"
		}
	})},
	{"encode forgets the topic", "ThreadIDs/RoundTrip", with(func(m *callMutant) {
		m.encode = func(ref chat.ThreadRef) (chat.ThreadID, error) {
			ref.Thread = ""
			return m.acme.EncodeThreadID(ref)
		}
	})},
	{"decode forgets the topic", "ThreadIDs/Distinct", with(func(m *callMutant) {
		m.decode = func(id chat.ThreadID) (chat.ThreadRef, error) {
			ref, err := m.acme.DecodeThreadID(id)
			ref.Thread = ""
			return ref, err
		}
	})},
	{"decode reads any adapter's ids", "ThreadIDs/Foreign", with(func(m *callMutant) {
		m.decode = func(id chat.ThreadID) (chat.ThreadRef, error) {
			if i := len(id.Adapter()); i < len(id) {
				id = "acme" + id[i:]
			}
			return m.acme.DecodeThreadID(id)
		}
	})},
	{"decode mends ids", "ThreadIDs/Canonical", with(func(m *callMutant) {
		m.decode = func(id chat.ThreadID) (chat.ThreadRef, error) {
			if ref, err := m.acme.DecodeThreadID(id + ":"); err == nil {
				return ref, nil
			}
			return m.acme.DecodeThreadID(id)
		}
	})},
	{"decode has an error of its own", "ThreadIDs/Foreign", with(func(m *callMutant) {
		m.decode = func(id chat.ThreadID) (chat.ThreadRef, error) {
			ref, err := m.acme.DecodeThreadID(id)
			if err != nil {
				return ref, errRefused
			}
			return ref, nil
		}
	})},
	{"encode takes anything", "ThreadIDs/BadParts", with(func(m *callMutant) {
		m.encode = func(ref chat.ThreadRef) (chat.ThreadID, error) {
			return chat.ThreadID("acme:" + ref.Channel + ":" + ref.Thread), nil
		}
	})},
	{"ids that another start decodes otherwise", "ThreadIDs/Stable", plantUnstable},
	{"posts to any thread", "ThreadIDs/Calls", with(func(m *callMutant) {
		m.post = func(_ context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			return m.platform.post(thread, post.AsMarkdown()), nil
		}
	})},

	{"trees posted empty", "Posts/Post", with(func(m *callMutant) {
		m.post = func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			return m.acme.PostMessage(ctx, thread, &chat.Post{Text: post.Text + post.Markdown})
		}
	})},
	{"another id than the platform's", "Posts/Order", with(func(m *callMutant) {
		m.post = func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			id, err := m.acme.PostMessage(ctx, thread, post)
			return "M" + id, err
		}
	})},
	{"replies go to the channel", "Posts/Reply", with(func(m *callMutant) {
		m.post = func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			ref, err := m.DecodeThreadID(thread)
			if err != nil {
				return "", err
			}
			return m.acme.PostMessage(ctx, chat.ThreadID("acme:"+ref.Channel+":"), post)
		}
	})},
	{"ids counted without a lock", "Posts/Together", with(func(m *callMutant) {
		gate := make(chan struct{}, 8)
		m.post = func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			gate <- struct{}{}
			crowd := len(gate)
			defer func() { <-gate }()
			time.Sleep(10 * time.Millisecond)
			id, err := m.acme.PostMessage(ctx, thread, post)
			if crowd > 1 {
				id = "P-1"
			}
			return id, err
		}
	})},
	{"context not looked at", "Posts/Cancelled", with(func(m *callMutant) {
		m.post = func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			return m.acme.PostMessage(context.WithoutCancel(ctx), thread, post)
		}
	})},
	{"edit posts again", "Posts/Edit", with(func(m *callMutant) {
		m.edit = func(ctx context.Context, thread chat.ThreadID, _ chat.MessageID, post *chat.Post) error {
			_, err := m.acme.PostMessage(ctx, thread, post)
			return err
		}
	})},
	{"edit appends", "Posts/Edit", with(func(m *callMutant) {
		m.edit = func(_ context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
			return m.platform.Edit(thread, id, func(p *chattest.Posted) { p.Text += post.AsMarkdown() })
		}
	})},
	{"edit of nothing succeeds", "Posts/EditGone", with(func(m *callMutant) {
		m.edit = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
			if err := m.acme.EditMessage(ctx, thread, id, post); !errors.Is(err, chat.ErrNotFound) {
				return err
			}
			return nil
		}
	})},
	{"delete does nothing", "Posts/Delete", with(func(m *callMutant) {
		m.del = func(ctx context.Context, thread chat.ThreadID, _ chat.MessageID) error { return m.call(ctx, thread) }
	})},
	{"delete of nothing has an error of its own", "Posts/DeleteGone", with(func(m *callMutant) {
		m.del = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
			if err := m.acme.DeleteMessage(ctx, thread, id); err != nil {
				return errRefused
			}
			return nil
		}
	})},
	{"files dropped in silence", "Posts/Files", with(func(m *callMutant) {
		m.post = func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			return m.acme.PostMessage(ctx, thread, &chat.Post{Text: post.Text, Markdown: post.Markdown, Tree: post.Tree})
		}
	})},

	{"stream without its last chunk", "Streams/Whole", with(func(m *callMutant) {
		m.stream = func(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
			last := chat.Chunk{}
			return m.acme.StreamMessage(ctx, thread, func(yield func(chat.Chunk, error) bool) {
				for chunk, err := range chunks {
					if !yield(last, err) {
						return
					}
					last = chunk
				}
			}, opts)
		}
	})},
	{"stream returns the text trimmed", "Streams/Returned", with(func(m *callMutant) {
		m.stream = func(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
			id, text, err := m.acme.StreamMessage(ctx, thread, chunks, opts)
			return id, fmt.Sprintf("%.5s", text), err
		}
	})},
	{"stream hides its error", "Streams/Fails", with(func(m *callMutant) {
		m.stream = func(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
			id, text, _ := m.acme.StreamMessage(ctx, thread, chunks, opts)
			return id, text, nil
		}
	})},
	{"stream drops what came before its error", "Streams/Fails", with(func(m *callMutant) {
		m.stream = func(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
			id, text, err := m.acme.StreamMessage(ctx, thread, chunks, opts)
			if err != nil && id != "" {
				return "", "", errors.Join(err, m.acme.DeleteMessage(ctx, thread, id))
			}
			return id, text, err
		}
	})},
	{"stream goes on when its context has ended", "Streams/Cancelled", with(func(m *callMutant) {
		m.stream = func(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
			id, text, err := m.acme.StreamMessage(context.WithoutCancel(ctx), thread, chunks, opts)
			if errors.Is(err, context.Canceled) {
				err = nil
			}
			return id, text, err
		}
	})},
	{"tasks go on when their stream does not", "Streams/TasksEnd", with(func(m *callMutant) {
		m.stream = func(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], _ chat.StreamOptions) (chat.MessageID, string, error) {
			var plan chat.PlanState
			text := ""
			var failed error
			for chunk, err := range chunks {
				if failed = cmp.Or(err, context.Cause(ctx)); failed != nil {
					break
				}
				plan.Take(chunk)
				text += chunk.Text
			}
			id, err := m.acme.PostMessage(context.WithoutCancel(ctx), thread, &chat.Post{Markdown: plan.Markdown() + "\n\n" + text})
			return id, text, cmp.Or(failed, err)
		}
	})},
	{"streams share one message", "Streams/Together", with(func(m *callMutant) {
		var streaming atomic.Int32
		m.stream = func(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
			if streaming.Add(1) > 1 {
				return "P-1", "a b c", nil
			}
			return m.acme.StreamMessage(ctx, thread, chunks, opts)
		}
	})},

	{"typing not passed on", "Typing/Start", with(func(m *callMutant) {
		m.typing = func(ctx context.Context, thread chat.ThreadID) error { return m.call(ctx, thread) }
	})},
	{"an ability that says unsupported", "Reactions/Add", with(func(m *callMutant) {
		m.react = func(context.Context, chat.ThreadID, chat.MessageID, string) error { return errors.ErrUnsupported }
	})},
	{"a reaction replaces the last one", "Reactions/Add", with(func(m *callMutant) {
		m.react = func(_ context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error {
			return m.platform.Edit(thread, id, func(p *chattest.Posted) { p.Reactions = []string{emoji} })
		}
	})},
	{"removing one reaction removes all", "Reactions/Remove", with(func(m *callMutant) {
		m.unreact = func(_ context.Context, thread chat.ThreadID, id chat.MessageID, _ string) error {
			return m.platform.Edit(thread, id, func(p *chattest.Posted) { p.Reactions = nil })
		}
	})},
	{"a new direct conversation each time", "DirectMessages/Open", with(func(m *callMutant) {
		var n atomic.Int32
		m.openDM = func(context.Context, chat.UserID) (chat.ThreadID, error) {
			return chat.ThreadID(fmt.Sprintf("acme:D%d:", n.Add(1))), nil
		}
	})},
	{"a channel for a direct conversation", "DirectMessages/Open", with(func(m *callMutant) {
		m.openDM = func(context.Context, chat.UserID) (chat.ThreadID, error) { return "acme:C1:", nil }
	})},
	{"run ends with its context's error", "Runner/Ends", with(func(m *callMutant) {
		m.run = func(context.Context) error { return errRefused }
	})},
	{"an unknown lock scope", "LockScope/Known", with(func(m *callMutant) {
		m.scope = func() chat.LockScope { return 7 }
	})},
}

// unstableStarts counts the adapters of plantUnstable.
var unstableStarts atomic.Int32

// plantUnstable plants an adapter whose ids depend on how often it was started.
func plantUnstable(a *acme) chat.Adapter {
	start := fmt.Sprint(unstableStarts.Add(1))
	return with(func(m *callMutant) {
		m.decode = func(id chat.ThreadID) (chat.ThreadRef, error) {
			ref, err := m.acme.DecodeThreadID(id)
			ref.Thread += start
			return ref, err
		}
	})(a)
}
