package teamstest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/teams"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/teamstest/faketeams"
)

// words stand in every text here. Neither errors nor logs may hold them.
const words = "pr1vate w0rds"

func requireSecrecy(t *testing.T, text string) {
	t.Helper()
	for _, s := range []string{words, faketeams.AppPassword, "eyJhbGciOi", "fake-token-", "PRIVATE KEY"} {
		if strings.Contains(text, s) {
			t.Errorf("%q is in %.300q", s, text)
		}
	}
}

// newAttacked is a rig whose log is searched for words and secrets.
func newAttacked(t *testing.T, change ...func(*teams.Config)) *rig {
	t.Helper()
	r := newRig(t, change...)
	t.Cleanup(func() { requireSecrecy(t, r.log.String()) })
	return r
}

// webhooks has an activity of each kind, with the fields of it that an adapter may read:
// its type, its conversation and what it has more than others.
// https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events
var webhooks = map[string]struct{ kind, conversation, fields string }{
	"mention": {"message", thread, `"text":"<at>The Bot</at> ` + words + `","textFormat":"plain","locale":"en-US","localTimestamp":"2026-01-01T01:00:00+01:00","entities":[{"type":"mention","text":"<at>The Bot</at>","mentioned":{"id":"` + bot + `","name":"The Bot"}},{"type":"clientInfo","locale":"en-US","country":"US","platform":"Web"}],` +
		`"attachments":[{"contentType":"text/html","content":"<p><at id=\"0\">The Bot</at> <b>` + words + `</b></p>"}],"channelData":{"teamsChannelId":"` + channel + `","teamsTeamId":"` + teamID + `","channel":{"id":"` + channel + `"},"team":{"id":"` + teamID + `","aadGroupId":"` + teamGUID + `"},"tenant":{"id":"` + faketeams.Tenant + `"}}`},
	"file":          {"message", personal, `"text":"` + words + `","attachments":[{"contentType":"application/vnd.microsoft.teams.file.download.info","contentUrl":"https://contoso.sharepoint.com/a.txt","name":"a.txt","content":{"downloadUrl":"https://contoso.sharepoint.com/download","uniqueId":"u","fileType":"txt"}},{"contentType":"image/*","contentUrl":"https://smba.trafficmanager.net/amer/v3/attachments/0/views/original"}]`},
	"group":         {"message", group, `"text":"` + words + `","textFormat":"xml"`},
	"click":         {"message", personal, `"replyToId":"1767224924000","value":{"actionId":"b","value":"` + words + `","x":{"y":[1]}}`},
	"edit":          {"messageUpdate", thread, `"text":"` + words + `","channelData":{"eventType":"editMessage"}`},
	"undeletion":    {"messageUpdate", thread, `"text":"` + words + `","channelData":{"eventType":"undeleteMessage"}`},
	"deletion":      {"messageDelete", thread, `"channelData":{"eventType":"softDeleteMessage"}`},
	"reaction":      {"messageReaction", thread, `"replyToId":"1767224924000","reactionsAdded":[{"type":"like"}]`},
	"unreaction":    {"messageReaction", thread, `"replyToId":"1767224924000","reactionsRemoved":[{"type":"heart"}]`},
	"member":        {"conversationUpdate", channel, `"membersAdded":[{"id":"29:1eve","name":"Eve","aadObjectId":"` + adaGUID + `"}],"channelData":{"eventType":"teamMemberAdded","team":{"id":"` + teamID + `","name":"` + words + `"}}`},
	"no member":     {"conversationUpdate", channel, `"membersRemoved":[{"id":"29:1eve"}],"channelData":{"eventType":"teamMemberRemoved","team":{"id":"` + teamID + `"}}`},
	"channel":       {"conversationUpdate", channel, `"channelData":{"eventType":"channelCreated","channel":{"id":"` + channel + `","name":"` + words + `"},"team":{"id":"` + teamID + `"}}`},
	"installation":  {"installationUpdate", channel, `"action":"add","channelData":{"settings":{"selectedChannel":{"id":"` + channel + `"}},"team":{"id":"` + teamID + `"}}`},
	"removal":       {"installationUpdate", personal, `"action":"remove"`},
	"meeting":       {"event", group, `"name":"application/vnd.microsoft.meetingStart","value":{"Id":"m","Title":"` + words + `","StartTime":"2026-01-01T00:00:00Z"}`},
	"receipt":       {"event", personal, `"name":"application/vnd.microsoft.readReceipt","value":{"lastReadMessageId":"1767224924000"}`},
	"typing":        {"typing", personal, `"x":1`},
	"end":           {"endOfConversation", personal, `"code":"x"`},
	"action":        {"invoke", personal, `"name":"adaptiveCard/action","replyToId":"1767224924000","value":{"action":{"type":"Action.Execute","id":"b","verb":"b","data":{"actionId":"b","value":"` + words + `"}},"trigger":"manual"}`},
	"fetch":         {"invoke", personal, `"name":"task/fetch","replyToId":"1767224924000","value":{"data":{"actionId":"b","value":"` + words + `","msteams":{"type":"task/fetch"}},"context":{"theme":"default"}}`},
	"submission":    {"invoke", personal, `"name":"task/submit","value":{"data":{"__callbackId":"cb","__contextId":"c","n":"` + words + `"}}`},
	"search":        {"invoke", personal, `"name":"application/search","value":{"kind":"search","queryText":"` + words + `","queryOptions":{"skip":0,"top":15},"dataset":"x"}`},
	"query":         {"invoke", personal, `"name":"composeExtension/query","value":{"commandId":"c","parameters":[{"name":"q","value":"` + words + `"}],"queryOptions":{"skip":0,"count":25}}`},
	"consent":       {"invoke", personal, `"name":"fileConsent/invoke","value":{"type":"fileUpload","action":"accept","context":{"x":1},"uploadInfo":{"contentUrl":"https://contoso.sharepoint.com/a","name":"a","uploadUrl":"https://contoso.sharepoint.com/up","uniqueId":"u","fileType":"txt"}}`},
	"sign in":       {"invoke", personal, `"name":"signin/verifyState","value":{"state":"` + words + `"}`},
	"feedback":      {"invoke", personal, `"name":"message/submitAction","replyToId":"1767224924000","value":{"actionName":"feedback","actionValue":{"reaction":"like","feedback":"{\"feedbackText\":\"` + words + `\"}"}}`},
	"future invoke": {"invoke", personal, `"name":"time/travel","value":{"to":"` + words + `"}`},
	"future":        {"timeTravel", thread, `"to":"` + words + `"`},
}

