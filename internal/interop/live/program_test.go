package live

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/nodejs"
)

// install puts the pinned npm packages in place, once for all tests.
var install = sync.OnceValue(func() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	return nodejs.InstallPackages(ctx, "npm")
})

// program is a bot of the npm packages: a process of npm/program.mjs. It is a side.
type program struct {
	handles chan handledMessage
	errs    botrig.Log // its standard error

	in io.WriteCloser

	mu      sync.Mutex
	last    int
	waiting map[int]chan answer
}

// answer is what the program says to a request.
type answer struct {
	value json.RawMessage
	err   string
}

// startProgram starts the process and returns when its bot has connected. The process
// ends with the test.
func startProgram(t *testing.T, s settings) *program {
	t.Helper()
	require.NoError(t, install())
	data, err := json.Marshal(s)
	require.NoError(t, err)
	cmd, err := nodejs.Command(context.Background(), "node", "program.mjs", string(data))
	require.NoError(t, err)
	p := &program{handles: make(chan handledMessage, 1000), waiting: map[int]chan answer{}}
	cmd.Dir, cmd.Stderr = "npm", &p.errs
	p.in, err = cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		p.read(out, ready)
		_ = cmd.Wait() // what is wrong stands in errs
	}()
	t.Cleanup(func() {
		_ = p.in.Close()
		<-ended
	})
	select {
	case <-ready:
	case <-ended:
		require.Fail(t, "the program has ended", p.errs.String())
	}
	return p
}

