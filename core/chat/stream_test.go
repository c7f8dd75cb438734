package chat_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

var errModel = errors.New("the model is away")

// stream yields the parts at once.
func stream(parts ...string) chat.Stream {
	return func(yield func(string, error) bool) {
		for _, part := range parts {
			if !yield(part, nil) {
				return
			}
		}
	}
}

// slowly yields the parts with a pause before each and one before it ends, with
// the error if there is one.
func slowly(ctx context.Context, d time.Duration, err error, parts ...string) chat.Stream {
	return func(yield func(string, error) bool) {
		for _, part := range parts {
			if err := pause(ctx, d); err != nil {
				yield("", err)
				return
			}
			if !yield(part, nil) {
				return
			}
		}
		if cause := pause(ctx, d); cause != nil {
			err = cause
		}
		if err != nil {
			yield("", err)
		}
	}
}

// editor is a platform that can only post and edit, and notes when it was asked
// to. Each call takes a while.
type editor struct {
	*chattest.Adapter
	takes   time.Duration
	pace    time.Duration
	buffers bool
	start   time.Time
	mu      sync.Mutex
	calls   []string
	flight  int
	crowded bool // two calls at once
	refuse  func(call string) error
}

func (e *editor) BuffersStreams() bool { return e.buffers }

func (e *editor) EditInterval(chat.ThreadID) time.Duration { return e.pace }

func (e *editor) asked(ctx context.Context, call string) error {
	e.mu.Lock()
	e.calls = append(e.calls, fmt.Sprintf("%v %s", time.Since(e.start), call))
	e.flight++
	e.crowded = e.crowded || e.flight > 1
	refuse := e.refuse
	e.mu.Unlock()
	err := pause(ctx, e.takes)
	e.mu.Lock()
	e.flight--
	e.mu.Unlock()
	if err == nil && refuse != nil {
		err = refuse(call)
	}
	return err
}

func (e *editor) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	if err := e.asked(ctx, "post "+post.AsMarkdown()); err != nil {
		return "", err
	}
	return e.Adapter.PostMessage(ctx, thread, post)
}

func (e *editor) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	if err := e.asked(ctx, "edit "+post.AsMarkdown()); err != nil {
		return err
	}
	return e.Adapter.EditMessage(ctx, thread, id, post)
}

func (e *editor) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	if err := e.asked(ctx, "delete"); err != nil {
		return err
	}
	return e.Adapter.DeleteMessage(ctx, thread, id)
}

// growing runs a test of a stream in virtual time on such a platform.
func growing(t *testing.T, change func(*chat.Config), test func(t *testing.T, p *posting, e *editor)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := &editor{start: time.Now()}
		p := newPostingOn(t, chattest.Config{Without: []chattest.Ability{chattest.Streamer}}, func(c *chat.Config) {
			e.Adapter = c.Adapters[0].(*chattest.Adapter)
			c.Adapters[0] = e
			if change != nil {
				change(c)
			}
		})
		test(t, p, e)
		require.False(t, e.crowded, "two calls for one message at once")
	})
}

const ms = time.Millisecond

func TestAStreamGrowsByEdits(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		sent, err := p.thread.Post(t.Context(), slowly(t.Context(), 190*ms, nil, "Some ", "**bo", "ld** ", "text", "."))
		require.NoError(t, err)
		require.Equal(t, []string{
			"190ms post Some ",
			"690ms edit Some **bold** ",
			"1.14s edit Some **bold** text.",
		}, e.calls)
		require.Equal(t, "Some bold text.", sent.Message.Text)
		require.Equal(t, p.thread.ID(), sent.Message.ThreadID)
		require.NoError(t, sent.Edit(t.Context(), chat.Text("changed")))
		require.Equal(t, []string{"changed"}, p.texts())
	})
}

// A stream stands where it has begun: what is posted while it grows comes behind it.
func TestAStreamIsSentWhenItBegins(t *testing.T) {
	for name, without := range map[string][]chattest.Ability{"natively": nil, "by edits": {chattest.Streamer}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				p := newPostingOn(t, chattest.Config{Without: without}, nil)
				sent, err := p.thread.Post(t.Context(), slowly(t.Context(), time.Second, nil, "\n", "Some ", "text"))
				require.NoError(t, err)
				require.Equal(t, 2*time.Second, sent.Message.SentAt.Sub(start))
			})
		})
	}
}

func TestAGrowingMessageShowsNothingThatDangles(t *testing.T) {
	growing(t, func(c *chat.Config) { c.Streams.Interval = 50 * ms }, func(t *testing.T, p *posting, e *editor) {
		_, err := p.thread.Post(t.Context(), slowly(t.Context(), 100*ms, nil, "a **b", "c [link](htt", "p://x)", " `d"))
		require.NoError(t, err)
		require.Equal(t, []string{
			"100ms post a **b**",
			"200ms edit a **bc**",
			"300ms edit a **bc [link](http://x)**",
			"400ms edit a **bc [link](http://x) `d`**",
			"500ms edit a **bc [link](http://x) `d",
		}, e.calls, "all but the last are mended; the last is what came")
	})
}

