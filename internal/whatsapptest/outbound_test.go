package whatsapptest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/whatsapp"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
	"github.com/chat-adapter/chat-go/internal/whatsapptest/fakewhatsapp"
)

const messages = "POST " + fakewhatsapp.PhoneNumberID + "/messages"

func TestFilesAreSent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.PostMessage(t.Context(), adaThread, &chat.Post{Text: "see *these*", Files: []chat.File{
		{Name: "a.jpg", Content: strings.NewReader("picture")},
		{Name: "b.json", Content: strings.NewReader("{}")},
		{Name: "c.mp3", MIMEType: "audio/mpeg", Content: strings.NewReader("sound")},
		{Name: "d.mp4", Content: strings.NewReader("film")},
	}})
	require.NoError(t, err)
	var sent []string
	for _, p := range r.whatsapp.Shown(adaThread) {
		require.Len(t, p.Files, 1)
		sent = append(sent, p.Files[0].Name+" "+p.Files[0].MIMEType+" "+string(p.Files[0].Content))
	}
	require.Equal(t, []string{"a.jpg image/jpeg picture", "b.json text/plain {}", "c.mp3 audio/mpeg sound", "d.mp4 video/mp4 film"}, sent)
	require.Equal(t, "see \\*these\\*", r.whatsapp.Shown(adaThread)[0].Text, "the first has the text as its caption")

	for post, want := range map[*chat.Post]error{
		{Text: "x", Files: []chat.File{{Name: "a.zip", Content: strings.NewReader("PK")}}}: errors.ErrUnsupported,
		{Text: "x", Files: []chat.File{{Name: "a.txt", Content: strings.NewReader("")}}}:   chat.ErrInvalidArgument,
		{Text: "x", Files: []chat.File{{Name: "a.txt"}}}:                                   chat.ErrInvalidArgument,
		{Text: "x", Files: []chat.File{{Content: strings.NewReader("x")}}}:                 chat.ErrInvalidArgument,
	} {
		_, err := r.PostMessage(t.Context(), adaThread, post)
		require.ErrorIs(t, err, want)
	}
	require.Len(t, r.whatsapp.Shown(adaThread), 4, "nothing else was posted")

	_, err = r.PostMessage(t.Context(), adaThread, &chat.Post{Text: strings.Repeat("word ", 300), Files: []chat.File{{Name: "a.png", Content: strings.NewReader("picture")}}})
	require.NoError(t, err)
	require.Len(t, r.whatsapp.Shown(adaThread), 6, "a text that is too long for a caption stands alone")
}

// TestCardsWithChoices checks the forms that a card's buttons take.
func TestCardsWithChoices(t *testing.T) {
	t.Parallel()
	buttons := func(n int, label string) *card.Actions {
		a := card.NewActions()
		for i := range n {
			a.Children = append(a.Children, card.NewButton(fmt.Sprintf("id%d", i), fmt.Sprintf("%s%d", label, i)))
		}
		return a
	}
	long := strings.Repeat("long label ", 4)
	for name, c := range map[string]struct {
		card  *card.Card
		kinds []string
		count []int // of choices
	}{
		"three buttons":       {card.New("Choose", buttons(3, "Button ")), []string{"button"}, []int{3}},
		"four buttons":        {card.New("Choose", buttons(4, "Button ")), []string{"list"}, []int{4}},
		"labels alike":        {card.New("Choose", buttons(3, long)), []string{"button"}, []int{3}},
		"rows alike":          {card.New("Choose", buttons(12, long)), []string{"list", "list"}, []int{10, 2}},
		"no text":             {card.New("", buttons(2, "Button ")), []string{"button"}, []int{2}},
		"a text that is long": {card.New("Choose", card.NewText(strings.Repeat("word ", 500)), buttons(1, "Yes")), []string{"text", "text", "button"}, []int{0, 0, 1}},
		"one link":            {card.New("Read", card.NewActions(card.NewLinkButton("Open", "https://example.com/a"))), []string{"cta_url"}, []int{0}},
		"two links":           {card.New("Read", card.NewActions(card.NewLinkButton("A", "https://example.com/a"), card.NewLinkButton("B", "https://example.com/b"))), []string{"text"}, []int{0}},
		"one button twice":    {card.New("Choose", card.NewActions(card.NewButton("id", "A"), card.NewButton("id", "A"), card.NewButton("blank", " "))), []string{"button"}, []int{1}},
		"a link and a button": {card.New("Read", card.NewActions(card.NewLinkButton("A", "https://example.com/a"), card.NewButton("id", "B"))), []string{"button"}, []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			_, err := r.PostMessage(t.Context(), adaThread, chat.Card(c.card))
			require.NoError(t, err)
			var kinds []string
			var count []int
			for i, call := range r.whatsapp.Calls(messages) {
				kind := fmt.Sprint(call.Args["type"])
				if object, ok := call.Args["interactive"].(map[string]any); ok {
					kind = fmt.Sprint(object["type"])
				}
				kinds = append(kinds, kind)
				count = append(count, len(r.whatsapp.Choices(r.whatsapp.Shown(adaThread)[i].ID)))
			}
			require.Equal(t, c.kinds, kinds)
			require.Equal(t, c.count, count)
			var all strings.Builder
			for _, p := range r.whatsapp.Shown(adaThread) {
				all.WriteString(p.Text)
			}
			for _, address := range []string{"https://example.com/a", "https://example.com/b"} {
				if strings.Contains(c.card.FallbackText(), address) {
					require.Contains(t, all.String(), address)
				}
			}
		})
	}
}

