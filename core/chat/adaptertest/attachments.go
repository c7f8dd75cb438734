package adaptertest

import (
	"errors"
	"fmt"
	"io"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	ruleFetchFile = "FetchAttachment returns the content, which the caller closes."
	ruleFileLimit = "It never reads more than limit bytes: a larger file is [ErrInvalid]."
	ruleFileNil   = "A nil attachment is [ErrInvalidArgument]."
	ruleFileKept  = "It works for messages that the bot handed over, also for those that have waited in a queue"
)

var attachmentCases = []Case{
	{ID: "Attachments/Fetch", Rule: ruleFetchFile, Run: able(func(t TB, s *Subject, b *rig, fetcher chat.AttachmentFetcher) {
		b.eachFile(t, s, func(what string, a *chat.Attachment, want string) {
			for range 2 { // nothing is used up
				content, err := fetcher.FetchAttachment(s.ctx, a, int64(len(want)))
				must(t, "FetchAttachment", err)
				reads(t, what, content, want)
			}
		})
	})},
	{ID: "Attachments/Limit", Rule: ruleFileLimit, Run: able(func(t TB, s *Subject, b *rig, fetcher chat.AttachmentFetcher) {
		b.eachFile(t, s, func(what string, a *chat.Attachment, want string) {
			limit := len(want) - 1
			var read []byte
			content, err := fetcher.FetchAttachment(s.ctx, a, int64(limit))
			if err == nil {
				read, err = io.ReadAll(content)
				must(t, "Close of "+what, content.Close())
			}
			if !errors.Is(err, chat.ErrInvalid) || len(read) > limit {
				t.Errorf("FetchAttachment of %s with a limit of %d bytes\n    seen: %d bytes, %v\n    want: no more, ErrInvalid", what, limit, len(read), err)
			}
		})
	})},
	{ID: "Attachments/Nil", Rule: ruleFileNil, Run: able(func(t TB, s *Subject, _ *rig, fetcher chat.AttachmentFetcher) {
		_, err := fetcher.FetchAttachment(s.ctx, nil, 1)
		isError(t, "FetchAttachment of nil", err, chat.ErrInvalidArgument)
	})},
	{ID: "Attachments/Queued", Rule: ruleFileKept, Run: able(func(t TB, s *Subject, b *rig, _ chat.AttachmentFetcher) {
		again := s.open(s.t) // another instance has the message's JSON and the state
		again.State = keptOpen{b.Harness.State}
		other := s.rigOn(t, again)
		for _, m := range b.messagesWithFiles(t, s) {
			data, err := m.MarshalJSON()
			must(t, "MarshalJSON of a message with attachments", err)
			var queued chat.Message
			must(t, "Unmarshal of a message with attachments", other.Unmarshal(data, &queued))
			for i := range queued.Attachments {
				content, err := queued.Attachments[i].Open(s.ctx)
				must(t, "Attachment.Open on another instance", err)
				reads(t, fmt.Sprintf("Attachments[%d] on another instance", i), content, s.Features.file(m.ID, i))
			}
		}
	})},
}

// eachFile delivers the samples whose attachments have files, and calls check for
// each attachment that a handler was given.
func (b *rig) eachFile(t TB, s *Subject, check func(what string, a *chat.Attachment, content string)) {
	t.Helper()
	for _, m := range b.messagesWithFiles(t, s) {
		for i := range m.Attachments {
			check(fmt.Sprintf("Attachments[%d] of %q", i, m.ID), &m.Attachments[i], s.Features.file(m.ID, i))
		}
	}
}

// messagesWithFiles delivers the samples whose attachments have files, and returns
// the messages that the handlers were given.
func (b *rig) messagesWithFiles(t TB, s *Subject) []*chat.Message {
	t.Helper()
	n := 0
	for _, sample := range s.Features.Samples {
		if len(sample.Files) > 0 {
			n++
			if a := b.deliver(t, s, sample); !a.ok() {
				t.Errorf("sample %q\n    seen: %v\n    want: 2xx", sample.Name, a)
			}
		}
	}
	var messages []*chat.Message
	for _, in := range b.record.await(s.ctx, n) {
		m, ok := in.(*chat.Message)
		if !ok {
			continue
		}
		if want := len(s.Features.files(m.ID)); len(m.Attachments) != want {
			t.Errorf("the message %q\n    seen: %d attachments\n    want: %d", m.ID, len(m.Attachments), want)
			continue
		}
		messages = append(messages, m)
	}
	equal(t, "messages with attachments", len(messages), n)
	return messages
}

// reads compares a file with what it must hold.
func reads(t TB, what string, content io.ReadCloser, want string) {
	t.Helper()
	seen, err := io.ReadAll(content)
	must(t, "reading "+what, err)
	must(t, "Close of "+what, content.Close())
	equal(t, "the content of "+what, string(seen), want)
}

// files are the contents of the attachments of a sample's message.
func (f Features) files(id chat.MessageID) []string {
	for _, sample := range f.Samples {
		for _, w := range sample.Want {
			if m, ok := w.(*chat.Message); ok && m.ID == id {
				return sample.Files
			}
		}
	}
	return nil
}

func (f Features) file(id chat.MessageID, i int) string { return f.files(id)[i] }