func TestASlowPlatformDoesNotSlowTheSource(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		e.takes = 3 * time.Second
		var read time.Duration
		_, err := p.thread.Post(t.Context(), chat.Stream(func(yield func(string, error) bool) {
			for range 10 {
				time.Sleep(100 * ms)
				if !yield("x", nil) {
					return
				}
			}
			read = time.Since(e.start)
		}))
		require.NoError(t, err)
		require.Equal(t, time.Second, read)
		require.Equal(t, []string{"100ms post x", "3.1s edit xxxxxxxxxx"}, e.calls)
	})
}

func TestAnEditIsDueWhileTheSourcePauses(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		_, err := p.thread.Post(t.Context(), chat.Stream(func(yield func(string, error) bool) {
			_ = yield("a", nil)
			time.Sleep(ms)
			_ = yield("b", nil)
			time.Sleep(10 * time.Second)
			_ = yield("c", nil)
		}))
		require.NoError(t, err)
		require.Len(t, e.calls, 3)
		require.Equal(t, []string{"500ms edit ab", "10.001s edit abc"}, e.calls[1:])
	})
}

func TestThePaceIsThePlatforms(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		e.pace = 2 * time.Second
		_, err := p.thread.Post(t.Context(), slowly(t.Context(), 900*ms, nil, "a", "b", "c", "d"))
		require.NoError(t, err)
		require.Equal(t, []string{"900ms post a", "2.9s edit abc", "4.9s edit abcd"}, e.calls, "the last edit keeps to it too")
	})
}

func TestEditsBecomeRarerWhereTheRateIsLimited(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		refused := 0
		e.refuse = func(call string) error {
			if strings.HasPrefix(call, "edit") && refused < 2 {
				refused++
				return limited(3 * time.Second)
			}
			return nil
		}
		_, err := p.thread.Post(t.Context(), slowly(t.Context(), 900*ms, nil, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"))
		require.NoError(t, err)
		require.Equal(t, []string{
			"900ms post a", "1.8s edit ab", "4.8s edit abcde", "7.8s edit abcdefgh", "9.8s edit abcdefghij", "11.8s edit abcdefghijkl",
		}, e.calls)
	})
}

func TestTheLastEditWaitsForTheRate(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		e.refuse = func(call string) error {
			if time.Since(e.start) < 20*time.Second && strings.HasPrefix(call, "edit") {
				return limited(20*time.Second - time.Since(e.start))
			}
			return nil
		}
		_, err := p.thread.Post(t.Context(), slowly(t.Context(), time.Second, nil, "a", "b", "c"))
		require.NoError(t, err)
		require.Equal(t, []string{"1s post a", "2s edit ab", "20s edit abc"}, e.calls)
	})
}

func TestTheFirstPostWaitsForTheRate(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		e.refuse = func(string) error {
			if time.Since(e.start) < 2*time.Second {
				return limited(1500 * ms)
			}
			return nil
		}
		_, err := p.thread.Post(t.Context(), slowly(t.Context(), time.Second, nil, "a", "b", "c"))
		require.NoError(t, err)
		require.Equal(t, []string{"1s post a", "2.5s post ab", "3s edit abc"}, e.calls, "a repeated call posts what there is by then")
	})
}

func TestTemporaryFailuresOfEditsAreMadeGood(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		failed := false
		e.refuse = func(call string) error {
			if strings.HasPrefix(call, "edit") && !failed {
				failed = true
				return failure(chat.CodeTemporary)
			}
			return nil
		}
		_, err := p.thread.Post(t.Context(), slowly(t.Context(), time.Second, nil, "a", "b"))
		require.NoError(t, err)
		require.Equal(t, []string{"1s post a", "2s edit ab", "2.5s edit ab"}, e.calls)
		require.Equal(t, []string{"ab"}, p.texts())

		e.refuse = func(call string) error {
			if strings.HasPrefix(call, "edit") {
				return failure(chat.CodeTemporary)
			}
			return nil
		}
		e.calls = nil
		_, err = p.thread.Post(t.Context(), slowly(t.Context(), 700*ms, nil, "a", "b"))
		require.ErrorIs(t, err, chat.ErrTemporary)
		require.Len(t, e.calls, 6, "a post, two edits, and three tries of the last one")
	})
}

