package model

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// outside are the transitions of the table that the model does not play, with the reason.
var outside = map[string]string{
	"idle queued":     "slots",
	"queued idle":     "slots",
	"queued acquire":  "slots",
	"queued look":     "slots",
	"idle look":       "a lock is taken at a delivery by rules that drop",
	"acquire idle":    "the state fails, or a shutdown",
	"acquire acquire": "the state fails",
	"refused look":    "a lock is taken at a delivery by rules that drop",
	"look look":       "another program drops what waits",
	"acquire release": "a shutdown",
	"await release":   "a shutdown",
	"run look":        "a waiting window",
	"run settle":      "an attempt that is not made",
	"running acquire": "an abandoned handler",
	"settle run":      "several batches of one look",
	"release idle":    "the state fails",
	"release acquire": "the state fails",
	"release look":    "the state fails",
	"depth look":      "a lock is taken at a delivery by rules that drop",
}

// table reads the states and their transitions from the dispatcher's source.
func table(t *testing.T) (names []string, transitions map[string]bool) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../core/internal/dispatch/state.go", nil, 0)
	require.NoError(t, err)
	named, next := literal(t, file, "stateNames"), literal(t, file, "transitions")
	name := map[string]string{}
	for _, e := range named {
		text, err := strconv.Unquote(e.Value.(*ast.BasicLit).Value)
		require.NoError(t, err)
		name[e.Key.(*ast.Ident).Name] = text
		names = append(names, text)
	}
	transitions = map[string]bool{}
	for _, e := range next {
		for _, to := range e.Value.(*ast.CompositeLit).Elts {
			transitions[name[e.Key.(*ast.Ident).Name]+" "+name[to.(*ast.Ident).Name]] = true
		}
	}
	require.NotEmpty(t, names)
	require.NotEmpty(t, transitions)
	return names, transitions
}

// literal returns the elements of the variable's value.
func literal(t *testing.T, file *ast.File, variable string) (all []*ast.KeyValueExpr) {
	t.Helper()
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Names[0].Name != variable {
			return true
		}
		for _, e := range spec.Values[0].(*ast.CompositeLit).Elts {
			all = append(all, e.(*ast.KeyValueExpr))
		}
		return false
	})
	return all
}

// The model plays the states of the dispatcher, and no transition that the dispatcher's
// table does not have; and each of the table's that is not outside the model.
func TestModelPlaysTheDispatchersStates(t *testing.T) {
	names, transitions := table(t)
	require.Equal(t, names, workerNames)
	played := map[string]bool{}
	for _, p := range []protocol{
		{instances: 2, messages: 2, losses: 1},
		{instances: 2, messages: 2, thefts: 1},
		{instances: 2, messages: 2, lapses: 1},
		{instances: 2, messages: 1, crashes: 1},
	} {
		p.eachStep(func(from, to world) {
			for i := range from.instances {
				before, after := from.instances[i], to.instances[i]
				if before.up && after.up && before.worker != after.worker {
					played[workerNames[before.worker]+" "+workerNames[after.worker]] = true
				}
			}
		})
	}
	for _, transition := range slices.Sorted(maps.Keys(played)) {
		require.True(t, transitions[transition], "the table does not have %q", transition)
		require.NotContains(t, outside, transition)
	}
	for _, transition := range slices.Sorted(maps.Keys(transitions)) {
		if _, ok := outside[transition]; !ok {
			require.True(t, played[transition], "the model does not play %q", transition)
		}
	}
	for transition := range outside {
		require.True(t, transitions[transition], "the table does not have %q, which is outside", transition)
	}
}

// eachStep calls do for each step that can be taken.
func (p protocol) eachStep(do func(from, to world)) {
	first := p.start()
	reached := map[world]bool{first: true}
	for next := []world{first}; len(next) > 0; {
		w := next[len(next)-1]
		next = next[:len(next)-1]
		for _, s := range p.steps(w) {
			do(w, s.to)
			if !reached[s.to] {
				reached[s.to] = true
				next = append(next, s.to)
			}
		}
	}
}
