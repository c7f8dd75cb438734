package chaos

import (
	"slices"
	"sync"
)

// faultKind says what was done.
type faultKind string

const (
	faultKill    faultKind = "kill"    // a bot got SIGKILL
	faultPause   faultKind = "pause"   // a bot was stopped and went on
	faultRestart faultKind = "restart" // a bot got SIGTERM after its successor had started

	faultServerKill faultKind = "server killed" // the server that takes writes, started again
	faultServerHang faultKind = "server hung"   // it was stopped and went on
	faultServerCut  faultKind = "server cut"    // it lost all connections and came back

	faultServerFailover faultKind = "server failed over" // a replica took over from a server that was well

	// Nobody did these. A machine with more work than it can do has them.
	faultStarved       faultKind = "bot starved"       // a bot did not get the processor
	faultServerTrouble faultKind = "server in trouble" // it took no writes, or long to, or another server took over
)

// onRedis reports whether the fault struck all bots.
func (k faultKind) onServer() bool {
	return slices.Contains([]faultKind{faultServerKill, faultServerHang, faultServerCut, faultServerFailover, faultServerTrouble}, k)
}

// planned reports whether the fault was done to test what follows.
func (k faultKind) planned() bool { return k != faultStarved && k != faultServerTrouble }

// fault is something that was done, from the moment it began until everything
// was as before, in ns since 1970.
type fault struct {
	Kind     faultKind
	Target   string
	From, To int64
}

// faultLog collects faults. It is safe for concurrent use.
type faultLog struct {
	mu   sync.Mutex
	list []*fault // To is 0 while one lasts
}

// begin notes that a fault begins. The returned function notes its end.
func (l *faultLog) begin(kind faultKind, target string) (end func()) {
	f := &fault{Kind: kind, Target: target, From: now()}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, f)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		f.To = now()
	}
}

// add notes a fault that is over.
func (l *faultLog) add(f fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, &f)
}

// all returns the faults. One that still lasts goes until now.
func (l *faultLog) all() []fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]fault, len(l.list))
	for i, f := range l.list {
		list[i] = *f
		if f.To == 0 {
			list[i].To = now()
		}
	}
	return list
}