func TestARateLimitWithoutATimeMayPass(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		e.refuse = func(call string) error {
			if strings.HasPrefix(call, "edit") && time.Since(e.start) < 4*time.Second {
				return limited(0)
			}
			return nil
		}
		_, err := p.thread.Post(t.Context(), slowly(t.Context(), 900*ms, nil, "a", "b", "c"))
		require.NoError(t, err)
		require.Equal(t, []string{"900ms post a", "1.8s edit ab", "2.8s edit abc", "4.8s edit abc"}, e.calls)
	})
}

func TestAFailingLastEditIsReported(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		e.refuse = func(call string) error {
			if strings.HasPrefix(call, "edit") {
				return failure(chat.CodeNotFound)
			}
			return nil
		}
		sent, err := p.thread.Post(t.Context(), slowly(t.Context(), time.Second, nil, "a", "b", "c", "d"))
		require.ErrorIs(t, err, chat.ErrNotFound)
		require.NotNil(t, sent)
		require.Equal(t, []string{"1s post a", "2s edit ab", "5s edit abcd"}, e.calls, "edits that cannot succeed are not repeated")
	})
}

func TestARefusedPostStopsTheSource(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		e.refuse = func(string) error { return failure(chat.CodePermission) }
		read := 0
		sent, err := p.thread.Post(t.Context(), chat.Stream(func(yield func(string, error) bool) {
			for range 100 {
				time.Sleep(time.Second)
				read++
				if !yield("x", nil) {
					return
				}
			}
		}))
		require.ErrorIs(t, err, chat.ErrPermission)
		require.Nil(t, sent)
		require.LessOrEqual(t, read, 2)
		require.Len(t, e.calls, 1)
	})
}

func TestWhereNothingCanBeEditedTheWholeIsPosted(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		e.refuse = func(call string) error {
			if strings.HasPrefix(call, "edit") {
				return errors.ErrUnsupported
			}
			return nil
		}
		sent, err := p.thread.Post(t.Context(), slowly(t.Context(), time.Second, nil, "a", "b", "c"))
		require.NoError(t, err)
		require.Equal(t, []string{"abc"}, p.texts())
		require.Equal(t, p.fake.Posts(p.thread.ID())[1].ID, sent.ID())
	})
}

func TestPlaceholder(t *testing.T) {
	placeholder := func(c *chat.Config) { c.Streams.Placeholder = "…" }
	t.Run("until there is text", func(t *testing.T) {
		growing(t, placeholder, func(t *testing.T, p *posting, e *editor) {
			_, err := p.thread.Post(t.Context(), slowly(t.Context(), time.Second, nil, "a", "b"))
			require.NoError(t, err)
			require.Equal(t, []string{"0s post …", "1s edit a", "2s edit ab"}, e.calls)
		})
	})
	t.Run("of an empty stream", func(t *testing.T) {
		growing(t, placeholder, func(t *testing.T, p *posting, e *editor) {
			_, err := p.thread.Post(t.Context(), slowly(t.Context(), time.Second, nil, "", " \n"))
			require.NoError(t, err)
			require.Equal(t, []string{"0s post …", "3s delete"}, e.calls)
			require.Empty(t, p.texts())
		})
	})
	t.Run("of a stream that fails", func(t *testing.T) {
		growing(t, placeholder, func(t *testing.T, p *posting, _ *editor) {
			_, err := p.thread.Post(t.Context(), slowly(t.Context(), time.Second, errModel, "", ""))
			require.ErrorIs(t, err, errModel)
			require.Empty(t, p.texts())
		})
	})
	t.Run("of a stream that is cancelled", func(t *testing.T) {
		growing(t, placeholder, func(t *testing.T, p *posting, _ *editor) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := p.thread.Post(ctx, slowly(ctx, 2*time.Second, nil, "a"))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Empty(t, p.texts())
		})
	})
}

func TestAStreamThatFails(t *testing.T) {
	t.Run("ends visibly", func(t *testing.T) {
		growing(t, nil, func(t *testing.T, p *posting, _ *editor) {
			sent, err := p.thread.Post(t.Context(), slowly(t.Context(), time.Second, errModel, "half", " a"))
			require.ErrorIs(t, err, errModel)
			require.Equal(t, []string{"half a …"}, p.texts())
			require.Equal(t, "half a …", sent.Message.Text)
		})
	})
	t.Run("ends as configured", func(t *testing.T) {
		growing(t, func(c *chat.Config) { c.Streams.OmitBreak = true }, func(t *testing.T, p *posting, _ *editor) {
			_, err := p.thread.Post(t.Context(), slowly(t.Context(), time.Second, errModel, "half"))
			require.ErrorIs(t, err, errModel)
			require.Equal(t, []string{"half"}, p.texts())
		})
	})
	t.Run("natively too", func(t *testing.T) {
		p := newPosting(t, nil)
		_, err := p.thread.Post(t.Context(), slowly(t.Context(), 0, errModel, "half"))
		require.ErrorIs(t, err, errModel)
		require.Equal(t, []string{"half …"}, p.texts())
	})
	t.Run("shows the text that came with the error", func(t *testing.T) {
		p := newPosting(t, nil)
		_, err := p.thread.Post(t.Context(), chat.Stream(func(yield func(string, error) bool) { yield("last words", errModel) }))
		require.ErrorIs(t, err, errModel)
		require.Equal(t, []string{"last words …"}, p.texts())
	})
	t.Run("with its platform", func(t *testing.T) {
		growing(t, nil, func(t *testing.T, p *posting, e *editor) {
			e.refuse = func(call string) error {
				if strings.HasPrefix(call, "edit") {
					return failure(chat.CodeNotFound)
				}
				return nil
			}
			_, err := p.thread.Post(t.Context(), slowly(t.Context(), time.Second, errModel, "half", " a"))
			require.ErrorIs(t, err, errModel)
			require.ErrorIs(t, err, chat.ErrNotFound)
		})
	})
}

