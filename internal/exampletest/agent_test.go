package exampletest

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// startAgent starts the agent with the model, or with its canned one if the model is nil.
func startAgent(t *testing.T, model *Model) *Process {
	t.Helper()
	if model == nil {
		return StartExample(t, "agent", "memory://", "OPENAI_BASE_URL=", "OPENAI_API_KEY=", "OPENAI_MODEL=")
	}
	return StartExample(t, "agent", "memory://", "OPENAI_BASE_URL="+model.URL, "OPENAI_API_KEY=sk-test", "OPENAI_MODEL=test-1")
}

// The agent shows a call as a task, and tells the model what came of it.
func TestAgentCallsTools(t *testing.T) {
	t.Parallel()
	model := NewModel(t, func(_ context.Context, q ModelQuestion, say *ModelAnswer) {
		if strings.HasPrefix(q.Last(), "tool: ") {
			say.Text("It is ")
			say.Text(strings.TrimPrefix(q.Last(), "tool: "))
			return
		}
		say.Text("I look.")
		say.Call("currentTime", `{"zone":"UTC"}`)
	})
	bot := startAgent(t, model)
	ada := newPerson(t)
	answer, err := io.ReadAll(ada.send(bot, "c1", "What time is it?").Body)
	require.NoError(t, err)
	require.Contains(t, string(answer), `"title":"Look at the clock","status":"in_progress"`)
	require.Contains(t, string(answer), `"title":"Look at the clock","status":"complete"`)
	require.Contains(t, string(answer), " UTC")

	asked := model.Asked()
	require.Len(t, asked, 2)
	require.Equal(t, "Bearer sk-test", asked[0].Key)
	require.Equal(t, "test-1", asked[0].Model)
	require.Len(t, asked[0].Messages, 2)
	require.Regexp(t, "^system: You are ", asked[0].Messages[0])
	require.Equal(t, "user: What time is it?", asked[0].Messages[1])
	require.ElementsMatch(t, []string{"postMessage", "editMessage", "deleteMessage", "fetchMessages", "addReaction", "currentTime"}, asked[0].Tools)
	require.Equal(t, "assistant: I look.", asked[1].Messages[2])
	require.Regexp(t, `^tool: \w+, \d+ \w+ \d+, \d\d:\d\d UTC$`, asked[1].Messages[3])
}

// The model is told what was said in this conversation, and in others with the same
// person, until that person wants it forgotten.
func TestAgentRemembers(t *testing.T) {
	t.Parallel()
	model := NewModel(t, func(_ context.Context, q ModelQuestion, say *ModelAnswer) {
		say.Text("Yes: " + strings.TrimPrefix(q.Last(), "user: "))
	})
	bot := startAgent(t, model)
	ada, bob := newPerson(t), newPerson(t)
	last := func() []string {
		asked := model.Asked()
		return asked[len(asked)-1].Messages[1:]
	}
	ada.say(bot, "c1", "I like tea.")
	ada.say(bot, "c1", "With milk.")
	require.Equal(t, []string{"user: I like tea.", "assistant: Yes: I like tea.", "user: With milk."}, last())
	ada.say(bot, "c2", "What do I like?")
	require.Equal(t, []string{
		"user: I like tea.", "assistant: Yes: I like tea.", "user: With milk.", "assistant: Yes: With milk.",
		"system: That was said in earlier conversations with the same person. This conversation begins here.", "user: What do I like?",
	}, last())
	bob.say(bot, "c2", "What does Ada like?")
	require.Equal(t, []string{"user: What does Ada like?"}, last())

	require.Contains(t, ada.say(bot, "c2", "Forget me")[0], "I have forgotten")
	ada.say(bot, "c3", "And now?")
	require.NotContains(t, strings.Join(last(), "\n"), "tea")
}

