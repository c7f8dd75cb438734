package chaos

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ms = int64(1e6)

// handler returns the records of a run that returns nil.
func handler(number, begin, end int64, messages ...string) []record {
	return []record{
		{At: begin * ms, Kind: kindBegin, Run: number, Thread: "t", Messages: messages, Live: true},
		{At: (begin + end) / 2 * ms, Kind: kindStep, Run: number, Live: true},
		{At: end * ms, Kind: kindEnd, Run: number, Live: true},
	}
}

func sent(bot string, ids ...string) []delivery {
	var list []delivery
	for i, id := range ids {
		list = append(list, delivery{ID: id, Thread: "t", Accepted: int64(i+1) * ms, Bot: bot, Tries: 1})
	}
	return list
}

func TestVerdictOfAGoodRun(t *testing.T) {
	v := judge(history{
		deliveries: sent("a", "0/0", "0/1", "0/2"),
		journals:   map[string][]record{"a": handler(1, 10, 20, "0/0"), "b": handler(1, 21, 30, "0/1", "0/2")},
	})
	require.Equal(t, 3, v.accepted)
	require.Equal(t, 3, v.handled)
	require.Empty(t, (&outcome{verdict: v}).complaints())
}

// The judge finds what it is there to find.
func TestVerdictFindsFaults(t *testing.T) {
	cut := func(rs []record, keep int) []record { return rs[:keep] }
	dead := func(rs []record, from int) []record {
		for i := from; i < len(rs); i++ {
			rs[i].Live = false
		}
		return rs
	}
	failed := handler(1, 10, 20, "0/0")
	failed[2].Err = "failed"
	for _, c := range []struct {
		name string
		h    history
		want func(*verdict) []string
		none bool
	}{
		{
			name: "a message that no handler got",
			h:    history{deliveries: sent("a", "0/0")},
			want: func(v *verdict) []string { return v.lost },
		},
		{
			name: "a message whose only handler was killed",
			h:    history{deliveries: sent("a", "0/0"), journals: map[string][]record{"a": cut(handler(1, 10, 20, "0/0"), 2)}},
			want: func(v *verdict) []string { return v.lost },
		},
		{
			name: "a message whose only handler failed",
			h:    history{deliveries: sent("a", "0/0"), journals: map[string][]record{"a": failed}},
			want: func(v *verdict) []string { return v.lost },
		},
		{
			name: "a dead letter is not lost",
			h:    history{deliveries: sent("a", "0/0"), dead: []string{"0/0"}},
			want: func(v *verdict) []string { return v.lost },
			none: true,
		},
		{
			name: "a handler that begins while another works",
			h:    history{journals: map[string][]record{"a": handler(1, 10, 30, "0/0"), "b": handler(1, 15, 18, "0/1")}},
			want: func(v *verdict) []string { return v.overlaps },
		},
		{
			name: "a handler that is found alive after a pause, when another has come and gone",
			h:    history{journals: map[string][]record{"a": handler(1, 10, 90, "0/0"), "b": handler(1, 60, 70, "0/1")}},
			want: func(v *verdict) []string { return v.overlaps },
		},
		{
			name: "a handler that finds its context ended is no overlap",
			h:    history{journals: map[string][]record{"a": dead(handler(1, 10, 90, "0/0"), 1), "b": handler(1, 40, 45, "0/1")}},
			want: func(v *verdict) []string { return v.overlaps },
			none: true,
		},
		{
			name: "a later message first",
			h:    history{journals: map[string][]record{"a": append(handler(1, 10, 20, "0/1"), handler(2, 30, 40, "0/0")...)}},
			want: func(v *verdict) []string { return v.disordered },
		},
		{
			name: "a later message first among the skipped",
			h:    history{journals: map[string][]record{"a": handler(1, 10, 20, "0/1", "0/0", "0/2")}},
			want: func(v *verdict) []string { return v.disordered },
		},
		{
			name: "a repetition for no reason",
			h:    history{journals: map[string][]record{"a": handler(1, 10, 20, "0/0"), "b": handler(1, 30, 40, "0/0")}},
			want: func(v *verdict) []string { return v.unexplained },
		},
		{
			name: "a repetition although the success was written down before the kill",
			h: history{
				journals: map[string][]record{
					"a": append(handler(1, 10, 20, "0/0"), record{At: 21 * ms, Kind: kindTold, Step: "handled", Thread: "t", Messages: []string{"0/0"}}),
					"b": handler(1, 4000, 4010, "0/0"),
				},
				faults: []fault{{Kind: faultKill, Target: "a", From: 22 * ms, To: 23 * ms}},
			},
			want: func(v *verdict) []string { return v.unexplained },
		},
		{
			name: "a repetition long before the kill that should be its reason",
			h: history{
				journals: map[string][]record{"a": handler(1, 10, 20, "0/0"), "b": handler(1, 30, 40, "0/0")},
				faults:   []fault{{Kind: faultKill, Target: "a", From: 5000 * ms, To: 5001 * ms}},
			},
			want: func(v *verdict) []string { return v.unexplained },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.none {
				assert.Empty(t, c.want(judge(c.h)))
			} else {
				assert.Len(t, c.want(judge(c.h)), 1)
			}
		})
	}
}