// hookOf is an activity of the kind that is no other's.
func hookOf(t *testing.T, name string) string {
	t.Helper()
	var fields map[string]any
	w := webhooks[name]
	require.NoError(t, json.Unmarshal([]byte("{"+w.fields+"}"), &fields))
	return activity(w.kind, w.conversation, fields)
}

// answered are the kinds that handlers answer which a rig does not have.
var answered = []string{"submission", "search"}

// others stand where a value was.
var others = []any{nil, true, 1e300, "", "\x00 <at>x</at>;messageid=:" + strings.Repeat("x", 300), []any{nil, 7}, map[string]any{"id": 7}}

// keepForms has what handlers answer handed over, too.
func (r *rig) keepForms() {
	r.OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		r.handled <- ev
		return chat.ModalAnswer{}, nil
	})
}

// taken delivers an activity twice. One that is taken is handled once; one that is not is
// refused both times.
func (r *rig) taken(t *testing.T, body, token string) bool {
	t.Helper()
	w := r.deliverAs(t, body, token)
	requireSecrecy(t, w.Body.String())
	if w.Code != http.StatusOK {
		require.True(t, w.Code >= 400 && w.Code < 500 || w.Code == http.StatusNotImplemented, "%d: %s: %.900s", w.Code, w.Body, body)
		require.Equal(t, w.Code, r.deliverAs(t, body, token).Code)
		return false
	}
	if strings.Contains(body, `"application/search"`) {
		return true // a question, which may be asked twice
	}
	select {
	case <-r.handled:
	case <-time.After(botrig.Patience):
		t.Errorf("taken and not handled: %.900s", body)
	}
	again := r.deliverAs(t, body, token)
	require.Equal(t, http.StatusOK, again.Code, "%s again: %.600s\n%s", again.Body, body, r.log)
	return true
}

