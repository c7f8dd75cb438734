package discordtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/discord"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
)

const (
	respond      = "POST /interactions/{id}/{id}/callback"
	editOriginal = "PATCH /webhooks/{id}/{id}/messages/@original"
	dropOriginal = "DELETE /webhooks/{id}/{id}/messages/@original"
	followUp     = "POST /webhooks/{id}/{id}"
	create       = "POST /channels/{id}/messages"
)

// command has Ada give a command, and returns the interaction and what Discord sends.
func (r *rig) command(channel, options string) (id, body string) {
	return r.discord.Interact(2, channel, ada, `{"id":"9","name":"ticket","type":1,"options":[`+options+`]}`, "")
}

// commands registers a handler for the command, and returns what its calls return.
func (r *rig) commands(h func(ctx context.Context, ev *chat.SlashCommandEvent) error) <-chan error {
	done := make(chan error, 10)
	r.OnSlashCommand(func(ctx context.Context, ev *chat.SlashCommandEvent) error {
		err := h(ctx, ev)
		done <- err
		return err
	}, "/ticket")
	return done
}

// kindOf is the type of the only response to interactions.
func (r *rig) kindOf(t *testing.T) any {
	t.Helper()
	calls := r.discord.Calls(respond)
	require.Len(t, calls, 1)
	return calls[0].Args["type"]
}

func (r *rig) shows(t *testing.T, thread chat.ThreadID) (texts []string) {
	t.Helper()
	posts, err := r.discord.Shown(t.Context(), thread)
	require.NoError(t, err)
	for _, p := range posts {
		texts = append(texts, p.Text)
	}
	return texts
}

