package chat

import (
	"context"
	"iter"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
	"github.com/chat-adapter/chat-go/core/state"
)

// able has every ability, and panics when it is asked for one.
type able struct {
	Adapter
	Streamer
	PlanPoster
	Replier
	EphemeralPoster
	Scheduler
	ChannelPoster
	Typer
	TypingStopper
	SessionMarker
	Reactor
	ReadMarker
	DirectMessenger
	UserFinder
	ChannelFinder
	MessageFetcher
	ChannelFetcher
	Permalinker
	LinkResolver
	ThreadFinder

	post func(context.Context) (MessageID, error)
	edit func(context.Context, *Post) error
}

func (*able) Name() string       { return "able" }
func (*able) Attach(Host) error  { return nil }
func (*able) KeepsHistory() bool { return true }
func (*able) EncodeThreadID(ref ThreadRef) (ThreadID, error) {
	return ThreadID("able:" + ref.Channel), nil
}

func (*able) DecodeThreadID(ThreadID) (ref ThreadRef, _ error) { return ThreadRef{Channel: "c"}, nil }

func (a *able) PostMessage(ctx context.Context, _ ThreadID, _ *Post) (MessageID, error) {
	return a.post(ctx)
}

func (a *able) EditMessage(ctx context.Context, _ ThreadID, _ MessageID, post *Post) error {
	return a.edit(ctx, post)
}

// stub is a state that nothing must be asked of, but for a list.
type stub struct{ state.Adapter }

func (stub) AppendToList(context.Context, string, []byte, state.ListOptions) error { return nil }

// inTurn returns a thread within a turn, and a function that ends the turn.
func inTurn(t *testing.T, a Adapter) (*Thread, func(cause error)) {
	t.Helper()
	bot, err := New(Config{UserName: "bot", Adapters: []Adapter{a}, State: stub{}, Durability: DurabilityNone, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	ctx, end := context.WithCancelCause(t.Context())
	thread, err := bot.Thread("able:c")
	require.NoError(t, err)
	thread.lease = dispatch.NewLease(ctx)
	return thread, end
}

// Whatever the context, nothing goes to the platform or the state any more.
func TestNothingIsDoneOnceTheTurnHasEnded(t *testing.T) {
	thread, end := inTurn(t, &able{})
	sent := thread.Sent("m")
	plan := NewPlan("plan", Task{ID: "x"})
	plan.sent = sent
	end(ErrTurnCancelled)

	called := 0
	for _, on := range []any{thread, thread.Channel(), sent, &ScheduledMessage{ID: "x", thread: thread}, plan} {
		for name, method := range contextMethods(on) {
			called++
			plan.state.put(Task{ID: "x"})
			t.Run(name, func(t *testing.T) {
				results := method.Func.Call(append([]reflect.Value{reflect.ValueOf(on)}, arguments(method.Type)...))
				require.ErrorIs(t, lastError(t, results[len(results)-1]), ErrTurnCancelled)
			})
		}
	}
	require.Greater(t, called, 30)

	for name, s := range map[string]Data[int]{"ThreadData": ThreadData[int](thread), "ChannelData": ChannelData[int](thread.Channel())} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Get(t.Context())
			require.ErrorIs(t, err, ErrTurnCancelled)
			require.ErrorIs(t, s.Set(t.Context(), 1), ErrTurnCancelled)
			require.ErrorIs(t, s.Clear(t.Context()), ErrTurnCancelled)
		})
	}
	root, err := thread.Channel().Thread()
	require.NoError(t, err)
	_, err = root.Post(t.Context(), Text("x"))
	require.ErrorIs(t, err, ErrTurnCancelled, "what comes from the thread belongs to its turn")
}

// contextMethods are the methods of a value whose first parameter is a context, by
// type and name.
func contextMethods(on any) iter.Seq2[string, reflect.Method] {
	kind := reflect.TypeOf(on)
	return func(yield func(string, reflect.Method) bool) {
		for method := range kind.Methods() {
			if method.Type.NumIn() < 2 || method.Type.In(1) != reflect.TypeFor[context.Context]() {
				continue
			}
			if !yield(strings.TrimPrefix(kind.String(), "*chat.")+"."+method.Name, method) {
				return
			}
		}
	}
}

