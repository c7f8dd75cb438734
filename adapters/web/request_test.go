package web

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

func TestTurnIsTheLastMessageOfTheUser(t *testing.T) {
	sent, err := parseTurn([]byte(`{"id":"c1","trigger":"submit-message","messageId":null,"extra":{"x":1},"messages":[
		{"id":"m1","role":"user","parts":[{"type":"text","text":"old"}]},
		{"id":"m2","role":"user","parts":[{"type":"step-start"},{"type":"text","text":"new "},{"type":"text","text":"text"}]},
		{"id":"m3","role":"assistant","parts":[{"type":"text","text":"answer"}]}]}`), turnLimits{maxText: 100})
	require.NoError(t, err)
	require.Equal(t, "c1", sent.conversation)
	require.Equal(t, "m2", sent.id)
	require.Equal(t, "new text", sent.text)
	require.JSONEq(t, `{"id":"m2","role":"user","parts":[{"type":"step-start"},{"type":"text","text":"new "},{"type":"text","text":"text"}]}`, string(sent.raw))
}

// A program that sends only the last message, as the AI SDK's guide shows it.
func TestTurnIsTheOnlyMessage(t *testing.T) {
	sent, err := parseTurn([]byte(`{"id":"c1","message":{"id":"m1","role":"user","parts":[{"type":"text","text":"hi"}]}}`), turnLimits{maxText: 100})
	require.NoError(t, err)
	require.Equal(t, "c1", sent.conversation)
	require.Equal(t, "m1", sent.id)
	require.Equal(t, "hi", sent.text)
}

func TestBadTurnsNameWhatIsWrong(t *testing.T) {
	message := func(s string) string { return `{"id":"c","messages":[` + s + `]}` }
	for _, test := range []struct {
		body   string
		status int
		text   string
	}{
		{``, 400, "the body is not what was expected: not JSON at byte 0"},
		{`{"id":`, 400, "the body is not what was expected: not JSON at byte 6"},
		{`[]`, 400, "the body is not what was expected: the value is a JSON array, want object"},
		{`{"id":7}`, 400, "the body is not what was expected: id is a JSON number, want string"},
		{`{"id":"c","messages":{}}`, 400, "the body is not what was expected: messages is a JSON object, want array"},
		{`{}`, 400, "id is empty"},
		{`{"id":"c\u0000"}`, 400, "id holds a control character"},
		{`{"id":"` + strings.Repeat("x", 129) + `"}`, 400, "id has 129 bytes, want at most 128"},
		{`{"id":"c"}`, 400, `messages hold none with the role "user"`},
		{`{"id":"c","trigger":"regenerate-message"}`, 400, `trigger is "regenerate-message", want "submit-message": the bot answers a message once`},
		{`{"id":"c","message":7}`, 400, "message: the value is a JSON number, want object"},
		{`{"id":"c","message":{"id":"m","role":"assistant"}}`, 400, `message.role is not "user"`},
		{`{"id":"c","message":{"role":"user"}}`, 400, "message.id is empty"},
		{`{"id":"c","message":{"id":"m","role":"user","parts":[{"type":"file"}]}}`, 400, "message.parts[0] is a file, want text: files are not supported"},
		{message(`7`), 400, "messages[0]: the value is a JSON number, want object"},
		{message(`{"role":"user","parts":7}`), 400, "messages[0]: parts is a JSON number, want array"},
		{message(`{"role":"user","parts":[]}`), 400, "messages[0].id is empty"},
		{message(`{"id":"m","role":"user"}`), 400, `messages[0].parts hold no text, want a part of type "text"`},
		{message(`{"id":"m","role":"user","parts":[{"type":"text","text":" \n"}]}`), 400, `messages[0].parts hold no text, want a part of type "text"`},
		{message(`{"id":"m","role":"user","parts":[{"type":"file","url":"data:,x"}]}`), 400, "messages[0].parts[0] is a file, want text: files are not supported"},
		{message(`{"id":"m","role":"user","parts":[{"type":"text","text":"12345678901"}]}`), 413, "messages[0].parts hold 11 bytes of text, want at most 10"},
	} {
		_, err := parseTurn([]byte(test.body), turnLimits{maxText: 10})
		var bad *webhook.Error
		require.ErrorAs(t, err, &bad, "%s", test.body)
		require.Equal(t, test.text, bad.Answer, "%s", test.body)
		require.Equal(t, test.status, bad.Status, "%s", test.body)
	}
}

func TestBodiesThatCannotBeRead(t *testing.T) {
	for _, test := range []struct {
		kind   string
		err    error
		status int
	}{
		{"text/plain", nil, http.StatusUnsupportedMediaType},
		{"", nil, http.StatusUnsupportedMediaType},
		{"application/json", &http.MaxBytesError{Limit: 9}, http.StatusRequestEntityTooLarge},
		{"application/json; charset=utf-8", os.ErrDeadlineExceeded, http.StatusRequestTimeout},
		{"application/json", errors.New("reset"), http.StatusBadRequest},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", brokenReader{test.err})
		r.Header.Set("Content-Type", test.kind)
		_, err := readTurn(r, turnLimits{maxText: 10})
		var bad *webhook.Error
		require.ErrorAs(t, err, &bad)
		require.Equal(t, test.status, bad.Status, "%+v", test)
	}
}

type brokenReader struct{ err error }

func (b brokenReader) Read([]byte) (int, error) {
	if b.err == nil {
		return 0, io.EOF
	}
	return 0, b.err
}

func FuzzTurn(f *testing.F) {
	f.Add([]byte(`{"id":"c","message":{"id":"m","role":"user","parts":[{"type":"file","url":"data:text/plain;base64,eA=="}]}}`))
	f.Add([]byte(`{"id":"c","messages":[{"id":"m","role":"user","parts":[{"type":"text","text":"hi"}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		sent, err := parseTurn(body, turnLimits{maxText: 100, maxFile: 10})
		if err == nil {
			require.True(t, sent.text != "" || len(sent.files) > 0)
			require.Empty(t, checkID(sent.id, maxMessageID))
			require.Empty(t, checkID(sent.conversation, maxConversationID))
			return
		}
		var bad *webhook.Error
		require.ErrorAs(t, err, &bad)
	})
}