func TestVerdictExplainsRepetitions(t *testing.T) {
	killed := handler(1, 10, 20, "0/0")[:2]
	again := handler(1, 4000, 4010, "0/0")
	kill := fault{Kind: faultKill, Target: "a", From: 16 * ms, To: 17 * ms}
	v := judge(history{deliveries: sent("a", "0/0"), journals: map[string][]record{"a": killed, "b": again}, faults: []fault{kill}})
	require.Equal(t, map[string]int{againKilled: 1}, v.repeated)
	require.Len(t, v.recovery, 1)
	require.EqualValues(t, (4000-16)*ms, v.recovery[0])
	require.Equal(t, 1, v.hit[faultKill])

	kill.From, kill.To = 21*ms, 22*ms
	v = judge(history{deliveries: sent("a", "0/0"), journals: map[string][]record{"a": handler(1, 10, 20, "0/0"), "b": again}, faults: []fault{kill}})
	require.Equal(t, map[string]int{againUnsaved: 1}, v.repeated)

	// The bot renews the lock as long as it tries to write the success down.
	kill.From, kill.To = 9000*ms, 9001*ms
	late := handler(1, 12000, 12010, "0/0")
	v = judge(history{deliveries: sent("a", "0/0"), journals: map[string][]record{"a": handler(1, 10, 20, "0/0"), "b": late}, faults: []fault{kill}})
	require.Equal(t, map[string]int{againUnsaved: 1}, v.repeated)

	hang := fault{Kind: faultServerHang, From: 19 * ms, To: 3000 * ms}
	v = judge(history{deliveries: sent("a", "0/0"), journals: map[string][]record{"a": handler(1, 10, 20, "0/0"), "b": again}, faults: []fault{hang}})
	require.Equal(t, map[string]int{againForgiven: 1}, v.repeated)

	ended := handler(1, 4000, 4010, "0/0")
	for i := range ended {
		ended[i].Live = false
	}
	v = judge(history{deliveries: sent("a", "0/0"), journals: map[string][]record{"a": handler(1, 10, 20, "0/0"), "b": ended}})
	require.Equal(t, map[string]int{againTooLate: 1}, v.repeated)
}

func TestVerdictExplainsAKillAfterAPause(t *testing.T) {
	v := judge(history{
		deliveries: sent("a", "0/0"), journals: map[string][]record{"a": handler(1, 10, 20, "0/0")[:2], "b": handler(1, 4000, 4010, "0/0")},
		faults: []fault{{Kind: faultPause, Target: "a", From: 16 * ms, To: 5000 * ms}, {Kind: faultKill, Target: "a", From: 5000 * ms, To: 5001 * ms}},
	})
	require.Equal(t, map[string]int{againUnsaved: 1}, v.repeated)
}

