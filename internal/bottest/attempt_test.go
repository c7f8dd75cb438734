package bottest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
)

// platform is what people see on a platform that all instances of a rig share.
type platform struct {
	*rig
	fake *chattest.Fake
}

func playShared(t *testing.T, n int, configure func(*chat.Config), test func(*platform)) {
	t.Helper()
	playSharedOn(t, n, chattest.Config{}, configure, test)
}

func playSharedOn(t *testing.T, n int, shared chattest.Config, configure func(*chat.Config), test func(*platform)) {
	t.Helper()
	fake := chattest.NewFake(shared)
	var ways []*twin
	play(t, n, func(c *chat.Config) {
		way := &twin{Adapter: fake.Adapter(), whispers: &log{}}
		ways = append(ways, way)
		c.Adapters = []chat.Adapter{way}
		c.Retry.Backoff = 100 * time.Millisecond
		if configure != nil {
			configure(c)
		}
	}, func(r *rig) { test(&platform{rig: r, fake: fake}) })
}

// seen are the texts in the thread.
func (p *platform) seen(thread string) []string {
	lines := []string{}
	for _, post := range p.fake.Posts(p.fake.Thread("c", thread)) {
		if !post.Deleted {
			lines = append(lines, strings.TrimSpace(post.Text))
		}
	}
	return lines
}

// mention delivers a mention through an instance's own host.
func (p *platform) mention(i int, thread, id string) *chat.Receipt {
	p.t.Helper()
	receipt, err := p.hosts(i).Deliver(context.Background(), mention(p.fake, thread, id))
	require.NoError(p.t, err)
	return receipt
}

func (p *platform) hosts(i int) chat.Host {
	t, err := p.instances[i].Thread("fake:c:t")
	require.NoError(p.t, err)
	return t.Adapter().(*twin).host
}

// model is a language model's answer, which breaks off after its first words unless
// it is whole.
func model(ctx context.Context, whole bool) chat.Stream {
	return func(yield func(string, error) bool) {
		for _, word := range []string{"The ", "answer ", "is ", "42."} {
			if err := work(ctx, 200*time.Millisecond); err != nil {
				yield("", err)
				return
			}
			if !yield(word, nil) {
				return
			}
			if word == "answer " && !whole {
				yield("", errHandler)
				return
			}
		}
	}
}

var streamForms = map[string][]chattest.Ability{"in forms of its own": nil, "posted and edited": {chattest.Streamer, chattest.PlanPoster}}

// The pattern of the README: a stream that breaks off is an error, and is tried
// again. Its readers see one answer.
func TestAnAnswerThatBreaksOffIsEditedByTheNextAttempt(t *testing.T) {
	for name, off := range streamForms {
		for _, attempts := range []int{1, 2, 4} {
			t.Run(fmt.Sprintf("%s, whole at attempt %d", name, attempts+1), func(t *testing.T) {
				playSharedOn(t, 2, chattest.Config{Without: off}, nil, func(p *platform) {
					p.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
						_, err := ev.Thread.Post(ctx, model(ctx, ev.Attempt > attempts))
						return err
					})
					receipt := p.mention(0, "t", "m1")
					time.Sleep(450 * time.Millisecond)
					require.Equal(t, []string{"The answer  …"}, p.seen("t"), "the failure is seen")
					require.NoError(t, receipt.Wait(context.Background()))
					require.Equal(t, []string{"The answer is 42."}, p.seen("t"))
					time.Sleep(time.Second) // the receipt ends with the mark, before the record goes
					p.noRetriesLeft()
				})
			})
		}
	}
}

func TestAnAnswerThatAlwaysBreaksOffIsSeenOnce(t *testing.T) {
	for name, off := range streamForms {
		t.Run(name, func(t *testing.T) {
			playSharedOn(t, 1, chattest.Config{Without: off}, nil, func(p *platform) {
				p.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
					_, err := ev.Thread.Post(ctx, model(ctx, false))
					return err
				})
				require.Error(t, p.mention(0, "t", "m1").Wait(context.Background()))
				require.Equal(t, []string{"The answer  …"}, p.seen("t"))
			})
		})
	}
}

