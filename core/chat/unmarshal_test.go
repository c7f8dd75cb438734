package chat_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

func marshal(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}

func TestAThreadWithoutABotIsAnError(t *testing.T) {
	p := newPosting(t, nil)
	for name, v := range map[string]any{"thread": new(chat.Thread), "channel": new(chat.Channel), "pointer in a struct": &struct{ Thread *chat.Thread }{}} {
		data := marshal(t, p.thread)
		if name == "channel" {
			data = marshal(t, p.thread.Channel())
		}
		if strings.Contains(name, "struct") {
			data = `{"Thread":` + data + `}`
		}
		err := json.Unmarshal([]byte(data), v)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, name)
		require.ErrorContains(t, err, "Chat.Unmarshal", name)
	}
}

func TestUnmarshalGivesABotToAllThatNeedsIt(t *testing.T) {
	p := newPosting(t, nil)
	ctx := t.Context()
	m := p.fake.Message(p.thread.ID(), "hi {\"_type\":\"chat:Thread\"}")
	m.Attachments = []chat.Attachment{p.fake.AddFile("a.txt", []byte("content"))}
	thread, channel, message := marshal(t, p.thread), marshal(t, p.thread.Channel()), marshal(t, m)

	var job struct {
		Name    string
		Thread  *chat.Thread
		Place   chat.Channel
		Many    map[string][]*chat.Thread
		Message *chat.Message
		Any     any
		Raw     json.RawMessage
		N       int64
	}
	// A database may have sorted the keys, so that the type stands last.
	sorted := `{"id":"` + string(p.thread.ID()) + `" , "adapterName" : "fake","_type":"chat:Thread"}`
	data := ` { "Name":"x","Thread":` + thread + `,"Place":` + channel + `,"Many":{"a":[` + sorted + `,` + thread + `]},"Message":` + message +
		`,"Any":{"list":[1,"two",` + thread + `,{"inner":` + message + `}],"channel":` + channel + `},"Raw":{"kept":` + thread + `},"N":9007199254740993}`
	require.NoError(t, p.Unmarshal([]byte(data), &job))

	require.Equal(t, "x", job.Name)
	require.Equal(t, int64(9007199254740993), job.N)
	require.JSONEq(t, `{"kept":`+thread+`}`, string(job.Raw))
	require.NotContains(t, string(job.Raw), "_bot")
	inside := job.Any.(map[string]any)
	for i, th := range []*chat.Thread{job.Thread, job.Many["a"][0], job.Many["a"][1], inside["list"].([]any)[2].(*chat.Thread)} {
		require.Equal(t, p.thread.ID(), th.ID(), i)
		_, err := th.Post(ctx, chat.Text("hello"))
		require.NoError(t, err, i)
	}
	require.Len(t, p.texts(), 4)
	require.Equal(t, p.thread.Channel().ID(), job.Place.ID())
	require.Equal(t, p.thread.Channel().ID(), inside["channel"].(*chat.Channel).ID())
	require.Equal(t, m.Text, job.Message.Text)
	require.Equal(t, m.Text, inside["list"].([]any)[3].(map[string]any)["inner"].(*chat.Message).Text)
	require.EqualValues(t, 1, inside["list"].([]any)[0])

	// What is within a thread is the thread's to read, wherever its type stands.
	nested := `[{"currentMessage":` + message + `,"id":"` + string(p.thread.ID()) + `","_type":"chat:Thread"},` + message + `]`
	var list []any
	require.NoError(t, p.Unmarshal([]byte(nested), &list))
	require.Equal(t, p.thread.ID(), list[0].(*chat.Thread).ID())
	require.Contains(t, marshal(t, list[0]), `"currentMessage":{"_type":"chat:Message"`)
	require.NotContains(t, marshal(t, list[0]), "_bot")
	require.Equal(t, m.Text, list[1].(*chat.Message).Text)

	var any1 any
	require.NoError(t, p.Unmarshal([]byte(thread), &any1))
	require.Equal(t, p.thread.ID(), any1.(*chat.Thread).ID())
}

func TestUnmarshalOfWhatIsNotOurs(t *testing.T) {
	p := newPosting(t, nil)
	var v any
	for data, want := range map[string]error{
		`{"_type":"chat:Thread","id":"other:c:t"}`:     chat.ErrUnknownAdapter,
		`{"_type":"chat:Thread","id":"fake:"}`:         chat.ErrInvalidArgument,
		`{"a":[{"_type":"chat:Channel","id":"no:c"}]}`: chat.ErrUnknownAdapter,
	} {
		require.ErrorIs(t, p.Unmarshal([]byte(data), &v), want, data)
	}
	for _, data := range []string{``, `{`, `{"a":}`, `[1,`, `{"_type":"chat:Thread"`, `}`, `{"_bot":"x","_type":"chat:Thread"} x`} {
		require.Error(t, p.Unmarshal([]byte(data), &v), data)
	}
	forged := new(chat.Thread)
	require.Error(t, json.Unmarshal([]byte(`{"_bot":"x","_type":"chat:Thread","id":"fake:c:t"}`), forged), "nobody can hand over a bot from outside")
	require.NoError(t, p.Unmarshal([]byte(`{"_type":"chat:Other","id":7,"_bot":"x"}`), &v))
	require.Equal(t, map[string]any{"_type": "chat:Other", "id": float64(7), "_bot": "x"}, v)
}

func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte(`{"a":[{"_type":"chat:Thread","id":"fake:c:t"},{"_type":"chat:Message","id":"1","threadId":"fake:c:t"}]}`))
	f.Add([]byte(`{"_bot":"x","_type":"chat:Channel"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p := newPosting(t, nil)
		var v any
		err := p.Unmarshal(data, &v)
		if err == nil && !json.Valid(data) {
			t.Fatalf("what is no JSON was read: %q", data)
		}
	})
}
