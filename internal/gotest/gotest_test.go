package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// inModule runs gotest in a module with one test file, and returns the exit code
// and what it prints, without times.
func inModule(t *testing.T, content string, args ...string) (int, string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":      "module sample\n\ngo 1.26.0\n",
		"a/a_test.go": "package a\n\nimport \"testing\"\n\n" + content,
		"b/b.go":      "package b\n",
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	t.Chdir(dir)
	t.Setenv("GOWORK", "off")
	t.Setenv("GOFLAGS", "")
	var out strings.Builder
	code, err := run(append(args, "./..."), &out)
	require.NoError(t, err)
	return code, regexp.MustCompile(`\d+(\.\d+)?s`).ReplaceAllString(out.String(), "1s")
}

// word is what a test of the sample calls to be skipped. This file skips none.
const word = "Skip"

func TestSumsOfAPassingRun(t *testing.T) {
	code, out := inModule(t, `
func TestOne(t *testing.T) { t.Log("hidden") }
func TestTwo(t *testing.T) {
	for _, name := range []string{"a", "b", "c"} {
		t.Run(name, func(t *testing.T) { t.`+word+`("skip: no network") })
	}
	t.Run("d", func(t *testing.T) { t.`+word+`("too old") })
	t.Run("e", func(t *testing.T) { t.`+word+`Now() })
}
`)
	require.Zero(t, code)
	require.Equal(t, strings.Join([]string{
		"ok  \tsample/a\t1s",
		"    3 skipped: no network",
		"    1 skipped: too old",
		"    1 skipped: without a reason",
		"in 1s:",
		"2 passed, 0 failed, 5 skipped",
		"",
	}, "\n"), out)
}

func TestAFailureIsShown(t *testing.T) {
	code, out := inModule(t, `
func TestOne(t *testing.T) { t.Log("hidden") }
func TestTwo(t *testing.T) {
	t.Run("right", func(t *testing.T) { t.Log("hidden") })
	t.Run("wrong", func(t *testing.T) { t.Error("shown") })
}
`)
	require.Equal(t, 1, code)
	require.Contains(t, out, "--- FAIL: TestTwo/wrong (1s)\n")
	require.Contains(t, out, "a_test.go:9: shown\n")
	require.Contains(t, out, "FAIL\tsample/a\t1s\n")
	require.NotContains(t, out, "hidden")
	require.NotContains(t, out, "=== RUN")
	require.True(t, strings.HasSuffix(out, "\n2 passed, 2 failed, 0 skipped\n"), out)
}

func TestVerboseShowsAll(t *testing.T) {
	code, out := inModule(t, `func TestOne(t *testing.T) { t.Log("shown") }`, "-v")
	require.Zero(t, code)
	require.Contains(t, out, "=== RUN   TestOne\n")
	require.Equal(t, 1, strings.Count(out, "a_test.go:5: shown\n"), out)
	require.True(t, strings.HasSuffix(out, "\n1 passed, 0 failed, 0 skipped\n"), out)
}

// A run that cannot end its tests has failed, and says why.
func TestWhatEndsARunEarlyIsShown(t *testing.T) {
	for name, sample := range map[string]struct{ content, shown, sums string }{
		"panic":   {`func TestOne(t *testing.T) { panic("shown") }`, "panic: shown", "0 passed, 1 failed, 0 skipped\n"},
		"no code": {`func TestOne(t *testing.T) { undefined() }`, "undefined: undefined", "0 passed, 1 failed, 0 skipped\n"},
		"exit": {`func TestOne(t *testing.T) {}
func TestMain(m *testing.M) { m.Run(); println("shown"); panic("end") }`, "shown", "1 passed, 1 failed, 0 skipped\n"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out := inModule(t, sample.content)
			require.NotZero(t, code)
			require.Contains(t, out, sample.shown)
			require.True(t, strings.HasSuffix(out, "\n"+sample.sums), out)
		})
	}
}