// arguments returns something for each parameter but the receiver.
func arguments(method reflect.Type) []reflect.Value {
	var args []reflect.Value
	for i := 1; i < method.NumIn(); i++ {
		if method.IsVariadic() && i == method.NumIn()-1 {
			break
		}
		arg := reflect.New(method.In(i)).Elem()
		switch value := arg.Addr().Interface().(type) {
		case *context.Context:
			*value = context.Background()
		case *Postable:
			*value = Text("x")
		case **Message:
			*value = &Message{ID: "x"}
		case *time.Time:
			*value = time.Now().Add(time.Hour)
		case *func(*Task):
			*value = func(*Task) {}
		default:
			if arg.Kind() == reflect.String {
				arg.SetString("x")
			}
		}
		args = append(args, arg)
	}
	return args
}

// lastError returns the error of a call, or the first one of a sequence.
func lastError(t *testing.T, result reflect.Value) error {
	t.Helper()
	if result.Kind() == reflect.Func {
		for _, err := range result.Seq2() {
			return err.Interface().(error)
		}
		t.Fatal("the sequence is empty")
	}
	require.False(t, result.IsNil(), "no error")
	return result.Interface().(error)
}

func TestACallEndsWithItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &able{post: func(ctx context.Context) (MessageID, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}}
		thread, end := inTurn(t, a)
		time.AfterFunc(time.Second, func() { end(ErrLockLost) })
		start := time.Now()
		_, err := thread.Post(context.Background(), Text("x"))
		require.ErrorIs(t, err, ErrLockLost)
		require.Equal(t, time.Second, time.Since(start))
	})
}

// The message gets its last edit, but none is begun for the turn any more.
func TestAStreamEndsWithItsTurn(t *testing.T) {
	for name, test := range map[string]struct {
		text  string
		shown []string
	}{
		"that shows something":    {"b", []string{"post", "bb"}},
		"that has nothing to see": {"| a |", nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var shown []string
				a := &able{
					post: func(context.Context) (MessageID, error) {
						shown = append(shown, "post")
						return "m", nil
					},
					edit: func(_ context.Context, post *Post) error {
						shown = append(shown, post.Markdown)
						return nil
					},
				}
				thread, end := inTurn(t, a)
				thread.adapter = struct{ Adapter }{a} // without streams of its own
				time.AfterFunc(1300*time.Millisecond, func() { end(ErrLockLost) })
				sent, err := thread.Post(context.Background(), Stream(func(yield func(string, error) bool) {
					time.Sleep(time.Second)
					for yield(test.text, nil) {
						time.Sleep(200 * time.Millisecond)
					}
				}))
				require.ErrorIs(t, err, ErrLockLost)
				require.Equal(t, test.shown != nil, sent != nil)
				require.Equal(t, test.shown, shown)
			})
		})
	}
}

func TestAStreamAnswersWhoIsBeingAnswered(t *testing.T) {
	var got []UserID
	a := &able{}
	a.Streamer = streamFunc(func(opts StreamOptions) { got = append(got, opts.Recipient) })
	thread, _ := inTurn(t, a)
	text := Stream(func(yield func(string, error) bool) { yield("x", nil) })
	thread.current = &Message{ID: "q", Author: Author{UserID: "u7"}}
	for _, content := range []Postable{text, text.With(StreamOptions{Recipient: "u8"})} {
		_, err := thread.Post(t.Context(), content)
		require.NoError(t, err)
	}
	thread.current = nil
	_, err := thread.Post(t.Context(), text)
	require.NoError(t, err)
	require.Equal(t, []UserID{"u7", "u8", ""}, got)
}

type streamFunc func(StreamOptions)

func (f streamFunc) StreamMessage(_ context.Context, _ ThreadID, chunks iter.Seq2[Chunk, error], opts StreamOptions) (MessageID, string, error) {
	f(opts)
	text := ""
	for chunk, err := range chunks {
		if err != nil {
			return "", "", err
		}
		text += chunk.Text
	}
	return "m", text, nil
}
