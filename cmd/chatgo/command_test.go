package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// execute runs the command and returns what it prints.
func execute(t *testing.T, terminal bool, in io.Reader, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := newCommand(terminal)
	cmd.SetArgs(args)
	cmd.SetIn(in)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	err := cmd.Execute()
	return out.String(), err
}

// unreadable is an input that nobody should read.
type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the input was read")
	return 0, errors.New("nobody answers")
}

func TestNewNeverAsksWithoutATerminal(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "mybot")
	out, err := execute(t, false, unreadable{t}, "new", folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"go mod tidy", "go test ./...", "go run ."} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if got := read(t, folder, "main.go"); !strings.Contains(got, "web.New(") {
		t.Errorf("the default adapter is not web:\n%s", got)
	}
}

func TestNewAsksForWhatNoFlagSays(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "mybot")
	out, err := execute(t, true, strings.NewReader("telegram, web\n"), "new", folder, "--state", "redis")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "Which platforms") || strings.Contains(out, "Which state") {
		t.Errorf("asked:\n%s", out)
	}
	if got := read(t, folder, "main.go"); !strings.Contains(got, "telegram.New(") || !strings.Contains(got, "state-redis") {
		t.Errorf("the answers were not obeyed:\n%s", got)
	}
	if got := read(t, folder, ".env.example"); !strings.Contains(got, "\nTELEGRAM_BOT_TOKEN=\n") || !strings.Contains(got, "@BotFather") {
		t.Errorf("variables are missing:\n%s", got)
	}
	if _, err := execute(t, true, strings.NewReader(""), "new", folder+"2"); err == nil {
		t.Error("a terminal that was closed was taken for an answer")
	}
}

func TestNewOverwritesNothing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bot.go", ".env.example", "main.go"} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, name), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := execute(t, false, nil, "new", folder, "--name", "mybot")
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: the error is %v", name, err)
		}
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) != 1 || read(t, folder, name) != "mine" {
			t.Errorf("%s: the folder has now %v", name, entries)
		}
	}
}

func TestNewRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for want, args := range map[string][]string{
		`no adapter "icq", want one of`:  {filepath.Join(folder, "a"), "--adapter", "icq"},
		`no state "tape", want one of`:   {filepath.Join(folder, "b"), "--state", "tape"},
		`"web" is named twice`:           {filepath.Join(folder, "c"), "--adapter", "web,web"},
		`the name is "my bot"`:           {filepath.Join(folder, "my bot")},
		`the module is "no module path"`: {filepath.Join(folder, "d"), "--module", "no module path"},
		`is no clone of chat-go`:         {filepath.Join(folder, "e"), "--clone", folder},
	} {
		_, err := execute(t, false, nil, append([]string{"new"}, args...)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: the error is %v, want %q", args, err, want)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 0 {
		t.Errorf("something was written: %v, %v", entries, err)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"github.com/chat-adapter/chat-go/adapters/telegram": {"adapters"},
		"SLACK_SIGNING_SECRET":                              {"env", "slack"},
		"TELEGRAM_BOT_TOKEN":                                {"env"},
	} {
		out, err := execute(t, false, nil, args...)
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("%v: %v, %s", args, err, out)
		}
	}
	if out, err := execute(t, false, nil, "env", "telegram"); err != nil || strings.Contains(out, "SLACK") {
		t.Errorf("env telegram: %v, %s", err, out)
	}
	if _, err := execute(t, false, nil, "env", "icq"); err == nil {
		t.Error("env of an unknown adapter is no error")
	}
}

func read(t *testing.T, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
