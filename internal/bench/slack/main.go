// Command slack measures the whole way of a message on Slack beside the npm SDK:
// a signed webhook, a handler that posts one answer, the call of the Web API, until
// the handler is done. Both talk to one fake of the API, a process of its own.
//
//	npm ci --prefix bench/slack/npm
//	go run ./bench/slack -messages 5000 -callers 64
package main

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/bench/side"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

const (
	secret = "benchmark-secret"
	token  = "xoxb-benchmark"
)

func main() {
	messages := flag.Int("messages", 5_000, "how many messages")
	callers := flag.Int("callers", 64, "how many at a time")
	script := flag.String("npm", "bench/slack/npm/slack.mjs", "the npm SDK's side")
	serving := flag.Bool("serve", false, "be the fake of the API")
	flag.Parse()
	var err error
	if *serving {
		err = serve()
	} else {
		err = compare(*messages, *callers, *script)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "slack:", err)
		os.Exit(1)
	}
}

// serve answers the methods that an answer needs.
func serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var posted atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("/posted", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, posted.Load()) })
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		switch path.Base(r.URL.Path) {
		case "chat.postMessage":
			n := posted.Add(1)
			fmt.Fprintf(w, `{"ok":true,"channel":"C0BENCH","ts":"1800000000.%06d","message":{"text":"hello"}}`, n)
		case "auth.test":
			fmt.Fprint(w, `{"ok":true,"user_id":"U0BOT","bot_id":"B0BOT","team_id":"T0BENCH","user":"bot"}`)
		case "users.info":
			fmt.Fprint(w, `{"ok":true,"user":{"id":"U0ADA","name":"ada","real_name":"Ada","profile":{"display_name":"ada"}}}`)
		default:
			fmt.Fprint(w, `{"ok":true}`)
		}
	})
	fmt.Printf("http://%s\n", listener.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	return server.Serve(listener)
}

func compare(messages, callers int, script string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	api := exec.Command(self, "-serve")
	api.Stderr = os.Stderr
	out, err := api.StdoutPipe()
	if err != nil {
		return err
	}
	if err := api.Start(); err != nil {
		return err
	}
	defer func() {
		_ = api.Process.Kill()
		_ = api.Wait()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return err
	}
	base := strings.TrimSpace(line)
	ours, err := run(base, messages, callers)
	if err != nil {
		return err
	}
	theirs, err := side.Run(context.Background(), "node", script, base+"/api/", secret, token, strconv.Itoa(callers), strconv.Itoa(messages))
	if err != nil {
		return err
	}
	fmt.Printf("%-20s %12s %16s\n", "", "messages/s", "CPU µs/message")
	fmt.Printf("%-20s %12.0f %16.0f\n", "chat-go", ours.PerSecond, ours.CPUMicros)
	fmt.Printf("%-20s %12.0f %16.0f\n", "@chat-adapter/slack", theirs.PerSecond, theirs.CPUMicros)
	fmt.Printf("%-20s %11.1fx %15.1fx\n", "", ours.PerSecond/theirs.PerSecond, theirs.CPUMicros/ours.CPUMicros)
	return posted(base, 2*(messages+warmUp(messages)))
}

// posted checks that each side posted an answer to each message.
func posted(base string, want int) error {
	resp, err := http.Get(base + "/posted") //nolint:noctx // Reason: the program ends with it.
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if string(body) != strconv.Itoa(want) {
		return fmt.Errorf("%s answers were posted, want %d", body, want)
	}
	return nil
}

func warmUp(messages int) int { return min(messages, 500) }

// run drives our adapter.
func run(base string, messages, callers int) (side.Result, error) {
	st, err := memorystate.New(memorystate.Config{})
	if err != nil {
		return side.Result{}, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}, Timeout: time.Minute}
	adapter, err := slack.New(slack.Config{SigningSecret: secret, BotToken: token, APIURL: base + "/api/", HTTPClient: client})
	if err != nil {
		return side.Result{}, err
	}
	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{adapter}, State: st, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return side.Result{}, err
	}
	defer func() { _ = bot.Shutdown(context.Background()) }()
	var waiting sync.Map
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Markdown("hello"))
		if done, ok := waiting.Load(ev.Message.ID); ok {
			done.(chan error) <- err
		}
		return err
	})
	drive := func(from, count int) error {
		var next atomic.Int64
		var wait sync.WaitGroup
		failed := make(chan error, callers)
		for range callers {
			wait.Go(func() {
				for {
					n := int(next.Add(1)) - 1
					if n >= count {
						return
					}
					if err := send(bot, &waiting, from+n); err != nil {
						failed <- err
						return
					}
				}
			})
		}
		wait.Wait()
		close(failed)
		return <-failed
	}
	if err := drive(0, warmUp(messages)); err != nil {
		return side.Result{}, err
	}
	return side.Measure(messages, func() error { return drive(1_000_000, messages) })
}

// send delivers one mention and waits until it is answered.
func send(bot *chat.Chat, waiting *sync.Map, n int) error {
	ts := fmt.Sprintf("%d.%06d", 1_700_000_000+n/1_000_000, n%1_000_000)
	body := fmt.Sprintf(`{"type":"event_callback","team_id":"T0BENCH","api_app_id":"A0APP","event_id":"Ev%d","event_time":1700000000,`+
		`"authorizations":[{"team_id":"T0BENCH","user_id":"U0BOT","is_bot":true}],"event":{"type":"app_mention","channel":"C0BENCH",`+
		`"channel_type":"channel","user":"U0ADA","ts":"%s","event_ts":"%s","team":"T0BENCH","text":"<@U0BOT> hello"}}`, n, ts, ts)
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	r := httptest.NewRequest(http.MethodPost, "/webhooks/slack", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	done, id := make(chan error, 1), chat.MessageID("C0BENCH:"+ts)
	waiting.Store(id, done)
	defer waiting.Delete(id)
	w := httptest.NewRecorder()
	bot.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		return fmt.Errorf("a webhook was answered %d: %s", w.Code, w.Body)
	}
	select {
	case err := <-done:
		return err
	case <-time.After(time.Minute):
		return errors.New("a message was not answered in a minute")
	}
}
