package pgstate

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// errand is a call of a pipe.
type errand struct {
	id    int
	names []string
	bytes int
}

func (e errand) changes() []string { return e.names }
func (e errand) size() int         { return e.bytes }

// What shares a name goes on different trips, in order; a trip has a bound; and none
// waits forever.
func TestTripsTakeWhatWaits(t *testing.T) {
	many := make([]errand, maxCalls+2)
	for i := range many {
		many[i] = errand{id: i, names: []string{fmt.Sprint(i)}}
	}
	first := make([]int, maxCalls)
	for i := range first {
		first[i] = i
	}
	for name, test := range map[string]struct {
		waiting []errand
		want    [][]int
	}{
		"nothing":     {nil, [][]int{nil}},
		"other names": {[]errand{{id: 1, names: []string{"a"}}, {id: 2, names: []string{"b"}}, {id: 3}}, [][]int{{1, 2, 3}}},
		"one name":    {[]errand{{id: 1, names: []string{"a"}}, {id: 2, names: []string{"a"}}, {id: 3, names: []string{"a"}}}, [][]int{{1}, {2}, {3}}},
		"a chain of names": {
			[]errand{{id: 1, names: []string{"a"}}, {id: 2, names: []string{"a", "b"}}, {id: 3, names: []string{"b"}}, {id: 4, names: []string{"c"}}},
			[][]int{{1, 4}, {2}, {3}},
		},
		"many":  {many, [][]int{first, {maxCalls, maxCalls + 1}}},
		"large": {[]errand{{id: 1, bytes: 2 * maxBytes}, {id: 2, bytes: maxBytes - 1}, {id: 3, bytes: 2}, {id: 4, bytes: 1}}, [][]int{{1}, {2, 4}, {3}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := &pipe[errand]{a: &Adapter{closing: context.Background()}}
			for _, e := range test.waiting {
				p.waiting = append(p.waiting, &waiter[errand]{call: e})
			}
			for _, want := range test.want {
				var ids []int
				trip, all := p.take()
				trip.cancel()
				for _, w := range all {
					require.Same(t, trip, w.trip)
					ids = append(ids, w.call.id)
				}
				require.Equal(t, want, ids)
				require.Equal(t, len(want), trip.callers)
			}
			require.Empty(t, p.waiting)
		})
	}
}
