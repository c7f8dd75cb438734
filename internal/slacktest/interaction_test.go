package slacktest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	who     = `"user":{"id":"U0ADA","username":"ada","name":"Ada L","team_id":"T0ONE"},"team":{"id":"T0ONE"},"api_app_id":"A0APP","trigger_id":"1.2.abc"`
	inside  = `"channel":{"id":"C0ONE","name":"general"},"container":{"type":"message","message_ts":"1700000001.000200","channel_id":"C0ONE","thread_ts":"1700000000.000100"}`
	message = `"message":{"type":"message","user":"U0BOT","ts":"1700000001.000200","thread_ts":"1700000000.000100"}`
)

// TestActionValues checks what each kind of element gives.
func TestActionValues(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	for element, want := range map[string]string{
		`"type":"button"`:               "",
		`"type":"button","value":"yes"`: "yes",
		`"type":"static_select","selected_option":{"text":{"type":"plain_text","text":"A"},"value":"a"}`: "a",
		`"type":"external_select","selected_option":{"value":"b"}`:                                       "b",
		`"type":"overflow","selected_option":{"value":"c"}`:                                              "c",
		`"type":"radio_buttons","selected_option":{"value":"d"}`:                                         "d",
		`"type":"users_select","selected_user":"U0BEA"`:                                                  "U0BEA",
		`"type":"channels_select","selected_channel":"C0TWO"`:                                            "C0TWO",
		`"type":"conversations_select","selected_conversation":"G0TWO"`:                                  "G0TWO",
		`"type":"datepicker","selected_date":"2026-03-04"`:                                               "2026-03-04",
		`"type":"timepicker","selected_time":"13:37"`:                                                    "13:37",
		`"type":"datetimepicker","selected_date_time":1700000000`:                                        "1700000000",
		`"type":"checkboxes","selected_options":[{"value":"a"},{"value":"b,c"}]`:                         `["a","b,c"]`,
		`"type":"multi_static_select","selected_options":[{"value":"a"}]`:                                `["a"]`,
		`"type":"multi_static_select","selected_options":[]`:                                             "",
		`"type":"multi_users_select","selected_users":["U0A","U0B"]`:                                     `["U0A","U0B"]`,
		`"type":"multi_channels_select","selected_channels":["C0A"]`:                                     `["C0A"]`,
		`"type":"multi_conversations_select","selected_conversations":["C0A","D0B"]`:                     `["C0A","D0B"]`,
		`"type":"plain_text_input","value":"text"`:                                                       "text",
		`"type":"number_input","value":"4.5"`:                                                            "4.5",
		`"type":"feedback_buttons","value":"good"`:                                                       "good",
		`"type":"file_input","files":[{"id":"F1"}]`:                                                      `["F1"]`,
		`"type":"rich_text_input","rich_text_value":{"type":"rich_text","elements":[{"type":"rich_text_section",` +
			`"elements":[{"type":"text","text":"so "},{"type":"text","text":"bold","style":{"bold":true}}]}]}`: "so **bold**\n",
		`"type":"datepicker","selected_date":null`: "",
	} {
		ev := one[*chat.ActionEvent](t, r.interacted(t, `{"type":"block_actions",`+who+`,`+inside+`,`+message+`,"actions":[{"action_id":"act","block_id":"b",`+element+`,"action_ts":"1700000005.5"}]}`))
		require.Equal(t, want, ev.Value, element)
		require.Equal(t, "act", ev.ActionID)
		require.Equal(t, "1.2.abc", ev.TriggerID)
		require.Equal(t, chat.ThreadID("slack:C0ONE:1700000000.000100"), ev.ThreadID)
		require.Equal(t, chat.MessageID("C0ONE:1700000001.000200"), ev.MessageID)
		require.Equal(t, chat.Author{UserID: "U0ADA", UserName: "ada", FullName: "Ada L", Bot: new(false)}, ev.User)
		require.Equal(t, time.Unix(1700000005, 500000000).UTC(), ev.At)
	}
}

