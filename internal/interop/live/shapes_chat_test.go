package live

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// message returns the JSON of a message.
func message(thread, id, text string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{
		"_type":"chat:Message","id":%q,"threadId":%q,"text":%q,
		"formatted":{"type":"root","children":[{"type":"paragraph","children":[{"type":"text","value":%[3]q}]}]},
		"raw":{"secret":1},"author":{"userId":"u1","userName":"ada","fullName":"Ada","isBot":false,"isMe":false},
		"metadata":{"dateSent":"2026-01-02T03:04:05.006Z","edited":false},"attachments":[],"isMention":true
	}`, id, thread, text))
}

// fullMessage returns the JSON of a message with every field.
func fullMessage(thread, id string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{
		"_type":"chat:Message","id":%q,"threadId":%q,"text":"quote \" backslash \\ line\nbreak \u2028 é 🙂 <b> &amp;",
		"formatted":{"type":"root","children":[
			{"type":"heading","depth":1,"children":[{"type":"text","value":"Title"}]},
			{"type":"paragraph","children":[{"type":"strong","children":[{"type":"text","value":"bold"}]},{"type":"link","url":"https://example.com?a=1&b=2","title":null,"children":[]}]}]},
		"raw":{"secret":1,"nested":{"list":[1,2.5,null]}},
		"author":{"userId":"u1","userName":"ada","fullName":"Ada","email":"ada@example.com","isBot":"unknown","isMe":false,"isSystem":true},
		"metadata":{"dateSent":"2026-01-02T03:04:05.006Z","edited":true,"editedAt":"2026-01-02T03:05:00.000Z"},
		"attachments":[
			{"type":"image","url":"https://example.com/a.png?x=1&y=2","name":"a.png","mimeType":"image/png","size":12,"width":3,"height":4},
			{"type":"file","fetchMetadata":{"fileId":"F1","other key":"é"}}],
		"links":[{"url":"https://example.com","title":"T","description":"D","imageUrl":"https://example.com/i.png","siteName":"S"}],
		"isMention":true,"replyTo":%s
	}`, id, thread, message(thread, id+"-before", "before")))
}

// awaitFree returns when no handler runs on the thread: what comes to the
// other side meanwhile would wait, and be handled by the side whose handler runs.
func (x *exchange) awaitFree(t *testing.T, thread string) {
	t.Helper()
	require.Eventually(t, func() bool {
		n, err := x.redis.Exists(t.Context(), x.Prefix+":lock:"+thread).Result()
		return err == nil && n == 0
	}, patience, pollInterval)
}

// compact returns JSON with its fields in order.
func compact(t *testing.T, data json.RawMessage) string {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal(data, &v))
	sorted, err := json.Marshal(v)
	require.NoError(t, err)
	return string(sorted)
}