// TestTapsComeBack taps buttons and rows of a card, and one that is not kept any more.
func TestTapsComeBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	value := strings.Repeat("v", 300)
	b := card.NewButton("approve", "Yes")
	b.Value = value
	id, err := r.PostMessage(t.Context(), adaThread, chat.Card(card.New("Sure?", card.NewActions(b))))
	require.NoError(t, err)
	choice := r.whatsapp.Choices(id)[0]
	r.send(t, tap(id, choice))
	ev := next[*chat.ActionEvent](t, r)
	require.Equal(t, []string{"approve", value, string(id)}, []string{ev.ActionID, ev.Value, string(ev.MessageID)})
	fresh := newRigOn(t, r.whatsapp, botrig.Memory(t))
	fresh.send(t, tap(id, choice)) // its data is gone
	fresh.send(t, tap(id, fakewhatsapp.Choice{ID: "another program's", Title: "X"}))
	require.Equal(t, "another program's", next[*chat.ActionEvent](t, fresh).ActionID)
}

// TestTemplatesAndTheWindow checks what can be sent to somebody who has not written.
func TestTemplatesAndTheWindow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.whatsapp.CloseWindow(ada)
	r.whatsapp.AddTemplate("order_sent", 1)
	_, err := r.PostMessage(t.Context(), adaThread, chat.Text("too late"))
	require.ErrorIs(t, err, whatsapp.ErrWindowClosed)
	require.ErrorIs(t, err, chat.ErrInvalid)
	require.ErrorContains(t, err, "24 hours")
	require.NotContains(t, err.Error(), "too late")

	order := whatsapp.Template{Name: "order_sent", Language: whatsapp.Language{Code: "en_US"}, Components: []whatsapp.Component{
		{Type: "body", Parameters: []whatsapp.Parameter{{Type: "text", Text: "A-1027"}}},
		{Type: "button", SubType: "quick_reply", Index: "0", Parameters: []whatsapp.Parameter{{Type: "payload", Payload: "track"}}},
	}}
	id, err := r.SendTemplate(t.Context(), adaThread, order)
	require.NoError(t, err)
	require.Equal(t, id, r.whatsapp.Shown(adaThread)[0].ID)
	require.Contains(t, r.whatsapp.Shown(adaThread)[0].Text, "A-1027")

	missing := order
	missing.Name = "unknown"
	_, err = r.SendTemplate(t.Context(), adaThread, missing)
	require.ErrorIs(t, err, chat.ErrNotFound)
	short := order
	short.Components = nil
	_, err = r.SendTemplate(t.Context(), adaThread, short)
	require.ErrorIs(t, err, chat.ErrInvalid)
	for _, wrong := range []whatsapp.Template{{}, {Name: "x"}, {Name: "x", Language: order.Language, Components: []whatsapp.Component{{Type: "body"}}}} {
		_, err = r.SendTemplate(t.Context(), adaThread, wrong)
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
		require.ErrorContains(t, err, "Template.")
	}
	_, err = r.SendTemplate(t.Context(), "whatsapp:x", order)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

func TestReadMarksAndTyping(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.whatsapp.Receive(adaThread, "wamid.1")
	require.NoError(t, r.StartTyping(t.Context(), adaThread, ""), "nothing has come yet, so nothing is shown")
	r.send(t, from(text("1", "hello")))
	m := next[*chat.Message](t, r)
	for i, bot := range []*rig{r, newRigOn(t, r.whatsapp, r.state)} { // the other one has not received it
		require.NoError(t, bot.StartTyping(t.Context(), m.ThreadID, ""))
		shown, err := r.whatsapp.Typing(t.Context(), m.ThreadID)
		require.NoError(t, err)
		require.Equal(t, i+1, shown)
	}
	require.Equal(t, m.ID, r.whatsapp.Read(m.ThreadID), "typing marks as read")
	require.NoError(t, r.MarkRead(t.Context(), m.ThreadID, m.ID))
	require.ErrorIs(t, r.MarkRead(t.Context(), m.ThreadID, "wamid.unknown"), chat.ErrInvalid)
	require.ErrorIs(t, r.MarkRead(t.Context(), m.ThreadID, ""), chat.ErrInvalidArgument)
}