func TestACancelledStreamShowsWhatCame(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3400*ms, cancel)
		sent, err := p.thread.Post(ctx, slowly(ctx, 300*ms, nil, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"))
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, []string{"abcdefghijk"}, p.texts())
		require.Equal(t, "abcdefghijk", sent.Message.Text)
		require.Equal(t, 3400*ms, time.Since(e.start))
	})
}

// The call that is under way ends first, so that it is known what is shown; it
// does not get for ever.
func TestACancelledStreamGetsALittleTime(t *testing.T) {
	for name, c := range map[string]struct {
		cause error
		takes time.Duration
		ends  time.Duration // 0: the last edit is made
	}{
		"enough":                       {context.Canceled, 4 * time.Second, 0},
		"too little":                   {context.Canceled, time.Minute, 11 * time.Second},
		"another instance, enough":     {chat.ErrLockLost, 600 * ms, 0},
		"another instance, too little": {chat.ErrLockLost, 4 * time.Second, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			growing(t, nil, func(t *testing.T, p *posting, e *editor) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(c.cause) })
				e.takes = c.takes
				sent, err := p.thread.Post(ctx, slowly(ctx, 300*ms, nil, "a", "b", "c", "d", "e"))
				require.Error(t, err)
				if c.ends > 0 {
					require.Nil(t, sent)
					require.Equal(t, c.ends, time.Since(e.start))
				} else {
					require.Equal(t, []string{"abc"}, p.texts())
				}
			})
		})
	}
}

// A platform wants time between two edits. The last one of a turn that is cancelled waits
// for it, and shows all that came and no task that goes on.
func TestACancelledStreamKeepsThePace(t *testing.T) {
	for _, pace := range []time.Duration{1200 * ms, 3 * time.Second, 8 * time.Second} {
		t.Run(pace.String(), func(t *testing.T) {
			growing(t, nil, func(t *testing.T, p *posting, e *editor) {
				e.pace = pace
				ctx, cancel := context.WithCancel(t.Context())
				_, err := p.thread.Post(ctx, chat.Chunks(func(yield func(chat.Chunk, error) bool) {
					if !yield(chat.Chunk{Task: &chat.Task{ID: "1", Title: "Search", Status: chat.TaskInProgress}}, nil) {
						return
					}
					synctest.Wait() // it is posted
					if yield(chat.Chunk{Text: "what came"}, nil) {
						cancel()
					}
				}))
				require.ErrorIs(t, err, context.Canceled)
				require.Equal(t, []string{"❌ Search\n\nwhat came"}, p.texts())
				require.Equal(t, pace, time.Since(e.start))
			})
		})
	}
}

// Where messages cannot be edited nobody sees the beginning of a stream, wherever it goes.
func TestAStreamIsPostedWholeWhereNothingCanBeEdited(t *testing.T) {
	for name, post := range map[string]func(ctx context.Context, p *posting, s chat.Stream) (*chat.SentMessage, error){
		"thread": func(ctx context.Context, p *posting, s chat.Stream) (*chat.SentMessage, error) {
			return p.thread.Post(ctx, s)
		},
		"answer": func(ctx context.Context, p *posting, s chat.Stream) (*chat.SentMessage, error) {
			return p.thread.Reply(ctx, "m1", s)
		},
		"channel": func(ctx context.Context, p *posting, s chat.Stream) (*chat.SentMessage, error) {
			return p.thread.Channel().Post(ctx, s)
		},
	} {
		t.Run(name, func(t *testing.T) {
			growing(t, func(c *chat.Config) { c.Streams.Placeholder = "…" }, func(t *testing.T, p *posting, e *editor) {
				e.buffers = true
				sent, err := post(t.Context(), p, slowly(t.Context(), 5*time.Second, nil, "one ", "two"))
				require.NoError(t, err)
				require.Equal(t, "one two", sent.Message.Text)
				for _, call := range e.calls {
					require.Equal(t, "15s post one two", call)
				}
				require.Len(t, p.fake.Posts(sent.Thread().ID()), 1)
			})
		})
	}
}