// Whatever was posted is replaced in its order and place, and what the last attempt
// has no use for is removed.
func TestPostsOfAFailedAttemptAreReplaced(t *testing.T) {
	type turn = func(ctx context.Context, ev *chat.MessageEvent) error
	post := func(contents ...chat.Postable) turn {
		return func(ctx context.Context, ev *chat.MessageEvent) error {
			for _, content := range contents {
				if _, err := ev.Thread.Post(ctx, content); err != nil {
					return err
				}
			}
			return nil
		}
	}
	file := func(text string) chat.Postable {
		return &chat.Post{Text: text, Files: []chat.File{{Name: "a.txt", Content: strings.NewReader(text)}}}
	}
	for name, test := range map[string]struct {
		failed, succeeds turn
		want             []string
		edits            int
	}{
		"the same":        {post(chat.Text("a"), chat.Text("b")), post(chat.Text("a"), chat.Text("b")), []string{"a", "b"}, 2},
		"other texts":     {post(chat.Text("a"), chat.Text("b")), post(chat.Text("x"), chat.Markdown("*y*")), []string{"x", "*y*"}, 2},
		"more":            {post(chat.Text("a")), post(chat.Text("x"), chat.Text("y")), []string{"x", "y"}, 1},
		"fewer":           {post(chat.Text("half"), chat.Text("That failed.")), post(chat.Text("whole")), []string{"whole"}, 1},
		"none":            {post(chat.Text("a")), post(), []string{}, 0},
		"a card":          {post(chat.Text("a")), post(chat.Card(card.New("Card"))), []string{"**Card**"}, 1},
		"a file":          {post(file("a")), post(file("b")), []string{"b"}, 0},
		"from a file":     {post(file("a"), chat.Text("b")), post(chat.Text("x"), chat.Text("y")), []string{"y", "x"}, 1},
		"to a file":       {post(chat.Text("a"), chat.Text("b")), post(file("x"), chat.Text("y")), []string{"y", "x"}, 1},
		"a plan":          {post(chat.NewPlan("Plan", chat.Task{Title: "one"})), post(chat.NewPlan("Again", chat.Task{Title: "two"})), []string{"Again\npending: two"}, 1},
		"a plan again":    {post(chat.Text("a")), post(chat.NewPlan("Again", chat.Task{Title: "two"})), []string{"Again\npending: two"}, 1},
		"no plan":         {post(chat.NewPlan("Plan", chat.Task{Title: "one"})), post(chat.Text("x")), []string{"x"}, 1},
		"an empty stream": {post(chat.Text("a")), post(chat.Stream(func(func(string, error) bool) {})), []string{}, 0},
		"a deleted one": {func(ctx context.Context, ev *chat.MessageEvent) error {
			sent, err := ev.Thread.Post(ctx, chat.Text("gone"))
			if err != nil {
				return err
			}
			if _, err := ev.Thread.Post(ctx, chat.Text("a")); err != nil {
				return err
			}
			return sent.Delete(ctx)
		}, post(chat.Text("x")), []string{"x"}, 1},
		"an answer": {func(ctx context.Context, ev *chat.MessageEvent) error {
			_, err := ev.Thread.Reply(ctx, ev.Message.ID, chat.Text("a"))
			return errors.Join(err, post(chat.Text("b"))(ctx, ev))
		}, func(ctx context.Context, ev *chat.MessageEvent) error {
			_, err := ev.Thread.Reply(ctx, ev.Message.ID, chat.Text("x"))
			return errors.Join(post(chat.Text("y"))(ctx, ev), err)
		}, []string{"x", "y"}, 2},
		"an approval": {func(ctx context.Context, ev *chat.MessageEvent) error {
			return errors.Join(ask(ctx, ev), post(chat.Text("a"))(ctx, ev))
		}, func(ctx context.Context, ev *chat.MessageEvent) error {
			return errors.Join(post(chat.Text("x"))(ctx, ev), ask(ctx, ev))
		}, []string{"**Deploy?**", "x"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			playShared(t, 2, nil, func(p *platform) {
				p.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
					if ev.Attempt == 1 {
						return errors.Join(errHandler, test.failed(ctx, ev))
					}
					return test.succeeds(ctx, ev)
				})
				require.NoError(t, p.mention(0, "t", "m1").Wait(context.Background()))
				require.Equal(t, test.want, p.seen("t"))
				edits := 0
				for _, post := range p.fake.Posts("fake:c:t") {
					edits += post.Edits
				}
				require.Equal(t, test.edits, edits)
			})
		})
	}
}

