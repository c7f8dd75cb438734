package faketelegram

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each is a call that Telegram refuses, or whose argument it does not have.
func TestWrongCallsAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ method, args, problem string }{
		"no such method":                  {"sendRichText", `{"chat_id":1,"text":"x"}`, "no such method"},
		"no text":                         {"sendMessage", `{"chat_id":1}`, `"text" is missing`},
		"no chat":                         {"sendMessage", `{"text":"x"}`, `"chat_id" is missing`},
		"a chat that is a name without @": {"sendMessage", `{"chat_id":"ada","text":"x"}`, "no chat"},
		"an argument of another platform": {"sendMessage", `{"chat_id":1,"text":"x","thread_ts":"1.2"}`, `no argument "thread_ts"`},
		"a topic that is text":            {"sendMessage", `{"chat_id":1,"text":"x","message_thread_id":"7"}`, "no integer"},
		"an entity outside of the text":   {"sendMessage", `{"chat_id":1,"text":"x","entities":[{"type":"bold","offset":0,"length":2}]}`, "outside of the text"},
		"an entity within a character":    {"sendMessage", `{"chat_id":1,"text":"😀","entities":[{"type":"bold","offset":1,"length":1}]}`, "within a character"},
		"an entity that does not exist":   {"sendMessage", `{"chat_id":1,"text":"x","entities":[{"type":"heading","offset":0,"length":1}]}`, "no entity"},
		"a link to nowhere":               {"sendMessage", `{"chat_id":1,"text":"x","entities":[{"type":"text_link","offset":0,"length":1,"url":"x"}]}`, "link to nowhere"},
		"65 bytes of data":                {"sendMessage", `{"chat_id":1,"text":"x","reply_markup":{"inline_keyboard":[[{"text":"a","callback_data":"` + strings.Repeat("d", 65) + `"}]]}}`, "cannot be"},
		"a button with address and data":  {"sendMessage", `{"chat_id":1,"text":"x","reply_markup":{"inline_keyboard":[[{"text":"a","url":"https://a.example","callback_data":"d"}]]}}`, "cannot be"},
		"no keyboard":                     {"sendMessage", `{"chat_id":1,"text":"x","reply_markup":{"keyboard":[]}}`, "no keyboard"},
		"a picture that is nothing":       {"sendPhoto", `{"chat_id":1}`, `"photo" is missing`},
		"two reactions":                   {"setMessageReaction", `{"chat_id":1,"message_id":1,"reaction":[{"type":"emoji","emoji":"👍"},{"type":"emoji","emoji":"👎"}]}`, "one reaction"},
		"a reaction that bots have not":   {"setMessageReaction", `{"chat_id":1,"message_id":1,"reaction":[{"type":"emoji","emoji":"🚂"}]}`, "may not set"},
		"a reaction for an account":       {"setMessageReaction", `{"chat_id":1,"message_id":1,"business_connection_id":"B","reaction":[]}`, "no argument"},
		"a draft with the number 0":       {"sendMessageDraft", `{"chat_id":1,"draft_id":0,"text":"x"}`, "other than 0"},
		"a draft without a number":        {"sendMessageDraft", `{"chat_id":1,"text":"x"}`, `"draft_id" is missing`},
		"an album of one":                 {"sendMediaGroup", `{"chat_id":1,"media":[{"type":"photo","media":"F1"}]}`, "2 to 10"},
		"an album of all kinds":           {"sendMediaGroup", `{"chat_id":1,"media":[{"type":"photo","media":"F1"},{"type":"document","media":"F2"}]}`, "other kinds"},
		"an album with buttons":           {"sendMediaGroup", `{"chat_id":1,"media":[{"type":"photo","media":"F1"},{"type":"photo","media":"F2"}],"reply_markup":{}}`, "no argument"},
		"a sticker with a caption":        {"sendSticker", `{"chat_id":1,"sticker":"F1","caption":"x"}`, "no argument"},
		"none to delete":                  {"deleteBusinessMessages", `{"business_connection_id":"B","message_ids":[]}`, "1 to 100"},
		"a message of no number":          {"editMessageText", `{"chat_id":1,"message_id":"2","text":"x"}`, "no integer"},
		"kinds that are no list":          {"getUpdates", `{"allowed_updates":"message"}`, "no list"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var args map[string]any
			d := json.NewDecoder(strings.NewReader(c.args))
			d.UseNumber()
			require.NoError(t, d.Decode(&args))
			require.Contains(t, strings.Join(check(c.method, args, nil), "; "), c.problem)
		})
	}
	require.Empty(t, check("sendMessage", map[string]any{"chat_id": json.Number("1"), "text": "x"}, nil))
}
