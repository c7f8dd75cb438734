package fakemessaging

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
)

// Each is a call that the platform refuses, or whose argument it does not have.
func TestWrongCallsAreRefused(t *testing.T) {
	t.Parallel()
	s := New(t, Config{
		Adapter: "messenger", Account: "me", Thread: func(user string) chat.ThreadID { return chat.ThreadID("messenger:" + user) },
		Text: fakemeta.Text(2000), Fields: []string{"name"}, WindowClosed: 2018278,
	})
	s.AddUser(User{ID: "7"})
	problems := s.Expect()
	call := func(body string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v25.0/me/messages", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+Token)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.Server.ServeHTTP(w, r)
		return w.Code
	}
	const to = `"recipient":{"id":"7"}`
	message := func(content string) string {
		return `{` + to + `,"messaging_type":"RESPONSE","message":{` + content + `}}`
	}
	template := func(payload string) string {
		return message(`"attachment":{"type":"template","payload":{` + payload + `}}`)
	}
	button := `{"type":"postback","title":"Yes","payload":"y"}`
	for _, body := range []string{
		message(`"text":"hello"`),
		message(`"text":"Pick","quick_replies":[{"content_type":"text","title":"Yes","payload":"y"}]`),
		template(`"template_type":"button","text":"Pick","buttons":[` + button + `,{"type":"web_url","title":"See","url":"https://x.example/"}]`),
		template(`"template_type":"generic","elements":[{"title":"Tea","subtitle":"green","buttons":[` + button + `]}]`),
		message(`"attachment":{"type":"image","payload":{"url":"https://x.example/a.png"}}`),
		`{` + to + `,"sender_action":"typing_on"}`,
		`{` + to + `,"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT","message":{"text":"late"}}`,
	} {
		require.Equal(t, http.StatusOK, call(body), body)
		require.Empty(t, problems(), body)
	}
	for body, want := range map[string]string{
		`{"messaging_type":"RESPONSE","message":{"text":"hello"}}`:                                                                 "recipient is missing",
		`{"recipient":{"id":7},"messaging_type":"RESPONSE","message":{"text":"hello"}}`:                                            "recipient.id is no id",
		`{` + to + `,"message":{"text":"hello"}}`:                                                                                  "no messaging_type",
		`{` + to + `,"messaging_type":"NEWS","message":{"text":"hello"}}`:                                                          "messaging_type is NEWS",
		`{` + to + `,"messaging_type":"RESPONSE","tag":"HUMAN_AGENT","message":{"text":"x"}}`:                                      "a tag is for MESSAGE_TAG",
		`{` + to + `,"messaging_type":"RESPONSE"}`:                                                                                 "neither a message nor a sender_action",
		`{` + to + `,"sender_action":"typing_on","messaging_type":"RESPONSE"}`:                                                     "other arguments than recipient",
		`{` + to + `,"sender_action":"dance"}`:                                                                                     "sender_action is dance",
		`{` + to + `,"sender_action":"react","payload":{"message_id":"m"}}`:                                                        "react needs a reaction",
		`{` + to + `,"sender_action":"react"}`:                                                                                     "those need one",
		message(`"text":""`):                                                                                                       "text is no text",
		message(`"text":"` + strings.Repeat("x", 2001) + `"`):                                                                      "it has 2001",
		message(`"text":"hello","colour":"red"`):                                                                                   "message.colour is not known",
		message(`"quick_replies":[]`):                                                                                              "quick_replies is no list",
		message(`"text":"x","attachment":{"type":"image","payload":{"url":"https://x.example/"}}`):                                 "neither text nor attachment, or both",
		message(`"text":"Pick","quick_replies":[{"content_type":"text","title":"` + strings.Repeat("x", 21) + `","payload":"y"}]`): "it has 21",
		message(`"attachment":{"type":"image","payload":{}}`):                                                                      "a file is uploaded where none is announced, or the other way",
		message(`"attachment":{"type":"picture","payload":{"url":"https://x.example/"}}`):                                          "type is picture",
		template(`"template_type":"list","elements":[]`):                                                                           "is no template",
		template(`"template_type":"button","text":"Pick","buttons":[]`):                                                            "buttons is no list",
		template(`"template_type":"button","text":"` + strings.Repeat("x", 641) + `","buttons":[` + button + `]`):                  "it has 641",
		template(`"template_type":"button","text":"Pick","buttons":[{"type":"postback","title":"Yes"}]`):                           "payload is missing",
		template(`"template_type":"button","text":"Pick","buttons":[{"type":"web_url","title":"See","url":"x"}]`):                  "is no http or https address",
		template(`"template_type":"generic","elements":[{"title":"Tea"}]`):                                                         "nothing but its title",
		template(`"template_type":"generic","elements":[{"title":"` + strings.Repeat("x", 81) + `","subtitle":"y"}]`):              "it has 81",
	} {
		require.Equal(t, http.StatusBadRequest, call(body), body)
		require.Contains(t, strings.Join(problems(), "\n"), want, body)
	}
}
