package live

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/nodejs"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// memberEnv holds the settings of a process that is a bot of this SDK.
const memberEnv = "LIVE_MEMBER"

func TestMain(m *testing.M) {
	if data := os.Getenv(memberEnv); data != "" {
		if err := runMember(data); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// memberSettings are those of a bot that shares threads with others, in its own process.
type memberSettings struct {
	settings
	URL     string        `json:"url"`
	LockTTL time.Duration `json:"lockTTL"` // of this SDK
	Shared  bool          `json:"shared"`  // chat.StorageConfig.SharedWithTypeScript

	Concurrency map[string]any `json:"concurrency"` // of the npm packages
	Drain       bool           `json:"drain"`       // npm/member.mjs

	Work int `json:"work"` // how long a handler takes at most, in ms
}

// record is what a bot writes down.
type record struct {
	Event string `json:"event"` // ready, begin, end, settled, missing

	Addr string `json:"addr,omitempty"` // ready

	Run      int      `json:"run,omitempty"` // begin and end
	As       string   `json:"as,omitempty"`  // begin: mention or subscribed
	Thread   string   `json:"thread,omitempty"`
	Messages []string `json:"messages,omitempty"` // begin, settled and missing
	At       int64    `json:"at,omitempty"`       // ms since 1970
	Failed   bool     `json:"failed,omitempty"`   // end
}

// twoNames is the fake platform with ids as Slack has them: "c:{id}" here, "{id}" in the
// npm packages.
type twoNames struct{ *chattest.Adapter }

func (twoNames) TypeScriptID(m *chat.Message) chat.MessageID {
	return chat.MessageID(npmID(string(m.ID)))
}

func npmID(id string) string { return strings.TrimPrefix(id, "c:") }

// recorder writes records to the standard output. It is a chat.Observer.
type recorder struct {
	mu   sync.Mutex
	runs int
}

func (r *recorder) write(rec record) {
	data, err := json.Marshal(rec)
	if err != nil {
		panic(err) // a record is always JSON
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _ = os.Stdout.Write(append(data, '\n'))
}

// Observe implements chat.Observer.
func (r *recorder) Observe(_ context.Context, o chat.Observation) {
	switch o.Step {
	case chat.StepHandled, chat.StepSkipped:
		r.write(record{Event: "settled", Messages: []string{string(o.Message)}})
	case chat.StepMissing:
		r.write(record{Event: "missing", Messages: []string{string(o.Message)}})
	default:
	}
}

// handle works for a while and writes that down.
func (r *recorder) handle(as string, work int) chat.MessageHandler {
	return func(ctx context.Context, ev *chat.MessageEvent) (err error) {
		rec := record{Event: "begin", As: as, Thread: string(ev.Thread.ID())}
		for _, m := range append(slices.Clip(ev.Skipped), ev.Message) {
			rec.Messages = append(rec.Messages, string(m.ID))
		}
		r.mu.Lock()
		r.runs++
		rec.Run = r.runs
		r.mu.Unlock()
		rec.At = time.Now().UnixMilli()
		r.write(rec)
		if as == "mention" {
			err = ev.Thread.Subscribe(ctx)
		}
		if err == nil {
			timer := time.NewTimer(time.Duration(rand.IntN(work)) * time.Millisecond)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-ctx.Done():
				err = context.Cause(ctx)
			}
		}
		r.write(record{Event: "end", Run: rec.Run, At: time.Now().UnixMilli(), Failed: err != nil})
		return err
	}
}

// runMember is the whole life of a bot of this SDK in its own process.
func runMember(data string) error {
	var s memberSettings
	if err := json.Unmarshal([]byte(data), &s); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1) // the test is gone
	}()
	st, err := redisstate.New(redisstate.Config{URL: s.URL, KeyPrefix: s.Prefix})
	if err != nil {
		return err
	}
	r := &recorder{}
	bot, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{twoNames{chattest.NewFake(chattest.Config{}).Adapter()}}, State: st, Observer: r,
		Logger:  slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Lock:    chat.LockConfig{TTL: s.LockTTL, SweepInterval: time.Second},
		Storage: chat.StorageConfig{SharedWithTypeScript: s.Shared},
	})
	if err != nil {
		return err
	}
	bot.OnMention(r.handle("mention", s.Work))
	bot.OnSubscribedMessage(r.handle("subscribed", s.Work))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: bot, ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	r.write(record{Event: "ready", Addr: l.Addr().String()})
	err = bot.Run(ctx)
	if err := server.Shutdown(context.Background()); err != nil {
		return err
	}
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		return errors.Join(err, ended)
	}
	return err
}

// sdk is whose a bot is.
type sdk string

const (
	ours   sdk = "Go"
	theirs sdk = "TypeScript"
)

// member is a bot in its own process.
type member struct {
	name string
	sdk  sdk
	addr string

	cmd   *exec.Cmd
	stdin io.Closer
	ended chan struct{}

	gone   int64 // when it got the signal that ended it, in ms since 1970; 0: it was not sent
	killed bool  // it was SIGKILL
}

// startMember starts a bot and returns when it serves webhooks. Its records go to note.
func startMember(t *testing.T, name string, of sdk, s memberSettings, note func(member string, r record)) *member {
	t.Helper()
	data, err := json.Marshal(s)
	require.NoError(t, err)
	m := &member{name: name, sdk: of, ended: make(chan struct{})}
	if of == theirs {
		m.cmd, err = nodejs.Command(context.Background(), "node", "member.mjs", string(data))
		require.NoError(t, err)
		m.cmd.Dir = "npm"
	} else {
		self, err := os.Executable()
		require.NoError(t, err)
		m.cmd = exec.Command(self)
		m.cmd.Env = append(os.Environ(), memberEnv+"="+string(data))
	}
	log := &botrig.Log{}
	m.cmd.Stderr = log
	m.stdin, err = m.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := m.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, m.cmd.Start())
	addr := make(chan string, 1)
	go func() {
		defer close(m.ended)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			var r record
			if json.Unmarshal(scanner.Bytes(), &r) != nil {
				continue // the last line of one that was killed
			}
			if r.Event == "ready" {
				addr <- r.Addr
				continue
			}
			note(name, r)
		}
		_ = m.cmd.Wait() // how it ended is what the test did to it, or in its log
	}()
	t.Cleanup(func() {
		m.end(syscall.SIGKILL)
		if t.Failed() {
			t.Logf("%s: %s", name, log)
		}
	})
	select {
	case m.addr = <-addr:
	case <-m.ended:
		require.Fail(t, name+" did not start", log)
	case <-time.After(patience):
		require.Fail(t, name+" did not start in time", log)
	}
	return m
}

// end sends the signal and waits for the end.
func (m *member) end(s syscall.Signal) {
	_ = m.cmd.Process.Signal(s) // an error means that it has ended
	<-m.ended
	_ = m.stdin.Close()
}
