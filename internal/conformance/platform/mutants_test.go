package platform

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/internal/conformance"
)

// mutant is the adapter of acme with one planted fault.
type mutant struct {
	// fault says what is wrong with it.
	fault string
	// owner is the case whose rule the fault breaks.
	owner string
	plant func(a *acme) chat.Adapter
}

// failures runs one case against a mutant.
func failures(t *testing.T, c adaptertest.Case, m mutant) []string {
	t.Helper()
	r := &conformance.Recorder{}
	// The case's own subtest, so that it has closed what it opened when it ends.
	t.Run(c.ID, func(t *testing.T) {
		open := func(t *testing.T) adaptertest.Harness { t.Helper(); return openPlanted(t, m.plant) }
		c.Check(r, adaptertest.NewSubject(t, open, acmeFeatures))
	})
	return r.Failures()
}

// TestMutants runs the suite against every mutant. Each must be caught by the
// case that owns the rule it breaks. By default a mutant meets the cases of its
// owner's group; CONFORMANCE_MATRIX=full has it meet all, and prints who caught
// it.
func TestMutants(t *testing.T) {
	full := os.Getenv("CONFORMANCE_MATRIX") == "full"
	all := slices.Concat(webhookMutants, heardMutants, callMutants, abilityMutants, fetchMutants, contentMutants, lengthMutants, buttonMutants)
	require.GreaterOrEqual(t, len(all), 30)
	rows := make([]string, len(all))
	t.Run("group", func(t *testing.T) {
		var running sync.WaitGroup
		places := make(chan struct{}, 16) // most of the time a case waits
		for i, m := range all {
			places <- struct{}{}
			running.Go(func() {
				defer func() { <-places }()
				t.Run(strings.ReplaceAll(m.fault, " ", "_"), func(t *testing.T) {
					caught := catch(t, m, full)
					if !slices.Contains(caught, m.owner) {
						t.Errorf("%s: it passes %s, which owns the rule", m.fault, m.owner)
					}
					others := slices.DeleteFunc(caught, func(id string) bool { return id == m.owner })
					rows[i] = fmt.Sprintf("%-58s %-26s %s", m.fault, m.owner, strings.Join(others, " "))
				})
			})
		}
		running.Wait()
	})
	t.Logf("%d mutants: the fault, the case that owns the rule and caught it, other cases that caught it\n%s", len(all), strings.Join(rows, "\n"))
}

// catch returns the IDs of the cases that the mutant fails.
func catch(t *testing.T, m mutant, full bool) []string {
	t.Helper()
	group, _, _ := strings.Cut(m.owner, "/")
	var caught []string
	for _, c := range adaptertest.Cases() {
		if (full || strings.HasPrefix(c.ID, group+"/")) && len(failures(t, c, m)) > 0 {
			caught = append(caught, c.ID)
		}
	}
	return caught
}

// TestHarness checks that what the cases of an ability need is asked for.
func TestHarness(t *testing.T) {
	for name, change := range map[string]func(*adaptertest.Harness){
		"Harness.Posts":     func(h *adaptertest.Harness) { h.Posts = nil },
		"Harness.Ephemeral": func(h *adaptertest.Harness) { h.Ephemeral = nil },
		"Harness.Scheduled": func(h *adaptertest.Harness) { h.Scheduled = nil },
		"Harness.Click":     func(h *adaptertest.Harness) { h.Click = nil },
		"Harness.Restart":   func(h *adaptertest.Harness) { h.Restart = nil },
		"Harness.Modals":    func(h *adaptertest.Harness) { h.Modals = nil },
		"Harness.Submit":    func(h *adaptertest.Harness) { h.Submit = nil },
	} {
		t.Run(name, func(t *testing.T) {
			r := &conformance.Recorder{}
			adaptertest.CheckFeatures(r, adaptertest.NewSubject(t, func(t *testing.T) adaptertest.Harness {
				t.Helper()
				h := openPlanted(t, func(a *acme) chat.Adapter { return a })
				change(&h)
				return h
			}, acmeFeatures))
			require.Contains(t, strings.Join(r.Failures(), "\n"), strings.TrimPrefix(name, "Harness."))
		})
	}
}