// ask asks for an approval without an ID of its own.
func ask(ctx context.Context, ev *chat.MessageEvent) error {
	_, err := ev.Thread.RequestApproval(ctx, chat.Approval{Title: "Deploy?"})
	return err
}

// What was posted to the thread's channel, to a person, or is to be posted later
// is replaced there, and nothing is replaced in another place.
func TestPostsElsewhereAreReplacedThere(t *testing.T) {
	playShared(t, 1, nil, func(p *platform) {
		var begun chat.ThreadID
		p.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			n := fmt.Sprint(ev.Attempt)
			sent, err := ev.Thread.Channel().Post(ctx, chat.Text("to the channel "+n))
			if err != nil {
				return err
			}
			begun = sent.Thread().ID()
			if _, err := sent.Thread().Post(ctx, chat.Text("to its thread "+n)); err != nil {
				return err
			}
			if _, err := ev.Thread.Post(ctx, chat.Text("to the thread "+n)); err != nil {
				return err
			}
			if _, err := ev.Thread.Schedule(ctx, chat.Text("later "+n), time.Now().Add(time.Hour)); err != nil {
				return err
			}
			if ev.Attempt == 1 {
				return errHandler
			}
			return nil
		})
		require.NoError(t, p.mention(0, "t", "m1").Wait(context.Background()))
		require.Equal(t, []string{"to the thread 2"}, p.seen("t"))
		require.Equal(t, []string{"to the channel 2", "to its thread 2"}, p.seen(strings.TrimPrefix(string(begun), "fake:c:")))
		scheduled := p.fake.Scheduled("fake:c:t")
		require.Len(t, scheduled, 1)
		require.Equal(t, "later 2", scheduled[0].Text)
	})
}

// An edit that fails for a moment fails the attempt, and is made by the next one. One
// that fails for good makes room for a new message.
func TestAnEditThatFails(t *testing.T) {
	for name, test := range map[string]struct {
		code chat.Code
		want []string
	}{
		"for a moment": {chat.CodeTemporary, []string{"3"}},
		"for good":     {chat.CodePermission, []string{"2"}},
	} {
		t.Run(name, func(t *testing.T) {
			playShared(t, 1, nil, func(p *platform) {
				p.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
					if ev.Attempt == 2 {
						p.fake.FailNext(&chat.PlatformError{Adapter: "fake", Op: "edit", Code: test.code})
					}
					_, err := ev.Thread.Post(ctx, chat.Text(fmt.Sprint(ev.Attempt)))
					if ev.Attempt == 1 {
						return errHandler
					}
					return err
				})
				require.NoError(t, p.mention(0, "t", "m1").Wait(context.Background()))
				require.Equal(t, test.want, p.seen("t"))
			})
		})
	}
}

// A handler that wants to keep what was posted says so.
func TestKeepPostsLetsThemStand(t *testing.T) {
	playShared(t, 1, func(c *chat.Config) { c.Retry.KeepPosts = true }, func(p *platform) {
		p.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			_, err := ev.Thread.Post(ctx, model(ctx, ev.Attempt > 2))
			return err
		})
		require.NoError(t, p.mention(0, "t", "m1").Wait(context.Background()))
		require.Equal(t, []string{"The answer  …", "The answer  …", "The answer is 42."}, p.seen("t"))
	})
}

// Other events than messages are tried again, too.
func TestPostsOfAFailedActionAreReplaced(t *testing.T) {
	playShared(t, 1, nil, func(p *platform) {
		p.instances[0].OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
			_, err := ev.Thread.Post(ctx, model(ctx, ev.Attempt > 2))
			return err
		})
		receipt, err := p.hosts(0).Deliver(context.Background(), &chat.ActionEvent{
			EventBase: chat.EventBase{ID: "e1", ThreadID: "fake:c:t", User: chattest.Ada()}, ActionID: "go",
		})
		require.NoError(t, err)
		require.NoError(t, receipt.Wait(context.Background()))
		require.Equal(t, []string{"The answer is 42."}, p.seen("t"))
	})
}

