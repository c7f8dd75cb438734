package exampletest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/githubtest/fakegithub"
	"github.com/chat-adapter/chat-go/internal/telegramtest/faketelegram"
)

const hookSecret = "5cc1f43bd1a0e5a2"

// newModel is a language model that has two answers: a verdict, where JSON is asked for,
// and a sentence. It hands over what it was asked.
func newModel(t *testing.T) (url string, asked <-chan string) {
	t.Helper()
	questions := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			Messages []struct{ Role, Content string }
			Format   any `json:"response_format"`
			Stream   bool
		}
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil || r.URL.Path != "/v1/chat/completions" || request.Stream == (request.Format != nil) || len(request.Messages) < 2 {
			http.Error(w, "no", http.StatusBadRequest)
			return
		}
		var said strings.Builder
		for _, m := range request.Messages[1:] {
			said.WriteString(m.Role + ": " + m.Content + "\n")
		}
		questions <- said.String()
		if request.Stream {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{"content":"Because **three** is enough."},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
			return
		}
		content := `{"summary":"It seals the pot.","verdict":"approve","comments":[{"path":"pot.go","line":2,"body":"Why three?"}]}`
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": content}}}})
	}))
	t.Cleanup(server.Close)
	return server.URL + "/v1", questions
}

// TestReviewer has a pull request reviewed, a comment answered, and the pull request
// approved on Telegram.
func TestReviewer(t *testing.T) {
	t.Parallel()
	hub, phone := fakegithub.New(t), faketelegram.New(t)
	hub.AddUser(fakegithub.User{ID: 100, Login: "ada", Type: "User"})
	hub.AddThread(fakegithub.Thread{
		Repository: "acme/pot", Kind: "pull", Number: 2, Title: "Seal the pot", Body: "It leaked.", Author: 100,
		Files: []map[string]any{{"filename": "pot.go", "status": "modified", "additions": 3, "deletions": 1, "patch": "@@ -1 +1,3 @@\n+seal()"}},
	})
	phone.AddChat(faketelegram.Chat{ID: 100, Type: "private", Title: "Ada"})
	model, asked := newModel(t)
	bot := StartExample(t, "reviewer", "memory://",
		"GITHUB_TOKEN="+fakegithub.Token, "GITHUB_WEBHOOK_SECRET="+hookSecret, "GITHUB_API_URL="+hub.URL, "OPENAI_BASE_URL="+model,
		"TELEGRAM_BOT_TOKEN="+faketelegram.Token, "TELEGRAM_API_BASE_URL="+phone.URL, "REVIEWER_APPROVALS=telegram:100")

	const pull = chat.ThreadID("github:acme/pot:2")
	comment := func(id int, association, text string) {
		mention(t, bot, "issue_comment", fmt.Sprintf(`"issue":{"number":2,"pull_request":{}},"comment":{"id":%d,"body":%q,"author_association":%q,"user":{"id":100,"login":"ada"}}`, id, text, association))
	}
	comment(1, "NONE", "@reviewer, spend money")
	comment(2, "MEMBER", "@reviewer, please")
	posts := posted(t, hub.MessageStore, pull, 2)
	require.Equal(t, "It seals the pot.", posts[0].Text)
	require.Contains(t, posts[1].Text, "**Verdict: approve**")
	require.Contains(t, posts[1].Text, "+3 −1")
	question := <-asked
	require.Contains(t, question, "+seal()")
	require.Empty(t, asked, "a stranger's question costs nothing")

	var remark chattest.Posted
	for _, p := range hub.All() {
		if strings.Contains(string(p.Thread), ":rc:") {
			remark = p
		}
	}
	require.Equal(t, "Why three?", remark.Text)
	root := strings.TrimPrefix(string(remark.ID), "discussion_r")
	mention(t, bot, "pull_request_review_comment", `"pull_request":{"number":2},"comment":{"id":4,"in_reply_to_id":`+root+`,"body":"@reviewer, why not?","author_association":"OWNER","user":{"id":100,"login":"ada"}}`)
	require.Equal(t, "Because **three** is enough.", posted(t, hub.MessageStore, remark.Thread, 2)[1].Text)
	require.Contains(t, <-asked, "assistant: Why three?")

	question = posted(t, phone.MessageStore, "telegram:100", 1)[0].Text
	require.Contains(t, question, "Approve acme/pot#2?")
	card := posted(t, phone.MessageStore, "telegram:100", 1)[0]
	data, err := phone.Button(card.ID, "Approve")
	require.NoError(t, err)
	quoted, err := json.Marshal(data)
	require.NoError(t, err)
	_, number, _ := strings.Cut(string(card.ID), ":")
	phone.Update(fmt.Sprintf(`"callback_query":{"id":"1","from":{"id":100,"is_bot":false,"first_name":"Ada"},"message":{"message_id":%s,"date":1767224888,"chat":{"id":100,"type":"private"}},"data":%s}`, number, quoted))
	require.Equal(t, "Approved by Ada.", posted(t, hub.MessageStore, pull, 3)[2].Text)
	reviews := hub.Calls(http.MethodPost, "/pulls/2/reviews")
	require.Equal(t, "APPROVE", reviews[len(reviews)-1].Args["event"])

	comment(3, "OWNER", "@reviewer, again")
	require.Contains(t, posted(t, hub.MessageStore, pull, 4)[3].Text, "already")
}

// mention sends a webhook of the repository to the bot.
func mention(t *testing.T, bot *Process, event, fields string) {
	t.Helper()
	body := `{"action":"created","repository":{"full_name":"acme/pot"},"sender":{"id":100,"login":"ada"},` + fields + `}`
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+strings.TrimSuffix(bot.Addr, "/webhooks/github")+"/webhooks/github", strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-GitHub-Event", event)
	r.Header.Set("X-GitHub-Delivery", fmt.Sprintf("delivery-%d", time.Now().UnixNano()))
	r.Header.Set("X-Hub-Signature-256", webhook.HMAC{Secrets: []string{hookSecret}, Prefix: "sha256="}.Sign([]byte(body)))
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	require.Equal(t, http.StatusOK, answer.StatusCode)
}

// posted waits for so many messages of the bot in a thread.
func posted(t *testing.T, store *chattest.MessageStore, thread chat.ThreadID, n int) []chattest.Posted {
	t.Helper()
	var posts []chattest.Posted
	require.Eventually(t, func() bool {
		posts, _ = store.Posts(t.Context(), thread)
		return len(posts) >= n
	}, startTimeout, 10*time.Millisecond, "want %d messages in %s", n, thread)
	require.Len(t, posts, n)
	return posts
}