// TestNumbersAnswerForThemselves posts in a thread of the other number.
func TestNumbersAnswerForThemselves(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.PostMessage(t.Context(), "whatsapp:"+otherNumber+":"+ada, chat.Text("hello"))
	require.NoError(t, err)
	require.Len(t, r.whatsapp.Calls("POST "+otherNumber+"/messages"), 1)
	_, err = r.PostMessage(t.Context(), "whatsapp:999:"+ada, chat.Text("hello"))
	require.ErrorIs(t, err, chat.ErrNotFound)
}

// TestErrorsAreMapped has each documented code that says more than that the call is
// invalid.
func TestErrorsAreMapped(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for want, codes := range map[error][]int{
		chat.ErrRateLimited:    {4, 80007, 130429, 131048, 131056, 133016},
		chat.ErrPermission:     {3, 10, 200, 299, 368, 130472, 130497, 131005, 131030, 131031, 131037, 131042, 131045, 131049, 131050, 132015, 132016, 133010, 134011},
		chat.ErrTemporary:      {1, 2, 131000, 131016, 131057, 133000, 133004, 133015},
		chat.ErrNotFound:       {33, 131026, 132001},
		chat.ErrAuthentication: {0, 190},
		chat.ErrInvalid:        {100, 131008, 131009, 131021, 131047, 131051, 131052, 131053, 132000, 132005, 132007, 132012, 135000, 999999},
	} {
		for _, code := range codes {
			r.whatsapp.Fail(messages, fakemeta.Failure{Code: code, Message: "told: \"secret words\""})
			_, err := r.PostMessage(t.Context(), adaThread, chat.Text("my text"))
			require.ErrorIs(t, err, want, code)
			require.NotContains(t, err.Error(), "secret words")
			require.NotContains(t, err.Error(), "my text")
			require.NotContains(t, err.Error(), fakewhatsapp.Token)
		}
	}
	for _, f := range []fakemeta.Failure{{Status: 200, Body: `{}`}, {Status: 200, Body: `{"messages":[{"id":""}]}`}, {Status: 200, Body: `<html>`}, {Status: 502, Body: `bad gateway`}} {
		r.whatsapp.Fail(messages, f)
		_, err := r.PostMessage(t.Context(), adaThread, chat.Text("hello"))
		require.ErrorIs(t, err, chat.ErrTemporary, f.Body)
	}
	r.whatsapp.Fail(messages, fakemeta.Failure{Code: 131056, RetryAfter: 7 * time.Second})
	_, err := r.PostMessage(t.Context(), adaThread, chat.Text("hello"))
	refused, ok := errors.AsType[*chat.PlatformError](err)
	require.True(t, ok)
	require.Equal(t, 7*time.Second, refused.RetryAfter)
}

// TestTheFakeRefusesWrongCalls plants calls that the documentation forbids.
func TestTheFakeRefusesWrongCalls(t *testing.T) {
	t.Parallel()
	s := newWhatsApp(t)
	problems := s.Expect()
	for _, body := range []string{
		`"type":"text"`, `"to":"` + ada + `","type":"text","text":{"body":""}`, `"to":"` + ada + `","type":"text","text":{"body":"` + strings.Repeat("x", 4097) + `"}`,
		`"to":"` + ada + `","type":"text","text":{"body":"x"},"image":{"id":"1"}`, `"type":"text","text":{"body":"x"}`, `"to":"` + ada + `","type":"poll"`,
		`"to":"` + ada + `","type":"audio","audio":{"id":"1","caption":"x"}`, `"to":"` + ada + `","type":"reaction","reaction":{"message_id":"x","emoji":"heart"}`,
		`"to":"` + ada + `","type":"interactive","interactive":{"type":"button","body":{"text":"x"},"action":{"buttons":[]}}`,
		`"to":"` + ada + `","type":"interactive","interactive":{"type":"button","body":{"text":"x"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"` + strings.Repeat("x", 21) + `"}}]}}`,
		`"to":"` + ada + `","type":"interactive","interactive":{"type":"button","body":{"text":"x"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"a"}},{"type":"reply","reply":{"id":"2","title":"a"}}]}}`,
		`"status":"delivered","message_id":"x"`, `"status":"read"`, `"to":"` + ada + `","type":"template","template":{"name":"x"}`,
	} {
		require.Equal(t, 400, post(t, s, `{"messaging_product":"whatsapp",`+body+`}`), body)
		require.NotEmpty(t, problems(), body)
	}
	require.Equal(t, 200, post(t, s, `{"messaging_product":"whatsapp","to":"`+ada+`","type":"text","text":{"body":"x"}}`))
	require.Empty(t, problems())
}