func TestActionsElsewhere(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	const click = `"actions":[{"action_id":"a","type":"button"},{"action_id":"b","type":"button"}]`
	got := r.interacted(t, `{"type":"block_actions",`+who+`,"container":{"type":"view"},"view":{"id":"V1"},`+click+`}`)
	require.Len(t, got, 2)
	require.Empty(t, got[0].(*chat.ActionEvent).ThreadID, "a modal is in no thread")
	require.NotEqual(t, got[0].(*chat.ActionEvent).ID, got[1].(*chat.ActionEvent).ID)

	const direct = `"channel":{"id":"D0ONE"},"container":{"type":"message","message_ts":"1700000001.000200","channel_id":"D0ONE"}`
	got = r.interacted(t, `{"type":"block_actions",`+who+`,`+direct+`,`+click+`}`)
	require.Equal(t, chat.ThreadID("slack:D0ONE:"), got[0].(*chat.ActionEvent).ThreadID, "the conversation's thread, as for messages")

	const ephemeral = `"channel":{"id":"C0ONE"},"container":{"type":"message","message_ts":"1700000001.000200","channel_id":"C0ONE","is_ephemeral":true}`
	got = r.interacted(t, `{"type":"block_actions",`+who+`,`+ephemeral+`,"response_url":"https://hooks.slack.com/actions/T0ONE/1/x",`+click+`}`)
	// {"responseUrl":"https://hooks.slack.com/actions/T0ONE/1/x","userId":"U0ADA"}, as the TypeScript SDK has it.
	require.Equal(t, chat.MessageID("ephemeral:1700000001.000200:eyJyZXNwb25zZVVybCI6Imh0dHBzOi8vaG9va3Muc2xhY2suY29tL2FjdGlvbnMvVDBPTkUvMS94IiwidXNlcklkIjoiVTBBREEifQ=="), got[0].(*chat.ActionEvent).MessageID)
	got = r.interacted(t, `{"type":"block_actions",`+who+`,`+ephemeral+`,"response_url":"https://evil.example/x",`+click+`}`)
	require.Equal(t, chat.MessageID("C0ONE:1700000001.000200"), got[0].(*chat.ActionEvent).MessageID, "not Slack's address")
}

func TestShortcuts(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	ev := one[*chat.PlatformEvent](t, r.interacted(t, `{"type":"shortcut",`+who+`,"callback_id":"new","action_ts":"1700000005.5"}`))
	require.Equal(t, slack.EventShortcut, ev.Name)
	require.Equal(t, slack.Shortcut{CallbackID: "new", TriggerID: "1.2.abc"}, data[slack.Shortcut](t, ev))
	require.Equal(t, chat.UserID("U0ADA"), ev.User.UserID)

	ev = one[*chat.PlatformEvent](t, r.interacted(t, `{"type":"message_action",`+who+`,"callback_id":"file","response_url":"https://hooks.slack.com/app/1","channel":{"id":"C0ONE"},`+message+`}`))
	require.Equal(t, slack.EventMessageAction, ev.Name)
	require.Equal(t, chat.ThreadID("slack:C0ONE:1700000000.000100"), ev.ThreadID)
	got := data[slack.MessageAction](t, ev)
	require.Equal(t, chat.MessageID("C0ONE:1700000001.000200"), got.MessageID)
	require.Contains(t, string(got.Message), `"user":"U0BOT"`)
	require.Equal(t, http.StatusBadRequest, r.interaction(t, `{"type":"message_action",`+who+`}`).Code)
	require.Empty(t, r.interacted(t, `{"type":"of_the_future",`+who+`}`))
}

func view(metadata, values string) string {
	return `"view":{"id":"V1","hash":"1.a","callback_id":"form","private_metadata":` + metadata + `,
		"blocks":[{"type":"section","block_id":"s"},{"type":"input","block_id":"block1"},{"type":"input","block_id":"block2"}],"state":{"values":` + values + `}}`
}