// Nothing is posted unless somebody approves it: the turn waits for the click, and the
// model is told of it.
func TestAgentAsksBeforeItPosts(t *testing.T) {
	t.Parallel()
	for choice, told := range map[string]string{"Approve": "messageId", "Deny": "somebody has denied it"} {
		t.Run(choice, func(t *testing.T) {
			t.Parallel()
			model := NewModel(t, func(_ context.Context, q ModelQuestion, say *ModelAnswer) {
				if strings.HasPrefix(q.Last(), "tool: ") {
					say.Text("I have seen what came of it.")
					return
				}
				say.Call("postMessage", `{"message":"Tea for **all**"}`)
			})
			bot := startAgent(t, model)
			ada := newPerson(t)
			lines := bufio.NewScanner(ada.send(bot, "c1", "Post it").Body)
			message, action, value := awaitButton(t, lines, choice)
			ada.post(bot, "/actions", map[string]any{"conversation": "c1", "id": "click", "message": message, "action": action, "value": value})
			texts := strings.Join(readAnswer(t, lines), "\n")
			require.Contains(t, texts, "I have seen what came of it.")
			require.Equal(t, choice == "Approve", strings.Contains(texts, "Tea for **all**"))
			asked := model.Asked()
			require.Contains(t, asked[len(asked)-1].Last(), told)
		})
	}
}

// awaitButton reads an answer until a card has the button.
func awaitButton(t *testing.T, lines *bufio.Scanner, label string) (message, action, value string) {
	t.Helper()
	for lines.Scan() {
		var part struct {
			Type, ID string
			Data     struct {
				Children []struct {
					Children []struct{ ID, Label, Value string }
				}
			}
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok || json.Unmarshal([]byte(data), &part) != nil || part.Type != "data-card" {
			continue
		}
		for _, child := range part.Data.Children {
			for _, button := range child.Children {
				if button.Label == label {
					return part.ID, button.ID, button.Value
				}
			}
		}
	}
	t.Fatalf("no card has the button %q", label)
	return "", "", ""
}

// The page's stop button ends the request to the model.
func TestAgentIsStopped(t *testing.T) {
	t.Parallel()
	cancelled := make(chan error, 1)
	model := NewModel(t, func(ctx context.Context, _ ModelQuestion, say *ModelAnswer) {
		say.Text("A long ")
		<-ctx.Done()
		cancelled <- ctx.Err()
	})
	bot := startAgent(t, model)
	ada := newPerson(t)
	lines := bufio.NewScanner(ada.send(bot, "c1", "Tell me a story").Body)
	for lines.Scan() && !strings.Contains(lines.Text(), `"delta":"A long`) {
	}
	resp, err := ada.client.Post(bot.URL("/webhooks/web/stop?conversation=c1"), "application/json", nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	select {
	case err := <-cancelled:
		require.ErrorIs(t, err, context.Canceled)
	case <-time.After(startTimeout):
		t.Fatal("the model goes on")
	}
	readAnswer(t, lines)
}

// A person reads that the model's server refuses, and the log says why.
func TestAgentIsRefused(t *testing.T) {
	t.Parallel()
	model := NewModel(t, func(_ context.Context, _ ModelQuestion, say *ModelAnswer) {
		say.Refuse(http.StatusUnauthorized, "Incorrect API key provided")
	})
	bot := startAgent(t, model)
	require.Equal(t, []string{"The model's server refuses to answer (status 401)."}, newPerson(t).say(bot, "c1", "hello"))
	require.Len(t, model.Asked(), 1)
	bot.Stop(t)
	require.Contains(t, bot.log.String(), "Incorrect API key provided")
}

// Without a model the page says so, and every answer of the canned one is to be had.
func TestAgentWithoutAModel(t *testing.T) {
	t.Parallel()
	bot := startAgent(t, nil)
	resp, err := http.Get(bot.Page())
	require.NoError(t, err)
	page, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Contains(t, string(page), "<title>Canned agent</title>")
	require.Contains(t, string(page), "No model is set, so nobody thinks here")

	ada := newPerson(t)
	require.Contains(t, ada.say(bot, "c1", "hello")[0], "This answer is canned:")
	require.Contains(t, ada.say(bot, "c1", "time")[0], " UTC**.")
	require.Contains(t, ada.say(bot, "c2", "memory")[0], "“time”")
	require.Contains(t, newPerson(t).say(bot, "c1", "memory")[0], "no other conversation")
}

func TestAgentWithAModelOfNoServer(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(filepath.Join(programs, "agent"))
	cmd.Env = append(os.Environ(), "ADDR=127.0.0.1:0", "OPENAI_MODEL=gpt-5-mini", "OPENAI_BASE_URL=", "OPENAI_API_KEY=")
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "OPENAI_MODEL is set, but neither OPENAI_API_KEY nor OPENAI_BASE_URL")
}
