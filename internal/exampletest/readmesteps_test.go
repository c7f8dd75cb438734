package exampletest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/slacktest/fakeslack"
)

// TestTheStepsOfTheReadme does what the README tells a person who has nothing but
// it: a bot on the page, then with its state in Redis, then on Slack. The commands
// and the lines of code are the README's. The process is killed in between, once with
// a message that it has accepted and not yet answered.
func TestTheStepsOfTheReadme(t *testing.T) {
	t.Parallel()
	readme := readReadme(t)
	redisURL, _, _ := sharedState(t)
	workspace := newWorkspace(t)
	person := newFollower(t, map[string]string{
		"redis://127.0.0.1:6379": redisURL,
		"xapp-…":                 appToken,
		"xoxb-…":                 fakeslack.Token,
	}, "SLACK_API_URL="+workspace.url)

	// On the page.
	person.write(strings.Replace(programOf(t, readme), "127.0.0.1:8080", "127.0.0.1:0", 1))
	commands := commandsOf(t, readme, "## A bot")
	run := slices.Index(commands, "go run .")
	require.Positive(t, run)
	person.follow(commands[:run+1])
	require.Equal(t, "You said **hello**", person.say("hello"))
	person.kill()

	// In Redis.
	commands = commandsOf(t, readme, "### Its state in Redis")
	person.follow(commands)
	require.Equal(t, "You said **one**", person.say("one"))
	person.kill()
	person.follow(commands)
	require.Equal(t, []string{"one", "You said **one**"}, person.conversation())
	require.Equal(t, "You said **two**", person.say("two"))
	person.kill()

	// On Slack.
	person.add(adapterOf(t, readme, "slack"))
	commands = commandsOf(t, readme, "### The same bot on other platforms")
	person.follow(commands)
	conn := workspace.connection()
	workspace.awaitAnswer(workspace.mention(conn, "three"), "three")

	workspace.holdPosts()
	four := workspace.mention(conn, "four")
	workspace.awaitHeld()
	person.kill() // the message is acknowledged, and its answer is lost
	workspace.letPostsPass()
	person.follow(commands)
	workspace.awaitAnswer(four, "four")
	require.Equal(t, []string{"one", "You said **one**", "two", "You said **two**"}, person.conversation())
}

func readReadme(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	return string(readme)
}

// programOf returns the program of the README.
func programOf(t *testing.T, readme string) string {
	t.Helper()
	program := regexp.MustCompile("(?s)```go\n(package main\n.*?)```").FindStringSubmatch(readme)
	require.NotNil(t, program)
	require.Contains(t, program[1], `"127.0.0.1:8080"`)
	return program[1]
}

// commandsOf returns the commands of a section: its lines that are indented by four
// spaces, without those that fetch what is not public yet.
func commandsOf(t *testing.T, readme, heading string) []string {
	t.Helper()
	_, section, found := strings.Cut(readme, "\n"+heading+"\n")
	require.True(t, found, heading)
	section = regexp.MustCompile(`(?m)^#{2,} `).Split(section, 2)[0]
	var commands []string
	for line := range strings.Lines(section) {
		if command, ok := strings.CutPrefix(line, "    "); ok && !strings.HasPrefix(command, "go get ") {
			commands = append(commands, strings.TrimSpace(command))
		}
	}
	require.NotEmpty(t, commands, heading)
	return commands
}

// adapterOf returns the lines by which the README adds a platform: its import and its
// element in the list of adapters.
func adapterOf(t *testing.T, readme, name string) (imported, element string) {
	t.Helper()
	for line := range strings.Lines(readme) {
		switch {
		case strings.HasSuffix(line, "/adapters/"+name+"\"\n"):
			imported = line
		case strings.HasPrefix(line, "\tmust("+name+".New("):
			element = line
		}
	}
	require.NotEmpty(t, imported)
	require.NotEmpty(t, element)
	return imported, element
}

// follower is a person who follows the README, in a folder next to the clone.
type follower struct {
	t        *testing.T
	dir      string
	replacer *strings.Replacer // what stands in the README for what the person has
	env      []string

	browser *person
	cmd     *exec.Cmd
	exited  chan struct{}
	page    string
}