func TestModalSubmission(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	var got *chat.ModalSubmitEvent
	var give chat.ModalAnswer
	var fail error
	r.host.submit = func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		got = ev
		return give, fail
	}
	payload := `{"type":"view_submission",` + who + `,` + view(`"{\"c\":\"ctx\",\"m\":\"mine\"}"`,
		`{"block1":{"name":{"type":"plain_text_input","value":"Ada"},"empty":{"type":"plain_text_input","value":null}},"block2":{"day":{"type":"datepicker","selected_date":"2026-03-04"}}}`) + `}`
	answer := func() string {
		w := r.interaction(t, payload)
		require.Equal(t, http.StatusOK, w.Code)
		if w.Body.Len() > 0 {
			require.Contains(t, w.Header().Get("Content-Type"), jsonType)
		}
		return w.Body.String()
	}
	require.Empty(t, answer(), "nothing closes the modal")
	require.Equal(t, "form", got.CallbackID)
	require.Equal(t, "V1", got.ViewID)
	require.Equal(t, "ctx", got.ContextID)
	require.Equal(t, "mine", got.PrivateMetadata)
	require.Equal(t, "1.2.abc", got.TriggerID)
	require.Equal(t, chat.ModalValues{"name": "Ada", "day": "2026-03-04"}, got.Values)
	require.Equal(t, "view_submission:1.2.abc", got.ID)

	give = chat.ModalAnswer{Action: chat.ModalClear}
	require.JSONEq(t, `{"response_action":"clear"}`, answer())
	give = chat.ModalAnswer{Action: chat.ModalErrors, Errors: map[string]string{"day": "too late"}}
	require.JSONEq(t, `{"response_action":"errors","errors":{"block2":"too late"}}`, answer(), "by the blocks, as Slack wants them")
	give.Errors = map[string]string{"other": "is not here"}
	require.JSONEq(t, `{"response_action":"errors","errors":{"block1":"is not here"}}`, answer(), "Slack refuses blocks that it does not know")

	next := card.NewModal("next", "Next", card.NewTextInput("name", "Name"))
	next.PrivateMetadata = "theirs"
	for _, action := range []chat.ModalAction{chat.ModalUpdate, chat.ModalPush} {
		give = chat.ModalAnswer{Action: action, Modal: next, ContextID: "ctx2"}
		var got struct {
			Action string `json:"response_action"`
			View   struct {
				CallbackID string `json:"callback_id"`
				Metadata   string `json:"private_metadata"`
				Blocks     []any  `json:"blocks"`
			} `json:"view"`
		}
		require.NoError(t, json.Unmarshal([]byte(answer()), &got))
		require.Equal(t, string(action), got.Action)
		require.Equal(t, "next", got.View.CallbackID)
		require.JSONEq(t, `{"c":"ctx2","m":"theirs"}`, got.View.Metadata)
		require.Len(t, got.View.Blocks, 1)
	}

	give = chat.ModalAnswer{Action: chat.ModalUpdate}
	require.Equal(t, http.StatusBadRequest, r.interaction(t, payload).Code, "without a modal")
	give = chat.ModalAnswer{Action: "explode"}
	require.Equal(t, http.StatusBadRequest, r.interaction(t, payload).Code)
	fail = errors.New("broken")
	require.Equal(t, http.StatusServiceUnavailable, r.interaction(t, payload).Code, "the user sees that it did not work")
}

func TestModalClosed(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	for metadata, want := range map[string][2]string{
		`"{\"c\":\"ctx\",\"m\":\"mine\"}"`: {"ctx", "mine"},
		`"{\"m\":\"mine\"}"`:               {"", "mine"},
		`"{\"c\":\"ctx\"}"`:                {"ctx", ""},
		`"old"`:                            {"old", ""},
		`"{\"x\":1}"`:                      {`{"x":1}`, ""},
		`""`:                               {"", ""},
	} {
		ev := one[*chat.ModalClosedEvent](t, r.interacted(t, `{"type":"view_closed",`+who+`,`+view(metadata, `{}`)+`}`))
		require.Equal(t, "form", ev.CallbackID)
		require.Equal(t, want, [2]string{ev.ContextID, ev.PrivateMetadata}, metadata)
	}
	require.Equal(t, http.StatusBadRequest, r.interaction(t, `{"type":"view_closed",`+who+`}`).Code)
}