// TestDeclarations checks that what is declared and absent is reported, and what
// is there and not declared.
func TestDeclarations(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*adaptertest.Features)
		says   string
	}{
		{"nothing", func(*adaptertest.Features) {}, ""},
		{"no samples", func(f *adaptertest.Features) { f.Samples = nil }, "hold none that wants exactly one *chat.Message"},
		{"no own message", func(f *adaptertest.Features) { f.Samples = f.Samples[:3] }, "hold none that is Own"},
		{"own messages denied", func(f *adaptertest.Features) { f.NoOwnMessages = true }, "NoOwnMessages is declared"},
		{"no signature", func(f *adaptertest.Features) { f.Sign, f.MaxAge = nil, 0 }, "Features.Sign is nil"},
		{"a signature and none", func(f *adaptertest.Features) { f.Unsigned = true }, "Features.Unsigned is declared"},
		{"an age unsigned", func(f *adaptertest.Features) { f.Sign, f.Unsigned = nil, true }, "are for signed requests"},
		{"a body said to be unsigned", func(f *adaptertest.Features) { f.BodyUnsigned = true }, "do not declare Features.BodyUnsigned"},
		{"an age not told", func(f *adaptertest.Features) { f.MaxAge = 0 }, "declare Features.MaxAge"},
		{"nobody to write to", func(f *adaptertest.Features) { f.User = "" }, "set Features.User"},
		{"no buttons, with a click", func(f *adaptertest.Features) { f.NoButtons = true }, "NoButtons is declared"},
		{"a want without id", func(f *adaptertest.Features) {
			f.Samples = append(slices.Clone(f.Samples), adaptertest.Sample{Name: "x", Want: []chat.Inbound{&chat.Message{Text: "x"}}})
		}, "needs an ID, a ThreadID"},
		{"no file", func(f *adaptertest.Features) { f.Samples = f.Samples[:5] }, "set Files of one"},
		{"an empty file", func(f *adaptertest.Features) {
			f.Samples = slices.Clone(f.Samples)
			f.Samples[5].Files = []string{""}
		}, "has an empty file"},
		{"a file without a message", func(f *adaptertest.Features) {
			f.Samples = append(slices.Clone(f.Samples), adaptertest.Sample{Name: "x", Files: []string{"x"}})
		}, "has Files and 0 Wants"},
		{"an album of one", func(f *adaptertest.Features) { f.Album = f.Album[:1] }, "Features.Album has one webhook"},
		{"an album without files", func(f *adaptertest.Features) { f.Album = slices.Clone(f.Album[1:]) }, "not one message with two or more attachments"},
		{"nothing moves", func(f *adaptertest.Features) { f.Moves = "" }, "Harness.Move and Features.Moves belong together"},
		{"a mention where all are", func(f *adaptertest.Features) { f.Mention.Want = acmeWant("acme:D1:", "D1-3", "psst") }, "Features.Mention is in a direct conversation"},
		{"a mention of nothing", func(f *adaptertest.Features) { f.MentionInCode.Want = nil }, "Features.MentionInCode wants 0 messages"},
		{"one twin", func(f *adaptertest.Features) { f.Twins = f.Twins[:1] }, "want two or more"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := acmeFeatures
			test.change(&f)
			r := &conformance.Recorder{}
			open := func(t *testing.T) adaptertest.Harness {
				t.Helper()
				return openPlanted(t, func(a *acme) chat.Adapter { return a })
			}
			adaptertest.CheckFeatures(r, adaptertest.NewSubject(t, open, f))
			if test.says == "" {
				require.Empty(t, r.Failures())
			} else {
				require.Contains(t, strings.Join(r.Failures(), "\n"), test.says)
			}
		})
	}
}

// TestStreamsOfWhatCannotBeEdited has an adapter that edits nothing and says nothing of streams.
func TestStreamsOfWhatCannotBeEdited(t *testing.T) {
	f := acmeFeatures
	f.NoEdits = true
	require.Contains(t, failuresWith(t, f, "Streams/Buffered"), "no StreamBufferer")
}

// failuresWith returns what a case says of the adapter when it declares these features.
func failuresWith(t *testing.T, f adaptertest.Features, id string) string {
	t.Helper()
	cases := adaptertest.Cases()
	c := cases[slices.IndexFunc(cases, func(c adaptertest.Case) bool { return c.ID == id })]
	r := &conformance.Recorder{}
	open := func(t *testing.T) adaptertest.Harness {
		t.Helper()
		return openPlanted(t, func(a *acme) chat.Adapter { return a })
	}
	c.Check(r, adaptertest.NewSubject(t, open, f))
	return strings.Join(r.Failures(), "\n")
}

// TestChangeableAgainstItsDeclaration declares of an adapter that it changes no messages.
func TestChangeableAgainstItsDeclaration(t *testing.T) {
	for name, declare := range map[string]func(*adaptertest.Features){
		"EditMessage":   func(f *adaptertest.Features) { f.NoEdits = true },
		"DeleteMessage": func(f *adaptertest.Features) { f.NoDeletes = true },
	} {
		t.Run(name, func(t *testing.T) {
			f := acmeFeatures
			declare(&f)
			require.Contains(t, failuresWith(t, f, "Posts/Unchangeable"), name)
		})
	}
}
