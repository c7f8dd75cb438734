package fakegchat

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each is a call that Google refuses, or whose argument it does not have.
func TestWrongCallsAreRefused(t *testing.T) {
	t.Parallel()
	const (
		create = "POST /v1/spaces/A/messages"
		patch  = "PATCH /v1/spaces/A/messages/M.1?updateMask=text"
	)
	card := func(widget string) string {
		return `{"cardsV2":[{"cardId":"c","card":{"sections":[{"widgets":[` + widget + `]}]}}]}`
	}
	for name, c := range map[string]struct{ call, body, problem string }{
		"a field of another platform":    {create, `{"text":"x","thread_ts":"1"}`, `no field "thread_ts"`},
		"a text that is a number":        {create, `{"text":7}`, "want a text"},
		"a markup that there is not":     {create, `{"text":"x","markupSyntax":"HTML"}`, "markupSyntax"},
		"a thread of no name":            {create, `{"text":"x","thread":{"name":"T"}}`, "thread.name"},
		"a thread without a name":        {create, `{"text":"x","thread":{}}`, `"thread.name" is missing`},
		"an option that there is not":    {create + "?messageReplyOption=YES", `{"text":"x"}`, "messageReplyOption"},
		"a parameter that there is not":  {create + "?thread=x", `{"text":"x"}`, `no parameter "thread"`},
		"a message id of no form":        {create + "?messageId=mine", `{"text":"x"}`, "messageId"},
		"a viewer of no form":            {create, `{"text":"x","privateMessageViewer":{"name":"ada"}}`, "privateMessageViewer.name"},
		"a card without sections' parts": {create, `{"cardsV2":[{"card":{"sections":[{}]}}]}`, `widgets" is missing`},
		"a widget that there is not":     {create, card(`{"table":{}}`), `no field`},
		"a button without a click":       {create, card(`{"buttonList":{"buttons":[{"text":"x"}]}}`), `onClick" is missing`},
		"a button without words":         {create, card(`{"buttonList":{"buttons":[{"text":"","onClick":{"openLink":{"url":"https://x"}}}]}}`), "text"},
		"a link to a program":            {create, card(`{"buttonList":{"buttons":[{"text":"x","onClick":{"openLink":{"url":"javascript:x"}}}]}}`), "url"},
		"a picture without TLS":          {create, card(`{"image":{"imageUrl":"http://x"}}`), "imageUrl"},
		"a parameter without a value":    {create, card(`{"buttonList":{"buttons":[{"text":"x","onClick":{"action":{"function":"f","parameters":[{"key":"k"}]}}}]}}`), `value" is missing`},
		"a menu of another kind":         {create, card(`{"selectionInput":{"name":"n","type":"LIST","items":[]}}`), "type"},
		"a footer on a message":          {create, `{"cardsV2":[{"card":{"sections":[],"fixedFooter":{}}}]}`, "fixedFooter"},
		"an edit without a mask":         {"PATCH /v1/spaces/A/messages/M.1", `{"text":"x"}`, `"updateMask" is missing`},
		"an edit of what cannot be":      {"PATCH /v1/spaces/A/messages/M.1?updateMask=text,thread", `{"text":"x"}`, "updateMask"},
		"an edit of a thread":            {patch, `{"text":"x","thread":{"name":"spaces/A/threads/T"}}`, `no field "thread"`},
		"a deletion with a body":         {"DELETE /v1/spaces/A/messages/M.1", `{"x":1}`, "there is a body"},
		"a filter of another language":   {"GET /v1/spaces/A/messages?filter=thread:T", ``, "filter"},
		"a reaction by its name":         {"POST /v1/spaces/A/messages/M.1/reactions", `{"emoji":"heart"}`, "no object"},
		"a download without alt":         {"GET /v1/media/F", ``, `"alt" is missing`},
		"a conversation with nobody":     {"GET /v1/spaces:findDirectMessage", ``, `"name" is missing`},
		"an event that there is not":     {"EVENTS POST /v1/subscriptions", `{"targetResource":"//chat.googleapis.com/spaces/A","eventTypes":["x"],"notificationEndpoint":{"pubsubTopic":"projects/p/topics/t"}}`, "eventTypes"},
		"a space without its host":       {"EVENTS POST /v1/subscriptions", `{"targetResource":"spaces/A","eventTypes":[],"notificationEndpoint":{"pubsubTopic":"projects/p/topics/t"}}`, "targetResource"},
		"a renewal of the time itself":   {"EVENTS PATCH /v1/subscriptions/S?updateMask=expireTime", `{"ttl":"0s"}`, "updateMask"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call, host := c.call, ""
			if rest, ok := strings.CutPrefix(call, "EVENTS "); ok {
				call, host = rest, eventsHost
			}
			verb, address, _ := strings.Cut(call, " ")
			at, err := url.Parse(address)
			require.NoError(t, err)
			op := operationOf(host, httptest.NewRequest(verb, at.Path, nil))
			require.NotNil(t, op)
			made := &Call{Query: at.Query()}
			if c.body != "" {
				d := json.NewDecoder(strings.NewReader(c.body))
				d.UseNumber()
				require.NoError(t, d.Decode(&made.Body))
			}
			require.Contains(t, strings.Join(op.check(made), "; "), c.problem)
		})
	}
	for name, c := range map[string]struct{ body, problem string }{
		"nothing": {`{}`, "cannot be empty"}, "white space": {`{"text":" \n"}`, "cannot be empty"}, "too long": {`{"text":"` + strings.Repeat("x", 32_001) + `"}`, "too long"},
		"an empty section": {`{"cardsV2":[{"card":{"sections":[{"widgets":[]}]}}]}`, "no widgets"}, "an empty card": {`{"cardsV2":[{"card":{}}]}`, "empty"},
		"two in one widget": {card(`{"divider":{},"image":{}}`), "not one thing"}, "101 widgets": {card(strings.Repeat(`{"divider":{}},`, 100) + `{"divider":{}}`), "more than 100"},
	} {
		var body map[string]any
		require.NoError(t, json.Unmarshal([]byte(c.body), &body))
		failure := content(&Call{Body: body}, false)
		require.NotNil(t, failure, name)
		require.Contains(t, failure.Message, c.problem, name)
	}
	require.NotNil(t, content(&Call{User: Delegate, Body: map[string]any{"cardsV2": []any{map[string]any{"card": map[string]any{"header": map[string]any{"title": "x"}}}}}}, false), "cards of users")
	for _, call := range []string{"PUT /v1/spaces/A/messages/M.1", "GET /v1/spaces/A/threads", "GET /v2/spaces", "POST /v1/spaces/A", "GET /v1/spaces/A/messages/M/x"} {
		verb, path, _ := strings.Cut(call, " ")
		require.Nil(t, operationOf("", httptest.NewRequest(verb, path, nil)), call)
	}
}
