package chat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/timing"
	"github.com/chat-adapter/chat-go/core/markdown"
)

const (
	// finishTime is how long a message that grows may take to get its last edit
	// when its turn has ended: platforms want seconds between two edits.
	finishTime = 10 * time.Second
	// lostTime is how long where another instance has the turn now, and posts the
	// whole.
	lostTime = time.Second
	// maxStreamInterval bounds how far the time between edits widens.
	maxStreamInterval = 10 * time.Second
)

// growth is a message that grows on a platform that can only post and edit, or that
// shows drafts. The
// caller's goroutine reads the source, so that a panic of it reaches the handler;
// another one posts and edits, so that a slow platform does not slow the source.
type growth struct {
	outlet
	src *source

	mu     sync.Mutex
	mender markdown.Mender
	tasks  PlanState

	news chan struct{} // holds a value while there may be something to show
	over chan struct{} // closed when the source has ended

	// The fields below belong to the goroutine that posts and edits, and to the
	// caller's when that has ended.
	thread   *Thread // where the message stands; nil: it is not posted yet
	id       MessageID
	shown    string
	wanted   time.Duration // the interval that the stream asks for; 0: none
	usual    time.Duration // the interval of a platform that says none
	interval time.Duration
	drafter  Drafter       // shows the message until it is posted; nil: it is posted at once
	draft    int32         // the draft's number
	lasts    time.Duration // how long the platform shows a draft; 0: until a message follows
	next     time.Time     // when the next call may be made
	paced    bool          // the platform asks for the interval, also before the last edit
	err      error         // why the message could not be posted

	refused  atomic.Bool // err is set: reading further is useless
	buffered bool        // the platform cannot edit: nothing is posted before the end
}

func newGrowth(o outlet, src *source, wanted time.Duration) *growth {
	usual := cmp.Or(wanted, o.chat.cfg.Streams.Interval)
	g := &growth{outlet: o, src: src, news: make(chan struct{}, 1), over: make(chan struct{}), wanted: wanted, usual: usual, interval: usual}
	if bufferer, ok := o.adapter.(StreamBufferer); ok {
		g.buffered = bufferer.BuffersStreams()
	}
	if drafter, ok := o.adapter.(Drafter); ok && o.thread != nil && !o.attempt.expects(o.place) {
		g.drafter, g.draft = drafter, 1+rand.Int32N(math.MaxInt32)
		g.setPace(o.thread.id)
	}
	if o.chat.cfg.Streams.Placeholder != "" {
		g.news <- struct{}{}
	}
	return g
}

// setPace takes the interval that the platform asks for.
func (g *growth) setPace(thread ThreadID) {
	if pacer, ok := g.adapter.(EditPacer); ok {
		if d := pacer.EditInterval(thread); d > 0 {
			g.interval, g.paced = max(d, g.wanted), true
		}
	}
}

// run posts the stream and returns when the message shows all of it.
func (g *growth) run(ctx context.Context) (*SentMessage, error) {
	inner, stop := g.within(ctx)
	defer stop()
	// A call that is under way when the turn ends comes to its end, so that it is
	// known what the message shows.
	calls, release := lingering(inner)
	defer release()
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.show(inner, calls)
	}()
	end := sync.OnceFunc(func() {
		close(g.over)
		<-done
	})
	defer end() // also if the source panics
	var failed error
	for chunk, err := range g.src.all {
		if failed = err; failed != nil {
			break
		}
		g.add(chunk)
		if g.refused.Load() {
			break
		}
	}
	end()
	sent, err := g.finish(ctx, calls)
	if cause := g.guard(ctx); cause != nil && errors.Is(err, context.Canceled) {
		err = cause
	}
	switch {
	case failed == nil && sent == nil && err == nil:
		return g.nothing(), nil
	case failed == nil:
		return sent, err
	case err == nil || errors.Is(failed, err):
		return sent, failed
	}
	return sent, errors.Join(failed, err)
}