// done waits for what still runs, and checks that all has been taken note of.
func (r *rig) done(t *testing.T) {
	t.Helper()
	r.send(t, activity("theLast", thread, nil))
	for last := false; !last; {
		ev, ok := next[chat.Inbound](t, r).(*chat.PlatformEvent)
		if last = ok && ev.Name == "teams:theLast"; !last {
			t.Errorf("handled too much: %+v", ev)
		}
	}
	require.NoError(t, r.Shutdown(context.WithoutCancel(t.Context())))
	r.quiet(t)
}

// TestAttackFields sends activities of each kind with fields of the wrong type, and
// without them: each is taken and handled once, or refused for what it is.
func TestAttackFields(t *testing.T) {
	t.Parallel()
	for name := range webhooks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttacked(t)
			r.keepForms()
			token := "Bearer " + faketeams.SignedBy(faketeams.FirstKey(), faketeams.Claims(time.Now()))
			// What all kinds have in common is varied in one of them.
			varied := hookOf(t, name)
			if name != "mention" {
				varied = "{" + webhooks[name].fields + "}"
			}
			var whole any
			require.NoError(t, json.Unmarshal([]byte(varied), &whole))
			taken := 0
			attack.Variants(whole, others, func(v any) {
				if fields, ok := v.(map[string]any); ok {
					fields = maps.Clone(fields)
					if _, varies := fields["id"].(string); name == "mention" && varies {
						fields["id"] = fmt.Sprint(1767224900000 + sampled.Add(1))
					}
					v = fields
				}
				data, err := json.Marshal(v)
				require.NoError(t, err)
				body := string(data)
				if fields, ok := v.(map[string]any); ok && name != "mention" {
					body = activity(webhooks[name].kind, webhooks[name].conversation, fields)
				}
				if r.taken(t, body, token) {
					taken++
				}
			})
			require.NotZero(t, taken)
			r.done(t)
		})
	}
}

// TestAttackDoubled delivers each activity many times at once to two instances: what is
// answered 200 is handled once.
func TestAttackDoubled(t *testing.T) {
	t.Parallel()
	for name := range webhooks {
		if slices.Contains(answered, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, st := newTeams(t), botrig.Memory(t)
			rigs := []*rig{newRigOn(t, s, st), newRigOn(t, s, st)}
			body := hookOf(t, name)
			var group sync.WaitGroup
			for i := range 8 {
				group.Go(func() {
					// What another delivery is storing is 503, for Teams to come again.
					if code := rigs[i%2].deliver(t, body).Code; code != http.StatusOK && code != http.StatusServiceUnavailable {
						t.Errorf("answered %d", code)
					}
				})
			}
			group.Wait()
			rigs[0].send(t, body)
			for _, r := range rigs {
				require.NoError(t, r.Shutdown(t.Context()))
				requireSecrecy(t, r.log.String())
			}
			require.Equal(t, 1, len(rigs[0].handled)+len(rigs[1].handled))
		})
	}
}

// TestAttackOrder delivers a deletion, an edit and a reaction before their message.
func TestAttackOrder(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	const id = "1767224926001"
	r.send(t, activity("messageDelete", thread, map[string]any{"id": id, "channelData": map[string]any{"eventType": "softDeleteMessage"}}))
	next[*chat.MessageDeletedEvent](t, r)
	r.send(t, activity("messageUpdate", thread, map[string]any{"id": id, "text": "b", "channelData": map[string]any{"eventType": "editMessage"}}))
	next[*chat.MessageUpdatedEvent](t, r)
	r.send(t, activity("messageReaction", thread, map[string]any{"replyToId": id, "reactionsAdded": []any{map[string]any{"type": "like"}}}))
	next[*chat.ReactionEvent](t, r)
	r.send(t, mentioning(thread, id, "a"))
	require.Equal(t, id, activityOf(next[*chat.Message](t, r).ID))
	r.quiet(t)
}

