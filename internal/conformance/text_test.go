package conformance

import (
	"regexp"
	"strings"
	"testing"

	"github.com/chat-adapter/chat-go/core/state/statetest"
)

// badText is what a failure must not have: a verb without its value, a number as a
// character, or an error that is printed as nothing.
var badText = regexp.MustCompile(`%!|seen: '|want: '|<nil>|0x[0-9a-f]{6}`)

// TestFailureTexts reads what the suite says of every mutant.
func TestFailureTexts(t *testing.T) {
	for _, m := range mutants() {
		for _, c := range statetest.Cases() {
			if c.ID != m.owner {
				continue
			}
			for i, text := range failures(t, c, m.plant) {
				if strings.Contains(text, "the case still runs after") {
					continue // and the stacks of its goroutines
				}
				call, rest, _ := strings.Cut(text, "\n")
				if len(call) < 3 || badText.MatchString(text) {
					t.Errorf("%s, %s: the failure does not say what was called or seen:\n%s", m.fault, c.ID, text)
				}
				if !strings.Contains(rest, "    seen: ") || !strings.Contains(rest, "    want: ") {
					t.Errorf("%s, %s: the failure does not say what was seen and what was wanted:\n%s", m.fault, c.ID, text)
				}
				if i == 0 && (!strings.Contains(rest, "    rule: "+c.Rule) || !strings.Contains(rest, "    stands in: ")) {
					t.Errorf("%s, %s: the failure does not say the rule:\n%s", m.fault, c.ID, text)
				}
			}
		}
	}
}

// TestFailureTextsOfSome reads a few of them word by word.
func TestFailureTextsOfSome(t *testing.T) {
	for fault, want := range map[string][]string{
		"a queue's bound is applied after the push": {"depth of a queue with maxSize 5", "seen: 1", "want: at most 5"},
		"a list whose reply is lost is empty":       {"WaitingThreads, its reply lost", "seen: []"},
		"an outage is the client's own error":       {"during an outage", "seen: read tcp: i/o timeout", "want: state: backend unavailable"},
		"a claim set again is refused":              {`SetIfNotExists("key")`, "seen: false", "want: true"},
		"an outage breaks the adapter for good":     {"Get after an outage", "note: the adapter gave up before its backend answered"},
		"Connect waits out its patience":            {"Connect with a deadline, during an outage took too long", "seen: 1h0m0.000001s", "want: at once"},
	} {
		found := false
		for _, m := range mutants() {
			if m.fault != fault {
				continue
			}
			found = true
			for _, c := range statetest.Cases() {
				if c.ID != m.owner {
					continue
				}
				text := strings.Join(failures(t, c, m.plant), "\n")
				for _, part := range want {
					if !strings.Contains(text, part) {
						t.Errorf("%s\n    seen: %s\n    want: a text with %q", fault, text, part)
					}
				}
			}
		}
		if !found {
			t.Errorf("there is no mutant with the fault %q", fault)
		}
	}
}
