package chat

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/internal/jsontext"
)

func TestMessageJSONIsTheTypeScriptSDKs(t *testing.T) {
	m := &Message{
		ID: "1.2", ThreadID: "slack:C1:1.2", Text: "a <b> \"c\"\n\u2028\x01é🙂", Raw: json.RawMessage(`{"x":1}`),
		Author:   Author{UserID: "U1", UserName: "ada", FullName: "Ada L", Email: "a@b.c", Bot: new(false), System: true},
		SentAt:   time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC),
		EditedAt: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC), Edited: true,
		Attachments: []Attachment{{Type: "image", URL: "https://x/y.png?a=1&b=2", Width: 3, FetchMetadata: map[string]string{"z": "1", "a": "2"}}, {Type: "file"}},
		ReplyTo:     &Message{ID: "0", ThreadID: "slack:C1:1.2", Text: "q", SentAt: time.Unix(0, 0)},
		Mention:     new(true),
		Links:       []Link{{URL: "https://x"}, {URL: "https://y", Title: "t", Description: "d", ImageURL: "i", SiteName: "s"}},
		UserKey:     "not stored",
	}
	data, err := m.appendJSON(nil)
	require.NoError(t, err)
	require.Equal(t, `{"_type":"chat:Message","id":"1.2","threadId":"slack:C1:1.2",`+
		"\"text\":\"a <b> \\\"c\\\"\\n\u2028\\u0001é🙂\","+
		"\"formatted\":{\"type\":\"root\",\"children\":[{\"type\":\"paragraph\",\"children\":[{\"type\":\"text\",\"value\":\"a <b> \\\"c\\\"\\n\u2028\\u0001é🙂\"}]}]},"+
		`"raw":{"x":1},"author":{"userId":"U1","userName":"ada","fullName":"Ada L","email":"a@b.c","isBot":false,"isMe":false,"isSystem":true},`+
		`"metadata":{"dateSent":"2026-01-02T03:04:05.006Z","edited":true,"editedAt":"2026-01-02T03:04:06.000Z"},`+
		`"attachments":[{"type":"image","url":"https://x/y.png?a=1&b=2","width":3,"fetchMetadata":{"a":"2","z":"1"}},{"type":"file"}],`+
		`"replyTo":{"_type":"chat:Message","id":"0","threadId":"slack:C1:1.2","text":"q","formatted":{"type":"root","children":[{"type":"paragraph","children":[{"type":"text","value":"q"}]}]},`+
		`"raw":null,"author":{"userId":"","userName":"","fullName":"","isBot":"unknown","isMe":false},"metadata":{"dateSent":"1970-01-01T00:00:00.000Z","edited":false},"attachments":[]},`+
		`"isMention":true,"links":[{"url":"https://x"},{"url":"https://y","title":"t","description":"d","imageUrl":"i","siteName":"s"}]}`, string(data))

	var back Message
	require.NoError(t, json.Unmarshal(data, &back))
	again, err := back.appendJSON(nil)
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(again))
	require.Equal(t, m.SentAt, back.SentAt)
	require.Equal(t, m.Author, back.Author)
	require.Equal(t, m.Attachments, back.Attachments)
	require.Equal(t, m.Links, back.Links)
}

// newerMessage is a message of an SDK that has fields which this one has not.
const newerMessage = `{"_type":"chat:Message","id":"1","threadId":"fake:c:t","text":"hi","formatted":{"type":"root","children":[],"lang":"en"},"raw":{"a":1},` +
	`"author":{"userId":"u","userName":"ada","fullName":"Ada","isBot":true,"isMe":false,"pronouns":["she"]},` +
	`"metadata":{"dateSent":"2026-01-02T03:04:05.006Z","edited":false,"importance":{"level":2}},` +
	`"attachments":[{"type":"file","name":"a","sha":"x, } ]","thumb":null}],` +
	`"replyTo":{"_type":"chat:Message","id":"0","threadId":"fake:c:t","text":"","formatted":{"type":"root","children":[]},"raw":null,` +
	`"author":{"userId":"","userName":"","fullName":"","isBot":"unknown","isMe":false},"metadata":{"dateSent":"2026-01-02T03:04:05.006Z","edited":false},"attachments":[],"depth":-1.5e3},` +
	`"links":[{"url":"https://x","favicon":"f"}],"reactions":[{"emoji":"\"😀\\"}],"ID":"another name"}`

