package teamstest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/teamstest/faketeams"
)

func fetchBody(action string) string {
	return activity("invoke", thread, map[string]any{
		"name": "task/fetch", "replyToId": root, "value": map[string]any{"data": map[string]any{"actionId": action, "msteams": map[string]any{"type": "task/fetch"}}},
	})
}

func submitBody(data map[string]any) string {
	return activity("invoke", thread, map[string]any{"name": "task/submit", "value": map[string]any{"data": data}})
}

func order() *card.Modal {
	low, high := 1.0, 9.0
	return card.NewModal("order", "Order", card.NewText("What **would** you like?"), card.NewTextInput("what", "What"), card.NewDateInput("when", "When"),
		&card.NumberInput{ID: "many", Label: "How many", Min: &low, Max: &high, InitialValue: &low}, card.NewSelect("size", "Size", card.NewOption("Big", "b")),
		card.NewRadioSelect("hot", "Hot", card.NewOption("Yes", "y")), card.NewExternalSelect("place", "Where"), card.NewTextInput("value", "An id like a field of Teams"))
}

func TestDialogs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	opened := make(chan error, 10)
	r.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
		opened <- ev.OpenModal(ctx, order())
		return nil
	}, "order")
	submitted := make(chan *chat.ModalSubmitEvent, 10)
	r.OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		submitted <- ev
		switch ev.Values["what"] {
		case "wrong":
			return chat.ModalAnswer{Action: chat.ModalErrors, Errors: map[string]string{"what": "There is no such thing."}}, nil
		case "more":
			return chat.ModalAnswer{Action: chat.ModalUpdate, Modal: card.NewModal("again", "And then?", card.NewTextInput("what", "What"))}, nil
		}
		return chat.ModalAnswer{}, nil
	})
	w := r.deliver(t, fetchBody("order"))
	require.Equal(t, http.StatusOK, w.Code)
	require.NoError(t, <-opened)
	require.NoError(t, r.teams.ShowDialog(w.Body.Bytes()), "%s", w.Body)
	modals, err := r.teams.Modals(t.Context())
	require.NoError(t, err)
	data, err := r.teams.Submit(modals[0], chat.ModalValues{"what": "wrong", "many": "3", "~value": "v"})
	require.NoError(t, err)

	w = r.deliver(t, submitBody(data))
	require.Equal(t, http.StatusOK, w.Code)
	ev := <-submitted
	require.Equal(t, chat.ModalValues{"what": "wrong", "many": "3", "value": "v"}, ev.Values)
	require.Equal(t, faketeams.Thread(thread), ev.Opened.Thread.ID())
	require.NoError(t, r.teams.ShowDialog(w.Body.Bytes()))
	again := r.teams.Dialogs()[1]
	text, err := json.Marshal(again)
	require.NoError(t, err)
	require.Contains(t, string(text), "There is no such thing.", "what is wrong stands in the dialog")
	require.Contains(t, string(text), `"value":"wrong"`, "with what was filled in")
	require.Contains(t, string(text), `"value":3`)

	data["what"] = "more"
	require.NoError(t, r.teams.ShowDialog(r.deliver(t, submitBody(data)).Body.Bytes()))
	require.Equal(t, "And then?", r.teams.Dialogs()[2]["title"])
	data["what"] = "tea"
	w = r.deliver(t, submitBody(data))
	require.Equal(t, http.StatusOK, w.Code)
	require.Empty(t, w.Body.String(), "the dialog closes")
}

// The handler may run on another instance than the one that Teams waits for.
func TestDialogsOfAnotherInstance(t *testing.T) {
	t.Parallel()
	s, st := newTeams(t), botrig.Memory(t)
	r, other := newRigOn(t, s, st), newRigOn(t, s, st)
	triggers := make(chan string, 1)
	release := make(chan struct{})
	r.OnAction(func(_ context.Context, ev *chat.ActionEvent) error { triggers <- ev.TriggerID; <-release; return nil }, "order")
	other.OnAction(func(_ context.Context, ev *chat.ActionEvent) error { triggers <- ev.TriggerID; <-release; return nil }, "order")
	answered := make(chan string, 1)
	go func() { answered <- r.deliver(t, fetchBody("order")).Body.String() }()
	trigger := <-triggers
	require.NoError(t, other.OpenModal(t.Context(), trigger, order(), ""))
	require.Contains(t, <-answered, `"title":"Order"`)
	close(release)
	err := r.OpenModal(t.Context(), trigger, order(), "")
	require.ErrorIs(t, err, chat.ErrInvalid, "it was answered before")
	for _, wrong := range []string{"", "x", "1:", ":x", "x:y"} {
		require.ErrorIs(t, r.OpenModal(t.Context(), wrong, order(), ""), chat.ErrInvalidArgument, wrong)
	}
	require.ErrorIs(t, r.OpenModal(t.Context(), "1767224900000:old", order(), ""), chat.ErrInvalid)
	require.ErrorIs(t, r.OpenModal(t.Context(), trigger, nil, ""), chat.ErrInvalidArgument)
}

// Teams has an answer when the handlers have ended, whatever they did.
func TestClicksThatOpenNoDialog(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	begun := time.Now()
	w := r.deliver(t, fetchBody("other"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "{}", strings.TrimSpace(w.Body.String()))
	require.Less(t, time.Since(begun), 9*time.Second)
	require.Equal(t, "other", next[*chat.ActionEvent](t, r).ActionID)
}

func TestSearchesOfMenus(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.OnOptionsLoad(func(_ context.Context, ev *chat.OptionsLoadEvent) (chat.Options, error) {
		return chat.Options{Options: []*card.Option{card.NewOption(ev.Query+"!", "v")}}, nil
	}, "place")
	w := r.deliver(t, activity("invoke", thread, map[string]any{"name": "application/search", "value": map[string]any{"kind": "search", "queryText": "par", "dataset": "place"}}))
	require.JSONEq(t, `{"statusCode":200,"type":"application/vnd.microsoft.search.searchResponse","value":{"results":[{"title":"par!","value":"v"}]}}`, w.Body.String())
}
