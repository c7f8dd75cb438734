package linearizability

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/chat-adapter/chat-go/core/state/statetest/history"
)

// Violation is the error for answers that no order of the calls explains.
type Violation struct {
	// Kind and Thread are what the calls were about: Thread is a thread or a key.
	Kind   Kind
	Thread string
	// Seed makes the same calls again.
	Seed uint64
	// Events are all calls about the thread or key.
	Events []history.Event
	// Undecided says that an explanation was looked for in vain for a minute, so
	// that there may be one. A shorter history decides it.
	Undecided bool

	model porcupine.Model
	info  porcupine.LinearizationInfo
}

// Error shows the end of the longest explanation and, marked, the calls after it that
// have none. It names messages and values, which a judge has made itself.
func (v *Violation) Error() string {
	verdict := "no order of the calls explains"
	if v.Undecided {
		verdict = "undecided: a minute was too short to find an order of the calls that explains"
	}
	return fmt.Sprintf("%s the %d answers about %s %q (Config.Seed: %d)\n%s", verdict, len(v.Events), v.Kind, v.Thread, v.Seed, v.unexplained())
}

// WritePicture writes the history as a page for a browser.
func (v *Violation) WritePicture(path string) error {
	return porcupine.VisualizePath(v.model, v.info, path)
}

func (v *Violation) unexplained() string {
	const around = 20
	var longest []porcupine.Operation
	for _, partial := range v.info.PartialLinearizationsOperations() {
		for _, ops := range partial {
			if len(ops) > len(longest) {
				longest = ops
			}
		}
	}
	type key struct {
		client int
		call   time.Duration
		kind   history.Kind
	}
	explained := map[key]bool{}
	var b strings.Builder
	line := func(mark string, e history.Event) {
		fmt.Fprintf(&b, "    %s %v…%v client %d: %v\n", mark, e.Call, e.Return, e.Client, e)
	}
	for i, op := range longest {
		e := op.Input.(history.Event)
		explained[key{e.Client, e.Call, e.Kind}] = true
		if i >= len(longest)-around {
			line(" ", e)
		}
	}
	left := slices.DeleteFunc(slices.Clone(v.Events), func(e history.Event) bool { return explained[key{e.Client, e.Call, e.Kind}] })
	slices.SortFunc(left, func(a, b history.Event) int { return cmp.Compare(a.Call, b.Call) })
	for _, e := range left[:min(len(left), around)] {
		line("?", e)
	}
	return b.String()
}
