package webtest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

func everyAction() *card.Card {
	off := card.NewButton("off", "Off")
	off.Disabled = true
	link := card.NewLinkButton("Docs", "https://docs.example")
	link.ID = "docs"
	return card.New("Choose", card.NewSection(card.NewActions(
		card.NewButton("go", "Go").WithValue("the bot's value"), off, link,
		card.NewSelect("size", "Size", card.NewOption("Small", "s"), card.NewOption("Large", "l")),
		card.NewRadioSelect("way", "Way", card.NewOption("By air", "air"), card.NewOption("By sea", "sea")),
	)))
}

type fields map[string]any

func (b *testBot) act(user string, with fields, header ...string) *http.Response {
	b.t.Helper()
	return b.do(http.MethodPost, "/actions", user, request(with), header...)
}

func request(with fields) string {
	body := fields{"conversation": "c1", "id": "click"}
	maps.Copy(body, with)
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// steps reads the stream of an action to its end and returns the names of its
// events.
func steps(t *testing.T, resp *http.Response) []string {
	t.Helper()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	var names []string
	e := newEvents(t, resp.Body)
	for {
		event, ok := e.next()
		if !ok {
			return names
		}
		names = append(names, event.name)
	}
}

// withCard returns a bot that has posted the card, and the message's id.
func withCard(t *testing.T, o botOptions, c *card.Card) (*testBot, string) {
	t.Helper()
	o.handle = posts(chat.Card(c))
	b := newBot(t, o)
	return b, b.say("ada", "c1", "m1", "hi")[1].ID
}

func TestClicksReachTheirHandlers(t *testing.T) {
	b, id := withCard(t, botOptions{}, everyAction())
	got := make(chan *chat.ActionEvent, 10)
	b.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
		got <- ev
		_, err := ev.Thread.Post(ctx, chat.Text("clicked"))
		return err
	})
	page, _ := b.open("ada", "c1")
	require.Equal(t, []string{"taken", "handled"}, steps(t, b.act("ada", fields{"message": id, "action": "go", "value": "the page's"})))
	ev := <-got
	require.Equal(t, "go", ev.ActionID)
	require.Equal(t, "the bot's value", ev.Value, "a page cannot change it")
	require.Equal(t, chat.MessageID(id), ev.MessageID)
	require.Equal(t, adasThread, ev.Thread.ID())
	require.Equal(t, chat.UserID("ada"), ev.User.UserID)
	require.NotEmpty(t, ev.TriggerID)
	page.awaitText("clicked")

	require.Equal(t, []string{"taken", "handled"}, steps(t, b.act("ada", fields{"message": id, "action": "go"})), "sent again")
	require.Empty(t, got, "a click is handled once")
	for action, value := range map[string]string{"size": "l", "way": "sea", "docs": ""} {
		steps(t, b.act("ada", fields{"id": action, "message": id, "action": action, "value": value}))
		ev := <-got
		require.Equal(t, []string{action, value}, []string{ev.ActionID, ev.Value})
	}
}

func TestClicksThatAreRefused(t *testing.T) {
	b, id := withCard(t, botOptions{}, everyAction())
	b.OnAction(func(context.Context, *chat.ActionEvent) error { return errors.New("must not be called") })
	for _, test := range []struct {
		name, user string
		with       fields
		header     []string
		status     int
	}{
		{"nobody", "", fields{"message": id, "action": "go"}, nil, http.StatusUnauthorized},
		{"another site", "ada", fields{"message": id, "action": "go"}, []string{"Origin", "https://evil.example"}, http.StatusForbidden},
		{"no JSON", "ada", fields{"message": id, "action": "go"}, []string{"Content-Type", "text/plain"}, http.StatusUnsupportedMediaType},
		{"another user's", "bob", fields{"message": id, "action": "go"}, nil, http.StatusGone},
		{"another conversation's", "ada", fields{"message": id, "action": "go", "conversation": "c2"}, nil, http.StatusGone},
		{"no such message", "ada", fields{"message": "x", "action": "go"}, nil, http.StatusGone},
		{"no such action", "ada", fields{"message": id, "action": "stop"}, nil, http.StatusGone},
		{"disabled", "ada", fields{"message": id, "action": "off"}, nil, http.StatusGone},
		{"no such option", "ada", fields{"message": id, "action": "size", "value": "xl"}, nil, http.StatusGone},
		{"no id", "ada", fields{"message": id, "action": "go", "id": ""}, nil, http.StatusBadRequest},
		{"too long", "ada", fields{"message": id, "action": "go", "value": string(make([]byte, 9000))}, nil, http.StatusBadRequest},
		{"wrong type", "ada", fields{"message": 7}, nil, http.StatusBadRequest},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp := b.act(test.user, test.with, test.header...)
			require.Equal(t, test.status, resp.StatusCode)
			require.NotEmpty(t, errorText(t, resp))
		})
	}
	// What was edited away or deleted can be clicked no more.
	adapter := adapterOf(b)
	require.NoError(t, adapter.EditMessage(t.Context(), adasThread, chat.MessageID(id), &chat.Post{Text: "too late"}))
	require.Equal(t, http.StatusGone, b.act("ada", fields{"message": id, "action": "go"}).StatusCode)
	require.NoError(t, adapter.DeleteMessage(t.Context(), adasThread, chat.MessageID(id)))
	require.Equal(t, http.StatusGone, b.act("ada", fields{"message": id, "action": "go"}).StatusCode)
}