// read takes what the program writes, until it ends.
func (p *program) read(out io.Reader, ready chan<- struct{}) {
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var said struct {
			Event string
			handledMessage

			ID    int
			Value json.RawMessage
			Error string
		}
		if err := json.Unmarshal(line, &said); err != nil {
			_, _ = fmt.Fprintf(&p.errs, "%s: %v\n", line, err)
			continue
		}
		switch said.Event {
		case "ready":
			close(ready)
		case "handled":
			p.handles <- said.handledMessage
		default:
			p.mu.Lock()
			waiting := p.waiting[said.ID]
			delete(p.waiting, said.ID)
			p.mu.Unlock()
			waiting <- answer{said.Value, said.Error}
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, waiting := range p.waiting {
		waiting <- answer{err: "the program has ended"}
	}
	p.waiting = nil
}

// call has the program do something and returns what comes of it.
func call[T any](t *testing.T, p *program, op string, args ...any) T {
	t.Helper()
	got := make(chan answer, 1)
	p.mu.Lock()
	p.last++
	id := p.last
	require.NotNil(t, p.waiting, "the program has ended: %s", &p.errs)
	p.waiting[id] = got
	p.mu.Unlock()
	if args == nil {
		args = []any{}
	}
	request, err := json.Marshal(map[string]any{"id": id, "op": op, "args": args})
	require.NoError(t, err)
	_, err = p.in.Write(append(request, '\n'))
	require.NoError(t, err)
	select {
	case a := <-got:
		require.Empty(t, a.err, "%s: %s", op, &p.errs)
		var value T
		require.NoError(t, json.Unmarshal(a.value, &value), "%s: %s", op, a.value)
		return value
	case <-time.After(patience):
		require.Fail(t, "no answer to "+op, p.errs.String())
		panic("not reached")
	}
}

// do has the program do something that has no result.
func (p *program) do(t *testing.T, op string, args ...any) {
	t.Helper()
	_ = call[json.RawMessage](t, p, op, args...)
}

// state calls a method of the program's state adapter.
func (p *program) state(t *testing.T, method string, args ...any) json.RawMessage {
	t.Helper()
	value := call[json.RawMessage](t, p, "state", append([]any{method}, args...)...)
	if string(value) == "null" {
		return nil
	}
	return value
}

// millis is a duration as the npm packages have it; none is undefined.
func millis(d time.Duration) any {
	if d == 0 {
		return nil
	}
	return d.Milliseconds()
}

func (p *program) lock(t *testing.T, thread string, ttl time.Duration) string {
	var lock struct{ Token string }
	if got := p.state(t, "acquireLock", thread, millis(ttl)); got != nil {
		require.NoError(t, json.Unmarshal(got, &lock))
	}
	return lock.Token
}

func lockOf(thread, token string) map[string]any {
	return map[string]any{"threadId": thread, "token": token, "expiresAt": 0}
}

func (p *program) extend(t *testing.T, thread, token string, ttl time.Duration) bool {
	return string(p.state(t, "extendLock", lockOf(thread, token), millis(ttl))) == "true"
}

func (p *program) release(t *testing.T, thread, token string) {
	p.state(t, "releaseLock", lockOf(thread, token))
}

func (p *program) force(t *testing.T, thread string) { p.state(t, "forceReleaseLock", thread) }

func (p *program) get(t *testing.T, key string) json.RawMessage { return p.state(t, "get", key) }

func (p *program) set(t *testing.T, key string, value json.RawMessage, ttl time.Duration) {
	p.state(t, "set", key, value, millis(ttl))
}

func (p *program) setIfAbsent(t *testing.T, key string, value json.RawMessage, ttl time.Duration) bool {
	return string(p.state(t, "setIfNotExists", key, value, millis(ttl))) == "true"
}

func (p *program) remove(t *testing.T, key string) { p.state(t, "delete", key) }

func (p *program) appendTo(t *testing.T, list string, value json.RawMessage, maxLength int, ttl time.Duration) {
	p.state(t, "appendToList", list, value, map[string]any{"maxLength": maxLength, "ttlMs": millis(ttl)})
}

func (p *program) list(t *testing.T, list string) []json.RawMessage {
	return call[[]json.RawMessage](t, p, "state", "getList", list)
}

func (p *program) enqueue(t *testing.T, thread string, entry json.RawMessage, maxSize int) int {
	return call[int](t, p, "state", "enqueue", thread, entry, maxSize)
}

func (p *program) dequeue(t *testing.T, thread string) json.RawMessage {
	return p.state(t, "dequeue", thread)
}

func (p *program) depth(t *testing.T, thread string) int {
	return call[int](t, p, "state", "queueDepth", thread)
}

func (p *program) subscribe(t *testing.T, thread string)   { p.do(t, "subscribe", thread) }
func (p *program) unsubscribe(t *testing.T, thread string) { p.do(t, "unsubscribe", thread) }

func (p *program) deliver(t *testing.T, message json.RawMessage) { p.do(t, "deliver", message) }
func (p *program) handled(t *testing.T) handledMessage           { return next(t, p.handles) }
func (p *program) goOn(t *testing.T)                             { p.do(t, "goOn") }

func (p *program) threadState(t *testing.T, thread string) json.RawMessage {
	return call[json.RawMessage](t, p, "threadState", thread)
}

func (p *program) setThreadState(t *testing.T, thread string, data json.RawMessage) {
	p.do(t, "setThreadState", thread, data)
}

func (p *program) channelState(t *testing.T, channel string) json.RawMessage {
	return call[json.RawMessage](t, p, "channelState", channel)
}

func (p *program) setChannelState(t *testing.T, channel string, data json.RawMessage) {
	p.do(t, "setChannelState", channel, data)
}

func (p *program) history(t *testing.T, id string) []json.RawMessage {
	return call[[]json.RawMessage](t, p, "history", id)
}

func (p *program) appendTranscript(t *testing.T, user, thread, text string) {
	p.do(t, "appendTranscript", thread, map[string]any{"role": "assistant", "text": text, "platformMessageId": text}, user)
}

func (p *program) transcript(t *testing.T, user string) []json.RawMessage {
	return call[[]json.RawMessage](t, p, "transcript", user)
}

func (p *program) deleteTranscript(t *testing.T, user string) { p.do(t, "deleteTranscript", user) }

func (p *program) openModal(t *testing.T, thread, url string) string {
	return call[string](t, p, "openModal", thread, url)
}

func (p *program) submitModal(t *testing.T, contextID string) modalOrigin {
	return call[modalOrigin](t, p, "submitModal", contextID)
}

func (p *program) postButton(t *testing.T, thread, url string) string {
	return call[string](t, p, "postButton", thread, url)
}

func (p *program) click(t *testing.T, thread, value string) string {
	return call[string](t, p, "click", thread, value)
}

func (p *program) saveInstallation(t *testing.T, app slackApp, id string, installation json.RawMessage) {
	p.do(t, "saveInstallation", app, id, installation)
}

func (p *program) installation(t *testing.T, app slackApp, id string) json.RawMessage {
	got := call[json.RawMessage](t, p, "installation", app, id)
	if string(got) == "null" {
		return nil
	}
	return got
}

func (p *program) deleteInstallation(t *testing.T, app slackApp, id string) {
	p.do(t, "deleteInstallation", app, id)
}

func (p *program) slackEvent(t *testing.T, app slackApp, body string) {
	header := map[string]string{}
	for name := range signed(body) {
		header[name] = signed(body).Get(name)
	}
	require.Equal(t, http.StatusOK, call[int](t, p, "slackEvent", app, header, body))
}

const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5"

// signed returns the header of a request that Slack sends.
// https://docs.slack.dev/authentication/verifying-requests-from-slack
func signed(body string) http.Header {
	at := strconv.FormatInt(time.Now().Unix(), 10)
	sum := hmac.New(sha256.New, []byte(signingSecret))
	_, _ = fmt.Fprintf(sum, "v0:%s:%s", at, body)
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("X-Slack-Request-Timestamp", at)
	h.Set("X-Slack-Signature", "v0="+hex.EncodeToString(sum.Sum(nil)))
	return h
}
