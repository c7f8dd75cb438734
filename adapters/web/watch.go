package web

import (
	"context"
	"time"
)

// watch looks at the kept conversation while anyone has it open, and tells them
// what this process has not seen happen: what other instances posted, edited and
// deleted. What this process posted is told a second time when it first stands
// in the history; events of the same message and version are the same.
func (a *Adapter) watch(ctx context.Context, f *feed) {
	base := a.config.PollInterval
	interval := base
	timer := time.NewTimer(interval)
	defer timer.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
			interval = base
			timer.Reset(interval)
			continue
		case <-timer.C:
		}
		news, err := a.look(ctx, f)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			if !failing && !a.isClosing() {
				a.log.WarnContext(ctx, "history-unreadable", "thread", string(f.thread), "error", err)
			}
		case news:
			interval = base
		}
		failing = err != nil
		if !news {
			interval = min(interval+interval/4, 5*base)
		}
		timer.Reset(interval)
	}
}

// look publishes what is new in the kept conversation and reports whether
// anything was.
func (a *Adapter) look(ctx context.Context, f *feed) (bool, error) {
	t, err := a.read(ctx, f.thread)
	if err != nil {
		return false, err
	}
	return f.catchUp(t), nil
}

// removedVersion is the version of a deleted message.
const removedVersion = 1<<63 - 1

// catchUp publishes what the transcript has and the last one had not. Whoever
// reads a transcript for a subscription calls it, so that nothing falls between
// that transcript and the watcher's next.
func (f *feed) catchUp(t *transcript) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	known := make(map[string]int64, len(t.messages)+len(t.removed))
	news := false
	for _, m := range t.messages {
		last, ok := f.known[m.ID]
		known[m.ID] = m.Metadata.Version
		if f.known != nil && (!ok || m.Metadata.Version > last) {
			f.publishLocked(event{message: m})
			news = true
		}
	}
	for id := range t.removed {
		known[id] = removedVersion
		if f.known != nil && f.known[id] != removedVersion {
			f.publishLocked(event{removed: &removedEvent{ID: id}})
			news = true
		}
	}
	f.known = known
	return news
}

// stir makes the watcher look soon.
func (f *feed) stir() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}