// TestAttackEditsAndReactionsThatRecur edits and reacts to a message again and again: each
// is one of its own, though the message's id is the same.
func TestAttackEditsAndReactionsThatRecur(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	for i := range 3 {
		at := time.Date(2026, 1, 2, 0, 0, i, 0, time.UTC).Format(time.RFC3339Nano)
		r.send(t, activity("messageUpdate", thread, map[string]any{"id": "1767224926002", "timestamp": at, "text": fmt.Sprint(i), "channelData": map[string]any{"eventType": "editMessage"}}))
		require.Equal(t, fmt.Sprint(i), next[*chat.MessageUpdatedEvent](t, r).Message.Text)
		for _, change := range []string{"reactionsAdded", "reactionsRemoved"} {
			r.send(t, activity("messageReaction", thread, map[string]any{"timestamp": at, "replyToId": "1767224926002", change: []any{map[string]any{"type": "like"}}}))
			next[*chat.ReactionEvent](t, r)
		}
	}
	for _, conversation := range []string{thread, group, personal} { // Teams numbers messages by the time
		r.send(t, mentioning(conversation, "1767224926003", conversation))
		next[*chat.Message](t, r)
	}
	r.quiet(t)
}

// TestAttackLists has several reactions and members in one activity: none is lost, and a
// second delivery has none of them again.
func TestAttackLists(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	kind := func(name string) any { return map[string]any{"type": name} }
	body := activity("messageReaction", thread, map[string]any{"replyToId": "1767224926004", "reactionsAdded": []any{kind("like"), kind("heart")}, "reactionsRemoved": []any{kind("sad"), nil, kind("a_future_one")}})
	if w := r.deliver(t, body); w.Code == http.StatusOK {
		for range 4 {
			next[*chat.ReactionEvent](t, r)
		}
	}
	body = activity("messageReaction", thread, map[string]any{"replyToId": "1767224926004", "reactionsAdded": []any{kind("like"), kind("heart")}, "reactionsRemoved": []any{kind("sad")}})
	r.send(t, body)
	for range 3 {
		next[*chat.ReactionEvent](t, r)
	}
	r.send(t, body)
	var all []any
	for i := range 40 {
		all = append(all, map[string]any{"id": fmt.Sprintf("29:1member-%d", i), "name": words})
	}
	body = activity("conversationUpdate", channel, map[string]any{"membersAdded": all, "membersRemoved": all[:3]})
	r.send(t, body)
	joined := map[chat.UserID]int{}
	for seen := 0; seen < 43; {
		ev := next[*chat.MembershipEvent](t, r)
		seen++
		joined[ev.User.UserID]++
	}
	require.Len(t, joined, 40)
	r.send(t, body)
	r.quiet(t)
}

// TestAttackBodies sends what is half, too long, nested or nothing.
func TestAttackBodies(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	token := "Bearer " + faketeams.SignedBy(faketeams.FirstKey(), faketeams.Claims(time.Now()))
	whole := hookOf(t, "mention")
	for i := 0; i < len(whole); i += 11 {
		require.Equal(t, http.StatusBadRequest, r.deliverAs(t, whole[:i], token).Code, whole[:i])
	}
	ask := func(method string, body io.Reader) int {
		req := httptest.NewRequestWithContext(t.Context(), method, "/webhooks/teams", body)
		req.Header.Set("Authorization", token)
		w := httptest.NewRecorder()
		r.Chat.ServeHTTP(w, req)
		requireSecrecy(t, w.Body.String())
		return w.Code
	}
	for name, body := range map[string]string{
		"null": "null", "a number": "7", "a text": `"x"`, "a list": "[" + whole + "]", "two": whole + whole, "rubbish after it": whole + "x", "NUL": whole + "\x00", "UTF-16": "\xfe\xff\x00{", "white space": " \n", "a form": "activity=x",
		"nested": strings.Repeat(`{"value":`, 50_000) + strings.Repeat("}", 50_000), "nested lists": strings.Repeat("[", 500_000), "nothing in it": "{}",
	} {
		code := ask(http.MethodPost, strings.NewReader(body))
		require.True(t, code >= 400 && code < 500, "%s: %d", name, code)
	}
	for name, body := range map[string]io.Reader{"breaks off": io.MultiReader(strings.NewReader(whole[:50]), iotest.ErrReader(io.ErrUnexpectedEOF)), "breaks off at its end": io.MultiReader(strings.NewReader(whole), iotest.ErrReader(io.ErrUnexpectedEOF))} {
		code := ask(http.MethodPost, body)
		require.True(t, code >= 400 && code < 500, "%s: %d", name, code)
	}
	large := strings.TrimSuffix(whole, "}") + `,"padding":"` + strings.Repeat("x", 8<<20) + `"}`
	for _, body := range []io.Reader{strings.NewReader(large), io.MultiReader(strings.NewReader(large))} { // with a length and without
		require.Equal(t, http.StatusRequestEntityTooLarge, ask(http.MethodPost, body))
	}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, "post"} {
		require.Equal(t, http.StatusMethodNotAllowed, ask(method, strings.NewReader(whole)), method)
	}
	r.quiet(t)
	r.send(t, strings.TrimSuffix(whole, "}")+`,"padding":"`+strings.Repeat("x", 200_000)+`"}`)
	next[*chat.Message](t, r)
	r.quiet(t)
}

