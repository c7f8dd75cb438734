package live

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestVerdict checks that the judge finds what a fleet must not do.
func TestVerdict(t *testing.T) {
	t.Parallel()
	here, there, killed := &member{name: "here", sdk: ours}, &member{name: "there", sdk: theirs}, &member{name: "killed", sdk: theirs, killed: true, gone: 5}
	handled := func(m *member, begin, end int64, ids ...string) *run {
		return &run{member: m, thread: "t", as: "subscribed", messages: ids, begin: begin, end: end}
	}
	removed := false
	judge := func(accepted sdk, runs ...*run) verdict {
		f := &fleet{
			runs: map[string]*run{}, missing: map[string]bool{}, removed: map[string]bool{"m": removed},
			byName:   map[string]*member{"here": here, "there": there, "killed": killed},
			settled:  map[string]map[string]bool{"here": {"m": true}},
			messages: map[string]*delivery{"m": {id: "m", thread: "t", accepted: map[sdk]bool{accepted: true}}},
		}
		for _, r := range runs {
			f.runs[r.member.name+r.messages[0]] = r
		}
		return f.judge()
	}
	good := judge(ours, handled(there, 1, 2, "m"))
	require.Equal(t, verdict{messages: 1, handled: map[sdk]int{theirs: 1}, crossed: 1, lost: map[sdk][]string{}}, good)

	require.Equal(t, []string{"m"}, judge(ours).lost[ours])
	require.Equal(t, []string{"m"}, judge(theirs).lost[theirs])
	require.Equal(t, []string{"m"}, judge(ours, handled(killed, 1, 0, "m")).taken)
	removed = true // from its queue when a bot was killed
	require.Equal(t, []string{"m"}, judge(ours).taken)
	require.Equal(t, []string{"m"}, judge(theirs).lost[theirs])
	require.Empty(t, judge(ours, handled(here, 1, 2, "m")).taken)
	require.Equal(t, []string{"m"}, judge(ours, handled(here, 1, 0, "m")).lost[ours])
	removed = false
	require.Len(t, judge(ours, handled(here, 1, 2, "m"), handled(there, 3, 4, "m")).twice, 1)
	require.Len(t, judge(ours, handled(there, 1, 2, "m"), handled(here, 3, 4, "m")).twice, 1)
	again := judge(ours, handled(killed, 1, 0, "m"), handled(here, 6, 7, "m"))
	require.Equal(t, 1, again.again)
	require.Empty(t, again.twice)
	require.Empty(t, again.overlaps)
	require.Len(t, judge(ours, handled(here, 1, 3, "m"), handled(there, 2, 4, "n")).overlaps, 1)
	require.Len(t, judge(ours, handled(here, 1, 0, "m"), handled(there, 2, 4, "n")).overlaps, 1)
	late := handled(there, 3, 4, "n")
	late.as = "mention"
	require.Len(t, judge(ours, handled(here, 1, 2, "m"), late).unsubscribed, 1)
}
