package teams

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Limits of streams.
// https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux
const (
	// streamInterval is the least time between two updates: Teams asks for 1.5 seconds.
	streamInterval = 1500 * time.Millisecond
	// maxStream is how long a message grows as a stream. Teams ends one after two minutes.
	maxStream = 100 * time.Second
	// maxInformative is the length of an informative update, in characters.
	maxInformative = 1000
	// finishTimeout is the limit for the last posts of a stream.
	finishTimeout = 10 * time.Second
)

var errNoStream = fmt.Errorf("teams: only personal chats have streams: %w", errors.ErrUnsupported)

// StreamMessage shows a message in a personal chat while it grows. Until there is text, it
// shows the tasks as informative updates. If Teams refuses the stream, or after 100 seconds,
// the message is posted and edited instead. Outside of personal chats it returns
// [errors.ErrUnsupported], so that the bot posts and edits the message.
func (a *Adapter) StreamMessage(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
	p, err := a.placeOf(thread)
	if err != nil {
		return "", "", err
	}
	if !p.isPersonal() {
		return "", "", errNoStream
	}
	s := &stream{adapter: a, at: p, interval: max(streamInterval, opts.Interval)}
	return s.run(ctx, chunks, opts)
}

// stream is a message that grows.
type stream struct {
	adapter  *Adapter
	at       place
	interval time.Duration

	mu    sync.Mutex
	began time.Time   // when Teams began to show the stream
	aging *time.Timer // ends the stream before Teams does, even without chunks; nil if it is not shown yet
	shown time.Time   // when the message was last shown

	text strings.Builder
	plan chat.PlanState

	id        string // of the stream, and of its message
	sequence  int    // the number of updates
	lastShown string // the text that was last shown
	refused   bool   // whether Teams refuses further updates
	final     bool   // whether the stream has ended, and the message is edited
}

func (s *stream) run(ctx context.Context, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
	defer s.stopAging() // also if chunks panics
	var failed error
	for chunk, err := range chunks {
		if failed = err; failed == nil && ctx.Err() != nil {
			failed = context.Cause(ctx)
		}
		if failed = s.take(ctx, chunk, failed); failed != nil {
			break
		}
	}
	s.stopAging()
	if failed == nil && ctx.Err() != nil {
		failed = context.Cause(ctx) // chunks may have ended because ctx has
	}
	if ctx.Err() != nil {
		s.plan.Fail() // tasks that are still open have failed
	}
	text := s.text.String()
	source := s.source(text)
	if strings.TrimSpace(source) == "" && s.id == "" {
		if failed == nil {
			failed = fmt.Errorf("%w: teams: the stream has no text", chat.ErrInvalidArgument)
		}
		return "", "", failed
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout+s.adapter.host.RateLimitWait())
	defer stop()
	id, err := s.finish(ctx, source, failed == nil, opts)
	if err != nil {
		return "", "", errors.Join(failed, err)
	}
	return id, text, failed
}

// take adds a chunk and shows the message, unless the stream has failed. It returns an error
// if the stream must end.
func (s *stream) take(ctx context.Context, chunk chat.Chunk, failed error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.WriteString(chunk.Text)
	if failed != nil {
		return failed
	}
	if chunk.PlanTitle != "" || chunk.Task != nil {
		s.plan.Take(chunk)
	}
	return s.show(ctx)
}

// age ends the stream as a message before Teams ends it, even while no chunk comes. Later
// chunks are shown by edits.
func (s *stream) age(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.aging == nil || ctx.Err() != nil {
		return
	}
	s.shown = time.Time{}
	_ = s.show(ctx) // the last post has everything
}

// stopAging stops the timer. When it returns, age is not running and will not run.
func (s *stream) stopAging() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.aging != nil {
		s.aging.Stop()
		s.aging = nil
	}
}

// source returns the Markdown of the message: the tasks above the text.
func (s *stream) source(text string) string {
	return strings.TrimSpace(s.plan.Markdown() + "\n\n" + text)
}

// show shows the message, if the interval has passed. A temporary failure is ignored, because
// the last post has everything.
func (s *stream) show(ctx context.Context) error {
	if s.refused || time.Since(s.shown) < s.interval {
		return nil
	}
	text := s.text.String()
	kind, source := "streaming", s.source(text[:format.Settled(text)])
	if strings.TrimSpace(text) == "" {
		kind, source = "informative", format.Shorten(s.plan.Markdown(), maxInformative, format.UTF16)
	}
	parts := s.adapter.textParts(ctx, s.at, &chat.Post{Markdown: source})
	ends := s.id != "" && !s.final && time.Since(s.began) >= maxStream
	if len(parts) == 0 || isBlank(parts[0].text) || parts[0].text == s.lastShown && !ends || len(parts) > 1 && s.final {
		return nil
	}
	s.shown = time.Now()
	body := parts[0].body()
	var err error
	switch {
	case s.final:
		err = s.edit(ctx, body)
	case ends:
		if err = s.end(ctx, body); err == nil {
			s.final = true
		}
	default:
		err = s.update(ctx, body, kind)
	}
	switch {
	case err == nil:
		s.lastShown = parts[0].text
	case errors.Is(err, chat.ErrPermission), errors.Is(err, chat.ErrInvalid), errors.Is(err, chat.ErrNotFound):
		s.refused = true // the user has stopped the stream, or Teams has no streams here
	case errors.Is(err, chat.ErrTemporary), errors.Is(err, chat.ErrRateLimited):
	default:
		return err
	}
	return nil
}