// TestAttackContent sends texts and ids that nobody means well with. What is taken is
// handled once, can be kept as JSON, and can be answered.
func TestAttackContent(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	said := func(fields map[string]any) string {
		all := map[string]any{"text": "a", "textFormat": "plain"}
		maps.Copy(all, fields)
		return activity("message", personal, all)
	}
	html := func(text string) string {
		return said(map[string]any{"attachments": []any{map[string]any{"contentType": "text/html", "content": text}}})
	}
	text := func(s string) string { return said(map[string]any{"text": s}) }
	mention := func(said string, id any) map[string]any {
		return map[string]any{"type": "mention", "text": said, "mentioned": map[string]any{"id": id, "name": said}}
	}
	var mentions []any
	for i := range 2000 {
		mentions = append(mentions, mention("<at>a</at>", fmt.Sprint("29:", i)))
	}
	for name, body := range map[string]string{
		"empty": text(""), "white space": text(" \n\t"), "NUL": text("a\x00b"), "no UTF-8": strings.Replace(text("QQ"), "QQ", "a\xff\xfeb", 1), "half a character": strings.Replace(text("QQ"), "QQ", `a\ud83d b\udc00`, 1), "long": text(strings.Repeat("😀", 50_000)), "marks": text(strings.Repeat("*_`~[", 10_000)), "quotes": text(strings.Repeat(">", 40_000) + "a"),
		"HTML": html(strings.Repeat("<div><p>", 20_000) + "x"), "open tags": html(strings.Repeat("<a", 30_000)), "open comment": html("<!--" + strings.Repeat("-", 30_000)), "lists": html(strings.Repeat("<ul><li>", 10_000) + "x"), "a table": html("<table>" + strings.Repeat("<tr>"+strings.Repeat("<td>x", 20), 500)), "scripts": html(`<script>alert(1)</script><a href="javascript:alert(1)">x</a><img src="data:text/html,x">`),
		"entities": html(strings.Repeat("&amp;&#x1F600;&#99999999999;&", 5000)), "quoted": html(strings.Repeat("<blockquote>", 5000) + "x"), "mentions": said(map[string]any{"text": strings.Repeat("<at>a</at>", 2000), "entities": mentions}), "open mention": text("<at>The Bot" + strings.Repeat("<at>", 10_000)), "a mention of nobody": said(map[string]any{"entities": []any{mention("", ""), mention("<at></at>", nil), mention("x", 7)}}),
		"a year": said(map[string]any{"timestamp": "9999-12-31T23:59:59Z"}), "a time of words": said(map[string]any{"timestamp": "yesterday"}), "a long id": said(map[string]any{"id": strings.Repeat("1", 5000)}), "an id of signs": said(map[string]any{"id": "a:b/../c?d#e"}), "an id of words": said(map[string]any{"id": "f:c7d1a2b3-1111-2222"}),
		"a conversation of signs": said(map[string]any{"conversation": map[string]any{"id": "a:../../x?y#z%2f", "conversationType": "personal"}}), "a conversation of a thread": said(map[string]any{"conversation": map[string]any{"id": "19:x@thread.tacv2;messageid=;messageid=1", "conversationType": "channel"}}), "a future conversation": said(map[string]any{"conversation": map[string]any{"id": "47:x", "conversationType": "hologram"}}),
		"nobody": said(map[string]any{"from": nil}), "nameless": said(map[string]any{"from": map[string]any{"id": ada}}), "an emulator's": said(map[string]any{"channelId": "emulator"}), "another's recipient": said(map[string]any{"recipient": map[string]any{"id": "28:another"}}),
		"no picture": said(map[string]any{"attachments": []any{map[string]any{"contentType": "image/png", "contentUrl": "file:///etc/passwd"}, map[string]any{"contentType": "image/png", "contentUrl": "://"}, map[string]any{"contentType": "application/vnd.microsoft.teams.file.download.info", "content": map[string]any{"downloadUrl": "http://169.254.169.254/"}}}}),
	} {
		w := r.deliver(t, body)
		requireSecrecy(t, w.Body.String())
		require.True(t, w.Code == http.StatusOK || w.Code >= 400 && w.Code < 500, "%s: %d %s", name, w.Code, w.Body)
		if w.Code != http.StatusOK {
			t.Logf("%s: %d %s", name, w.Code, w.Body)
			r.quiet(t)
			continue
		}
		in := next[chat.Inbound](t, r)
		if m, ok := in.(*chat.Message); ok {
			data, err := json.Marshal(m)
			require.NoError(t, err, name)
			require.NoError(t, json.Unmarshal(data, &chat.Message{}), name)
			_, err = r.DecodeThreadID(m.ThreadID)
			require.NoError(t, err, "%s: a thread in which nobody can answer", name)
			for i := range m.Attachments { // the fake fails a test for a call of another host
				_, err := m.Attachments[i].Open(t.Context())
				require.Error(t, err, "%s %s", name, m.Attachments[i].URL)
				requireSecrecy(t, err.Error())
			}
		}
		require.Equal(t, http.StatusOK, r.deliver(t, body).Code, name)
		r.quiet(t)
	}
}

