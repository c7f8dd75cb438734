package exampletest

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// readmeProgram builds the program of the README, at another address.
func readmeProgram(t *testing.T, addr string) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	program := regexp.MustCompile("(?s)```go\n(package main\n.*?)```").FindSubmatch(readme)
	require.NotNil(t, program)
	source := string(program[1])
	require.Contains(t, source, `"127.0.0.1:8080"`)
	dir := t.TempDir()
	file := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(source, "127.0.0.1:8080", addr)), 0o600))
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "readme"), file)
	build.Dir = filepath.Join("..", "..", "examples")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return filepath.Join(dir, "readme")
}

// TestTheProgramOfTheReadme runs it as its reader does: it tells its address,
// answers, and ends well with the answers that are on their way.
func TestTheProgramOfTheReadme(t *testing.T) {
	bot := exec.Command(readmeProgram(t, "127.0.0.1:0"))
	stderr, err := bot.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, bot.Start())
	t.Cleanup(func() { _ = bot.Process.Kill() })
	lines := bufio.NewScanner(stderr)
	var said []string
	address := ""
	for address == "" && lines.Scan() {
		said = append(said, lines.Text())
		if _, rest, ok := strings.Cut(lines.Text(), "http://"); ok {
			address = "http://" + rest
		}
	}
	require.NotEmpty(t, address, "%q", said)
	resp, err := http.Post(address, "application/json", strings.NewReader(`{"id":"c1","message":{"id":"m1","role":"user","parts":[{"type":"text","text":"hello"}]}}`))
	require.NoError(t, err)
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Contains(t, string(answer), "You said **hello**")

	require.NoError(t, bot.Process.Signal(syscall.SIGTERM))
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
