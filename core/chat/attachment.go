package chat

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Attachment is a file that came with a message.
type Attachment struct {
	// Type is "image", "file", "video" or "audio".
	Type string
	// URL is where the content is. It may need the platform's credentials.
	URL string
	// Name is the file's name, as its sender gave it.
	Name string
	// MIMEType is its media type, as the platform or the sender said.
	MIMEType string
	// Size is in bytes; 0 means unknown.
	Size int64
	// Width and Height are in pixels; 0 means unknown.
	Width, Height int
	// FetchMetadata is what the adapter needs to fetch the content. It is stored
	// with the message, so it holds no credentials.
	FetchMetadata map[string]string

	extra  string            // fields of the JSON that have no name here
	source *attachmentSource // nil if it came from nowhere
}

// attachmentSource is what attachments of one adapter are fetched from.
type attachmentSource struct {
	caller
	limit int64
}

// Open fetches the content from the platform that the attachment's message came
// from; the caller closes it. It works for messages that the bot handed over,
// also for those that have waited in a queue, and never follows URL by itself:
// where the platform cannot fetch files, and for an attachment that came with no
// message, the error satisfies errors.Is(err, errors.ErrUnsupported). A file
// larger than Config.Limits.MaxAttachmentBytes is [ErrInvalid], which Read may return.
func (a *Attachment) Open(ctx context.Context) (io.ReadCloser, error) {
	if a.source == nil {
		return nil, fmt.Errorf("chat: attachment without a message: %w", errors.ErrUnsupported)
	}
	s := a.source
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	fetcher, ok := s.adapter.(AttachmentFetcher)
	if !ok {
		return nil, unsupported(s.adapter.Name(), "attachments")
	}
	if a.Size > s.limit {
		return nil, s.tooLarge()
	}
	var content io.ReadCloser
	err := s.repeat(ctx, func(ctx context.Context) (err error) {
		content, err = fetcher.FetchAttachment(ctx, a, s.limit)
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	return &boundedReader{content, s.limit, s}, nil
}

func (s *attachmentSource) tooLarge() error {
	return &PlatformError{
		Adapter: s.adapter.Name(), Op: "fetch attachment", Code: CodeInvalid, Err: fmt.Errorf("the file is larger than %d bytes", s.limit),
	}
}

// boundedReader refuses what exceeds the limit instead of cutting it off.
type boundedReader struct {
	io.ReadCloser
	left   int64 // below zero: it was exceeded
	source *attachmentSource
}

func (r *boundedReader) Read(p []byte) (int, error) {
	if r.left < 0 {
		return 0, r.source.tooLarge()
	}
	if int64(len(p)) > r.left+1 {
		p = p[:r.left+1]
	}
	n, err := r.ReadCloser.Read(p)
	r.left -= int64(n)
	if r.left < 0 {
		return n - 1, r.source.tooLarge()
	}
	return n, err
}

// adopt makes the author, the links and the attachments of a message, and of those
// that it quotes, know where they come from.
func (c *Chat) adopt(a Adapter, m *Message) {
	for ; m != nil; m = m.ReplyTo {
		m.Author.adapter = a.Name()
		if len(m.Links) == 0 && len(m.Attachments) == 0 {
			continue
		}
		source := &attachmentSource{caller{chat: c, adapter: a}, c.cfg.Limits.MaxAttachmentBytes}
		for i := range m.Links {
			m.Links[i].source = &source.caller
		}
		for i := range m.Attachments {
			m.Attachments[i].source = source
		}
	}
}