func newFollower(t *testing.T, has map[string]string, env ...string) *follower {
	t.Helper()
	parent := t.TempDir()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	require.NoError(t, os.Symlink(root, filepath.Join(parent, "chat-go")))
	var pairs []string
	for there, here := range has {
		pairs = append(pairs, there, here)
	}
	f := &follower{
		t: t, dir: filepath.Join(parent, "mybot"), replacer: strings.NewReplacer(pairs...), browser: newPerson(t),
		// What the test itself is built with is not the person's.
		env: append(append(os.Environ(), "GOWORK=", "STATE_URL="), env...),
	}
	require.NoError(t, os.Mkdir(f.dir, 0o700))
	t.Cleanup(func() {
		if f.cmd != nil {
			f.kill()
		}
	})
	return f
}

// write saves the program.
func (f *follower) write(source string) {
	f.t.Helper()
	require.NoError(f.t, os.WriteFile(filepath.Join(f.dir, "main.go"), []byte(source), 0o600))
}

// add adds a platform to the program.
func (f *follower) add(imported, element string) {
	f.t.Helper()
	source, err := os.ReadFile(filepath.Join(f.dir, "main.go"))
	require.NoError(f.t, err)
	text := string(source)
	for after, line := range map[string]string{"chat-go/adapters/web\"\n": imported, "must(web.New(web.Config{})),\n": element} {
		require.Equal(f.t, 1, strings.Count(text, after))
		text = strings.Replace(text, after, after+line, 1)
	}
	f.write(text)
}

// follow types commands into a shell. The last one starts the bot, which is not waited
// for.
func (f *follower) follow(commands []string) {
	t := f.t
	t.Helper()
	require.Nil(t, f.cmd, "the bot runs already")
	script := "set -e\n" + f.replacer.Replace(strings.Join(commands, "\n"))
	require.NotContains(t, script, "…", "the person has no such thing")
	f.cmd = exec.Command("sh", "-c", script)
	f.cmd.Dir, f.cmd.Env = f.dir, f.env
	f.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // with what go run starts
	out, err := f.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, f.cmd.Start())
	said, pages := new(botrig.Log), make(chan string, 1)
	exited := make(chan struct{})
	f.exited = exited
	go func() {
		defer close(exited)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			_, _ = fmt.Fprintln(said, lines.Text())
			if _, rest, ok := strings.Cut(lines.Text(), "http://"); ok && strings.Contains(rest, "/webhooks/web") {
				select {
				case pages <- "http://" + strings.TrimSuffix(rest, "/"):
				default:
				}
			}
		}
		_ = f.cmd.Wait()
	}()
	select {
	case f.page = <-pages:
	case <-exited:
		f.cmd = nil
		require.FailNow(t, "the commands ended", "%s\n%s", script, said)
	}
}

// kill ends the bot as a crash would.
func (f *follower) kill() {
	f.t.Helper()
	require.NoError(f.t, syscall.Kill(-f.cmd.Process.Pid, syscall.SIGKILL))
	<-f.exited
	f.cmd = nil
}

// say writes to the bot on the page and returns its answer.
func (f *follower) say(text string) string {
	f.t.Helper()
	texts := readAnswer(f.t, bufio.NewScanner(f.browser.sendTo(f.page, "c1", text).Body))
	require.Len(f.t, texts, 1)
	return texts[0]
}

// conversation returns the messages that the page shows.
func (f *follower) conversation() (texts []string) {
	t := f.t
	t.Helper()
	resp, err := f.browser.client.Get(f.page + "/messages?conversation=c1")
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	var shown struct {
		Messages []struct {
			Parts []struct{ Text string }
		}
	}
	require.NoError(t, json.Unmarshal(body, &shown), "%s", body)
	for _, m := range shown.Messages {
		require.NotEmpty(t, m.Parts, "%s", body)
		texts = append(texts, m.Parts[0].Text)
	}
	return texts
}

const (
	appToken  = "xapp-1"
	workplace = "C0ONE"
)