func TestClicksInEphemeralMessages(t *testing.T) {
	b := newBot(t, botOptions{})
	got := make(chan string, 1)
	b.OnAction(func(_ context.Context, ev *chat.ActionEvent) error {
		got <- ev.Value
		return nil
	})
	id, err := adapterOf(b).PostEphemeral(t.Context(), adasThread, "ada", chat.Card(order()))
	require.NoError(t, err)
	require.Equal(t, []string{"taken", "handled"}, steps(t, b.act("ada", fields{"message": id, "action": "approve"})))
	require.Equal(t, "17", <-got)
}

func TestAFailedClickIsTold(t *testing.T) {
	b, id := withCard(t, botOptions{}, everyAction())
	b.OnAction(func(context.Context, *chat.ActionEvent) error { return errors.New("password hunter2") })
	body := string(readAll(t, b.act("ada", fields{"message": id, "action": "go"})))
	require.Contains(t, body, "event: failed")
	require.NotContains(t, body, "hunter2")
}

func TestABotThatStopsRefusesClicks(t *testing.T) {
	b, id := withCard(t, botOptions{}, everyAction())
	b.OnAction(func(context.Context, *chat.ActionEvent) error { return nil })
	require.NoError(t, b.Shutdown(t.Context()))
	resp := b.act("ada", fields{"message": id, "action": "go"})
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	require.Equal(t, "1", resp.Header.Get("Retry-After"))
}

func everyInput() *card.Modal {
	size := card.NewSelect("size", "Size", card.NewOption("Small", "s"), card.NewOption("Large", "l"))
	size.DispatchAction = true
	city := card.NewExternalSelect("city", "City")
	city.MinQueryLength = new(2)
	m := card.NewModal("order", "Order", card.NewTextInput("name", "Name"), size, city)
	m.PrivateMetadata, m.NotifyOnClose = "private", true
	return m
}

type openedView struct {
	ID    string
	Modal struct {
		Title, PrivateMetadata string
		Children               []struct{ Type, ID string }
	}
}

// click clicks and returns the modal that the handler opens.
func (b *testBot) click(t *testing.T, message, id string) openedView {
	t.Helper()
	resp := b.act("ada", fields{"id": id, "message": message, "action": "go"})
	require.Equal(t, http.StatusOK, resp.StatusCode)
	e := newEvents(t, resp.Body)
	for {
		event, ok := e.next()
		require.True(t, ok, "the action ended without a modal")
		if event.name == "modal" {
			var v openedView
			require.NoError(t, json.Unmarshal([]byte(event.data), &v))
			return v
		}
	}
}

type modalAnswer struct {
	Action string
	Errors map[string]string
	View   openedView
	Opened openedView
}

func (b *testBot) submit(t *testing.T, with fields) modalAnswer {
	t.Helper()
	resp := b.do(http.MethodPost, "/modals", "ada", request(with))
	body := readAll(t, resp)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s", body)
	var a modalAnswer
	require.NoError(t, json.Unmarshal(body, &a))
	return a
}

func openOnClick(modal *card.Modal) func(context.Context, *chat.ActionEvent) error {
	return func(ctx context.Context, ev *chat.ActionEvent) error {
		return ev.Thread.Adapter().(chat.ModalOpener).OpenModal(ctx, ev.TriggerID, modal, "the bot's context")
	}
}

