package chat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/state"
)

func newBare(t *testing.T, a Adapter, logger *slog.Logger) *Chat {
	t.Helper()
	bot, err := New(Config{UserName: "bot", Adapters: []Adapter{a}, State: closing{}, Durability: DurabilityNone, Logger: logger})
	require.NoError(t, err)
	return bot
}

// closing is a state that can be connected and closed, and no more.
type closing struct{ state.Adapter }

func (closing) Connect(context.Context) error { return nil }
func (closing) Close(context.Context) error   { return nil }
func (closing) SetIfNotExists(context.Context, string, []byte, time.Duration) (bool, error) {
	return true, nil
}

// What cannot be registered panics where it is registered, and says what is wrong.
func TestARegistrationThatCannotWorkPanics(t *testing.T) {
	bot := newBare(t, &able{}, slog.New(slog.DiscardHandler))
	group, err := bot.Group(Concurrency{})
	require.NoError(t, err)
	message := func(context.Context, *MessageEvent) error { return nil }
	reaction := func(context.Context, *ReactionEvent) error { return nil }
	action := func(context.Context, *ActionEvent) error { return nil }
	for want, register := range map[string]func(){
		"chat: middleware 1 is nil":                        func() { bot.Use(Timeout(1), nil) },
		"chat: middleware 0 is nil":                        func() { group.Use(nil) },
		"chat: the handler is nil":                         func() { bot.OnMention(nil) },
		"chat: the handler is nil\x00group":                func() { group.OnDirectMessage(nil) },
		"chat: the handler is nil\x00action":               func() { bot.OnAction(nil) },
		"chat: the handler is nil\x00modal":                func() { bot.OnModalSubmit(nil) },
		"chat: the handler is nil\x00options":              func() { bot.OnOptionsLoad(nil) },
		"chat: the pattern is nil":                         func() { bot.OnMessage(nil, message) },
		`action events for "chat:approve" is never called`: func() { bot.OnAction(action, "ok", "chat:approve") },
		`action events for "chat:mine" is never called`:    func() { bot.OnAction(action, "chat:mine") },
		`action events for "" is never called`:             func() { bot.OnAction(action, "") },
		`reaction events for "" is never called`:           func() { bot.OnReaction(reaction, "") },
		`reaction events for "thumbs up" is never called: emoji: invalid name: "thumbs up", want one emoji`: func() { bot.OnReaction(reaction, "👍", "thumbs up") },
		`reaction events for "👍👎" is never called`:                                                          func() { bot.OnReaction(reaction, "👍👎") },
		`slash-command events for "/" is never called`:                                                      func() { bot.OnSlashCommand(func(context.Context, *SlashCommandEvent) error { return nil }, "/") },
		`modal-submit events for "" is never called`: func() {
			bot.OnModalSubmit(func(context.Context, *ModalSubmitEvent) (ModalAnswer, error) { return ModalAnswer{}, nil }, "")
		},
		`platform events for "" is never called`: func() { bot.OnPlatformEvent(func(context.Context, *PlatformEvent) error { return nil }, "") },
		`options-load events for "" is never called`: func() {
			bot.OnOptionsLoad(func(context.Context, *OptionsLoadEvent) (Options, error) { return Options{}, nil }, "")
		},
		`modal-closed events for "" is never called`: func() { bot.OnModalClosed(func(context.Context, *ModalClosedEvent) error { return nil }, "") },
	} {
		want, _, _ = strings.Cut(want, "\x00")
		func() {
			defer func() { require.Contains(t, fmt.Sprint(recover()), want) }()
			register()
		}()
	}
	require.True(t, bot.handlers.table.Load().isEmpty(), "nothing of it is registered")
	bot.OnApproval(func(context.Context, *ApprovalEvent) error { return nil }, "") // requests without a name
	bot.OnMessage(regexp.MustCompile(""), message)
}

// The ids of the bot's own buttons cannot be shown on a card or in a modal: a click
// would go to no handler.
func TestReservedIDsAreRefused(t *testing.T) {
	a := &able{post: func(context.Context) (MessageID, error) { return "m", nil }}
	thread, _ := inTurn(t, a)
	for name, action := range map[string]card.Action{
		"button": card.NewButton("chat:approve", "x"), "link-button": &card.LinkButton{ID: "chat:x", URL: "https://x.y", Label: "x"},
		"select":       card.NewSelect("chat:x", "x", card.NewOption("a", "a")),
		"radio_select": card.NewRadioSelect("chat:x", "x", card.NewOption("a", "a")),
	} {
		c := card.New("t", card.NewSection(card.NewActions(action)))
		for _, content := range []Postable{
			Card(c), Stream(func(func(string, error) bool) {}).With(StreamOptions{End: c}),
		} {
			_, err := thread.Post(t.Context(), content)
			require.ErrorIs(t, err, ErrInvalidArgument)
			require.ErrorContains(t, err, fmt.Sprintf(`the %s has the id "chat:`, name))
		}
	}
	err := thread.chat.modals.check(card.NewModal("c", "t", card.NewSelect("chat:x", "x", card.NewOption("a", "a"))))
	require.ErrorContains(t, err, `the select has the id "chat:x"`)
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	type typed struct{ able }
	for want, change := range map[string]func(*Config){
		`UserName is "@bot", want the name without the @`: func(c *Config) { c.UserName = "@bot" },
		`UserName is "bot ", want the name without space`: func(c *Config) { c.UserName = "bot " },
		"UserName is empty":          func(c *Config) { c.UserName = " " },
		"Adapters[1] is nil":         func(c *Config) { c.Adapters = append(c.Adapters, nil) },
		"Adapters[0] is nil":         func(c *Config) { c.Adapters = []Adapter{(*typed)(nil)} },
		"State is nil":               func(c *Config) { c.State = nil },
		"State is nil, want a state": func(c *Config) { c.State = (*struct{ state.Adapter })(nil) },
	} {
		cfg := Config{UserName: "bot", Adapters: []Adapter{&able{}}, State: closing{}, Durability: DurabilityNone}
		change(&cfg)
		_, err := New(cfg)
		require.ErrorIs(t, err, ErrInvalidConfig, want)
		require.ErrorContains(t, err, want)
	}
}