// workspace is one of Slack, with its end of Socket Mode.
type workspace struct {
	t     *testing.T
	slack *fakeslack.Server
	url   string // of the Web API
	conns chan *websocket.Conn
	held  chan struct{} // gets a value for each post that is held

	mu   sync.Mutex
	hold bool
}

func newWorkspace(t *testing.T) *workspace {
	t.Helper()
	w := &workspace{t: t, slack: fakeslack.New(t), conns: make(chan *websocket.Conn, 8), held: make(chan struct{}, 8)}
	w.slack.AddChannel(fakeslack.Channel{ID: workplace, Name: "general"})
	w.slack.AddUser(fakeslack.User{ID: "U0ADA", Name: "ada"})
	sockets := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var upgrader websocket.Upgrader
		conn, err := upgrader.Upgrade(rw, r, nil)
		if err != nil {
			return
		}
		_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","num_connections":1}`))
		w.conns <- conn
	}))
	t.Cleanup(sockets.Close)
	w.slack.Handle("apps.connections.open", func(fakeslack.Args) (map[string]any, string) {
		return map[string]any{"url": "ws" + strings.TrimPrefix(sockets.URL, "http")}, ""
	})
	api, err := url.Parse(w.slack.APIURL)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: api.Scheme, Host: api.Host})
	}}
	gate := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/chat.postMessage") && w.holds() {
			_, _ = io.Copy(io.Discard, r.Body) // so that the end of the caller is noticed
			w.held <- struct{}{}
			<-r.Context().Done()
			return
		}
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(gate.Close)
	w.url = gate.URL + "/api/"
	return w
}

func (w *workspace) holds() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hold
}

// holdPosts has posts from now on not arrive: each waits until its caller is gone.
func (w *workspace) holdPosts() { w.setHold(true) }

func (w *workspace) letPostsPass() { w.setHold(false) }

func (w *workspace) setHold(hold bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hold = hold
}

func (w *workspace) awaitHeld() {
	w.t.Helper()
	select {
	case <-w.held:
	case <-time.After(startTimeout):
		require.FailNow(w.t, "the bot posts nothing")
	}
}

// connection returns the next connection that the bot opens.
func (w *workspace) connection() *websocket.Conn {
	w.t.Helper()
	select {
	case conn := <-w.conns:
		w.t.Cleanup(func() { _ = conn.Close() })
		return conn
	case <-time.After(startTimeout):
		require.FailNow(w.t, "the bot does not connect")
		return nil
	}
}

// mention writes to the bot in the channel, and returns when the bot has acknowledged
// the message. It returns the thread that the message begins.
func (w *workspace) mention(conn *websocket.Conn, text string) (thread string) {
	t := w.t
	t.Helper()
	text = "<@" + fakeslack.BotUser + "> " + text
	ts := w.slack.Post(workplace, "", "U0ADA", text)
	envelope := fmt.Sprintf(`{"type":"events_api","envelope_id":"E%[1]s","payload":{"type":"event_callback","team_id":%[2]q,"api_app_id":%[3]q,"event_id":"Ev%[1]s",`+
		`"event":{"type":"app_mention","channel":%[4]q,"user":"U0ADA","text":%[5]q,"ts":%[1]q}}}`, ts, fakeslack.TeamID, fakeslack.AppID, workplace, text)
	require.NoError(t, conn.WriteMessage(websocket.TextMessage, []byte(envelope)))
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(startTimeout)))
	_, frame, err := conn.ReadMessage()
	require.NoError(t, err)
	require.Contains(t, string(frame), `"E`+ts+`"`)
	return ts
}

// awaitAnswer waits until the bot has answered once in the thread, with the text. What
// a process left behind is taken up 30 to 40 s after its death: Config.Lock.
func (w *workspace) awaitAnswer(thread, text string) {
	w.t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		changed := w.slack.Changed()
		if said := w.slack.Messages(workplace, thread); len(said) > 0 {
			require.Len(w.t, said, 1)
			require.Equal(w.t, fakeslack.BotUser, said[0].User)
			require.Contains(w.t, said[0].Shown(), text)
			return
		}
		select {
		case <-changed:
		case <-deadline:
			require.FailNow(w.t, "the bot does not answer", text)
		}
	}
}