func TestPing(t *testing.T) {
	t.Parallel()
	w := newRig(t).send(t, `{"id":"1","application_id":"2","type":1,"token":"x","version":1}`)
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"type":1}`, w.Body.String())
}

// TestCommandIsAnsweredByAPost has the post of a quick handler be the response.
func TestCommandIsAnsweredByAPost(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	done := r.commands(func(ctx context.Context, ev *chat.SlashCommandEvent) error {
		given, err := discord.Options(ev)
		if err != nil {
			return err
		}
		if _, err = ev.Thread.Post(ctx, chat.Text("about "+given["subject"])); err != nil {
			return err
		}
		_, err = ev.Thread.Post(ctx, chat.Text("and more"))
		return err
	})
	id, body := r.command(general, `{"name":"subject","type":3,"value":"the printer"}`)
	require.Equal(t, http.StatusAccepted, r.send(t, body).Code)
	ev := next[*chat.SlashCommandEvent](t, r)
	require.Equal(t, []string{"/ticket", "the printer"}, []string{ev.Command, ev.Text})
	require.NoError(t, <-done)
	require.Equal(t, []string{"about the printer", "and more"}, r.shows(t, inGeneral))
	require.InDelta(t, 4, r.kindOf(t), 0)
	require.NotEmpty(t, r.discord.Interaction(id).Original)
	require.Len(t, r.discord.Calls(create), 1, "the second post is a message")
	require.Empty(t, r.discord.Calls(dropOriginal))
}

// TestSlowCommandIsDeferred tells Discord within three seconds that the answer comes
// later, which takes the place of what is loading.
func TestSlowCommandIsDeferred(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	deferred := make(chan struct{})
	posted := r.commands(func(ctx context.Context, ev *chat.SlashCommandEvent) error {
		<-deferred
		_, err := ev.Thread.Post(ctx, chat.Text("at last"))
		return err
	})
	id, body := r.command(topic, "")
	start := time.Now()
	require.Equal(t, http.StatusAccepted, r.send(t, body).Code)
	require.Less(t, time.Since(start), 3*time.Second)
	require.InDelta(t, 5, r.kindOf(t), 0)
	require.True(t, r.discord.Interaction(id).Loading)
	close(deferred)
	require.NoError(t, <-posted)
	require.Equal(t, []string{"at last"}, r.shows(t, inTopic))
	require.Len(t, r.discord.Calls(editOriginal), 1)
	require.Empty(t, r.discord.Calls(create))
	require.False(t, r.discord.Interaction(id).Loading)
}

// TestCommandWithoutAnAnswer leaves nothing that loads for ever.
func TestCommandWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, body := r.command(general, "")
	r.send(t, body)
	next[*chat.SlashCommandEvent](t, r)
	require.Eventually(t, func() bool { return len(r.discord.Calls(dropOriginal)) == 1 }, botrig.Patience, 5*time.Millisecond)
	require.InDelta(t, 5, r.kindOf(t), 0)
	data, _ := r.discord.Calls(respond)[0].Args["data"].(map[string]any)
	require.InDelta(t, 64, data["flags"], 0, "only Ada sees it for a moment")
	require.Empty(t, r.shows(t, inGeneral))
}

// TestCommandFailsWhileTheStateIsAway has Discord show that the command failed.
func TestCommandFailsWhileTheStateIsAway(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	require.NoError(t, r.state.Close(t.Context()))
	_, body := r.command(general, "")
	require.GreaterOrEqual(t, r.deliver(t, body).Code, 500)
	require.Empty(t, r.discord.Calls(respond))
}

// TestCommandOverTheGateway is answered by calls.
func TestCommandOverTheGateway(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *discord.Config) { c.PublicKey = "" })
	done := r.commands(func(ctx context.Context, ev *chat.SlashCommandEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Text("hello"))
		return err
	})
	r.run(t)
	r.connected(t, 1)
	_, body := r.command(general, "")
	r.discord.Dispatch(0, "INTERACTION_CREATE", body)
	next[*chat.SlashCommandEvent](t, r)
	require.NoError(t, <-done)
	require.Equal(t, []string{"hello"}, r.shows(t, inGeneral))
	sent, err := r.Adapter.PostMessage(t.Context(), inGeneral, chat.Card(card.New("Menu", card.NewActions(card.NewButton("order", "Order")))))
	require.NoError(t, err)
	posts, err := r.discord.Shown(t.Context(), inGeneral)
	require.NoError(t, err)
	_, body, err = r.discord.Click(posts[len(posts)-1], ada, "Order")
	require.NoError(t, err)
	r.discord.Dispatch(0, "INTERACTION_CREATE", body)
	require.Equal(t, sent, next[*chat.ActionEvent](t, r).MessageID)
	require.Eventually(t, func() bool { return len(r.discord.Calls(respond)) == 2 }, botrig.Patience, 5*time.Millisecond)
	require.InDelta(t, 6, r.discord.Calls(respond)[1].Args["type"], 0)
}

// TestAnswerOfAnotherInstance has the command taken by one instance and its answer
// posted by another.
func TestAnswerOfAnotherInstance(t *testing.T) {
	t.Parallel()
	s, st := newDiscord(t), botrig.Memory(t)
	one, other := newRigOn(t, s, st), newRigOn(t, s, st)
	posted := one.commands(func(_ context.Context, ev *chat.SlashCommandEvent) error {
		_, err := other.Adapter.PostMessage(context.WithoutCancel(t.Context()), ev.ThreadID, &chat.Post{Text: "from elsewhere"})
		return err
	})
	_, body := one.command(general, "")
	one.send(t, body)
	require.NoError(t, <-posted)
	require.Equal(t, []string{"from elsewhere"}, one.shows(t, inGeneral))
}

func TestEphemeral(t *testing.T) {
	t.Parallel()
	for name, slow := range map[string]bool{"quick": false, "slow": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			deferred := make(chan struct{})
			posted := r.commands(func(ctx context.Context, ev *chat.SlashCommandEvent) error {
				if slow {
					<-deferred
				}
				_, err := ev.Thread.PostEphemeral(ctx, ada, chat.Text("between us"), chat.NoFallback)
				return err
			})
			_, body := r.command(general, "")
			r.send(t, body)
			close(deferred)
			require.NoError(t, <-posted)
			require.Empty(t, r.shows(t, inGeneral), "nobody else sees it")
			seen, err := r.discord.Whispered(t.Context(), inGeneral, ada)
			require.NoError(t, err)
			require.Len(t, seen, 1)
			require.Equal(t, "between us", seen[0].Text)
			next[*chat.SlashCommandEvent](t, r)
			_, err = r.Adapter.PostEphemeral(t.Context(), inGeneral, ada, &chat.Post{Text: strings.Repeat("long ", 900)})
			require.NoError(t, err, "a follow-up")
			require.Len(t, r.discord.Calls(followUp), map[bool]int{false: 3, true: 4}[slow])
			_, err = r.Adapter.PostEphemeral(t.Context(), inTopic, ada, &chat.Post{Text: "elsewhere"})
			require.ErrorIs(t, err, errors.ErrUnsupported, "she has done nothing there")
			_, err = r.Adapter.PostEphemeral(t.Context(), inGeneral, "1033044521375764531", &chat.Post{Text: "to somebody else"})
			require.ErrorIs(t, err, errors.ErrUnsupported)
		})
	}
}

// TestPostAfterFifteenMinutes is a message, since the interaction cannot be answered.
func TestPostAfterFifteenMinutes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	done := r.commands(func(ctx context.Context, ev *chat.SlashCommandEvent) error {
		r.discord.Fail(respond, failure(404, 10062))
		r.discord.Fail(editOriginal, failure(401, 50027))
		_, err := ev.Thread.Post(ctx, chat.Text("too late"))
		return err
	})
	_, body := r.command(general, "")
	r.send(t, body)
	require.NoError(t, <-done)
	require.Equal(t, []string{"too late"}, r.shows(t, inGeneral))
	require.Len(t, r.discord.Calls(create), 1)
}

// TestAutocomplete asks the handlers for values while somebody types.
func TestAutocomplete(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.OnOptionsLoad(func(_ context.Context, ev *chat.OptionsLoadEvent) (chat.Options, error) {
		var all []*card.Option
		for n := range 30 {
			all = append(all, card.NewOption(fmt.Sprintf("%s %d", ev.Query, n), fmt.Sprint(n)))
		}
		return chat.Options{Options: append(all, card.NewOption("none", "x"))}, nil
	}, "/ticket new subject")
	for kind, first := range map[int]string{3: `{"name":"pri 0","value":"0"}`, 4: `{"name":"pri 0","value":0}`, 10: `{"name":"pri 0","value":0}`} {
		_, body := r.discord.Interact(4, general, ada,
			fmt.Sprintf(`{"id":"9","name":"ticket","type":1,"options":[{"name":"new","type":1,"options":[{"name":"subject","type":%d,"value":"pri","focused":true}]}]}`, kind), "")
		var got struct {
			Type int
			Data struct{ Choices []json.RawMessage }
		}
		require.NoError(t, json.Unmarshal(r.send(t, body).Body.Bytes(), &got))
		require.Equal(t, 8, got.Type)
		require.Len(t, got.Data.Choices, 25)
		require.JSONEq(t, first, string(got.Data.Choices[0]))
	}
	_, body := r.discord.Interact(4, general, ada, `{"id":"9","name":"other","type":1,"options":[{"name":"a","type":3,"value":"","focused":true}]}`, "")
	require.JSONEq(t, `{"type":8,"data":{"choices":[]}}`, r.send(t, body).Body.String(), "nobody has options for it")
}

func ticketForm() *card.Modal {
	day, count := card.NewDateInput("day", "Since when?"), card.NewNumberInput("count", "How many?")
	day.Optional, count.Optional = true, true
	return card.NewModal("ticket", "A new ticket about something that has a very long name", card.NewTextInput("subject", "Subject"), day, count,
		card.NewSelect("urgency", "Urgency", card.NewOption("High", strings.Repeat("high ", 40)), card.NewOption("Low", "low")), card.NewText("**Thanks**"))
}

// TestModalFromACommand has it be the answer to the command, and a message of the
// handler of the form that of the form.
func TestModalFromACommand(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	opened := r.commands(func(ctx context.Context, ev *chat.SlashCommandEvent) error { return ev.OpenModal(ctx, ticketForm()) })
	submitted := make(chan *chat.ModalSubmitEvent, 1)
	r.OnModalSubmit(func(ctx context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		submitted <- ev
		_, err := ev.Opened.Thread.Post(ctx, chat.Text("thank you"))
		return chat.ModalAnswer{}, err
	}, "ticket")
	id, body := r.command(general, "")
	require.Equal(t, http.StatusAccepted, r.send(t, body).Code)
	require.NoError(t, <-opened)
	next[*chat.SlashCommandEvent](t, r)
	require.InDelta(t, 9, r.kindOf(t), 0)
	_, body = r.discord.Submit(id, "The printer", "2026-01-05", "7", "High")
	require.Equal(t, http.StatusAccepted, r.send(t, body).Code)
	ev := <-submitted
	require.Equal(t, chat.ModalValues{"subject": "The printer", "day": "2026-01-05", "count": "7", "urgency": strings.Repeat("high ", 40)}, ev.Values)
	require.Equal(t, []string{"thank you"}, r.shows(t, inGeneral))
	require.Empty(t, r.discord.Calls(create))
	require.Empty(t, r.discord.Calls(dropOriginal))
}

// TestModalErrors are told to the user, those of dates and numbers without the handler.
func TestModalErrors(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.commands(func(ctx context.Context, ev *chat.SlashCommandEvent) error { return ev.OpenModal(ctx, ticketForm()) })
	r.OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		if ev.Values["subject"] == "fail" {
			return chat.ModalAnswer{}, errors.New("out of order")
		}
		return chat.ModalAnswer{Action: chat.ModalErrors, Errors: map[string]string{"subject": "That is *no* subject."}}, nil
	}, "ticket")
	id, body := r.command(general, "")
	r.send(t, body)
	for answers, want := range map[[3]string]string{
		{"x", "2026-01-05", "1"}: `That is \*no\* subject\.`, {"x", "tomorrow", "1"}: `Please write the date as YYYY\-MM\-DD\.`, {"x", "", "many"}: `Please write a number\.`,
	} {
		_, body = r.discord.Submit(id, answers[0], answers[1], answers[2], "Low")
		var got struct {
			Type int
			Data struct {
				Content string
				Flags   int
			}
		}
		require.NoError(t, json.Unmarshal(r.send(t, body).Body.Bytes(), &got))
		require.Equal(t, []any{4, 64, want}, []any{got.Type, got.Data.Flags, got.Data.Content})
	}
	_, body = r.discord.Submit(id, "fail", "", "", "Low")
	require.GreaterOrEqual(t, r.deliver(t, body).Code, 500, "Discord tells the user to try again")
}

// TestModalsThatCannotBe are refused with the name of the field.
func TestModalsThatCannotBe(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	six := card.NewModal("m", "t")
	for n := range 6 {
		six.Children = append(six.Children, card.NewTextInput(fmt.Sprint(n), "l"))
	}
	for _, c := range []struct {
		modal *card.Modal
		want  error
		text  string
	}{
		{nil, chat.ErrInvalidArgument, "modal is nil"},
		{six, chat.ErrInvalidArgument, "has 6 children"},
		{card.NewModal("m", "t", card.NewExternalSelect("a", "b")), errors.ErrUnsupported, "children[0]"},
	} {
		err := r.Adapter.OpenModal(t.Context(), "1:token", c.modal, "")
		require.ErrorIs(t, err, c.want)
		require.ErrorContains(t, err, c.text)
	}
	require.ErrorIs(t, r.Adapter.OpenModal(t.Context(), "../x", ticketForm(), ""), chat.ErrInvalidArgument)
	require.ErrorIs(t, r.Adapter.OpenModal(t.Context(), "1:token", ticketForm(), ""), chat.ErrNotFound, "no such interaction")
}
