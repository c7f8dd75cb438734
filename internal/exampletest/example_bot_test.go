package exampletest

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/pgtest"
	"github.com/chat-adapter/chat-go/internal/redistest"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

// person is somebody with a browser.
type person struct {
	t      *testing.T
	client *http.Client
}

func newPerson(t *testing.T) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &person{t, &http.Client{Jar: jar, Timeout: startTimeout}}
}

// send sends a message and returns the answer's stream.
func (p *person) send(bot *Process, conversation, text string) *http.Response {
	p.t.Helper()
	return p.sendTo(bot.URL("/webhooks/web"), conversation, text)
}

// sendTo sends a message to the page at the address.
func (p *person) sendTo(page, conversation, text string) *http.Response {
	p.t.Helper()
	body, err := json.Marshal(map[string]any{"id": conversation, "messages": []any{map[string]any{
		"id": rand.Text(), "role": "user", "parts": []any{map[string]any{"type": "text", "text": text}},
	}}})
	require.NoError(p.t, err)
	resp, err := p.client.Post(page, "application/json", strings.NewReader(string(body)))
	require.NoError(p.t, err)
	p.t.Cleanup(func() { _ = resp.Body.Close() })
	require.Equal(p.t, http.StatusOK, resp.StatusCode)
	return resp
}

// say sends a message and returns what the bot posts.
func (p *person) say(bot *Process, conversation, text string) []string {
	p.t.Helper()
	return readAnswer(p.t, bufio.NewScanner(p.send(bot, conversation, text).Body))
}

// readAnswer reads the rest of a stream and returns its texts.
func readAnswer(t *testing.T, lines *bufio.Scanner) []string {
	t.Helper()
	var texts []string
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		if data == "[DONE]" {
			return texts
		}
		var part struct{ Type, Delta, ErrorText string }
		require.NoError(t, json.Unmarshal([]byte(data), &part))
		switch part.Type {
		case "text-start":
			texts = append(texts, "")
		case "text-delta":
			texts[len(texts)-1] += part.Delta
		case "error":
			t.Fatalf("the answer is an error: %s", part.ErrorText)
		}
	}
	t.Fatal("the answer has no end")
	return nil
}

// sharedState returns the URL of a Redis with names of the test's own, and its
// client.
func sharedState(t *testing.T) (stateURL, prefix string, client *redis.Client) {
	t.Helper()
	server := redistest.Shared(t)
	return server.URL() + "?prefix=" + url.QueryEscape(server.Prefix()), server.Prefix(), server.Client(t)
}

// Whoever presses Ctrl-C reads that the bot has heard it, and when it is gone.
func TestAnExampleSaysThatItStops(t *testing.T) {
	for _, name := range []string{"echo", "showcase"} {
		t.Run(name, func(t *testing.T) {
			bot := StartExample(t, name, "memory://")
			bot.Stop(t)
			log := bot.log.String()
			require.Contains(t, log, name+" is stopping, when the handlers that run are done.")
			require.True(t, strings.HasSuffix(log, name+" has stopped.\n"), log)
		})
	}
}

// talkToTwo talks to two processes of a bot on one state, which are stopped and killed
// in between.
func talkToTwo(t *testing.T, stateURL string) {
	t.Helper()
	one, two := Start(t, stateURL), Start(t, stateURL)
	ada := newPerson(t)
	require.Equal(t, []string{"Hello! I am **Echo**, and we have just met.", "Message 1:\n\none"}, ada.say(one, "c1", "one"))
	require.Equal(t, []string{"Message 2:\n\ntwo"}, ada.say(two, "c1", "two"), "the other process knows the conversation")

	one.Stop(t)
	two.Stop(t)
	one.Restart(t)
	two.Restart(t)
	require.Equal(t, []string{"Message 3:\n\nthree"}, ada.say(two, "c1", "three"), "both have restarted")

	one.Kill(t)
	two.Kill(t)
	one.Restart(t)
	two.Restart(t)
	require.Equal(t, []string{"Message 4:\n\nfour"}, ada.say(one, "c1", "four"), "both have crashed")
}

// With Postgres in place of Redis nothing changes but the URL.
func TestTwoProcessesOnOnePostgres(t *testing.T) {
	talkToTwo(t, pgtest.Shared(t).URL()+"&prefix="+pgtest.Prefix())
}

func TestTwoProcessesOnOneRedis(t *testing.T) {
	stateURL, prefix, client := sharedState(t)
	talkToTwo(t, stateURL)

	// Redis holds the documented keys and no others.
	ctx := t.Context()
	threads, err := client.SMembers(ctx, prefix+":subscriptions").Result()
	require.NoError(t, err)
	require.Len(t, threads, 1)
	thread := threads[0]
	user := strings.Split(thread, ":")[1]
	require.Equal(t, "web:"+user+":c1", thread)
	want := []string{
		"cache:chat:canary string",
		"cache:thread-state:" + thread + " string",
		"cache:web:conversation:" + thread + " string",
		"list:msg-history:" + thread + " list",
		"list:web:conversations:" + user + " list",
		"subscriptions set",
	}
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		var got []string
		for _, key := range client.Keys(ctx, prefix+":*").Val() {
			name := strings.TrimPrefix(key, prefix+":")
			// Each message is remembered for ten minutes, and a thread's mark stays
			// until a sweep finds that nothing waits there.
			if strings.HasPrefix(name, "cache:dedupe:web:"+user+":c1:") || strings.HasPrefix(name, "pending:") {
				continue
			}
			got = append(got, name+" "+client.Type(ctx, key).Val())
		}
		slices.Sort(got)
		if !slices.Equal(want, got) {
			c.Errorf("keys are %q, want %q", got, want)
		}
	}, startTimeout, 50*time.Millisecond, "locks and queues are gone when all is done")
	require.Len(t, client.Keys(ctx, prefix+":cache:dedupe:web:*").Val(), 4)
	for _, pending := range client.Keys(ctx, prefix+":pending:*").Val() {
		require.Equal(t, []string{thread}, client.ZRange(ctx, pending, 0, -1).Val())
	}
	require.JSONEq(t, `{"messages":4}`, client.Get(ctx, prefix+":cache:thread-state:"+thread).Val())
	require.Equal(t, int64(9), client.LLen(ctx, prefix+":list:msg-history:"+thread).Val())
}