func TestASourceThatEndsWithItsContextIsCutOff(t *testing.T) {
	for _, native := range []bool{true, false} {
		p := newPosting(t, nil)
		if !native {
			p = without(t, chattest.Streamer)
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, err := p.thread.Post(ctx, chat.Stream(func(yield func(string, error) bool) {
			_ = yield("a", nil)
			cancel() // and says nothing
		}))
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, []string{"a"}, p.texts())
	}
}

func TestEmptyStreams(t *testing.T) {
	for name, content := range map[string]chat.Postable{
		"no chunk": stream(), "empty chunks": stream("", ""), "blank": stream(" ", "\n"),
		"with an end": stream().With(chat.StreamOptions{End: card.New("Was this helpful?")}),
	} {
		t.Run(name, func(t *testing.T) {
			for _, native := range []bool{true, false} {
				if native && name == "blank" {
					continue // the platform's business
				}
				p := newPosting(t, nil)
				if !native {
					p = without(t, chattest.Streamer)
				}
				sent, err := p.thread.Post(t.Context(), content)
				require.NoError(t, err)
				require.Empty(t, sent.ID())
				require.Empty(t, sent.Message.Text)
				require.Empty(t, p.texts())
				_, linkErr := sent.Permalink(t.Context())
				for _, err := range []error{
					sent.Edit(t.Context(), chat.Text("x")), sent.Delete(t.Context()), sent.React(t.Context(), "wave"),
					sent.Unreact(t.Context(), "wave"), linkErr,
				} {
					require.ErrorIs(t, err, chat.ErrNotFound)
				}
				require.Empty(t, p.texts())
			}
		})
	}
	// Nor where what is posted begins a thread: there is none then.
	p := newPosting(t, nil)
	channel, err := p.Channel("fake:c")
	require.NoError(t, err)
	sent, err := channel.Post(t.Context(), stream())
	require.NoError(t, err)
	require.Empty(t, sent.ID())
	require.Nil(t, sent.Thread())
	require.ErrorIs(t, sent.Edit(t.Context(), chat.Text("x")), chat.ErrNotFound)
}

func TestNilStreams(t *testing.T) {
	for name, content := range map[string]chat.Postable{
		"stream": chat.Stream(nil), "chunks": chat.Chunks(nil), "with options": chat.Stream(nil).With(chat.StreamOptions{}),
	} {
		t.Run(name, func(t *testing.T) {
			p := newPosting(t, nil)
			sent, err := p.thread.Post(t.Context(), content)
			require.ErrorIs(t, err, chat.ErrInvalidArgument)
			require.Nil(t, sent)
		})
	}
}

func TestTasksOfAStreamStandAboveItsText(t *testing.T) {
	tasks := chat.Chunks(func(yield func(chat.Chunk, error) bool) {
		_ = yield(chat.Chunk{PlanTitle: "Re*search*"}, nil) &&
			yield(chat.Chunk{Task: &chat.Task{ID: "1", Title: "Look\nup", Status: chat.TaskInProgress}}, nil) &&
			yield(chat.Chunk{Task: &chat.Task{ID: "2", Title: "Write"}}, nil) &&
			yield(chat.Chunk{Text: "- one\n"}, nil) &&
			yield(chat.Chunk{Task: &chat.Task{ID: "1", Status: chat.TaskComplete}}, nil) &&
			yield(chat.Chunk{Text: "- two"}, nil)
	})
	p := without(t, chattest.Streamer)
	sent, err := p.thread.Post(t.Context(), tasks)
	require.NoError(t, err)
	require.Equal(t, []string{"📋 **Re\\*search\\***\\\n✅ Look up\\\n⬜ Write\n\n- one\n- two"}, p.texts())
	require.Equal(t, "one\ntwo", sent.Message.Text, "the tasks are no part of the answer")

	native := newPosting(t, nil)
	_, err = native.thread.Post(t.Context(), tasks)
	require.NoError(t, err)
	post := native.fake.Posts(native.thread.ID())[0]
	require.Equal(t, "- one\n- two", post.Text)
	require.Equal(t, chat.TaskComplete, post.Plan.Tasks[0].Status)
	require.Equal(t, chat.TaskPending, post.Plan.Tasks[1].Status)
}

func TestAStreamOfTasksAlone(t *testing.T) {
	p := without(t, chattest.Streamer)
	sent, err := p.thread.Post(t.Context(), chat.Chunks(func(yield func(chat.Chunk, error) bool) {
		yield(chat.Chunk{Task: &chat.Task{ID: "1", Title: "Look up", Status: chat.TaskError}}, nil)
	}))
	require.NoError(t, err)
	require.Equal(t, []string{"❌ Look up"}, p.texts())
	require.Equal(t, "❌ Look up", sent.Message.Text)
}

