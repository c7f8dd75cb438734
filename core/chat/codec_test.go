package chat

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMessageJSONIsTheTypeScriptSDKs(t *testing.T) {
	m := &Message{
		ID: "1.2", ThreadID: "slack:C1:1.2", Text: "a <b> \"c\"\n\u2028\x01é🙂", Raw: json.RawMessage(`{"x":1}`),
		Author:   Author{UserID: "U1", UserName: "ada", FullName: "Ada L", Email: "a@b.c", Bot: new(false), System: true},
		SentAt:   time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC),
		EditedAt: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC), Edited: true,
		Attachments: []Attachment{{Type: "image", URL: "https://x/y.png", Width: 3}},
		ReplyTo:     &Message{ID: "0", ThreadID: "slack:C1:1.2", Text: "q", SentAt: time.Unix(0, 0)},
		Mention:     new(true),
		Links:       []Link{{URL: "https://x"}},
	}
	data, err := m.appendJSON(nil)
	require.NoError(t, err)
	require.Equal(t, `{"_type":"chat:Message","id":"1.2","threadId":"slack:C1:1.2",`+
		"\"text\":\"a <b> \\\"c\\\"\\n\u2028\\u0001é🙂\","+
		"\"formatted\":{\"type\":\"root\",\"children\":[{\"type\":\"paragraph\",\"children\":[{\"type\":\"text\",\"value\":\"a <b> \\\"c\\\"\\n\u2028\\u0001é🙂\"}]}]},"+
		`"raw":{"x":1},"author":{"userId":"U1","userName":"ada","fullName":"Ada L","email":"a@b.c","isBot":false,"isMe":false,"isSystem":true},`+
		`"metadata":{"dateSent":"2026-01-02T03:04:05.006Z","edited":true,"editedAt":"2026-01-02T03:04:06.000Z"},`+
		`"attachments":[{"type":"image","url":"https://x/y.png","width":3}],`+
		`"replyTo":{"_type":"chat:Message","id":"0","threadId":"slack:C1:1.2","text":"q","formatted":{"type":"root","children":[{"type":"paragraph","children":[{"type":"text","value":"q"}]}]},`+
		`"raw":null,"author":{"userId":"","userName":"","fullName":"","isBot":"unknown","isMe":false},"metadata":{"dateSent":"1970-01-01T00:00:00.000Z","edited":false},"attachments":[]},`+
		`"isMention":true,"links":[{"url":"https://x"}]}`, string(data))

	var back Message
	require.NoError(t, json.Unmarshal(data, &back))
	again, err := back.appendJSON(nil)
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(again))
	require.Equal(t, m.SentAt, back.SentAt)
	require.Equal(t, m.Author, back.Author)
}

func TestMessageJSONRefusesOtherThings(t *testing.T) {
	for _, data := range []string{`{}`, `{"_type":"chat:Thread"}`, `[]`, `{"_type":"chat:Message","formatted":{"type":"paragraph"}}`} {
		require.Error(t, json.Unmarshal([]byte(data), new(Message)), data)
	}
	_, err := (&Message{Raw: json.RawMessage(`{`)}).MarshalJSON()
	require.ErrorIs(t, err, ErrInvalidArgument)
}

func TestInvalidUTF8BecomesReplacementCharacter(t *testing.T) {
	require.Equal(t, `"a`+"\uFFFD"+`b"`, string(appendString(nil, "a\xffb")))
}

func FuzzMessageJSON(f *testing.F) {
	f.Add("id", "fake:c:t", "text")
	f.Fuzz(func(t *testing.T, id, thread, text string) {
		m := &Message{ID: MessageID(id), ThreadID: ThreadID(thread), Text: text, SentAt: time.UnixMilli(1)}
		data, err := m.appendJSON(nil)
		require.NoError(t, err)
		require.True(t, json.Valid(data))
		var back Message
		require.NoError(t, json.Unmarshal(data, &back))
	})
}