// TestAttackOwnWords has what the bot itself writes come back.
func TestAttackOwnWords(t *testing.T) {
	t.Parallel()
	for _, conversation := range []string{thread, group, personal} {
		r := newAttacked(t)
		r.send(t, activity("message", conversation, map[string]any{"text": words, "from": map[string]any{"id": bot, "name": "The Bot"}, "recipient": map[string]any{"id": ada}}))
		r.send(t, activity("typing", conversation, nil))
		in := next[chat.Inbound](t, r)
		_, isMessage := in.(*chat.Message)
		require.False(t, isMessage, "the bot answers itself: %+v", in)
	}
}

// TestAttackInboundWithoutMicrosoft takes activities while the Bot Connector and the
// tokens are away: they are handled, or to be sent again.
func TestAttackInboundWithoutMicrosoft(t *testing.T) {
	t.Parallel()
	for name := range webhooks {
		if slices.Contains(answered, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttacked(t)
			r.send(t, message(personal, "1767224926005", "the keys are known from now on"))
			next[*chat.Message](t, r)
			r.teams.Break()
			w := r.deliver(t, hookOf(t, name))
			requireSecrecy(t, w.Body.String())
			require.Contains(t, []int{http.StatusOK, http.StatusServiceUnavailable}, w.Code)
			if w.Code == http.StatusOK {
				next[chat.Inbound](t, r)
			}
			r.quiet(t)
		})
	}
}

// TestAttackGoroutines has nothing of the adapter run after it was used and attacked.
// It does not run at the same time as others.
func TestAttackGoroutines(t *testing.T) {
	r := newRig(t)
	for name := range webhooks {
		if !slices.Contains(answered, name) {
			r.deliver(t, hookOf(t, name))
		}
	}
	r.deliverAs(t, "{", "Bearer x")
	ctx, cancel := context.WithCancel(t.Context())
	r.teams.Fail("sendToConversation", faketeams.Failure{Status: 412, Code: "PreconditionFailed"}, faketeams.Failure{Status: 429, Header: map[string]string{"Retry-After": "600"}})
	for _, do := range calls {
		_ = do(ctx, r.Adapter)
	}
	cancel()
	require.NoError(t, r.Shutdown(t.Context()))
	require.Eventually(t, func() bool {
		buffer := make([]byte, 1<<22)
		return !strings.Contains(string(buffer[:runtime.Stack(buffer, true)]), "chat-go/adapters/teams.")
	}, botrig.Patience, 10*time.Millisecond)
}