// The history and what a model gets of it have each answer once, as it stands.
func TestAReplacedPostStandsInTheHistoryOnce(t *testing.T) {
	fake := chattest.NewFake(chattest.Config{})
	bot, _ := newBot(t, func(c *chat.Config) {
		c.Adapters = []chat.Adapter{keeper{fake.Adapter()}}
		c.Retry.Backoff = time.Millisecond
		c.Identity, c.Transcripts = byUser, chat.TranscriptConfig{Enabled: true}
	})
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Text(fmt.Sprint("attempt ", ev.Attempt)))
		if ev.Attempt < 3 {
			return errHandler
		}
		return err
	})
	r, err := fake.Send(t.Context(), fake.Message(fake.Thread("c", "t"), "@bot hi"))
	require.NoError(t, err)
	require.NoError(t, r.Wait(t.Context()))
	thread, err := bot.Thread(fake.Thread("c", "t"))
	require.NoError(t, err)
	var texts []string
	for m, err := range thread.Messages(t.Context(), chat.OldestFirst) {
		require.NoError(t, err)
		texts = append(texts, m.Text)
	}
	require.Equal(t, []string{"@bot hi", "attempt 3"}, texts)
	entries, err := bot.Transcripts().List(t.Context(), "person-u1", chat.TranscriptQuery{})
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.Equal(t, "attempt 3", entries[1].Text)
}

// What an attempt has posted is known to the one that follows when its instance has
// died, was shut down, or has lost the thread.
func TestPostsOfALostAttemptAreReplaced(t *testing.T) {
	for name, end := range map[string]func(p *platform){
		"a crash": func(p *platform) { p.instances[0].store.Crash() },
		"a shutdown": func(p *platform) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_ = p.instances[0].Shutdown(ctx)
		},
		"a lost lock": func(p *platform) {
			require.NoError(p.t, p.shared.ForceReleaseLock(context.Background(), "fake:c:t"))
			_ = p.mention(1, "t", "m2")
		},
	} {
		t.Run(name, func(t *testing.T) {
			playSharedOn(t, 2, chattest.Config{Without: []chattest.Ability{chattest.Streamer}}, nil, func(p *platform) {
				p.onMention(func(ctx context.Context, in *instance, ev *chat.MessageEvent) error {
					if in == p.instances[0] {
						if _, err := ev.Thread.Post(ctx, chat.Text("one moment")); err != nil {
							return err
						}
						_, err := ev.Thread.Post(ctx, chat.Stream(func(yield func(string, error) bool) {
							_ = yield("The answer", nil)
							yield("", work(ctx, time.Hour))
						}))
						return err
					}
					if _, err := ev.Thread.Post(ctx, chat.Text("just a moment")); err != nil {
						return err
					}
					_, err := ev.Thread.Post(ctx, model(ctx, true))
					return err
				})
				p.mention(0, "t", "m1")
				time.Sleep(time.Second)
				require.Equal(t, []string{"one moment", "The answer"}, p.seen("t"))
				end(p)
				time.Sleep(time.Minute)
				require.Equal(t, []string{"just a moment", "The answer is 42."}, p.seen("t")[:2])
				require.Zero(t, len(p.seen("t"))%2)
				_, err := p.shared.Get(context.Background(), "chat:retries:fake:c:t")
				require.ErrorIs(t, err, state.ErrNotFound)
			})
		})
	}
}

// A short turn writes nothing down for this.
func TestAShortTurnWritesNoPostsDown(t *testing.T) {
	calls := func(h chat.MessageHandler) (n int64) {
		playShared(t, 1, nil, func(p *platform) {
			p.instances[0].OnMention(h)
			require.NoError(t, p.mention(0, "t", "m0").Wait(context.Background()))
			before := p.instances[0].store.Calls()
			require.NoError(t, p.mention(0, "t", "m1").Wait(context.Background()))
			time.Sleep(100 * time.Millisecond)
			n = p.instances[0].store.Calls() - before
		})
		return n
	}
	silent := calls(func(context.Context, *chat.MessageEvent) error { return nil })
	require.Equal(t, silent, calls(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Text("a"))
		return err
	}))
}