func TestOptions(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	var got *chat.OptionsLoadEvent
	var give chat.Options
	var fail error
	r.host.options = func(_ context.Context, ev *chat.OptionsLoadEvent) (chat.Options, error) {
		got = ev
		return give, fail
	}
	ask := func() string {
		w := r.interaction(t, `{"type":"block_suggestion",`+who+`,`+inside+`,"action_id":"city","block_id":"b","value":"Vi"}`)
		require.Equal(t, http.StatusOK, w.Code)
		return w.Body.String()
	}
	require.JSONEq(t, `{"options":[]}`, ask())
	require.Equal(t, "city", got.ActionID)
	require.Equal(t, "Vi", got.Query)
	require.Equal(t, chat.ThreadID("slack:C0ONE:1700000000.000100"), got.ThreadID)

	vienna := &card.Option{Label: "Vienna", Value: "vie", Description: "Austria"}
	give = chat.Options{Options: []*card.Option{vienna, {Label: strings.Repeat("ü", 80), Value: "long"}}}
	require.JSONEq(t, `{"options":[{"text":{"type":"plain_text","text":"Vienna"},"value":"vie","description":{"type":"plain_text","text":"Austria"}},
		{"text":{"type":"plain_text","text":"`+strings.Repeat("ü", 74)+`…"},"value":"long"}]}`, ask())
	give = chat.Options{Groups: []chat.OptionGroup{{Label: "Austria", Options: []*card.Option{{Label: "Vienna", Value: "vie"}}}}}
	require.JSONEq(t, `{"option_groups":[{"label":{"type":"plain_text","text":"Austria"},"options":[{"text":{"type":"plain_text","text":"Vienna"},"value":"vie"}]}]}`, ask())
	give = chat.Options{}
	for range 120 {
		give.Options = append(give.Options, vienna)
	}
	require.Equal(t, 100, strings.Count(ask(), `"vie"`))
	fail = errors.New("broken")
	require.JSONEq(t, `{"options":[]}`, ask(), "the user can type on")
}

// TestOptionsInTime checks that a handler that does not end is not waited for.
func TestOptionsInTime(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	release := make(chan struct{})
	defer close(release)
	r.host.options = func(context.Context, *chat.OptionsLoadEvent) (chat.Options, error) {
		<-release
		return chat.Options{}, nil
	}
	w := r.interaction(t, `{"type":"block_suggestion",`+who+`,"action_id":"city","value":"Vi"}`)
	require.JSONEq(t, `{"options":[]}`, w.Body.String())
}

// TestSubmissionInTime checks the same of a submitted modal: the user sees that it
// did not work.
func TestSubmissionInTime(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	release := make(chan struct{})
	defer close(release)
	r.host.submit = func(context.Context, *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		<-release
		return chat.ModalAnswer{}, nil
	}
	w := r.interaction(t, `{"type":"view_submission",`+who+`,`+view(`""`, `{}`)+`}`)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
}

func TestSlashCommand(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	send := func(form url.Values) int { return serve(r, request(formType, form.Encode())).Code }
	require.Equal(t, http.StatusOK, send(url.Values{
		"command": {"/deploy"}, "text": {"prod now"}, "user_id": {"U0ADA"}, "user_name": {"ada"}, "channel_id": {"C0ONE"}, "team_id": {"T0ONE"}, "trigger_id": {"1.2.abc"},
		"is_enterprise_install": {"false"}, "response_url": {"https://hooks.slack.com/commands/1"},
	}))
	ev := one[*chat.SlashCommandEvent](t, r.host.taken())
	require.Equal(t, "/deploy", ev.Command)
	require.Equal(t, "prod now", ev.Text)
	require.Equal(t, chat.ChannelID("slack:C0ONE"), ev.ChannelID)
	require.Equal(t, "1.2.abc", ev.TriggerID)
	require.Equal(t, "command:1.2.abc", ev.ID)
	require.Equal(t, "u0ada", ev.User.UserName)
	require.Contains(t, string(ev.Raw), `"response_url":"https://hooks.slack.com/commands/1"`)

	require.Equal(t, http.StatusOK, send(url.Values{"ssl_check": {"1"}}))
	require.Equal(t, http.StatusBadRequest, send(url.Values{"command": {"/x"}}))
	require.Equal(t, http.StatusBadRequest, send(url.Values{"other": {"1"}}))
	require.Equal(t, http.StatusBadRequest, send(url.Values{"payload": {"{"}}))
	require.Equal(t, http.StatusBadRequest, send(url.Values{"payload": {`{"type":"block_actions"}`}}))
	require.Empty(t, r.host.taken())
}