// info returns the entity by which an activity is part of a stream.
func (s *stream) info(kind string) params {
	info := params{"type": "streaminfo", "streamType": kind}
	if s.id != "" {
		info["streamId"] = s.id
	}
	return info
}

// update sends an update of the stream. Its sequence number counts the updates that Teams has
// accepted.
func (s *stream) update(ctx context.Context, body params, kind string) error {
	info := s.info(kind)
	info["streamSequence"] = s.sequence + 1
	var sent struct {
		ID string `json:"id"`
	}
	// Mentions and attachments are only in the last activity.
	err := s.adapter.send(ctx, s.at.service, platform.Call{Op: "stream", Path: path(s.at.full(), "activities"), Into: &sent, Body: params{
		"type": "typing", "text": body["text"], "textFormat": "markdown", "entities": []params{info},
	}})
	if err != nil {
		return err
	}
	s.sequence++
	if s.id == "" {
		if !isActivityID(sent.ID) {
			return failure("stream", chat.CodeInvalid, "the answer has no id")
		}
		s.id, s.began = sent.ID, time.Now()
		s.aging = time.AfterFunc(maxStream, func() { s.age(ctx) })
	}
	return nil
}

// end ends the stream, which becomes a message.
func (s *stream) end(ctx context.Context, body params) error {
	entities := []any{s.info("final")}
	if named, ok := body["entities"].([]mention); ok {
		for _, m := range named {
			entities = append(entities, m)
		}
	}
	body["entities"] = entities
	return s.adapter.send(ctx, s.at.service, platform.Call{Op: "stream", Path: path(s.at.full(), "activities"), Body: body})
}

func (s *stream) edit(ctx context.Context, body params) error {
	return s.adapter.change(ctx, s.at, s.at.messageID(s.id), platform.Call{Op: "updateActivity", Method: "PUT", Body: body})
}

// finish posts the whole message. whole says that the stream has not failed; then the end of
// opts follows.
func (s *stream) finish(ctx context.Context, source string, whole bool, opts chat.StreamOptions) (chat.MessageID, error) {
	if strings.TrimSpace(source) == "" {
		source = s.lastShown // the stream is already shown and cannot become empty
	}
	parts := s.adapter.textParts(ctx, s.at, &chat.Post{Markdown: source})
	if opts.End != nil && whole {
		card, err := s.adapter.cardParts(ctx, s.at, chat.Card(opts.End))
		if err != nil {
			return "", err
		}
		parts = append(parts, card...)
	}
	if len(parts) == 0 {
		return "", fmt.Errorf("%w: teams: the stream has nothing to show", chat.ErrInvalidArgument)
	}
	calls := s.adapter.calls(s.at, parts)
	if s.id == "" {
		return s.adapter.parts.Post(ctx, len(parts), calls)
	}
	send := calls.Send
	patience := s.adapter.host.RateLimitWait()
	var ids []chat.MessageID
	for i := range parts {
		err := adapterkit.Retry(ctx, &patience, func() error {
			id, err := s.finishPart(ctx, i, &parts[i], send)
			if err == nil {
				ids = append(ids, id)
			}
			return err
		})
		if err != nil {
			return "", err
		}
	}
	if len(ids) > 1 {
		s.adapter.parts.Keep(ctx, ids)
	}
	return ids[0], nil
}

// finishPart sends a part of the whole message. The first part ends the stream. If Teams
// refuses that, the message is edited, or else posted again.
func (s *stream) finishPart(ctx context.Context, i int, p *part, send func(context.Context, int, chat.MessageID) (chat.MessageID, error)) (chat.MessageID, error) {
	if i > 0 {
		return send(ctx, i, "")
	}
	id := s.at.messageID(s.id)
	var err error
	if !s.final && !s.refused {
		err = s.end(ctx, p.body())
	} else {
		err = s.edit(ctx, p.body())
	}
	if errors.Is(err, chat.ErrPermission) && !s.final && !s.refused {
		s.refused = true
		err = s.edit(ctx, p.body())
	}
	if errors.Is(err, chat.ErrPermission) || errors.Is(err, chat.ErrNotFound) || errors.Is(err, chat.ErrInvalid) {
		return send(ctx, i, "")
	}
	return id, err
}
