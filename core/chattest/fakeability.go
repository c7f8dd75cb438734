package chattest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Ability is something that a [Fake] can do beyond posting, named as the interface
// of package chat.
type Ability string

// The abilities.
const (
	Streamer        Ability = "Streamer"
	PlanPoster      Ability = "PlanPoster"
	Replier         Ability = "Replier"
	EphemeralPoster Ability = "EphemeralPoster"
	Scheduler       Ability = "Scheduler"
	ChannelPoster   Ability = "ChannelPoster"
	Typer           Ability = "Typer"
	Reactor         Ability = "Reactor"
	ReadMarker      Ability = "ReadMarker"
	DirectMessenger Ability = "DirectMessenger"
	UserFinder      Ability = "UserFinder"
	ChannelFinder   Ability = "ChannelFinder"
	Permalinker     Ability = "Permalinker"
	FailureMarker   Ability = "FailureMarker"

	// A fake does these only after [Fake.Enable].
	MessageFetcher    Ability = "MessageFetcher"
	ChannelFetcher    Ability = "ChannelFetcher"
	AttachmentFetcher Ability = "AttachmentFetcher"
)

// The fake has all of them.
var (
	_ chat.Streamer        = (*Fake)(nil)
	_ chat.EditPacer       = (*Fake)(nil)
	_ chat.PlanPoster      = (*Fake)(nil)
	_ chat.Replier         = (*Fake)(nil)
	_ chat.EphemeralPoster = (*Fake)(nil)
	_ chat.Scheduler       = (*Fake)(nil)
	_ chat.ChannelPoster   = (*Fake)(nil)
	_ chat.Typer           = (*Fake)(nil)
	_ chat.Reactor         = (*Fake)(nil)
	_ chat.ReadMarker      = (*Fake)(nil)
	_ chat.DirectMessenger = (*Fake)(nil)
	_ chat.UserFinder      = (*Fake)(nil)
	_ chat.ChannelFinder   = (*Fake)(nil)
	_ chat.Permalinker     = (*Fake)(nil)
	_ chat.FailureMarker   = (*Fake)(nil)

	_ chat.MessageFetcher    = (*Fake)(nil)
	_ chat.ChannelFetcher    = (*Fake)(nil)
	_ chat.AttachmentFetcher = (*Fake)(nil)
)

// Disable takes abilities from the fake: their methods return an error that
// satisfies errors.Is(err, errors.ErrUnsupported), so that a test sees what its
// bot does on a platform without them.
func (f *Fake) Disable(abilities ...Ability) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range abilities {
		f.off[a] = true
	}
}

// Enable gives abilities to the fake: those that Disable took, or that it does not
// have at first.
func (f *Fake) Enable(abilities ...Ability) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range abilities {
		delete(f.off, a)
	}
}

// can says whether the platform does what the ability is about. The caller holds
// mu.
func (f *Fake) can(ctx context.Context, a Ability, thread chat.ThreadID) error {
	if f.off[a] {
		return fmt.Errorf("chattest: %s: %w", a, errors.ErrUnsupported)
	}
	return f.allowed(ctx, thread)
}