// An adapter belongs to one bot until that has shut down, or could not be made.
func TestAnAdapterHasOneBot(t *testing.T) {
	a, refusing := &able{}, &unattachable{}
	cfg := Config{UserName: "bot", Adapters: []Adapter{a}, State: closing{}, Durability: DurabilityNone}
	first, err := New(cfg)
	require.NoError(t, err)
	_, err = New(cfg)
	require.ErrorIs(t, err, ErrInvalidConfig)
	require.ErrorContains(t, err, `Adapters[0]: invalid configuration: the adapter "able" belongs to another bot`)
	require.NoError(t, first.Shutdown(t.Context()))

	cfg.Adapters = []Adapter{a, refusing}
	_, err = New(cfg)
	require.ErrorIs(t, err, errUnattachable)
	cfg.Adapters = []Adapter{a}
	second, err := New(cfg)
	require.NoError(t, err)
	require.NoError(t, second.Shutdown(t.Context()))
}

type unattachable struct{ able }

var errUnattachable = fmt.Errorf("no")

func (*unattachable) Name() string      { return "unattachable" }
func (*unattachable) Attach(Host) error { return errUnattachable }

func TestASecondRunIsRefused(t *testing.T) {
	bot := newBare(t, &able{}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, bot.Run(ctx))
	require.ErrorContains(t, bot.Run(ctx), "Run was called before")
	require.ErrorIs(t, bot.Run(ctx), ErrInvalidArgument)
}

func TestABotWithoutHandlersWarns(t *testing.T) {
	for _, silent := range []bool{true, false} {
		var out bytes.Buffer
		bot := newBare(t, &able{}, slog.New(slog.NewTextHandler(&out, nil)))
		removed := bot.OnMention(func(context.Context, *MessageEvent) error { return nil })
		if silent {
			removed.Remove()
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.NoError(t, bot.Run(ctx))
		require.Equal(t, silent, strings.Contains(out.String(), "level=WARN msg=no-handlers"))
	}
}

// A nil context is a mistake of the program and never a crash, whatever it is given to.
func TestANilContextIsAnError(t *testing.T) {
	thread, _ := inTurn(t, &able{})
	bot := thread.chat
	sent := thread.Sent("m")
	plan := NewPlan("plan", Task{ID: "x"})
	plan.sent = sent
	transcripts := &Transcripts{chat: bot, config: TranscriptConfig{Enabled: true}}
	request := &ApprovalRequest{chat: bot, guard: contextError, id: "x"}
	called := 0
	for _, on := range []any{
		bot, thread, thread.Channel(), sent, &ScheduledMessage{ID: "x", thread: thread}, plan, request, transcripts,
		&Receipt{}, &Link{source: new(thread.caller())}, &Attachment{source: &attachmentSource{caller: thread.caller()}}, ThreadData[int](thread), &host{chat: bot, adapter: thread.adapter},
	} {
		for name, method := range contextMethods(on) {
			called++
			plan.state.put(Task{ID: "able"})
			t.Run(name, func(t *testing.T) {
				args := arguments(method.Type)
				for _, arg := range args { // nothing else is wrong
					switch value := arg.Addr().Interface().(type) {
					case **Thread:
						*value = thread
					case **ModalSubmitEvent:
						*value = new(ModalSubmitEvent)
					case **OptionsLoadEvent:
						*value = new(OptionsLoadEvent)
					case *TranscriptEntry:
						value.UserKey = "x"
					case *Approval:
						value.Title = "x"
					default:
						if arg.Kind() == reflect.String {
							arg.SetString("able")
						}
					}
				}
				args[0] = reflect.Zero(reflect.TypeFor[context.Context]())
				results := method.Func.Call(append([]reflect.Value{reflect.ValueOf(on)}, args...))
				err := lastError(t, results[len(results)-1])
				require.Error(t, err)
				if !errors.Is(err, errors.ErrUnsupported) { // what cannot be done at all
					require.ErrorIs(t, err, errNilContext)
				}
			})
		}
	}
	require.Greater(t, called, 60)
}
