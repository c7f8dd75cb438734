package slacktest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// fuzzed returns a function that delivers a body and checks what comes of it: no
// panic, no 5xx, and nothing that the bot could not store.
func fuzzed(f *testing.F) func(t *testing.T, contentType, body string) {
	f.Helper()
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(f, err)
	require.NoError(f, st.Connect(context.Background()))
	h := &host{
		state: st,
		submit: func(context.Context, *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
			return chat.ModalAnswer{}, nil
		},
		options: func(context.Context, *chat.OptionsLoadEvent) (chat.Options, error) { return chat.Options{}, nil },
	}
	// Nothing listens there: names stay ids, at once.
	adapter, err := slack.New(slack.Config{SigningSecret: signingSecret, BotToken: botToken, APIURL: "http://127.0.0.1:1"})
	require.NoError(f, err)
	require.NoError(f, adapter.Attach(h))
	return func(t *testing.T, contentType, body string) {
		t.Helper()
		if w := serve(adapter, request(contentType, body)); w.Code >= http.StatusInternalServerError {
			t.Errorf("the answer is %d", w.Code)
		}
		for _, in := range h.taken() {
			if _, err := json.Marshal(in); err != nil {
				t.Errorf("%T has no JSON: %v", in, err)
			}
			var thread chat.ThreadID
			if m, ok := in.(*chat.Message); ok {
				thread = m.ThreadID
			} else if ev, ok := in.(interface{ Base() chat.EventBase }); ok {
				thread = ev.Base().ThreadID
			}
			if thread == "" {
				continue
			}
			if _, err := adapter.DecodeThreadID(thread); err != nil {
				t.Errorf("%T: %v", in, err)
			}
		}
	}
}

func FuzzEvent(f *testing.F) {
	for _, event := range []string{
		aMessage,
		`{"type":"message","subtype":"message_changed","channel":"C0ONE","message":{"user":"U0ADA","ts":"1.2","text":"a"},"previous_message":{"ts":"1.2","text":"b"}}`,
		`{"type":"message","subtype":"message_deleted","channel":"D0ONE","deleted_ts":"1.2"}`,
		`{"type":"reaction_added","user":"U0ADA","reaction":"+1","item":{"type":"message","channel":"C0ONE","ts":"1.2"}}`,
		`{"type":"assistant_thread_started","assistant_thread":{"user_id":"U0ADA","channel_id":"D0ONE","thread_ts":"1.2"}}`,
		`{"type":"member_joined_channel","user":"U0ADA","channel":"C0ONE"}`,
		`{"type":"of_the_future","user":{"id":"U0ADA"},"channel":{"id":"D0ONE"},"thread_ts":"1.2"}`,
	} {
		f.Add(event)
	}
	deliver := fuzzed(f)
	f.Fuzz(func(t *testing.T, event string) {
		deliver(t, jsonType, callback(event))
		deliver(t, jsonType, event)
	})
}

func FuzzInteraction(f *testing.F) {
	for _, payload := range []string{
		`{"type":"block_actions",` + who + `,` + inside + `,` + message + `,"actions":[{"action_id":"a","block_id":"b","type":"checkboxes","selected_options":[{"value":"x"}]}]}`,
		`{"type":"view_submission",` + who + `,` + view(`"{\"c\":\"x\"}"`, `{"b":{"a":{"type":"plain_text_input","value":"x"}}}`) + `}`,
		`{"type":"view_closed",` + who + `,` + view(`""`, `{}`) + `}`,
		`{"type":"block_suggestion",` + who + `,"action_id":"a","value":"x"}`,
		`{"type":"shortcut",` + who + `,"callback_id":"x"}`,
		`{"type":"message_action",` + who + `,` + inside + `,` + message + `}`,
	} {
		f.Add(payload)
	}
	deliver := fuzzed(f)
	f.Fuzz(func(t *testing.T, payload string) {
		deliver(t, formType, url.Values{"payload": {payload}}.Encode())
	})
}

func FuzzForm(f *testing.F) {
	f.Add("command=%2Fx&user_id=U0ADA&channel_id=C0ONE&text=a+b")
	f.Add("payload=%7B%7D")
	f.Add("ssl_check=1")
	deliver := fuzzed(f)
	f.Fuzz(func(t *testing.T, form string) { deliver(t, formType, form) })
}