func TestAnswersEndBeforeTheProcess(t *testing.T) {
	bot := Start(t, "memory://")
	ada := newPerson(t)
	ada.say(bot, "c1", "hello")
	lines := bufio.NewScanner(ada.send(bot, "c1", "stream").Body)
	for lines.Scan() && !strings.Contains(lines.Text(), "text-start") {
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		bot.Stop(t)
	}()
	var answer strings.Builder
	for lines.Scan() && lines.Text() != "data: [DONE]" {
		var part struct{ Delta string }
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			require.NoError(t, json.Unmarshal([]byte(data), &part))
			answer.WriteString(part.Delta)
		}
	}
	<-stopped
	require.Contains(t, answer.String(), "another one would have gone on.")
}

func TestStartsThatFailSayWhy(t *testing.T) {
	bot := Start(t, "memory://")
	for _, test := range []struct{ addr, state, text string }{
		{bot.Addr, "memory://", bot.Addr + " is taken by another program: choose another address, for instance ADDR="},
		{"nonsense", "memory://", `ADDR is "nonsense", want a host and a port like 127.0.0.1:8080`},
		{"127.0.0.1:0", "mysql://x", `state URL scheme "mysql" is not registered`},
		{"127.0.0.1:0", "redis://127.0.0.1:6379?colour=red", "colour"},
	} {
		cmd := exec.Command(filepath.Join(programs, "echo"))
		cmd.Env = append(os.Environ(), "ADDR="+test.addr, "STATE_URL="+test.state)
		out, err := cmd.CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(out), test.text)
		require.Equal(t, 1, cmd.ProcessState.ExitCode())
	}
}

func TestTheRootLeadsToThePage(t *testing.T) {
	bot := Start(t, "memory://")
	resp, err := http.Get(bot.URL("/"))
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, "/webhooks/web/", resp.Request.URL.Path)
	require.Contains(t, string(body), "<title>Echo</title>")
}

// post sends a request of the page and returns the answer.
func (p *person) post(bot *Process, path string, body map[string]any) string {
	p.t.Helper()
	data, err := json.Marshal(body)
	require.NoError(p.t, err)
	resp, err := p.client.Post(bot.URL("/webhooks/web"+path), "application/json", strings.NewReader(string(data)))
	require.NoError(p.t, err)
	answer, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	require.NoError(p.t, resp.Body.Close())
	require.Equal(p.t, http.StatusOK, resp.StatusCode, "%s", answer)
	return string(answer)
}

// A form that was asked for at one process is filled in at another, and the first
// is gone by then.
func TestTheShowcaseOnTwoProcesses(t *testing.T) {
	stateURL, _, _ := sharedState(t)
	one, two := StartExample(t, "showcase", stateURL), StartExample(t, "showcase", stateURL)
	ada := newPerson(t)
	require.Equal(t, []string{"**Where shall we go?**\nA form asks for all that a trip needs."}, ada.say(one, "c1", "form"))
	resp, err := ada.client.Get(two.URL("/webhooks/web/messages?conversation=c1"))
	require.NoError(t, err)
	var kept struct{ Messages []struct{ ID string } }
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&kept))
	require.NoError(t, resp.Body.Close())
	message := kept.Messages[len(kept.Messages)-1].ID

	stream := ada.post(one, "/actions", map[string]any{"conversation": "c1", "id": "click", "message": message, "action": "open-form"})
	require.Contains(t, stream, "event: handled")
	_, shown, ok := strings.Cut(stream, "event: modal\ndata: ")
	require.True(t, ok, "%s", stream)
	shown, _, _ = strings.Cut(shown, "\n")
	var view struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(shown), &view))
	one.Kill(t)

	found := ada.post(two, "/options", map[string]any{"conversation": "c1", "id": "search", "view": view.ID, "action": "city", "query": "bol"})
	require.JSONEq(t, `{"groups":[{"label":"Italy","options":[{"label":"Bologna","value":"Bologna"}]}]}`, found)
	answer := ada.post(two, "/modals", map[string]any{"conversation": "c1", "id": "next", "view": view.ID, "values": map[string]string{
		"name": "Ada", "city": "Bologna", "day": "2099-01-31", "guests": "2", "class": "1", "way": "boat",
	}})
	var pushed struct {
		Action string
		View   struct{ ID string }
	}
	require.NoError(t, json.Unmarshal([]byte(answer), &pushed))
	require.Equal(t, "push", pushed.Action)
	require.JSONEq(t, `{"action":"clear"}`, ada.post(two, "/modals", map[string]any{"conversation": "c1", "id": "book", "view": pushed.View.ID, "values": map[string]string{}}))
	resp, err = ada.client.Get(two.URL("/webhooks/web/messages?conversation=c1"))
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Contains(t, string(body), "Booked: Ada to **Bologna**, 31 January")
}
