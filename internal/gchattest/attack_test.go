package gchattest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
)

// words stand in every text here. Neither errors nor logs may hold them.
const words = "pr1vate w0rds"

func requireSecrecy(t *testing.T, text string) {
	t.Helper()
	for _, s := range []string{words, "ya29.", "eyJhbGciOi", "PRIVATE KEY"} {
		if strings.Contains(text, s) {
			t.Errorf("%q is in %.300q", s, text)
		}
	}
}

// webhooks has one of each kind, with all fields that an adapter may read and "#" for a
// number of its own.
var webhooks = map[string]string{
	"message": `{"type":"MESSAGE","eventTime":"2026-01-01T00:00:01Z","token":"x","user":` + adaJSON + `,` + roomJSON + `,"thread":{"name":"` + thread + `"},"message":{"name":"spaces/AAAA/messages/TTTT.#",` +
		`"sender":` + adaJSON + `,"createTime":"2026-01-01T00:00:00Z","lastUpdateTime":"2026-01-02T00:00:00Z","text":"@The Bot ` + words + `","formattedText":"<` + fakegchat.BotID + `> *` + words + `* <https://e.com|x>","argumentText":" ` + words + `",` + mention +
		`"thread":{"name":"` + thread + `"},` + roomJSON + `,"attachment":[{"name":"a","contentName":"n.txt","contentType":"text/plain","downloadUri":"https://x","source":"UPLOADED_CONTENT","attachmentDataRef":{"resourceName":"F1"}},{"driveDataRef":{"driveFileId":"d"}}],` +
		`"quotedMessageMetadata":{"name":"spaces/AAAA/messages/Q.1","lastUpdateTime":"2026-01-01T00:00:00Z","quotedMessageSnapshot":{"sender":"users/9","text":"` + words + `"}},"threadReply":true}}`,
	"add-on message": `{"commonEventObject":{"hostApp":"CHAT"},"authorizationEventObject":{"userOAuthToken":"ya29.x"},"chat":{"user":` + adaJSON + `,"eventTime":"2026-01-01T00:00:01Z","messagePayload":{` + roomJSON + `,"message":{"name":"spaces/AAAA/messages/TTTT.#","sender":` + adaJSON + `,"text":"` + words + `","thread":{"name":"` + thread + `"}}}}}`,
	"command": `{"type":"APP_COMMAND","eventTime":"2026-01-01T00:00:01Z","user":` + adaJSON + `,` + roomJSON + `,"appCommandMetadata":{"appCommandId":#,"appCommandType":"SLASH_COMMAND"},"message":{"name":"spaces/AAAA/messages/TTTT.#","sender":` + adaJSON + `,"text":"/x ` + words + `",` +
		`"slashCommand":{"commandId":"3"},"annotations":[{"type":"SLASH_COMMAND","startIndex":0,"length":2,"slashCommand":{"commandName":"/x","commandId":"3"}}]}}`,
	"click": `{"type":"CARD_CLICKED","eventTime":"2026-01-01T00:00:01Z","user":` + adaJSON + `,` + roomJSON + `,"message":{"name":"spaces/AAAA/messages/TTTT.#","thread":{"name":"` + thread + `"}},` +
		`"action":{"actionMethodName":"x","parameters":[{"key":"actionId","value":"b#"}]},"common":{"parameters":{"actionId":"b#","value":"` + words + `","menu":"1"},"formInputs":{"b#":{"stringInputs":{"value":["` + words + `"]}}}}}`,
	"submission": `{"commonEventObject":{"parameters":{"callbackId":"cb","contextId":"c#","privateMetadata":"` + words + `","numbers":"{\"n\":{\"min\":1}}"},"formInputs":{"n":{"stringInputs":{"value":["7"]}},"d":{"dateInput":{"msSinceEpoch":"1767225600000"}}}},` +
		`"chat":{"user":` + adaJSON + `,"buttonClickedPayload":{` + roomJSON + `,"isDialogEvent":true,"dialogEventType":"SUBMIT_DIALOG","message":{"name":"spaces/AAAA/messages/TTTT.#"}}}}`,
	"closing": `{"type":"CARD_CLICKED","user":` + adaJSON + `,` + roomJSON + `,"isDialogEvent":true,"dialogEventType":"CANCEL_DIALOG","common":{"parameters":{"callbackId":"cb#"}}}`,
	"added":   `{"type":"ADDED_TO_SPACE","eventTime":"2026-01-01T00:00:#Z","user":` + adaJSON + `,` + roomJSON + `}`,
	"future":  `{"commonEventObject":{},"chat":{"user":` + adaJSON + `,"timeTravelPayload":{"to":#}}}`,
	"pushed message": `{"message":{"name":"spaces/AAAA/messages/TTTT.#","sender":{"name":"` + ada + `","type":"HUMAN"},"createTime":"2026-01-01T00:00:00Z","text":"` + words + `","annotations":[{"type":"USER_MENTION","startIndex":0,"length":3,"userMention":{"user":` + botJSON + `}}],` +
		`"thread":{"name":"` + thread + `"},"space":{"name":"spaces/AAAA"}}}`,
	"pushed reaction":   `{"reaction":{"name":"spaces/AAAA/messages/TTTT.1/reactions/R#","user":{"name":"` + ada + `","type":"HUMAN"},"emoji":{"unicode":"❤️","customEmoji":{"uid":"u","emojiName":":x:"}}}}`,
	"pushed membership": `{"membership":{"name":"spaces/AAAA/members/#","state":"JOINED","member":{"name":"` + ada + `","type":"HUMAN"}}}`,
}