// lingering returns a context that ends some time after ctx.
func lingering(ctx context.Context) (context.Context, context.CancelFunc) {
	long, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		left := finishTime
		if errors.Is(context.Cause(ctx), ErrLockLost) {
			left = lostTime
		}
		timer := time.AfterFunc(left, cancel)
		context.AfterFunc(long, func() { timer.Stop() })
	})
	return long, func() {
		stop()
		cancel()
	}
}

// add takes what has come.
func (g *growth) add(chunk Chunk) {
	g.mu.Lock()
	g.mender.Write(chunk.Text)
	g.tasks.Take(chunk)
	g.mu.Unlock()
	g.look()
}

// look makes the loop of show look at what there is.
func (g *growth) look() {
	select {
	case g.news <- struct{}{}:
	default:
	}
}

// form returns what the message should show while it grows.
func (g *growth) form() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if form := g.withTasks(g.mender.Mended()); form != "" {
		return form
	}
	return g.chat.cfg.Streams.Placeholder
}

// withTasks returns the text under the tasks, empty if there is nothing to see.
func (g *growth) withTasks(text string) string {
	if strings.TrimSpace(text) == "" {
		text = ""
	}
	switch {
	case g.tasks.empty():
		return text
	case text == "":
		return g.tasks.Markdown()
	}
	return g.tasks.Markdown() + "\n\n" + text
}

// show posts and edits until the source or the turn has ended.
func (g *growth) show(ctx, calls context.Context) {
	for {
		select {
		case <-g.news:
			if g.buffered && g.drafter == nil {
				continue
			}
		case <-g.fading():
			g.shown = ""
		case <-g.over:
			return
		case <-ctx.Done():
			return
		}
		if !g.wait(ctx) || ctx.Err() != nil {
			return
		}
		if form := g.form(); form != "" && form != g.shown && !g.update(calls, form) {
			return
		}
	}
}

// fading tells when the platform is about to hide the draft.
func (g *growth) fading() <-chan time.Time {
	if g.drafter == nil || g.lasts <= 0 || g.shown == "" {
		return nil
	}
	return time.After(g.lasts * 2 / 3)
}

// wait waits until the next call may be made. It reports false if it need not be
// made any more.
func (g *growth) wait(ctx context.Context) bool {
	timer := time.NewTimer(time.Until(g.next))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-g.over:
		return false
	case <-ctx.Done():
		return false
	}
}

// update makes the message show the form. It reports false if trying again is
// useless.
func (g *growth) update(ctx context.Context, form string) (goOn bool) {
	defer func() {
		if p := recover(); p != nil { // here it would end the process
			g.err = fmt.Errorf("adapter %q: %w", g.adapter.Name(), g.chat.logPanic(ctx, "adapter-panicked", p, "adapter", g.adapter.Name()))
			g.refused.Store(true)
			goOn = false
		}
	}()
	var err error
	switch {
	case g.drafter != nil:
		g.lasts, err = g.drafter.ShowDraft(ctx, g.outlet.thread.id, g.draft, &Post{Markdown: form})
		if isUnsupported(err) {
			g.drafter = nil
			return g.buffered || g.begin(ctx, form)
		}
	case g.thread == nil:
		return g.begin(ctx, form)
	default:
		err = g.adapter.EditMessage(ctx, g.thread.id, g.id, &Post{Markdown: form})
	}
	g.next = time.Now().Add(g.interval)
	if err == nil {
		g.shown = form
		return true
	}
	if errors.Is(err, ErrRateLimited) {
		g.interval = min(2*g.interval, max(g.interval, maxStreamInterval))
		wait, _ := rateLimit(err)
		g.next = time.Now().Add(max(wait, g.interval))
		g.look()
		return true
	}
	if errors.Is(err, ErrTemporary) {
		g.look()
		return true
	}
	return false // the last edit, or the post, says what is wrong
}

