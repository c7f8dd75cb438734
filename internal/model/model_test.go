package model

import (
	"flag"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// explore visits every state and returns how many there are and what is wrong,
// with the steps that lead there.
func (p protocol) explore() (int, string) {
	type edge struct {
		from world
		name string
	}
	first := p.start()
	reached := map[world]edge{first: {}}
	back := map[world][]world{}
	var ends []world
	trace := func(w world) string {
		var lines []string
		for at := w; at != first; at = reached[at].from {
			lines = append(lines, reached[at].name+"\n    "+at.String())
		}
		slices.Reverse(lines)
		return strings.Join(lines, "\n")
	}
	for next := []world{first}; len(next) > 0; {
		w := next[len(next)-1]
		next = next[:len(next)-1]
		if why := w.wrong(); why != "" {
			return len(reached), why + "\n" + trace(w)
		}
		if w.ended(p.messages) {
			ends = append(ends, w)
		}
		for _, s := range p.steps(w) {
			back[s.to] = append(back[s.to], w)
			if _, ok := reached[s.to]; !ok {
				reached[s.to] = edge{w, s.name}
				next = append(next, s.to)
			}
		}
	}
	good := map[world]bool{}
	for len(ends) > 0 {
		w := ends[len(ends)-1]
		ends = ends[:len(ends)-1]
		if good[w] {
			continue
		}
		good[w] = true
		ends = append(ends, back[w]...)
	}
	for w := range reached {
		if !good[w] {
			return len(reached), "no way to the end\n" + trace(w)
		}
	}
	return len(reached), ""
}

var full = flag.Bool("full", false, "also play the large worlds, which takes a minute and two gigabytes")

func TestProtocol(t *testing.T) {
	worlds := map[string]protocol{
		"three messages":            {instances: 2, messages: 3},
		"three instances":           {instances: 3, messages: 2},
		"a crash":                   {instances: 2, messages: 2, crashes: 1},
		"a lapse":                   {instances: 2, messages: 2, lapses: 1},
		"two lost replies":          {instances: 2, messages: 2, losses: 2},
		"a theft":                   {instances: 2, messages: 2, thefts: 1},
		"two thefts":                {instances: 2, messages: 2, thefts: 2},
		"a theft and a crash":       {instances: 2, messages: 2, thefts: 1, crashes: 1},
		"a theft and a lost reply":  {instances: 2, messages: 2, thefts: 1, losses: 1},
		"a crash and a lost reply":  {instances: 2, messages: 2, crashes: 1, losses: 1},
		"two crashes, one survivor": {instances: 3, messages: 1, crashes: 2},
	}
	if *full {
		maps.Copy(worlds, map[string]protocol{
			"three messages and a crash":      {instances: 2, messages: 3, crashes: 1},
			"three instances and two crashes": {instances: 3, messages: 2, crashes: 2},
			"two lapses":                      {instances: 2, messages: 2, lapses: 2},
			"a fault of each kind":            {instances: 2, messages: 2, crashes: 1, lapses: 1, losses: 1, thefts: 1},
			"three instances and a theft":     {instances: 3, messages: 2, thefts: 1},
			"three messages and a theft":      {instances: 2, messages: 3, thefts: 1},
		})
	}
	for name, p := range worlds {
		t.Run(name, func(t *testing.T) {
			states, wrong := p.explore()
			require.Empty(t, wrong)
			t.Logf("%d states", states)
		})
	}
}

// A model that finds nothing proves nothing: it finds the faults of others.
func TestModelFindsPlantedFaults(t *testing.T) {
	for want, p := range map[string]protocol{
		"no way to the end/a message stays behind at the hand-over":    {instances: 2, messages: 2, noDepth: true},
		"no way to the end/a dead delivery's claim refuses the next":   {instances: 2, messages: 1, crashes: 1, noTakeOver: true},
		"no way to the end/what was taken out is lost with its holder": {instances: 2, messages: 1, crashes: 1, settleOnce: true},
		"no way to the end/news that came meanwhile is forgotten":      {instances: 1, messages: 2, noPeekNews: true, noDepth: true},
		"two handlers at once/a lock that was given back is relied on": {instances: 2, messages: 3, losses: 1, keepsLock: true},
		"two handlers at once/another's lock is released":              {instances: 3, messages: 2, lapses: 1, releases: true},
		"two handlers at once/a heartbeat is ignored":                  {instances: 2, messages: 2, thefts: 1, noAwait: true},
		"two handlers at once/a heartbeat is ignored for own messages": {instances: 2, messages: 2, thefts: 1, awaitsElse: true},
		"two handlers at once/a heartbeat ends between attempts":       {instances: 2, messages: 2, thefts: 1, endsEarly: true},
	} {
		symptom, name, _ := strings.Cut(want, "/")
		t.Run(name, func(t *testing.T) {
			_, wrong := p.explore()
			require.True(t, strings.HasPrefix(wrong, symptom), "found %q", wrong)
		})
	}
}
