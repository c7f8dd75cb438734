package bottest

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// depot is a platform with files, by the metadata "file". It does not keep to the
// limit.
type depot struct {
	fakePlatform
	files  map[string]string
	limits []int64
}

func (d *depot) FetchAttachment(_ context.Context, a *chat.Attachment, limit int64) (io.ReadCloser, error) {
	d.limits = append(d.limits, limit)
	content, ok := d.files[a.FetchMetadata["file"]]
	if !ok {
		return nil, &chat.PlatformError{Adapter: d.Name(), Op: "fetch", Code: chat.CodeNotFound}
	}
	return io.NopCloser(trickle{strings.NewReader(content)}), nil
}

// trickle reads in small pieces.
type trickle struct{ r io.Reader }

func (r trickle) Read(p []byte) (int, error) { return r.r.Read(p[:min(3, len(p))]) }

func readAttachment(ctx context.Context, a *chat.Attachment) (string, error) {
	r, err := a.Open(ctx)
	if err != nil {
		return "", err
	}
	content, err := io.ReadAll(r)
	return string(content), errors.Join(err, r.Close())
}

func withFile(m *chat.Message, file string) *chat.Message {
	m.Attachments = []chat.Attachment{{Type: "file", URL: "https://files.example.com/" + file, FetchMetadata: map[string]string{"file": file}}}
	return m
}

func TestAttachmentsAreFetchedWithinABound(t *testing.T) {
	d := &depot{fakePlatform: newFakePlatform("fake"), files: map[string]string{"a": "0123456789", "b": "0123456789+"}}
	bot, _ := newBot(t, func(c *chat.Config) {
		c.Adapters = []chat.Adapter{d}
		c.Limits.MaxAttachmentBytes = 10
	})
	results := map[string]error{}
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		for _, m := range []*chat.Message{ev.Message, ev.Message.ReplyTo} {
			content, err := readAttachment(ctx, &m.Attachments[0])
			results[content] = err
		}
		return nil
	})
	m := withFile(d.Message("fake:c:t", "@bot look"), "a")
	m.ReplyTo = withFile(d.Message("fake:c:t", "quoted"), "b")
	r, err := d.Send(t.Context(), m)
	require.NoError(t, err)
	require.NoError(t, r.Wait(t.Context()))
	require.Len(t, results, 1, "both have the same first ten bytes")
	require.ErrorIs(t, results["0123456789"], chat.ErrInvalid, "the second one has more")
	require.Equal(t, []int64{10, 10}, d.limits)

	m.Attachments[0].Size = 11
	_, err = m.Attachments[0].Open(t.Context())
	require.ErrorIs(t, err, chat.ErrInvalid)
	require.Len(t, d.limits, 2, "the platform was not asked")
	m.Attachments[0].Size = 0
	content, err := readAttachment(t.Context(), &m.Attachments[0])
	require.NoError(t, err)
	require.Equal(t, "0123456789", content)
	m.Attachments[0].FetchMetadata = nil
	_, err = m.Attachments[0].Open(t.Context())
	require.ErrorIs(t, err, chat.ErrNotFound)
}

func TestAttachmentsAreFetchedAfterTheQueue(t *testing.T) {
	var d *depot
	play(t, 1, func(c *chat.Config) {
		d = &depot{fakePlatform: fakePlatform{Adapter: c.Adapters[0].(*chattest.Adapter)}, files: map[string]string{"a": "content"}}
		c.Adapters = []chat.Adapter{d}
	}, func(r *rig) {
		read := make(chan string, 1)
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			content, err := readAttachment(ctx, &ev.Message.Attachments[0])
			read <- content
			return err
		})
		// As another instance stored it before it died.
		data, err := withFile(r.instances[0].fake.Message("fake:c:t", "@bot look"), "a").MarshalJSON()
		require.NoError(t, err)
		require.NoError(t, r.shared.Connect(context.Background()))
		now := time.Now()
		_, err = state.Inbox(r.shared).Accept(context.Background(), "fake:c:t", state.QueueEntry{Message: data, EnqueuedAt: now, ExpiresAt: now.Add(time.Hour)}, 0)
		require.NoError(t, err)
		require.Equal(t, "content", <-read)
	})
}

func TestAnAddressAloneIsNotFetched(t *testing.T) {
	bot, fake := newBot(t, nil)
	m := withFile(fake.Message("fake:c:t", "@bot look"), "a")
	_, err := m.Attachments[0].Open(t.Context())
	require.ErrorIs(t, err, errors.ErrUnsupported, "it came from nowhere")
	data, err := m.MarshalJSON()
	require.NoError(t, err)
	read, err := decode[chat.Message](bot, data)
	require.NoError(t, err)
	_, err = read.Attachments[0].Open(t.Context())
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

func TestAnEditedMessageIsPreparedAsANewOne(t *testing.T) {
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	d := &depot{fakePlatform: newFakePlatform("fake"), files: map[string]string{"a": "content"}}
	bot, _ := newBot(t, func(c *chat.Config) {
		c.Adapters, c.State, c.Identity = []chat.Adapter{d}, st, byUser
	})
	var key, content string
	bot.OnMessageUpdated(func(ctx context.Context, ev *chat.MessageUpdatedEvent) (err error) {
		key = ev.Message.UserKey
		content, err = readAttachment(ctx, &ev.Message.Attachments[0])
		return err
	})
	r, err := d.Host().Deliver(t.Context(), &chat.MessageUpdatedEvent{
		EventBase: chat.EventBase{ID: "1", ThreadID: "fake:c:t"}, Message: withFile(d.Message("fake:c:t", "edited"), "a"),
	})
	require.NoError(t, err)
	require.NoError(t, r.Wait(t.Context()))
	require.Equal(t, "person-u1", key)
	require.Equal(t, "content", content)
}