// starved is the record of a process that had no processor.
func starved(from, to int64) record {
	return record{Since: from * ms, At: to * ms, Kind: kindStarved}
}

func TestVerdictExplainsWhatFollowsStarving(t *testing.T) {
	twice := func(of ...record) history {
		return history{
			deliveries: sent("a", "0/0"),
			journals:   map[string][]record{"a": append(handler(1, 10, 20, "0/0"), of...), "b": handler(1, 4000, 4010, "0/0")},
		}
	}
	v := judge(twice(starved(15, 3500)))
	require.Equal(t, map[string]int{againUnsaved: 1}, v.repeated)
	require.Equal(t, 1, v.struck[faultStarved])

	v = judge(twice(starved(9000, 12000)))
	require.Len(t, v.unexplained, 1, "it starved too late")

	h := twice(starved(15, 3500))
	h.faults = []fault{{Kind: faultPause, Target: "a", From: 16 * ms, To: 3499 * ms}}
	v = judge(h)
	require.Zero(t, v.struck[faultStarved], "it was paused")

	h = twice()
	h.faults = []fault{{Kind: faultServerTrouble, Target: "redis", From: 19 * ms, To: 3000 * ms}}
	require.Equal(t, map[string]int{againForgiven: 1}, judge(h).repeated)
}

// What nobody did on purpose makes a run no test.
func TestStarvingIsNoTest(t *testing.T) {
	o := &outcome{verdict: &verdict{hit: map[faultKind]int{faultStarved: 3, faultServerTrouble: 2}}, plan: plan{KillEvery: 1, ServerFaults: 1}, disturbed: 1}
	require.Len(t, o.quiet(0), 2)
}

func TestJournalIsReadUpToWhereAKillCutIt(t *testing.T) {
	whole := "{\"at\":1,\"kind\":\"begin\"}\n"
	records, length, err := parseJournal([]byte(whole + "{\"at\":2,\"ki"))
	require.NoError(t, err)
	require.Equal(t, []record{{At: 1, Kind: kindBegin}}, records)
	require.Equal(t, len(whole), length)
	_, _, err = parseJournal([]byte("{\"at\":1\n{\"at\":2}\n"))
	require.ErrorContains(t, err, "record 1")
}

func TestJournalsAreReadWhileTheyGrow(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a"+journalSuffix)
	reader := journalReader{dir: dir}
	read := func(more string) (got []int64) {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		require.NoError(t, err)
		_, err = f.WriteString(more)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		require.NoError(t, reader.read(func(bot string, r record) {
			require.Equal(t, "a", bot)
			got = append(got, r.At)
		}))
		return got
	}
	require.Equal(t, []int64{1}, read("{\"at\":1}\n{\"at\""))
	require.Empty(t, read(":2"))
	require.Equal(t, []int64{2, 3}, read("}\n{\"at\":3}\n"))
	require.Empty(t, read(""))
}

// While a run goes on, what still waits is not lost. A fault that lasts can be the
// reason of a repetition already.
func TestVerdictOfARunThatGoesOn(t *testing.T) {
	found := newRuns()
	for _, r := range handler(1, 10, 20, "0/0")[:2] {
		found.add("a", r)
	}
	waits := true
	h := history{deliveries: sent("a", "0/0", "0/1"), waits: func(delivery) bool { return waits }}
	v := h.judge(found)
	require.Equal(t, 2, v.waiting)
	require.Empty(t, v.lost)

	faults := &faultLog{}
	ended := faults.begin(faultPause, "a")
	h.faults = faults.all()
	h.faults[0].From = 16 * ms
	for _, r := range handler(1, 4000, 4010, "0/0") {
		found.add("b", r)
	}
	waits = false
	v = h.judge(found)
	require.Equal(t, 1, v.handled)
	require.Len(t, v.lost, 1)
	require.Equal(t, map[string]int{againUnsaved: 1}, v.repeated)
	require.Equal(t, map[string]bool{"0/0": true}, v.again)

	ended()
	at := faults.all()[0].To
	require.Equal(t, at, faults.all()[0].To, "it is over")
}
