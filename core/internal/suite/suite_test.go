package suite

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

type recorder struct {
	failures []string
	fatal    bool
}

func (*recorder) Helper()    {}
func (r *recorder) FailNow() { r.fatal = true }
func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

var contract = NewContract("example.com/p", ".")

func TestSource(t *testing.T) {
	if got := contract.Source("no such rule"); got != "package example.com/p" {
		t.Errorf("the source of an unknown rule is %q", got)
	}
	if got := contract.Source("It is small so that a recorder can stand in"); got != "case.go:10" {
		t.Errorf("the rule stands in %q", got)
	}
}

func TestReadCommentsFindsLines(t *testing.T) {
	s := readComments("f.go", "package f\n\n// One rule\n// over two lines.\nfunc F()\n\t// Another\n\t// one.\n")
	for text, line := range map[string]int{"One rule over two": 3, "two lines.": 4, "Another one.": 6} {
		if got := s.line(strings.Index(s.comments, text)); got != line {
			t.Errorf("%q stands in line %d, want %d", text, got, line)
		}
	}
}

func TestCheckAddsTheRuleOnce(t *testing.T) {
	r := &recorder{}
	Check(r, contract, "the rule", Limits{time.Minute, time.Second}, nil, func(t TB) {
		t.Errorf("first")
		t.Errorf("second")
		t.FailNow()
		t.Errorf("never")
	})
	if len(r.failures) != 2 || !r.fatal || !strings.Contains(r.failures[0], "rule: the rule") || strings.Contains(r.failures[1], "rule") {
		t.Errorf("seen: %q", r.failures)
	}
}

func TestCheckReportsAPanic(t *testing.T) {
	r := &recorder{}
	Check(r, contract, "the rule", Limits{time.Minute, time.Second}, nil, func(TB) { panic("nothing there") })
	if len(r.failures) != 1 || !strings.Contains(r.failures[0], "the case panics: nothing there") || !strings.Contains(r.failures[0], "suite_test.go") {
		t.Errorf("seen: %q", r.failures)
	}
}

func TestCheckEndsWhatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		given := make(chan struct{})
		Check(r, contract, "the rule", Limits{time.Minute, time.Second}, func() { close(given) }, func(TB) { <-given })
		if len(r.failures) != 1 || !strings.Contains(r.failures[0], "still runs after 1m0s") {
			t.Errorf("seen: %q", r.failures)
		}
	})
}