func TestUnknownFieldsAreKept(t *testing.T) {
	var m Message
	require.NoError(t, json.Unmarshal([]byte(newerMessage), &m))
	require.Equal(t, MessageID("1"), m.ID)
	data, err := m.MarshalJSON()
	require.NoError(t, err)
	require.JSONEq(t, newerMessage, string(data))

	// Also where a message stands inside of something else.
	letter, err := json.Marshal(DeadLetter{Message: &m})
	require.NoError(t, err)
	var back DeadLetter
	require.NoError(t, json.Unmarshal(letter, &back))
	data, err = back.Message.MarshalJSON()
	require.NoError(t, err)
	require.JSONEq(t, newerMessage, string(data))
}

func TestMessageJSONIsReadLeniently(t *testing.T) {
	var m Message
	require.NoError(t, json.Unmarshal([]byte(` { "_type" : "chat:Message" , "\u0069d":"x", "author": null, "replyTo":null, "isMention":null,
		"attachments": [ { "type":"image", "width": 12.6, "size": 1e3, "fetchMetadata": {"a": 1} } ], "links": [ ], "formatted": null, "raw": null,
		"metadata": { "edited": false, "editedAt": null } } `), &m))
	require.Equal(t, MessageID("x"), m.ID)
	require.Equal(t, 13, m.Attachments[0].Width)
	require.EqualValues(t, 1000, m.Attachments[0].Size)
	require.Nil(t, m.Attachments[0].FetchMetadata)
	require.Nil(t, m.Mention)
	require.Nil(t, m.ReplyTo)
	data, err := m.MarshalJSON()
	require.NoError(t, err)
	require.Contains(t, string(data), `"fetchMetadata": {"a": 1}`, "what only the adapter can read is kept as it is")
}

func TestOfFieldsThatComeTwiceTheLastCounts(t *testing.T) {
	var m Message
	require.NoError(t, m.UnmarshalJSON([]byte(`{"_type":"chat:Message","id":"1","id":"2","attachments":[{},{}],"attachments":[{"type":"file"}],`+
		`"author":{"userId":"u","isMe":true},"author":{"userName":"ada"},"metadata":{"edited":true},"metadata":{}}`)))
	require.Equal(t, MessageID("2"), m.ID)
	require.Equal(t, []Attachment{{Type: "file"}}, m.Attachments)
	require.Equal(t, Author{UserName: "ada"}, m.Author)
	require.False(t, m.Edited)
}

func TestMessageJSONRefusesOtherThings(t *testing.T) {
	for data, want := range map[string]string{
		`{}`:                      `chat: message: field "_type" is "", want "chat:Message"`,
		`{"_type":"chat:Thread"}`: `chat: message: field "_type" is "chat:Thread", want "chat:Message"`,
		`[]`:                      `chat: message: it is not an object`,
		`{"_type":"chat:Message","formatted":{"type":"paragraph"}}`: `chat: message: field "formatted": markdown: type is "paragraph", want "root"`,
		`{"_type":"chat:Message","id":1}`:                           `chat: message: field "id" is not a string`,
		`{"_type":"chat:Message","attachments":[{},{"size":"x"}]}`:  `chat: message: field "attachments.1.size" is not a number below 2^53`,
		`{"_type":"chat:Message","attachments":{}}`:                 `chat: message: field "attachments" is not an array`,
		`{"_type":"chat:Message","author":{"isMe":"no"}}`:           `chat: message: field "author.isMe" is not a bool`,
		`{"_type":"chat:Message","metadata":{"dateSent":"today"}}`:  `chat: message: field "metadata.dateSent" is not a time such as 2006-01-02T15:04:05.000Z`,
		`{"_type":"chat:Message","replyTo":{"_type":"x"}}`:          `chat: message: field "replyTo": field "_type" is "x", want "chat:Message"`,
	} {
		require.EqualError(t, json.Unmarshal([]byte(data), new(Message)), want, data)
	}
	require.Error(t, new(Message).UnmarshalJSON([]byte(`{"_type":"chat:Message"`)))
	_, err := (&Message{Raw: json.RawMessage(`{`)}).MarshalJSON()
	require.ErrorIs(t, err, ErrInvalidArgument)
}

func TestInvalidUTF8BecomesReplacementCharacter(t *testing.T) {
	require.Equal(t, `"a`+"\uFFFD"+`b"`, string(jsontext.AppendString(nil, "a\xffb")))
	var m Message
	require.NoError(t, m.UnmarshalJSON([]byte(`{"_type":"chat:Message","id":"a`+"\xff"+`\ud800"}`)))
	require.Equal(t, MessageID("a\uFFFD\uFFFD"), m.ID)
}

