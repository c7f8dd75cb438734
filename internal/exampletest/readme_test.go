package exampletest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// readmeProgram builds the program of the README, at another address. Each pair of
// changes is what is replaced, and by what.
func readmeProgram(t *testing.T, addr string, changes ...string) string {
	t.Helper()
	source := programOf(t, readReadme(t))
	for i := 0; i < len(changes); i += 2 {
		require.Contains(t, source, changes[i])
		source = strings.ReplaceAll(source, changes[i], changes[i+1])
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(source, "127.0.0.1:8080", addr)), 0o600))
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "readme"), file)
	build.Dir = filepath.Join("..", "..", "examples")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return filepath.Join(dir, "readme")
}

// startReadme starts the program and returns what it says after its address.
func startReadme(t *testing.T, program string) (bot *exec.Cmd, lines *bufio.Scanner, address string) {
	t.Helper()
	bot = exec.Command(program)
	stderr, err := bot.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, bot.Start())
	t.Cleanup(func() { _ = bot.Process.Kill() })
	lines = bufio.NewScanner(stderr)
	var said []string
	for address == "" && lines.Scan() {
		said = append(said, lines.Text())
		if _, rest, ok := strings.Cut(lines.Text(), "http://"); ok {
			address = "http://" + rest
		}
	}
	require.NotEmpty(t, address, "%q", said)
	return bot, lines, address
}

// TestTheProgramOfTheReadme runs it as its reader does: it tells its address,
// answers, and ends well with the answers that are on their way.
func TestTheProgramOfTheReadme(t *testing.T) {
	bot, lines, address := startReadme(t, readmeProgram(t, "127.0.0.1:0"))
	resp, err := http.Post(address, "application/json", strings.NewReader(hello))
	require.NoError(t, err)
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Contains(t, string(answer), "You said **hello**")

	require.NoError(t, bot.Process.Signal(syscall.SIGTERM))
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
	}
	require.NoError(t, bot.Wait(), "%q", said)
	require.NotContains(t, strings.Join(said, "\n"), "Server closed", "an end that was asked for is no error")
}

func TestTheProgramOfTheReadmeWithoutItsPort(t *testing.T) {
	other := Start(t, "memory://")
	out, err := exec.Command(readmeProgram(t, other.Addr)).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "address already in use")
	require.NotContains(t, string(out), "http://", "an address that is another program's is not announced")
}

const hello = `{"id":"c1","message":{"id":"m1","role":"user","parts":[{"type":"text","text":"hello"}]}}`

// A handler that runs when the program is ended comes to its end, and its answer
// arrives.
func TestTheProgramOfTheReadmeDrains(t *testing.T) {
	t.Parallel()
	began, release := make(chan struct{}, 1), make(chan struct{})
	gate := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		began <- struct{}{}
		<-release
	}))
	t.Cleanup(gate.Close)
	const post = "_, err := ev.Thread.Post("
	bot, lines, address := startReadme(t, readmeProgram(t, "127.0.0.1:0",
		post, "_, _ = http.Get(\""+gate.URL+"\")\n"+post, "\t\"log\"\n", "\t\"log\"\n\t\"net/http\"\n"))
	answers := make(chan string, 1)
	go func() {
		defer close(answers)
		resp, err := http.Post(address, "application/json", strings.NewReader(hello))
		if err != nil {
			return
		}
		defer func() { _ = resp.Body.Close() }()
		body, _ := io.ReadAll(resp.Body)
		answers <- string(body)
	}()
	<-began
	require.NoError(t, bot.Process.Signal(syscall.SIGTERM))
	close(release)
	require.Contains(t, <-answers, "You said **hello**")
	for lines.Scan() { // until it has said all
	}
	require.NoError(t, bot.Wait())
}

// A client that does not go on with its request is not waited for.
func TestTheProgramOfTheReadmeHasTimeLimits(t *testing.T) {
	t.Parallel()
	_, _, address := startReadme(t, readmeProgram(t, "127.0.0.1:0"))
	u, err := url.Parse(address)
	require.NoError(t, err)
	conn, err := net.Dial("tcp", u.Host)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: ")
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Minute)))
	_, err = io.ReadAll(conn)
	require.NoError(t, err, "the server ends the connection by itself")
}