// pushes are the kinds of the webhooks that are pushed.
var pushes = map[string]string{"pushed message": "message.v1.created", "pushed reaction": "reaction.v1.created", "pushed membership": "membership.v1.created"}

// sample is a webhook of the kind that is no other's.
func sample(name string) string {
	n := fmt.Sprint(5000 + sampled.Add(1))
	body := strings.ReplaceAll(webhooks[name], "#", n)
	if kind := pushes[name]; kind != "" {
		return push(kind, "a"+n, body)
	}
	return body
}

// others stand where a value was.
var others = []any{nil, true, -1.5, 1e300, "", "\x00 <users/all> " + strings.Repeat("x", 300), []any{}, []any{nil, 7}, map[string]any{}, map[string]any{"name": 7}}

// newAttacked is a rig whose log is searched for words and secrets.
func newAttacked(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.keepForms()
	t.Cleanup(func() { requireSecrecy(t, r.log.String()) })
	return r
}

// keepForms has clicks and submissions handed over, too.
func (r *rig) keepForms() {
	r.OnAction(func(_ context.Context, ev *chat.ActionEvent) error {
		r.handled <- ev
		return nil
	})
	r.OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		r.handled <- ev
		return chat.ModalAnswer{}, nil
	})
}

// taken delivers a webhook twice. One that is taken is handled once; one that is not is
// refused both times.
func (r *rig) taken(t *testing.T, body, token string) bool {
	t.Helper()
	w := r.deliver(t, body, token)
	requireSecrecy(t, w.Body.String())
	if w.Code != http.StatusOK {
		require.GreaterOrEqual(t, w.Code, 400, "%.600s", body)
		require.Less(t, w.Code, 500, "%s: %.900s\n%s", w.Body, body, r.log)
		require.Equal(t, w.Code, r.deliver(t, body, token).Code)
		return false
	}
	select {
	case <-r.handled:
	case <-time.After(botrig.Patience):
		t.Errorf("taken and not handled: %.900s", body)
	}
	again := r.deliver(t, body, token)
	require.Equal(t, http.StatusOK, again.Code, "%s again: %.600s\n%s", again.Body, body, r.log)
	return true
}

// done waits for what still runs, and checks that all has been taken note of.
func (r *rig) done(t *testing.T) {
	t.Helper()
	r.send(t, chatEvent("THE_LAST", room, ``))
	for last := false; !last; {
		ev, ok := next[chat.Inbound](t, r).(*chat.PlatformEvent)
		if last = ok && ev.Name == "gchat:THE_LAST"; !last {
			t.Errorf("handled too much: %+v", ev)
		}
	}
	require.NoError(t, r.Shutdown(context.WithoutCancel(t.Context())))
	r.quiet(t)
}

// marker stands for the number of a webhook of which there are many.
const marker = "987654"

// TestAttackFields sends webhooks of each kind with fields of the wrong type, and without
// them: each is taken and handled once, or refused for what it is.
func TestAttackFields(t *testing.T) {
	t.Parallel()
	for name := range webhooks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttacked(t)
			r.google.AddMessage(fakegchat.Message{Name: room + "/messages/TTTT.1", Thread: thread, Sender: ada, Text: "hello"})
			token := fakegchat.ChatToken()
			if pushes[name] != "" {
				token = fakegchat.PushToken()
			}
			require.True(t, r.taken(t, sample(name), token), "as it should be")
			var whole any
			require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(webhooks[name], "#", marker)), &whole))
			refused, taken := 0, 0
			sent := map[string]bool{}
			attack.Variants(whole, others, func(v any) {
				data, err := json.Marshal(v)
				require.NoError(t, err)
				if sent[string(data)] {
					return // it would be a second delivery
				}
				sent[string(data)] = true
				n := fmt.Sprint(5000 + sampled.Add(1))
				body := strings.ReplaceAll(string(data), marker, n)
				if kind := pushes[name]; kind != "" {
					body = push(kind, "a"+n, body)
					// It is asked for where the push does not hold it.
					r.google.AddMessage(fakegchat.Message{Name: room + "/messages/TTTT." + n, Thread: thread, Sender: ada, Text: "hello"})
				}
				if name == "submission" && strings.Contains(body, `"n":{"stringInputs":{"value":["\u0000`) {
					require.Contains(t, r.deliver(t, body, token).Body.String(), "Please write a number.")
					return // so its user is told, and no handler
				}
				if r.taken(t, body, token) {
					taken++
				} else {
					refused++
				}
			})
			require.NotZero(t, refused)
			require.NotZero(t, taken)
			r.done(t)
		})
	}
}