func TestTimesAreJavaScripts(t *testing.T) {
	zone := time.FixedZone("", -5*3600)
	for _, year := range []int{0, 1, 1969, 2026, 9999} {
		for ms := range 1000 {
			at := time.Date(year, 2, 3, 4, 5, 6, ms*1e6+999_999, zone)
			require.Equal(t, at.UTC().Format(`"2006-01-02T15:04:05.000Z"`), string(appendTime(nil, at)))
		}
	}
}

func TestTimesThatJavaScriptCannotWriteAreBounded(t *testing.T) {
	require.Equal(t, `"9999-12-31T23:59:59.999Z"`, string(appendTime(nil, time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC))))
	require.Equal(t, `"0000-01-01T00:00:00.000Z"`, string(appendTime(nil, time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC))))
	require.Error(t, new(Message).UnmarshalJSON([]byte(`{"_type":"chat:Message","metadata":{"dateSent":"9999-12-31T23:59:59-23:59"}}`)))
}

func TestDeeplyQuotedMessagesAreRead(t *testing.T) {
	const depth = 5000
	data := []byte(strings.Repeat(`{"_type":"chat:Message","replyTo":`, depth) + `{"_type":"chat:Message"}` + strings.Repeat(`}`, depth))
	var m Message
	require.NoError(t, m.UnmarshalJSON(data))
	n := 0
	for q := m.ReplyTo; q != nil; q = q.ReplyTo {
		n++
	}
	require.Equal(t, depth, n)
	require.Error(t, m.UnmarshalJSON([]byte(strings.Repeat(`{"_type":"chat:Message","replyTo":`, 20000))))
}

func FuzzMessageJSON(f *testing.F) {
	f.Add([]byte(newerMessage))
	f.Add([]byte(`{"_type":"chat:Message","id":"a","text":"é\u00e9\n","isMention":false,"raw":[1,2.5e-3,"x"],"extra":{"a":[{}]}}`))
	f.Add([]byte(`{"_type":"chat:Message","attachments":[null,{"fetchMetadata":{"a":null}}],"links":null,"x":1,"x":2}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m Message
		if m.UnmarshalJSON(data) != nil {
			return
		}
		requireStable(t, &m, new(Message))
	})
}

func FuzzTranscriptEntryJSON(f *testing.F) {
	f.Add([]byte(`{"id":"1","userKey":"u","role":"user","text":"t","platform":"slack","threadId":"slack:c:t","timestamp":1700000000000,"formatted":{"type":"root","children":[]},"platformMessageId":"1"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var e TranscriptEntry
		if e.UnmarshalJSON(data) != nil {
			return
		}
		requireStable(t, &e, new(TranscriptEntry))
	})
}

func FuzzThreadJSON(f *testing.F) {
	f.Add([]byte(`{"_type":"chat:Thread","id":"files:c:t","channelVisibility":"workspace","currentMessage":` + newerMessage + `,"adapterName":"files","newer":[{}]}`))
	f.Add([]byte(`{"_type":"chat:Channel","id":"files:c","isDM":true,"newer":"x"}`))
	c := &Chat{adapters: map[string]Adapter{"files": files{}}}
	f.Fuzz(func(t *testing.T, data []byte) {
		if th, err := c.decodeThread(data); err == nil {
			once, err := th.MarshalJSON()
			require.NoError(t, err)
			th, err = c.decodeThread(once)
			require.NoError(t, err)
			again, err := th.MarshalJSON()
			require.NoError(t, err)
			require.Equal(t, string(once), string(again))
		}
		if ch, err := c.decodeChannel(data); err == nil {
			once, err := ch.MarshalJSON()
			require.NoError(t, err)
			ch, err = c.decodeChannel(once)
			require.NoError(t, err)
			again, err := ch.MarshalJSON()
			require.NoError(t, err)
			require.Equal(t, string(once), string(again))
		}
	})
}

// requireStable checks that what was read is written so that it is read and
// written alike.
func requireStable(t *testing.T, first, second interface {
	json.Marshaler
	json.Unmarshaler
},
) {
	t.Helper()
	once, err := first.MarshalJSON()
	require.NoError(t, err)
	require.True(t, json.Valid(once), "%q", once)
	require.NoError(t, second.UnmarshalJSON(once), "%q", once)
	again, err := second.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, string(once), string(again))
}