func TestModals(t *testing.T) {
	b, id := withCard(t, botOptions{}, everyAction())
	b.OnAction(openOnClick(everyInput()), "go")
	dispatched := make(chan string, 1)
	b.OnAction(func(_ context.Context, ev *chat.ActionEvent) error {
		dispatched <- ev.Value
		return nil
	}, "size")
	b.OnOptionsLoad(func(_ context.Context, ev *chat.OptionsLoadEvent) (chat.Options, error) {
		return chat.Options{Options: []*card.Option{card.NewOption("Found "+ev.Query, "v")}}, nil
	}, "city")
	calls := make(chan *chat.ModalSubmitEvent, 10)
	b.OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		calls <- ev
		switch ev.Values["name"] {
		case "wrong":
			return chat.ModalAnswer{Action: chat.ModalErrors, Errors: map[string]string{"name": "Not that one."}}, nil
		case "update":
			return chat.ModalAnswer{Action: chat.ModalUpdate, Modal: card.NewModal("second", "Second", card.NewTextInput("name", "Name"))}, nil
		case "push":
			return chat.ModalAnswer{Action: chat.ModalPush, Modal: card.NewModal("third", "Third", card.NewTextInput("name", "Name"))}, nil
		case "clear":
			return chat.ModalAnswer{Action: chat.ModalClear}, nil
		}
		return chat.ModalAnswer{}, nil
	})
	v := b.click(t, id, "click")
	require.Equal(t, "Order", v.Modal.Title)
	require.Empty(t, v.Modal.PrivateMetadata, "what is private stays with the bot")
	require.Len(t, v.Modal.Children, 3)

	// Options while one types.
	options := func(query string) string {
		return string(readAll(t, b.do(http.MethodPost, "/options", "ada", request(fields{"view": v.ID, "action": "city", "query": query}))))
	}
	require.JSONEq(t, `{"groups":[{"label":"","options":[{"label":"Found ber","value":"v"}]}]}`, options("ber"))
	require.JSONEq(t, `{"groups":[]}`, options("b"), "below MinQueryLength nobody is asked")
	steps(t, b.act("ada", fields{"id": "choice", "view": v.ID, "action": "size", "value": "s"}))
	require.Equal(t, "s", <-dispatched)

	values := func(name string) fields { return fields{"name": name, "size": "s", "city": "v"} }
	a := b.submit(t, fields{"id": "s1", "view": v.ID, "values": fields{"name": "ok", "size": "xl"}})
	require.Equal(t, "errors", a.Action)
	require.Len(t, a.Errors, 2, "the page's checks are checked")
	require.Empty(t, calls)
	a = b.submit(t, fields{"id": "s2", "view": v.ID, "values": values("wrong")})
	require.Equal(t, map[string]string{"name": "Not that one."}, a.Errors)
	ev := <-calls
	require.Equal(t, "order", ev.CallbackID)
	require.Equal(t, "private", ev.PrivateMetadata)
	require.Equal(t, "the bot's context", ev.ContextID)
	require.Equal(t, chat.UserID("ada"), ev.User.UserID)
	require.Equal(t, adasThread, ev.ThreadID)
	require.Equal(t, a, b.submit(t, fields{"id": "s2", "view": v.ID, "values": values("wrong")}), "a lost answer is given again")
	require.Empty(t, calls)

	a = b.submit(t, fields{"id": "s3", "view": v.ID, "values": values("update")})
	require.Equal(t, "update", a.Action)
	require.Equal(t, v.ID, a.View.ID)
	require.Equal(t, "Second", a.View.Modal.Title)
	a = b.submit(t, fields{"id": "s4", "view": v.ID, "values": fields{"name": "push"}})
	require.Equal(t, "push", a.Action)
	require.NotEqual(t, v.ID, a.View.ID)
	top := a.View.ID
	require.Equal(t, "clear", b.submit(t, fields{"id": "s5", "view": top, "values": fields{"name": "clear"}}).Action)
	for _, view := range []string{top, v.ID} {
		resp := b.do(http.MethodPost, "/modals", "ada", request(fields{"id": "s6", "view": view, "values": fields{"name": "late"}}))
		require.Equal(t, http.StatusGone, resp.StatusCode, "all are closed")
	}
}

func TestModalsAreTheirUsers(t *testing.T) {
	b, id := withCard(t, botOptions{}, everyAction())
	b.OnAction(openOnClick(everyInput()), "go")
	v := b.click(t, id, "click")
	for _, path := range []string{"/modals", "/modals/close", "/options"} {
		with := request(fields{"view": v.ID, "action": "city"})
		require.Equal(t, http.StatusGone, b.do(http.MethodPost, path, "bob", with).StatusCode, path)
		require.Equal(t, http.StatusUnauthorized, b.do(http.MethodPost, path, "", with).StatusCode, path)
		require.Equal(t, http.StatusForbidden, b.do(http.MethodPost, path, "ada", with, "Sec-Fetch-Site", "cross-site").StatusCode, path)
		require.Equal(t, http.StatusGone, b.do(http.MethodPost, path, "ada", request(fields{"view": "x"})).StatusCode, path)
	}
}