// TestAttackPushes sends pushes that are none.
func TestAttackPushes(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	var whole any
	require.NoError(t, json.Unmarshal([]byte(push("message.v1.created", "a1", `{"message":`+pushedMessage("TTTT.1", ada, `"text":"x",`)+`}`)), &whole))
	attack.Variants(whole, others, func(v any) {
		data, err := json.Marshal(v)
		require.NoError(t, err)
		for _, token := range []string{fakegchat.PushToken(), fakegchat.ChatToken()} { // what is no push may be an event
			w := r.deliver(t, string(data), token)
			require.True(t, w.Code == http.StatusOK || w.Code >= 400 && w.Code < 500, "%d: %.300s", w.Code, data)
		}
		for len(r.handled) > 0 {
			<-r.handled
		}
	})
	for _, kind := range []string{"message.v2.created", "message.v1.", "message", ".v1.created", "batch", "message.v1.batch", "reaction.v1.batchCreated", "space.v1.batchUpdated", "x"} {
		for _, data := range []string{`{}`, `{"messages":[]}`, `{"messages":[{}]}`, `{"messages":[{"messages":[{"message":{}}]}]}`, `null`} {
			w := r.deliver(t, push(kind, "k", data))
			require.True(t, w.Code == http.StatusOK || w.Code == http.StatusBadRequest, "%d: %s %s", w.Code, kind, data)
		}
	}
}

// TestAttackBodies sends what is half, too long, nested or nothing.
func TestAttackBodies(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	whole := sample("message")
	for i := 0; i < len(whole); i += 37 {
		require.Equal(t, http.StatusBadRequest, r.deliver(t, whole[:i]).Code, i)
	}
	for name, body := range map[string]string{"nothing": "", "null": "null", "a number": "7", "a list": "[]", "an object": "{}", "two": whole + whole, "no UTF-8": "{\"type\":\"\xff\xfe\"}", "nested": strings.Repeat(`{"chat":`, 20_000) + strings.Repeat("}", 20_000), "long": `{"type":"` + strings.Repeat("x", 64<<10) + `"}`, "too long": `{"type":"` + strings.Repeat("x", 8<<20) + `"}`} {
		w := r.deliver(t, body)
		require.True(t, w.Code == http.StatusOK && name == "no UTF-8" || w.Code >= 400 && w.Code < 500, "%s: %d", name, w.Code)
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodHead} {
		req, err := http.NewRequestWithContext(t.Context(), method, "/webhooks/gchat", strings.NewReader(whole))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+fakegchat.ChatToken())
		w := httptest.NewRecorder()
		r.Chat.ServeHTTP(w, req)
		require.Equal(t, http.StatusMethodNotAllowed, w.Code)
	}
}

// TestAttackDoubled delivers each webhook many times at once to two instances: it is
// handled once.
func TestAttackDoubled(t *testing.T) {
	t.Parallel()
	for name := range webhooks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, st := newChat(t), botrig.Memory(t)
			rigs := []*rig{newRigOn(t, s, st), newRigOn(t, s, st)}
			for _, r := range rigs {
				r.keepForms()
			}
			body := sample(name)
			var group sync.WaitGroup
			for i := range 8 {
				group.Go(func() {
					// What is being stored by another delivery is 503, for the platform to come again.
					if code := rigs[i%2].deliver(t, body).Code; code != http.StatusOK && code != http.StatusServiceUnavailable {
						t.Errorf("answered %d", code)
					}
				})
			}
			group.Wait()
			rigs[0].send(t, body)
			for _, r := range rigs {
				require.NoError(t, r.Shutdown(t.Context()))
			}
			require.Equal(t, 1, len(rigs[0].handled)+len(rigs[1].handled))
		})
	}
}

// TestAttackOrder delivers an edit, a reaction and a deletion before the message.
func TestAttackOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	in := `{"message":` + pushedMessage("TTTT.O1", ada, `"text":"hello",`) + `}`
	r.send(t, push("message.v1.deleted", "o3", in))
	next[*chat.MessageDeletedEvent](t, r)
	r.send(t, push("message.v1.updated", "o2", in))
	next[*chat.MessageUpdatedEvent](t, r)
	r.send(t, push("message.v1.created", "o1", in))
	require.Equal(t, "hello", next[*chat.Message](t, r).Text)
	r.quiet(t)
}

// TestOutage answers 503 while the state or the look-up of a space is away, and handles
// the delivery that comes again.
func TestOutage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.google.Fail("spaces.get", fakegchat.Failure{Status: http.StatusServiceUnavailable, Code: "UNAVAILABLE"})
	body := push("message.v1.created", "q1", `{"message":`+pushedMessage("TTTT.Q1", ada, `"text":"hello",`)+`}`)
	require.Equal(t, http.StatusServiceUnavailable, r.deliver(t, body).Code, "whether it is a direct conversation decides the thread")
	r.quiet(t)
	fresh := newRigOn(t, r.google, r.state)
	fresh.send(t, body)
	require.Equal(t, inThread, next[*chat.Message](t, fresh).ThreadID)
}