var chatShapes = []shape{
	{"subscriptions", func(t *testing.T, x *exchange) {
		deliver := func(id string) string {
			x.awaitFree(t, x.thread())
			x.reader.deliver(t, message(x.thread(), x.id+id, "hello"))
			return x.reader.handled(t).As
		}
		require.Equal(t, "mention", deliver("1"))
		x.writer.subscribe(t, x.thread())
		require.Equal(t, "subscribed", deliver("2"))
		x.writer.unsubscribe(t, x.thread())
		require.Equal(t, "mention", deliver("3"))
	}},
	{"dedupe marks", func(t *testing.T, x *exchange) {
		first, second := message(x.thread(), x.id+"1", "first"), message(x.thread(), x.id+"2", "second")
		x.writer.deliver(t, first)
		require.JSONEq(t, string(first), string(x.writer.handled(t).Message))
		x.awaitFree(t, x.thread())
		x.reader.deliver(t, first)
		x.reader.deliver(t, second)
		h := x.reader.handled(t)
		require.JSONEq(t, string(second), string(h.Message))
		require.Empty(t, h.Skipped)
	}},
	{"queued messages with every field", func(t *testing.T, x *exchange) {
		x.reader.deliver(t, message(x.thread(), x.id+"1", "wait"))
		x.reader.handled(t)
		older, newer := fullMessage(x.thread(), x.id+"2"), fullMessage(x.thread(), x.id+"3")
		x.writer.deliver(t, older)
		x.writer.deliver(t, newer)
		x.reader.goOn(t)
		h := x.reader.handled(t)
		require.JSONEq(t, string(newer), string(h.Message))
		requireSame(t, []json.RawMessage{older}, h.Skipped)
	}},
	{"message that was left in the queue", func(t *testing.T, x *exchange) {
		left, later := fullMessage(x.thread(), x.id+"1"), message(x.thread(), x.id+"2", "later")
		now := time.Now()
		x.writer.enqueue(t, x.thread(), json.RawMessage(fmt.Sprintf(`{"message":%s,"enqueuedAt":%d,"expiresAt":%d}`, left, now.UnixMilli(), now.Add(patience).UnixMilli())), 10)
		x.reader.deliver(t, later)
		var seen []json.RawMessage
		for len(seen) < 2 {
			h := x.reader.handled(t)
			seen = append(append(seen, h.Skipped...), h.Message)
		}
		require.ElementsMatch(t, []string{compact(t, left), compact(t, later)}, []string{compact(t, seen[0]), compact(t, seen[1])})
	}},
	{"state of a thread", func(t *testing.T, x *exchange) {
		x.writer.setThreadState(t, x.thread(), json.RawMessage(`{"step":1,"list":[{"a":null}],"text":"é 🙂"}`))
		require.JSONEq(t, `{"step":1,"list":[{"a":null}],"text":"é 🙂"}`, string(x.reader.threadState(t, x.thread())))
		x.reader.setThreadState(t, x.thread(), json.RawMessage(`{"step":2,"more":true}`))
		require.JSONEq(t, `{"step":2,"list":[{"a":null}],"text":"é 🙂","more":true}`, string(x.writer.threadState(t, x.thread())))
	}},
	{"state of a channel", func(t *testing.T, x *exchange) {
		channel := "fake:c" + x.id
		x.writer.setChannelState(t, channel, json.RawMessage(`{"step":1}`))
		require.JSONEq(t, `{"step":1}`, string(x.reader.channelState(t, channel)))
		x.reader.setChannelState(t, channel, json.RawMessage(`{"more":true}`))
		require.JSONEq(t, `{"step":1,"more":true}`, string(x.writer.channelState(t, channel)))
	}},
	{"kept history", func(t *testing.T, x *exchange) {
		answer := func(s side, id string, want int) {
			s.deliver(t, message(x.thread(), x.id+id, "answer"))
			s.handled(t)
			require.Eventually(t, func() bool { return len(s.history(t, x.thread())) == want }, patience, pollInterval)
		}
		answer(x.writer, "1", 2)
		x.awaitFree(t, x.thread())
		requireSame(t, x.writer.history(t, x.thread()), x.reader.history(t, x.thread()))
		answer(x.reader, "2", 4)
		requireSame(t, x.reader.history(t, x.thread()), x.writer.history(t, x.thread()))
		channel := "fake:c" + x.id
		require.NotEmpty(t, x.writer.history(t, channel))
		requireSame(t, x.writer.history(t, channel), x.reader.history(t, channel))
	}},
	{"transcripts", func(t *testing.T, x *exchange) {
		x.writer.appendTranscript(t, x.id, x.thread(), "first é 🙂")
		x.reader.appendTranscript(t, x.id, x.thread(), "second")
		require.Len(t, x.writer.transcript(t, x.id), 2)
		requireSame(t, x.writer.transcript(t, x.id), x.reader.transcript(t, x.id))
		x.writer.deleteTranscript(t, x.id)
		require.Empty(t, x.reader.transcript(t, x.id))
		x.reader.appendTranscript(t, x.id, x.thread(), "third")
		require.Len(t, x.writer.transcript(t, x.id), 1)
	}},
	{"where a modal was opened", func(t *testing.T, x *exchange) {
		context := x.writer.openModal(t, x.thread(), x.url)
		require.Equal(t, modalOrigin{x.thread(), "m1", "fake:c" + x.id}, x.reader.submitModal(t, context))
		require.JSONEq(t, `{"type":"modal_submit","callbackId":"form","values":{"name":"Ada"},"user":{"id":"u1","name":"ada"}}`, x.posted(t))
		require.Equal(t, modalOrigin{}, x.writer.submitModal(t, context), "one submission has it")
	}},
	{"buttons with a callback URL", func(t *testing.T, x *exchange) {
		value := x.writer.postButton(t, x.thread(), x.url)
		require.Equal(t, "42", x.reader.click(t, x.thread(), value))
		require.JSONEq(t, `{"type":"action","actionId":"approve","value":"42","user":{"id":"u1","name":"ada"},"threadId":"`+x.thread()+`","messageId":"m1"}`, x.posted(t))
		require.Equal(t, value, x.writer.click(t, x.thread(), value), "one click has it")
		require.Empty(t, x.posts)
	}},
}
