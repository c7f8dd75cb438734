package statetest

import (
	"regexp"
	"strings"
	"testing"
)

func TestEveryRuleStandsInTheContract(t *testing.T) {
	place := regexp.MustCompile(`^(.*/core/state/\w+\.go):\d+$`)
	for _, c := range Cases() {
		at := RuleSource(c.Rule)
		if !place.MatchString(at) {
			t.Errorf("%s: the rule is no text of a comment of package state: %q", c.ID, c.Rule)
		}
	}
}

func TestCaseIDs(t *testing.T) {
	form := regexp.MustCompile(`^[A-Z][A-Za-z]+/[A-Z][A-Za-z]+$`)
	seen := map[string]bool{}
	for _, c := range Cases() {
		if !form.MatchString(c.ID) {
			t.Errorf("the ID %q has another form than Group/Case", c.ID)
		}
		if seen[c.ID] {
			t.Errorf("the ID %q is given twice", c.ID)
		}
		seen[c.ID] = true
		if c.Run == nil {
			t.Errorf("case %s has no Run", c.ID)
		}
	}
	if len(seen) < 120 {
		t.Errorf("the suite has %d cases", len(seen))
	}
}

// TestEveryRuleHasACase reads the contract the other way round: each sentence of
// it is the rule of some case, or listed here with the reason why it is none.
func TestEveryRuleHasACase(t *testing.T) {
	for _, sentence := range contractSentences() {
		covered := false
		for _, c := range Cases() {
			rule := strings.Join(strings.Fields(c.Rule), " ")
			covered = covered || strings.Contains(sentence, strings.TrimSuffix(rule, ".")) || strings.Contains(rule, strings.TrimSuffix(sentence, "."))
		}
		if _, ok := noRules[sentence]; !ok && !covered {
			t.Errorf("no case checks: %s", sentence)
		} else if ok && covered {
			t.Errorf("listed as having no case, but one checks: %s", sentence)
		}
	}
}

// contractSentences returns the sentences of the comments of the files that hold
// the rules.
func contractSentences() []string {
	var all []string
	for _, comments := range contract.Comments("state.go", "inbox.go", "swaps.go", "turns.go", "checker.go", "fences.go", "inprocess.go", "lock.go", "doc.go") {
		for _, sentence := range regexp.MustCompile(`[^.]+(?:\.[A-Za-z][^.]*)*[.:]? `).FindAllString(comments, -1) {
			all = append(all, strings.TrimSpace(sentence))
		}
	}
	return all
}

const (
	isDescription = "it describes and demands nothing"
)

var noRules = map[string]string{
	"Package state is the contract between a bot and the store that holds its subscriptions, locks, queues and cached values.":                                                                                 isDescription,
	"An [Adapter] is made of small roles: [Subscriptions], [Locks], [Cache], [Lists] and [Queues].":                                                                                                            isDescription,
	"Six more roles are optional and found with [As], which looks through wrappers: [Inbox], [Swaps], [Turns], [Checker], [Fences] and [InProcess].":                                                           isDescription,
	"Fences is an optional role: it numbers the grants of a lock, so that a program's own store can refuse what somebody writes who had the lock before.":                                                      isDescription,
	"A lock is a lease: its holder can be stopped for longer than that lasts, and go on writing afterwards.":                                                                                                   isDescription,
	"See https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html.":                                                                                                                          isDescription,
	"Checker is an optional role for a backend that may be there and take no writes: what the bot asks for its readiness, and so as often as a health check comes.":                                            isDescription,
	"InProcess is an optional role of a state that one process has to itself, such as one in its memory: it tells the bot that nobody else can empty the state, and that its calls take no time worth saving.": isDescription,
	"A state without the role is taken to be shared.": isDescription,
	"InProcess reports whether nothing outside of this process can see or change what is stored, and no call waits for anything outside of it.": "the suite is in the process, too: it compares the answer with what is declared",
	"Nobody sees what it writes.": "what it writes has a name that no other method can read",
	"Package statetest checks an implementation against every rule written here.": isDescription,
	"Values are bytes.": isDescription,
	"Inbox is an optional role: it keeps a message until its handler has finished, so that a crash loses nothing.": isDescription,
	"Receipt names one waiting entry of a thread.":                                                                 isDescription,
	"WaitingEntry is an entry with the receipt that settles it.":                                                   isDescription,
	"Receipt settles the entry.":                                                                                   isDescription,
	"Lock is a lease on a thread.":                                                                                 isDescription,
	"ThreadID names what is locked.":                                                                               isDescription,
	"Token proves ownership.":                                                                                      isDescription,
	"Adapter is a state backend: its lifecycle and all the required roles.":                                        isDescription,
	"Connect reaches the backend, or returns why it could not.":                                                    isDescription,
	"Subscriptions is the set of threads that the bot follows.":                                                    isDescription,
	"Cache is a map of values with expiry.":                                                                        isDescription,
	"Lists are sequences of values that only grow at the tail and are trimmed at the head.":                        isDescription,
	"ListOptions bound a list.":                                                                                    isDescription,
	"Queues hold messages that wait for their thread.":                                                             isDescription,
	"Turns is an optional role: what the bot does for every message, in fewer round trips to a backend that is a network away, and with less work in one that is not.": isDescription,
	"The adapter may keep the strings and the bytes of a request, and the messages that it returns may be those that it keeps: nobody changes them.":                   isDescription,
	"Callers count on no transaction: others can come in between, and when a step fails the steps after it may be done or not.":                                        isDescription,
	"An adapter may make it one, so that a step that fails undoes those before it.":                                                                                    isDescription,
	"[CheckStartTurn], [CheckAcceptTurn] and [CheckEndTurn] find it.":                                                                                                  isDescription,
	"The adapter removes it in its own time, and may run goroutines for that from Connect to Close.":                                                                   "forbids nothing to the adapter; those that stay after Close are what Resources/Goroutines finds",
	"Marks are made by the clock of the process that accepts, or by the backend's, as the adapter documents, in milliseconds or finer.":                                isDescription,
	"Without the role the bot takes the steps one by one.":                                                                                                             isDescription,
	"Swaps is an optional role: atomic replacement of cache values.":                                                                                                   isDescription,
	"An adapter may repeat a write by itself where that changes nothing.":                                                                                              isDescription,
	"A lock may be removed before, with ForceReleaseLock, by deleting it in the backend or by emptying the backend.":                                                   isDescription,
	"It learns of it when it next extends the lock, and until then another may hold it, too.":                                                                          isDescription,
	"The holder is not told.": isDescription,
}

func TestRuleSourceOfUnknownText(t *testing.T) {
	if got := RuleSource("no such rule"); got != "package github.com/chat-adapter/chat-go/core/state" {
		t.Errorf("RuleSource of an unknown rule returned %q", got)
	}
}