// begin posts the message. A call that has to be repeated posts what there is by
// then.
func (g *growth) begin(ctx context.Context, form string) bool {
	g.err = g.repeat(ctx, func(ctx context.Context) (err error) {
		if now := g.form(); now != "" {
			form = now
		}
		g.thread, g.id, err = g.put(ctx, &Post{Markdown: form})
		return err
	}, nil)
	if g.err == nil && g.id == "" {
		g.err = errNoID(g.adapter)
	}
	if g.err != nil {
		g.thread = nil
		g.refused.Store(true)
		return false
	}
	g.setPace(g.thread.id)
	g.shown, g.next = form, time.Now().Add(g.interval)
	return true
}

// finish makes the message show exactly what came. It returns nothing if there
// is nothing to show.
func (g *growth) finish(ctx, calls context.Context) (*SentMessage, error) {
	if g.err != nil {
		return nil, g.err
	}
	text := g.mender.Text()
	whole := g.withTasks(text)
	if whole == "" {
		return nil, g.discard(calls)
	}
	if strings.TrimSpace(text) == "" {
		text = whole // the tasks are all there is
	}
	post := &Post{Markdown: whole}
	var err error
	switch {
	case g.thread == nil && g.lease != nil && g.lease.Err() != nil:
		return nil, g.lease.Err() // whoever has the thread now begins no message for this turn
	case g.thread == nil:
		g.thread, g.id, err = g.postWhole(calls, post, g.put)
	case g.shown != whole:
		err = g.editWhole(ctx, calls, post)
	}
	if g.thread == nil {
		return nil, err
	}
	return g.sent(ctx, g.thread, g.id, g.src.began, &Post{Markdown: text}), err
}

func (g *growth) postWhole(ctx context.Context, post *Post, send func(context.Context, *Post) (*Thread, MessageID, error)) (thread *Thread, id MessageID, err error) {
	err = g.repeat(ctx, func(ctx context.Context) error {
		thread, id, err = send(ctx, post)
		return err
	}, nil)
	if err == nil && id == "" {
		err = errNoID(g.adapter)
	}
	if err != nil {
		return nil, "", err
	}
	return thread, id, nil
}

// editWhole is the last edit. Where messages cannot be edited, the whole text is
// posted in place of its beginning.
func (g *growth) editWhole(ctx, calls context.Context, post *Post) error {
	if wait := time.Until(g.next); (g.paced || g.interval > g.usual) && wait <= g.chat.cfg.Limits.RateLimitWait {
		timing.Sleep(calls, wait)
	}
	edit := func(ctx context.Context) error { return g.adapter.EditMessage(ctx, g.thread.id, g.id, post) }
	err := g.repeat(calls, edit, nil)
	// An edit can be made twice, unlike a post.
	for tries := 1; mayPass(err) && tries < 3 && timing.Sleep(calls, g.interval); tries++ {
		err = g.repeat(calls, edit, nil)
	}
	if !isUnsupported(err) || g.guard(ctx) != nil {
		return err
	}
	thread, id, err := g.postWhole(calls, post, g.open)
	if err != nil {
		return err
	}
	g.attempt.forget(g.thread.id, g.id)
	g.attempt.note(posted{Place: g.place, Thread: thread.id, ID: id})
	if err := g.adapter.DeleteMessage(calls, g.thread.id, g.id); err != nil {
		g.chat.log.DebugContext(calls, "stream-beginning-left", "thread", string(g.thread.id), "message", string(g.id), "error", err)
	}
	g.thread, g.id = thread, id
	return nil
}

// mayPass reports whether a failure may be over soon, although nobody said when.
func mayPass(err error) bool {
	_, known := rateLimit(err)
	return errors.Is(err, ErrTemporary) || errors.Is(err, ErrRateLimited) && !known
}

// discard removes the placeholder of a stream that had nothing to show.
func (g *growth) discard(ctx context.Context) error {
	if g.thread == nil {
		return nil
	}
	g.attempt.forget(g.thread.id, g.id)
	return g.repeat(ctx, func(ctx context.Context) error {
		return g.adapter.DeleteMessage(ctx, g.thread.id, g.id)
	}, nil)
}