// canOutside is can for what is about no thread.
func (f *Fake) canOutside(ctx context.Context, a Ability) error {
	if f.off[a] {
		return fmt.Errorf("chattest: %s: %w", a, errors.ErrUnsupported)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return f.failure()
}

// ReplyMessage records a post that answers another one.
func (f *Fake) ReplyMessage(ctx context.Context, thread chat.ThreadID, to chat.MessageID, post *chat.Post) (chat.MessageID, error) {
	f.mu.Lock()
	off := f.off[Replier]
	f.mu.Unlock()
	if off {
		return "", fmt.Errorf("chattest: %s: %w", Replier, errors.ErrUnsupported)
	}
	return f.add(ctx, thread, post, to)
}

// PostChannelMessage records a post that begins a thread.
func (f *Fake) PostChannelMessage(ctx context.Context, channel chat.ChannelID, post *chat.Post) (chat.ThreadID, chat.MessageID, error) {
	p, err := render(post)
	if err != nil {
		return "", "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	thread := chat.ThreadID(string(channel) + ":" + f.newID("thread"))
	if err := f.can(ctx, ChannelPoster, thread); err != nil {
		return "", "", err
	}
	p.Thread = thread
	return thread, f.addLocked(p), nil
}

// ephemeralPost is what one user was shown.
type ephemeralPost struct {
	user chat.UserID
	Posted
}

// PostEphemeral records a post for one user.
func (f *Fake) PostEphemeral(ctx context.Context, thread chat.ThreadID, user chat.UserID, post *chat.Post) (chat.MessageID, error) {
	p, err := render(post)
	if err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.can(ctx, EphemeralPoster, thread); err != nil {
		return "", err
	}
	p.ID, p.Thread = chat.MessageID(f.newID("ephemeral")), thread
	f.ephemeral = append(f.ephemeral, ephemeralPost{user, p})
	return p.ID, nil
}

// Ephemeral returns what only the user was shown in the thread, oldest first.
func (f *Fake) Ephemeral(thread chat.ThreadID, user chat.UserID) []Posted {
	f.mu.Lock()
	defer f.mu.Unlock()
	var posts []Posted
	for _, p := range f.ephemeral {
		if p.Thread == thread && p.user == user {
			posts = append(posts, p.Posted)
		}
	}
	return posts
}

// ScheduledPost is a message that the platform will post. The fake never does.
type ScheduledPost struct {
	ID     chat.ScheduledID
	Thread chat.ThreadID
	Text   string
	At     time.Time
}

// ScheduleMessage records a post for later.
func (f *Fake) ScheduleMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post, at time.Time) (chat.ScheduledID, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.can(ctx, Scheduler, thread); err != nil {
		return "", err
	}
	id := chat.ScheduledID(f.newID("scheduled"))
	f.scheduled = append(f.scheduled, ScheduledPost{ID: id, Thread: thread, Text: shown(post), At: at})
	return id, nil
}

// CancelScheduledMessage forgets a post for later.
func (f *Fake) CancelScheduledMessage(ctx context.Context, thread chat.ThreadID, id chat.ScheduledID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.can(ctx, Scheduler, thread); err != nil {
		return err
	}
	for i, p := range f.scheduled {
		if p.ID == id && p.Thread == thread {
			f.scheduled = slices.Delete(f.scheduled, i, i+1)
			return nil
		}
	}
	return f.notFound("cancel", "scheduled message")
}

// Scheduled returns the posts for later in the thread, in the order in which they
// were made.
func (f *Fake) Scheduled(thread chat.ThreadID) []ScheduledPost {
	f.mu.Lock()
	defer f.mu.Unlock()
	var posts []ScheduledPost
	for _, p := range f.scheduled {
		if p.Thread == thread {
			posts = append(posts, p)
		}
	}
	return posts
}

// MarkFailed records that a message is marked as one that could not be handled.
func (f *Fake) MarkFailed(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.can(ctx, FailureMarker, thread); err != nil {
		return err
	}
	if !slices.Contains(f.failed[thread], id) {
		f.failed[thread] = append(f.failed[thread], id)
	}
	return nil
}

// UnmarkFailed records that it is not any more.
func (f *Fake) UnmarkFailed(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.can(ctx, FailureMarker, thread); err != nil {
		return err
	}
	f.failed[thread] = slices.DeleteFunc(f.failed[thread], func(m chat.MessageID) bool { return m == id })
	return nil
}

// Failed returns the messages of the thread that are marked as ones that could not be
// handled.
func (f *Fake) Failed(thread chat.ThreadID) []chat.MessageID {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.failed[thread])
}

// MarkRead records how far the thread was read.
func (f *Fake) MarkRead(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.can(ctx, ReadMarker, thread); err != nil {
		return err
	}
	f.read[thread] = id
	return nil
}

// Read returns the message up to which the bot has marked the thread as read.
func (f *Fake) Read(thread chat.ThreadID) chat.MessageID {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.read[thread]
}

// AddReaction records a reaction to a post.
func (f *Fake) AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error {
	return f.react(ctx, thread, id, func(p *Posted) { p.Reactions = append(p.Reactions, emoji) })
}

// RemoveReaction removes it again.
func (f *Fake) RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error {
	return f.react(ctx, thread, id, func(p *Posted) {
		p.Reactions = slices.DeleteFunc(p.Reactions, func(e string) bool { return e == emoji })
	})
}

func (f *Fake) react(ctx context.Context, thread chat.ThreadID, id chat.MessageID, change func(*Posted)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.can(ctx, Reactor, thread); err != nil {
		return err
	}
	return f.changeLocked("react", thread, id, change)
}

// StartTyping counts how often the bot said that it is writing.
func (f *Fake) StartTyping(ctx context.Context, thread chat.ThreadID, _ string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.can(ctx, Typer, thread); err != nil {
		return err
	}
	f.typed[thread]++
	return nil
}

// Typed returns how often the bot said that it is writing in the thread.
func (f *Fake) Typed(thread chat.ThreadID) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.typed[thread]
}

// Permalink returns an address for the message.
func (f *Fake) Permalink(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.can(ctx, Permalinker, thread); err != nil {
		return "", err
	}
	return "https://fake.example/" + string(thread) + "/" + string(id), nil
}
