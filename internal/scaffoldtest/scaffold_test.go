package scaffoldtest

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/cmd/chatgo/catalog"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/internal/repo"
)

var root = filepath.Join("..", "..")

// TestEveryCombination makes a bot for each adapter, each pair of adapters and all of
// them with each state, in one workspace, so that each package is compiled once. What
// the template writes for an adapter depends on no other, so a third one cannot clash
// where no pair does. All of them are compiled and vetted. Handlers and test are the same
// for all, so the tests of those with one adapter and with every adapter are run.
func TestEveryCombination(t *testing.T) {
	t.Parallel()
	dir, chatgo := t.TempDir(), buildChatgo(t)
	var all, run []string
	var adapters []string
	for _, a := range catalog.Adapters() {
		adapters = append(adapters, a.Name)
	}
	sets := [][]string{adapters}
	for i, name := range adapters {
		sets = append(sets, []string{name})
		for _, other := range adapters[i+1:] {
			sets = append(sets, []string{name, other})
		}
	}
	for _, names := range sets {
		for _, s := range catalog.States() {
			name := strings.Join(names, "-") + "-on-" + s.Name
			if len(names) == len(adapters) {
				name = "all-on-" + s.Name
			}
			command(t, dir, chatgo, "new", name, "--adapter", strings.Join(names, ","), "--state", s.Name)
			all = append(all, "./"+name)
			if len(names) != 2 {
				run = append(run, "./"+name)
			}
		}
	}
	writeWorkspace(t, dir, all)
	command(t, dir, "go", append([]string{"vet"}, all...)...)
	out := command(t, dir, "go", append([]string{"test", "-vet=off", "-ldflags=-s -w"}, run...)...)
	require.Equal(t, len(run), strings.Count("\n"+out, "\nok "), "%s", out)
	require.Empty(t, command(t, dir, "gofmt", "-l", dir))
}

// writeWorkspace has all bots built with this clone.
func writeWorkspace(t *testing.T, dir string, bots []string) {
	t.Helper()
	all, err := repo.Modules(root)
	require.NoError(t, err)
	var use, replace strings.Builder
	for _, bot := range bots {
		fmt.Fprintf(&use, "\t%s\n", bot)
	}
	for _, m := range all {
		if m.Released {
			at, err := filepath.Abs(filepath.Join(root, m.Folder))
			require.NoError(t, err)
			fmt.Fprintf(&use, "\t%q\n", at)
			fmt.Fprintf(&replace, "\t%s %s => %q\n", m.Path(), m.Version, at)
		}
	}
	text := "go 1.26.0\n\nuse (\n" + use.String() + ")\n\nreplace (\n" + replace.String() + ")\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.work"), []byte(text), 0o600))
}

// TestANewBotAnswers does what the next steps say: the bot is made with the clone,
// built, started on memory, asked, and sent a recorded webhook.
func TestANewBotAnswers(t *testing.T) {
	t.Parallel()
	dir, chatgo := t.TempDir(), buildChatgo(t)
	clone, err := filepath.Abs(root)
	require.NoError(t, err)
	said := command(t, dir, chatgo, "new", "mybot", "--adapter", "telegram,web", "--state", "redis", "--clone", clone)
	require.NotContains(t, said, "[web]", "nobody is asked without a terminal")
	folder := filepath.Join(dir, "mybot")
	command(t, folder, "go", "build", "-o", "mybot", ".")

	// Telegram's Bot API, as far as a start needs it.
	posted := make(chan string, 8)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.HasSuffix(r.URL.Path, "/sendMessage") {
			posted <- string(body)
		}
		_, _ = io.WriteString(w, `{"ok":true,"result":{"id":7,"is_bot":true,"first_name":"mybot","username":"mybot","message_id":9,"date":1,"chat":{"id":5,"type":"private"}}}`)
	}))
	t.Cleanup(api.Close)
	environment := []string{"ADDR=127.0.0.1:0", "TELEGRAM_BOT_TOKEN=7:AAAA", "TELEGRAM_WEBHOOK_SECRET_TOKEN=s3cret", "TELEGRAM_API_BASE_URL=" + api.URL}
	address := start(t, folder, environment)

	resp, err := http.Post(address+"/webhooks/web", "application/json",
		strings.NewReader(`{"id":"c1","message":{"id":"m1","role":"user","parts":[{"type":"text","text":"hello"}]}}`))
	require.NoError(t, err)
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Contains(t, string(answer), "I am mybot")

	recorded := record(t, dir)
	replay := exec.Command(chatgo, "replay", "--server", address, "--adapter", "telegram", recorded)
	replay.Env = append(os.Environ(), environment...)
	out, err := replay.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "200 OK")
	require.Contains(t, <-posted, "I am mybot")

	unsigned := exec.Command(chatgo, "replay", "--server", address, "--adapter", "telegram", recorded)
	out, err = unsigned.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "401")
}

func buildChatgo(t *testing.T) string {
	t.Helper()
	chatgo := filepath.Join(t.TempDir(), "chatgo")
	command(t, filepath.Join(root, "cmd", "chatgo"), "go", "build", "-o", chatgo, ".")
	return chatgo
}

// record returns the file of a recorded webhook with a message to the bot.
func record(t *testing.T, dir string) string {
	t.Helper()
	folder := filepath.Join(dir, "recorded")
	recorder := &webhook.Recorder{Folder: folder, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body) })}
	update := `{"update_id":1,"message":{"message_id":2,"date":1700000000,"text":"hello","chat":{"id":5,"type":"private","first_name":"Ada"},"from":{"id":5,"is_bot":false,"first_name":"Ada"}}}`
	request := httptest.NewRequest(http.MethodPost, "/webhooks/telegram", strings.NewReader(update))
	request.Header.Set("Content-Type", "application/json")
	recorder.ServeHTTP(httptest.NewRecorder(), request)
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	return files[0]
}

// start runs the bot until the test ends, and returns its address.
func start(t *testing.T, folder string, environment []string) string {
	t.Helper()
	bot := exec.Command(filepath.Join(folder, "mybot"))
	bot.Env = append(os.Environ(), environment...)
	stderr, err := bot.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, bot.Start())
	lines := bufio.NewScanner(stderr)
	var said []string
	t.Cleanup(func() {
		require.NoError(t, bot.Process.Signal(syscall.SIGTERM))
		for lines.Scan() {
			said = append(said, lines.Text())
		}
		require.NoError(t, bot.Wait(), "%q", said)
	})
	for lines.Scan() {
		said = append(said, lines.Text())
		if _, rest, ok := strings.Cut(lines.Text(), "url=http://"); ok {
			host, _, _ := strings.Cut(rest, "/")
			return "http://" + host
		}
	}
	require.FailNow(t, "the bot did not say where it listens", "%q", said)
	return ""
}

func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}