func TestClosedModals(t *testing.T) {
	b, id := withCard(t, botOptions{}, everyAction())
	b.OnAction(openOnClick(everyInput()), "go")
	closed := make(chan *chat.ModalClosedEvent, 2)
	b.OnModalClosed(func(_ context.Context, ev *chat.ModalClosedEvent) error {
		closed <- ev
		return nil
	})
	v := b.click(t, id, "click")
	for range 2 {
		require.Equal(t, http.StatusNoContent, b.do(http.MethodPost, "/modals/close", "ada", request(fields{"view": v.ID})).StatusCode)
	}
	ev := <-closed
	require.Equal(t, []string{"order", "private", "the bot's context"}, []string{ev.CallbackID, ev.PrivateMetadata, ev.ContextID})
	require.Empty(t, closed, "once")
	resp := b.do(http.MethodPost, "/modals", "ada", request(fields{"view": v.ID, "values": fields{"name": "late"}}))
	require.Equal(t, http.StatusGone, resp.StatusCode)
}

func TestATriggerOpensOneModal(t *testing.T) {
	b, id := withCard(t, botOptions{}, everyAction())
	errs := make(chan error, 4)
	b.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
		adapter := ev.Thread.Adapter().(chat.ModalOpener)
		errs <- adapter.OpenModal(ctx, ev.TriggerID, &card.Modal{}, "")
		errs <- adapter.OpenModal(ctx, ev.TriggerID, everyInput(), "")
		errs <- adapter.OpenModal(ctx, ev.TriggerID, everyInput(), "")
		errs <- adapter.OpenModal(ctx, "ada:c1:1700000000000:click", everyInput(), "")
		return nil
	}, "go")
	b.click(t, id, "click")
	require.ErrorIs(t, <-errs, chat.ErrInvalidArgument)
	require.NoError(t, <-errs)
	require.ErrorContains(t, <-errs, "opened a modal already")
	require.ErrorContains(t, <-errs, "expired")
	require.ErrorIs(t, adapterOf(b).OpenModal(t.Context(), "nonsense", everyInput(), ""), chat.ErrInvalid)
}

// A modal is shown by the instance that took the click, wherever it was opened.
func TestModalsAcrossInstances(t *testing.T) {
	memory, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	one, id := withCard(t, botOptions{state: shared{memory}, web: web.Config{PollInterval: 10 * time.Millisecond}}, everyAction())
	two := newBot(t, botOptions{state: shared{memory}})
	opened := make(chan struct{})
	one.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
		defer close(opened)
		return adapterOf(two).OpenModal(ctx, ev.TriggerID, everyInput(), "")
	}, "go")
	v := one.click(t, id, "click")
	<-opened
	two.OnModalSubmit(func(context.Context, *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		return chat.ModalAnswer{Action: chat.ModalClear}, nil
	})
	require.Equal(t, "clear", two.submit(t, fields{"view": v.ID, "values": fields{"name": "n", "size": "s", "city": "c"}}).Action)
	require.Equal(t, http.StatusGone, one.do(http.MethodPost, "/modals", "ada", request(fields{"id": "other", "view": v.ID, "values": fields{"name": "n"}})).StatusCode)
}

func TestASubmissionThatFailsCanBeSentAgain(t *testing.T) {
	b, id := withCard(t, botOptions{}, everyAction())
	b.OnAction(openOnClick(everyInput()), "go")
	failing := true
	b.OnModalSubmit(func(ctx context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		if failing {
			return chat.ModalAnswer{}, errors.New("password hunter2")
		}
		return chat.ModalAnswer{}, openAnother(ctx, b, ev)
	})
	v := b.click(t, id, "click")
	with := request(fields{"id": "s1", "view": v.ID, "values": fields{"name": "n", "size": "s", "city": "c"}})
	resp := b.do(http.MethodPost, "/modals", "ada", with)
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	require.NotContains(t, errorText(t, resp), "hunter2")
	failing = false
	a := b.submit(t, fields{"id": "s1", "view": v.ID, "values": fields{"name": "n", "size": "s", "city": "c"}})
	require.Equal(t, "close", a.Action)
	require.Equal(t, "Another", a.Opened.Modal.Title, "a submission's trigger opens a modal too")
}

func openAnother(ctx context.Context, b *testBot, ev *chat.ModalSubmitEvent) error {
	return adapterOf(b).OpenModal(ctx, ev.TriggerID, card.NewModal("another", "Another"), "")
}