func TestTheEndOfAStream(t *testing.T) {
	opts := chat.StreamOptions{End: card.New("Was this helpful?")}
	p := without(t, chattest.Streamer)
	_, err := p.thread.Post(t.Context(), stream("answer").With(opts))
	require.NoError(t, err)
	require.Equal(t, []string{"answer", "**Was this helpful?**"}, p.texts())

	_, err = p.thread.Post(t.Context(), slowly(t.Context(), 0, errModel, "half").With(opts))
	require.ErrorIs(t, err, errModel)
	require.Len(t, p.texts(), 3, "a stream that failed has no end")

	for _, opts := range []chat.StreamOptions{
		{Tasks: "sideways"},
		{End: card.New("", card.NewActions(card.NewButton("", "")))},
	} {
		_, err = p.thread.Post(t.Context(), stream("x").With(opts))
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
	}
}

// streamer is a platform with a stream of its own.
type streamer struct {
	*chattest.Adapter
	stream func(ctx context.Context, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error)
}

func (s *streamer) StreamMessage(ctx context.Context, _ chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
	return s.stream(ctx, chunks, opts)
}

func TestAStreamThatIsReadIsNotPostedAgain(t *testing.T) {
	for name, test := range map[string]struct {
		reads bool
		err   error
		posts []string
	}{
		"unsupported at once":   {false, errors.ErrUnsupported, []string{"ab"}},
		"unsupported afterward": {true, errors.ErrUnsupported, nil},
		"limited afterward":     {true, limited(time.Second), nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPosting(t, on(func(a *chattest.Adapter) chat.Adapter {
				return &streamer{a, func(_ context.Context, chunks iter.Seq2[chat.Chunk, error], _ chat.StreamOptions) (chat.MessageID, string, error) {
					if test.reads {
						for range chunks {
							break
						}
					}
					return "", "", test.err
				}}
			}))
			_, err := p.thread.Post(t.Context(), stream("a", "b"))
			if test.posts == nil {
				require.ErrorIs(t, err, test.err)
				require.Empty(t, p.texts())
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.posts, p.texts())
		})
	}
}

func TestNoEmojiPlaceholderIsSplit(t *testing.T) {
	var pieces []string
	p := newPosting(t, on(func(a *chattest.Adapter) chat.Adapter {
		return &streamer{a, func(_ context.Context, chunks iter.Seq2[chat.Chunk, error], _ chat.StreamOptions) (chat.MessageID, string, error) {
			for chunk, err := range chunks {
				if err != nil {
					return "id", "", err
				}
				if chunk.Text != "" {
					pieces = append(pieces, chunk.Text)
				}
			}
			return "id", strings.Join(pieces, ""), nil
		}}
	}))
	for _, test := range []struct{ parts, want []string }{
		{[]string{"a {", "{emoji:wa", "ve}", "} b"}, []string{"a ", "{{emoji:wave}} b"}},
		{[]string{"{{{emo", "ji:a}}"}, []string{"{", "{{emoji:a}}"}},
		{[]string{"if {", " x }"}, []string{"if ", "{ x }"}},
		{[]string{"{{emoji:no name", "x"}, []string{"{{emoji:no name", "x"}},
		{[]string{"{{emoji:", "}}"}, []string{"{{emoji:}}"}},
		{[]string{"the end {{emoji:w"}, []string{"the end ", "{{emoji:w"}},
		{[]string{"{{emoji:" + strings.Repeat("x", 65), "y"}, []string{"{{emoji:" + strings.Repeat("x", 65), "y"}},
	} {
		pieces = nil
		_, err := p.thread.Post(t.Context(), stream(test.parts...))
		require.NoError(t, err)
		require.Equal(t, test.want, pieces)
	}
	pieces = nil
	_, err := p.thread.Post(t.Context(), slowly(t.Context(), 0, errModel, "a {{emo"))
	require.ErrorIs(t, err, errModel)
	require.Equal(t, []string{"a ", "{{emo …"}, pieces)
}

func TestAPanicOfTheSourceReachesItsCaller(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		e.takes = time.Second
		require.PanicsWithValue(t, "oh", func() {
			_, _ = p.thread.Post(t.Context(), chat.Stream(func(yield func(string, error) bool) {
				_ = yield("a", nil)
				panic("oh")
			}))
		})
		before := len(e.calls)
		time.Sleep(time.Hour)
		require.Len(t, e.calls, before, "nothing goes on")
	})
}

func TestAPanicOfTheAdapterIsAnError(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		e.refuse = func(string) error { panic("oh") }
		_, err := p.thread.Post(t.Context(), slowly(t.Context(), time.Second, nil, "a", "b"))
		require.ErrorIs(t, err, chat.ErrPanic)
	})
}

