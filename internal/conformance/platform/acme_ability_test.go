package platform

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/emoji"
)

var (
	_ chat.PlanPoster      = (*acme)(nil)
	_ chat.Replier         = (*acme)(nil)
	_ chat.EphemeralPoster = (*acme)(nil)
	_ chat.Scheduler       = (*acme)(nil)
	_ chat.ChannelPoster   = (*acme)(nil)
	_ chat.ReadMarker      = (*acme)(nil)
	_ chat.SessionMarker   = (*acme)(nil)
	_ chat.FailureMarker   = (*acme)(nil)
	_ chat.UserFinder      = (*acme)(nil)
	_ chat.ChannelFinder   = (*acme)(nil)
	_ chat.Permalinker     = (*acme)(nil)
)

func spellACME(text string) string { return emoji.Replace(text, emoji.Unicode) }

func acmePlan(plan chat.PlanState) string {
	lines := []string{plan.Title}
	for _, task := range plan.Tasks {
		lines = append(lines, string(task.Status)+" "+task.Title)
	}
	return strings.Join(lines, "\n")
}

func (a *acme) PostPlan(ctx context.Context, thread chat.ThreadID, plan chat.PlanState) (chat.MessageID, error) {
	if err := a.call(ctx, thread); err != nil {
		return "", err
	}
	return a.platform.post(thread, acmePlan(plan)), nil
}

func (a *acme) EditPlan(ctx context.Context, thread chat.ThreadID, id chat.MessageID, plan chat.PlanState) error {
	if err := a.call(ctx, thread); err != nil {
		return err
	}
	return a.platform.Edit(thread, id, func(p *chattest.Posted) { p.Text = acmePlan(plan) })
}

func (a *acme) ReplyMessage(ctx context.Context, thread chat.ThreadID, to chat.MessageID, post *chat.Post) (chat.MessageID, error) {
	id, err := a.PostMessage(ctx, thread, post)
	if err != nil {
		return "", err
	}
	return id, a.platform.Edit(thread, id, func(p *chattest.Posted) { p.ReplyTo = to })
}

func (a *acme) PostEphemeral(ctx context.Context, thread chat.ThreadID, user chat.UserID, post *chat.Post) (chat.MessageID, error) {
	if err := a.call(ctx, thread); err != nil {
		return "", err
	}
	p := a.platform
	p.mu.Lock()
	defer p.mu.Unlock()
	id := chat.MessageID("E-" + strconv.Itoa(len(p.ephemeral[user])+1))
	p.ephemeral[user] = append(p.ephemeral[user], chattest.Posted{ID: id, Thread: thread, Text: a.text(post)})
	return id, nil
}

func (a *acme) ScheduleMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post, at time.Time) (chat.ScheduledID, error) {
	if err := a.call(ctx, thread); err != nil {
		return "", err
	}
	p := a.platform
	p.mu.Lock()
	defer p.mu.Unlock()
	id := chat.ScheduledID("Q" + strconv.Itoa(len(p.scheduled)+1))
	p.scheduled = append(p.scheduled, chattest.ScheduledPost{ID: id, Thread: thread, Text: a.text(post), At: at})
	return id, nil
}

func (a *acme) CancelScheduledMessage(ctx context.Context, thread chat.ThreadID, id chat.ScheduledID) error {
	if err := a.call(ctx, thread); err != nil {
		return err
	}
	p := a.platform
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.scheduled, func(s chattest.ScheduledPost) bool { return s.ID == id && s.Thread == thread })
	if i < 0 {
		return errNotHere
	}
	p.scheduled = slices.Delete(p.scheduled, i, i+1)
	return nil
}

var errNotHere = &chat.PlatformError{Adapter: "acme", Op: "find", Code: chat.CodeNotFound}

func (a *acme) PostChannelMessage(ctx context.Context, channel chat.ChannelID, post *chat.Post) (chat.ThreadID, chat.MessageID, error) {
	topic := 1000 + len(a.platform.All())
	thread := chat.ThreadID(string(channel) + ":" + strconv.Itoa(topic))
	id, err := a.PostMessage(ctx, thread, post)
	return thread, id, err
}

func (a *acme) MarkFailed(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	return a.setFailed(ctx, thread, id, true)
}

func (a *acme) UnmarkFailed(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	return a.setFailed(ctx, thread, id, false)
}

func (a *acme) setFailed(ctx context.Context, thread chat.ThreadID, id chat.MessageID, failed bool) error {
	if err := a.call(ctx, thread); err != nil {
		return err
	}
	a.platform.mu.Lock()
	defer a.platform.mu.Unlock()
	if a.platform.failed == nil {
		a.platform.failed = map[chat.MessageID]bool{}
	}
	a.platform.failed[id] = failed
	return nil
}

func (a *acme) MarkRead(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	if err := a.call(ctx, thread); err != nil {
		return err
	}
	a.platform.mu.Lock()
	defer a.platform.mu.Unlock()
	a.platform.read[thread] = id
	return nil
}

func (a *acme) MarkSession(ctx context.Context, thread chat.ThreadID, status chat.SessionStatus) error {
	if err := a.call(ctx, thread); err != nil {
		return err
	}
	a.platform.mu.Lock()
	defer a.platform.mu.Unlock()
	a.platform.session[thread] = status
	return nil
}

func (a *acme) FetchUser(_ context.Context, id chat.UserID) (*chat.User, error) {
	if id != "U1" {
		return nil, errNotHere
	}
	return &chat.User{ID: id, UserName: "ada", FullName: "Ada"}, nil
}

func (a *acme) FetchChannel(_ context.Context, id chat.ChannelID) (*chat.ChannelInfo, error) {
	ref, err := a.DecodeThreadID(chat.ThreadID(string(id) + ":"))
	if err != nil {
		return nil, err
	}
	return &chat.ChannelInfo{ID: id, Name: ref.Channel, DM: ref.DM}, nil
}

func (a *acme) Permalink(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (string, error) {
	if err := a.call(ctx, thread); err != nil {
		return "", err
	}
	return "https://acme.example/" + string(id), nil
}

func (p *acmePlatform) shownTo(_ context.Context, thread chat.ThreadID, user chat.UserID) ([]chattest.Posted, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []chattest.Posted
	for _, q := range p.ephemeral[user] {
		if q.Thread == thread {
			all = append(all, q)
		}
	}
	return all, nil
}

func (p *acmePlatform) waiting(_ context.Context, thread chat.ThreadID) ([]chattest.ScheduledPost, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []chattest.ScheduledPost
	for _, s := range p.scheduled {
		if s.Thread == thread {
			all = append(all, s)
		}
	}
	return all, nil
}

func (p *acmePlatform) markedAs(_ context.Context, thread chat.ThreadID) (chat.SessionStatus, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.session[thread], nil
}

func (p *acmePlatform) readUpTo(_ context.Context, thread chat.ThreadID) (chat.MessageID, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.read[thread], nil
}
