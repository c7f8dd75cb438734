package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	cannedGreeting = `No model is set, so nobody thinks here: the answers are canned. OPENAI_API_KEY or OPENAI_BASE_URL sets one.
Try “time”, “post”, “story”, “memory” or “forget me”.`

	cannedHelp = `**This answer is canned:** the program was started without ` + "`OPENAI_API_KEY` and `OPENAI_BASE_URL`" + `, so no model reads what you write. I know these words:

| You write | What you see |
|---|---|
| ` + "`time`" + ` | a call of a tool |
| ` + "`post`" + ` | a call that you have to approve |
| ` + "`story`" + ` | a long answer, to be stopped |
| ` + "`memory`" + ` | what I remember from other conversations |

And ` + "`forget me`" + ` makes me forget them.`

	cannedStory = `Once a message left for another machine. On its way it passed a **lock**, a *queue* and a clock that was wrong. It did not mind: it was written ` +
		`down in two places, and somebody would always come back for it. The lock asked it for a name, the queue for patience, and the clock for the time. It had a ` +
		`name, and it had patience. As for the time, it said, that was for those to know who had sent it. So it was taken in, and it was handled, and it was answered, word ` +
		`by word, as this answer is. And if the machine had stopped in between, another one would have gone on from there, and nobody would have noticed.`

	// The canned model takes so long for a word. A story is slow enough to be stopped.
	cannedPause, storyPause = 20 * time.Millisecond, 100 * time.Millisecond
)

// serveCanned starts a server that speaks as OpenAI's does, and returns its address. It
// ends with the program.
func serveCanned() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", complete)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String() + "/v1", nil
}

// cannedMessage is a message as the model is asked with it.
type cannedMessage struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
}

// text is the message's text: a string, or the first of its parts.
func (m cannedMessage) text() string {
	var text string
	if json.Unmarshal(m.Content, &text) == nil {
		return text
	}
	var parts []struct{ Text string }
	if json.Unmarshal(m.Content, &parts) == nil && len(parts) > 0 {
		return parts[0].Text
	}
	return ""
}

// complete streams an answer of Chat Completions.
// https://platform.openai.com/docs/api-reference/chat-streaming
func complete(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Messages []cannedMessage `json:"messages"`
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || len(asked.Messages) == 0 {
		http.Error(w, `{"error":{"message":"want messages"}}`, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	send := func(delta map[string]any, finish any) {
		data, _ := json.Marshal(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}}})
		_, _ = fmt.Fprintf(w, "data: %s\n\n", data)
		_ = http.NewResponseController(w).Flush()
	}
	text, tool, arguments := cannedAnswer(asked.Messages)
	pause := cannedPause
	if text == cannedStory {
		pause = storyPause
	}
	for word := range strings.SplitAfterSeq(text, " ") {
		select {
		case <-r.Context().Done(): // nobody waits for the rest
			return
		case <-time.After(pause):
			send(map[string]any{"content": word}, nil)
		}
	}
	finish := "stop"
	if tool != "" {
		finish = "tool_calls"
		function := map[string]any{"name": tool, "arguments": arguments}
		send(map[string]any{"tool_calls": []any{map[string]any{"index": 0, "id": "call_1", "type": "function", "function": function}}}, nil)
	}
	send(map[string]any{}, finish)
	_, _ = fmt.Fprint(w, "data: [DONE]\n\n")
}

// cannedAnswer is what the model says, and the tool that it calls, if any.
func cannedAnswer(messages []cannedMessage) (text, tool, arguments string) {
	last := messages[len(messages)-1]
	if last.Role == "tool" {
		switch said := last.text(); {
		case strings.HasPrefix(said, "Error:"):
			return "That was not done. The tool says: " + strings.TrimSpace(strings.TrimPrefix(said, "Error:")), "", ""
		case strings.HasPrefix(said, "{"):
			return "It is posted.", "", ""
		default:
			return "It is **" + said + "**.", "", ""
		}
	}
	switch strings.ToLower(strings.TrimSpace(last.text())) {
	case "time":
		return "I look at the clock.", "currentTime", `{"zone":"UTC"}`
	case "post":
		return "I would like to post something. May I?", "postMessage", `{"message":"A **message** that you have approved."}`
	case "story":
		return cannedStory, "", ""
	case "memory":
		return cannedMemory(messages), "", ""
	}
	return cannedHelp, "", ""
}

// cannedMemory tells what stands before this conversation.
func cannedMemory(messages []cannedMessage) string {
	said := ""
	for _, m := range messages {
		switch {
		case m.Role == "user":
			said = m.text()
		case m.Role == "system" && m.text() == memory:
			return "In an earlier conversation you wrote: “" + said + "”."
		}
	}
	return "I remember no other conversation. Write something, open a new one, and ask me again."
}