func TestStreamsAsAnswersAndToChannels(t *testing.T) {
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		first, err := p.thread.Post(t.Context(), chat.Text("first"))
		require.NoError(t, err)
		_, err = p.thread.Reply(t.Context(), first.ID(), slowly(t.Context(), time.Second, nil, "a", "b"))
		require.NoError(t, err)
		require.Equal(t, []string{"first", "ab"}, p.texts())
		require.Equal(t, first.ID(), p.fake.Posts(p.thread.ID())[1].ReplyTo)

		e.pace = 5 * time.Second
		start := time.Now()
		_, err = p.thread.Reply(t.Context(), first.ID(), slowly(t.Context(), time.Second, nil, "a", "b"))
		require.NoError(t, err)
		require.Equal(t, 6*time.Second, time.Since(start), "an answer keeps the platform's pace")
		e.pace = 0

		sent, err := p.thread.Channel().Post(t.Context(), slowly(t.Context(), time.Second, nil, "a", "b"))
		require.NoError(t, err)
		require.NotEqual(t, p.thread.ID(), sent.Thread().ID())
		require.Equal(t, []string{"ab"}, textsOf(p.fake.Posts(sent.Thread().ID())))
	})
}

// FuzzStream posts a text in pieces that come at any time. Whatever is shown in
// between, in the end it is the text, byte for byte.
func FuzzStream(f *testing.F) {
	f.Add("Some **bold** `text`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", []byte{3, 0, 200, 1, 7, 90})
	f.Add("```go\nfunc main() {}\n``` {{emoji:wave}} \xff\r\n", []byte{1, 1, 1, 1, 255, 255, 4})
	f.Add("{{emoji:a{{emoji:b}}}}", []byte{2, 50})
	f.Fuzz(func(t *testing.T, text string, cuts []byte) {
		if strings.TrimSpace(text) == "" || len(text) > 2000 {
			return
		}
		growing(t, func(c *chat.Config) { c.Streams.Placeholder = "…" }, func(t *testing.T, p *posting, e *editor) {
			var raw string
			e.refuse = func(call string) error {
				_, raw, _ = strings.Cut(call, " ")
				return nil
			}
			sent, err := p.thread.Post(t.Context(), chat.Stream(func(yield func(string, error) bool) {
				rest := text
				for i := 0; rest != ""; i++ {
					n := len(rest)
					if i < len(cuts) {
						n = min(n, int(cuts[i]%16))
						time.Sleep(time.Duration(cuts[i]) * 5 * ms)
					}
					if !yield(rest[:n], nil) {
						return
					}
					rest = rest[n:]
				}
			}))
			require.NoError(t, err)
			require.NotEmpty(t, sent.ID())
			require.Equal(t, text, raw)
			require.Len(t, p.texts(), 1)
		})
	})
}

// A stream's own interval goes before the bot's, and the platform's before a shorter
// one of the stream.
func TestAStreamHasAnIntervalOfItsOwn(t *testing.T) {
	for name, c := range map[string]struct {
		platform, own time.Duration
		want          []string
	}{
		"the bot's":                {0, 0, []string{"100ms post a", "150ms edit ab", "200ms edit abc", "250ms edit abcd"}},
		"the stream's":             {0, 120 * ms, []string{"100ms post a", "220ms edit abc", "250ms edit abcd"}},
		"the platform's is longer": {110 * ms, 20 * ms, []string{"100ms post a", "210ms edit abc", "320ms edit abcd"}},
		"the stream's is longer":   {20 * ms, 120 * ms, []string{"100ms post a", "220ms edit abc", "340ms edit abcd"}},
	} {
		t.Run(name, func(t *testing.T) {
			growing(t, func(c *chat.Config) { c.Streams.Interval = 50 * ms }, func(t *testing.T, p *posting, e *editor) {
				e.pace = c.platform
				stream := chat.Stream(func(yield func(string, error) bool) {
					time.Sleep(50 * ms)
					for _, text := range []string{"a", "b", "c", "d"} {
						time.Sleep(50 * ms)
						if !yield(text, nil) {
							return
						}
					}
				})
				_, err := p.thread.Post(t.Context(), stream.With(chat.StreamOptions{Interval: c.own}))
				require.NoError(t, err)
				require.Equal(t, c.want, e.calls)
			})
		})
	}
	growing(t, nil, func(t *testing.T, p *posting, e *editor) {
		_, err := p.thread.Post(t.Context(), slowly(t.Context(), 0, nil, "a").With(chat.StreamOptions{Interval: -1}))
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
		require.ErrorContains(t, err, "StreamOptions.Interval is -1ns, want 0 (the default) or more")
	})
}

