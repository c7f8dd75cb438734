package chaos

import (
	"context"
	"errors"
	"time"
)

// A machine with more work than it can do gives a process no time for seconds.
// What follows is what follows a pause, so it must be known.

const (
	// starvedLeast is how long a process must have had no time, or the server no answer,
	// to count: a lock may then lapse, as it is renewed every third of its TTL.
	starvedLeast = lockTTL / 3
	watchEvery   = 100 * time.Millisecond
)

// watchStarving keeps records of the times in which this process did not run.
func watchStarving(ctx context.Context, j *journal) {
	for last := now(); sleep(ctx, watchEvery); last = now() {
		if at := now(); time.Duration(at-last) > starvedLeast {
			j.write(record{At: at, Since: last, Kind: kindStarved})
		}
	}
}

// watchServer notes the times in which the server did not take a write, with as many
// confirmations as the bots want, or took long to; and those in which another
// server took over, which nobody but the Sentinels or the Cluster decides on a
// busy machine. What was not confirmed may be gone then.
func (s botSettings) watchServer(ctx context.Context, masters func(context.Context) (string, error), faults *faultLog) {
	st, err := s.openState(nil)
	if err != nil {
		return // no bot starts with this URL either
	}
	defer func() { _ = st.Close(context.WithoutCancel(ctx)) }()
	well, trouble, known := now(), false, ""
	for sleep(ctx, watchEvery) {
		at := now()
		there, err := masters(ctx)
		if err == nil {
			err = tryWrite(ctx, st)
		}
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			trouble = true
			continue
		}
		answered := now()
		if trouble || time.Duration(answered-at) > starvedLeast || known != "" && there != known {
			faults.add(fault{Kind: faultServerTrouble, Target: "server", From: well, To: answered})
		}
		well, trouble, known = at, false, there
	}
	if trouble {
		faults.add(fault{Kind: faultServerTrouble, Target: "server", From: well, To: now()})
	}
}

// tryWrite takes a lock, which is what waits for confirmations, and gives it back.
func tryWrite(ctx context.Context, st backend) error {
	if err := st.Connect(ctx); err != nil {
		return err
	}
	const thread = "chaos:watch"
	lock, err := st.AcquireLock(ctx, thread, lockTTL)
	if err != nil {
		return errors.Join(err, st.ForceReleaseLock(ctx, thread))
	}
	return st.ReleaseLock(ctx, lock)
}