// Between the texts of two steps stands one blank line, wherever the chunks end.
func TestABlankLineStandsBetweenSteps(t *testing.T) {
	end := chat.Chunk{StepEnd: true}
	text := func(s string) chat.Chunk { return chat.Chunk{Text: s} }
	for name, c := range map[string]struct {
		chunks []chat.Chunk
		want   string
	}{
		"none":                   {[]chat.Chunk{text("a"), text("b")}, "ab"},
		"between":                {[]chat.Chunk{text("a"), end, text("b")}, "a\n\nb"},
		"with the text":          {[]chat.Chunk{{Text: "a", StepEnd: true}, text("b"), {StepEnd: true}}, "a\n\nb"},
		"twice":                  {[]chat.Chunk{text("a"), end, end, text("b"), end, text("c")}, "a\n\nb\n\nc"},
		"before any text":        {[]chat.Chunk{end, text("a")}, "a"},
		"after the last text":    {[]chat.Chunk{text("a"), end}, "a"},
		"a line end before":      {[]chat.Chunk{text("a\n"), end, text("b")}, "a\n\nb"},
		"a line end after":       {[]chat.Chunk{text("a"), end, text("\nb")}, "a\n\nb"},
		"a blank line is there":  {[]chat.Chunk{text("a\n\n"), end, text("b")}, "a\n\nb"},
		"line ends of their own": {[]chat.Chunk{text("a"), text("\n"), end, text("\n"), text("b")}, "a\n\nb"},
		"space before":           {[]chat.Chunk{text(" "), end, text("a")}, "a"},
		"a cut placeholder":      {[]chat.Chunk{text("a {{emoji:"), text("wave}}"), end, text("{{emo"), text("ji:wave}}")}, "a 👋\n\n👋"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, without := range [][]chattest.Ability{nil, {chattest.Streamer}} { // shown by the platform; posted and edited
				p := newPostingOn(t, chattest.Config{Without: without}, nil)
				_, err := p.thread.Post(t.Context(), chat.Chunks(func(yield func(chat.Chunk, error) bool) {
					for _, chunk := range c.chunks {
						if !yield(chunk, nil) {
							return
						}
					}
				}))
				require.NoError(t, err)
				require.Equal(t, c.want, strings.TrimSpace(p.texts()[0]))
			}
		})
	}
}

// No task is left in progress, however its stream ends.
func TestNoTaskIsLeftInProgress(t *testing.T) {
	begin := chat.Chunk{Task: &chat.Task{ID: "1", Title: "Search", Status: chat.TaskInProgress}, Text: "Well"}
	for name, c := range map[string]struct {
		end  func(cancel func()) error
		want chat.TaskStatus
	}{
		"ends":         {func(func()) error { return nil }, chat.TaskComplete},
		"fails":        {func(func()) error { return errModel }, chat.TaskError},
		"is cancelled": {func(cancel func()) error { cancel(); return nil }, chat.TaskError},
	} {
		for form, abilities := range map[string][]chattest.Ability{"natively": nil, "by edits": {chattest.Streamer}} {
			t.Run(name+" "+form, func(t *testing.T) {
				p := without(t, abilities...)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				_, err := p.thread.Post(ctx, chat.Chunks(func(yield func(chat.Chunk, error) bool) {
					if !yield(begin, nil) {
						return
					}
					if err := c.end(cancel); err != nil {
						yield(chat.Chunk{}, err)
					}
				}))
				require.Equal(t, c.want == chat.TaskError, err != nil, "%v", err)
				post := p.fake.Posts(p.thread.ID())[0]
				if abilities == nil {
					require.Equal(t, c.want, post.Plan.Tasks[0].Status)
					return
				}
				require.NotContains(t, post.Text, "🔄")
				require.Contains(t, post.Text, map[chat.TaskStatus]string{chat.TaskComplete: "✅", chat.TaskError: "❌"}[c.want])
			})
		}
	}
}

// Why a model has stopped is told to the program, and to readers if something is missing.
func TestWhyAModelHasStopped(t *testing.T) {
	for finish, want := range map[chat.FinishReason]string{
		"": "text", chat.FinishStop: "text", chat.FinishToolCalls: "text", chat.FinishLength: "text …", chat.FinishContentFilter: "text …",
	} {
		for _, abilities := range [][]chattest.Ability{nil, {chattest.Streamer}} {
			p := without(t, abilities...)
			sent, err := p.thread.Post(t.Context(), chat.Chunks(func(yield func(chat.Chunk, error) bool) {
				_ = yield(chat.Chunk{Text: "text", Finish: chat.FinishToolCalls}, nil) && yield(chat.Chunk{Finish: finish}, nil)
			}))
			require.NoError(t, err)
			require.Equal(t, want, p.fake.Posts(p.thread.ID())[0].Text, finish)
			if finish != "" {
				require.Equal(t, finish, sent.Finish)
			}
		}
	}
}
