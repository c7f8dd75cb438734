package chat

import (
	"context"
	"encoding/json"
)

// SubjectFetcher knows what messages are about, on platforms where each thread
// belongs to something, such as an issue or a pull request.
type SubjectFetcher interface {
	// FetchSubject returns what the message is about, or [ErrNotFound] if it is
	// about nothing.
	FetchSubject(ctx context.Context, thread ThreadID, id MessageID) (*Subject, error)
}

// Subject is what a message is about.
type Subject struct {
	// Type is the platform's word for it, such as "issue".
	Type string `json:"type"`
	// ID names it on the platform.
	ID string `json:"id"`
	// Title is one line, Description is Markdown. Default none.
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	// Status is the platform's word for where it stands, such as "open". Default
	// none.
	Status string `json:"status,omitempty"`
	// URL is its page. Default none.
	URL string `json:"url,omitempty"`
	// Labels are the platform's tags on it. Default none.
	Labels []string `json:"labels,omitempty"`
	// Author is who began it, and Assignee whose task it is. Default nobody.
	Author   *SubjectPerson `json:"author,omitempty"`
	Assignee *SubjectPerson `json:"assignee,omitempty"`
	// Raw is the platform's payload as JSON.
	Raw json.RawMessage `json:"raw"`
}

// SubjectPerson is somebody who has to do with a [Subject].
type SubjectPerson struct {
	// ID names the person on the platform.
	ID UserID `json:"id"`
	// Name is for display.
	Name string `json:"name"`
}

// Subject returns what a message of the thread is about: it asks the platform
// each time. It returns [ErrNotFound] if it is about nothing, and an error that
// satisfies errors.Is(err, errors.ErrUnsupported) on platforms where messages are
// about nothing else.
func (t *Thread) Subject(ctx context.Context, id MessageID) (subject *Subject, err error) {
	fetcher, err := ability[SubjectFetcher](ctx, t.caller(), "subjects")
	if err != nil {
		return nil, err
	}
	if err := id.validate(); err != nil {
		return nil, err
	}
	err = t.caller().do(ctx, func(ctx context.Context) error {
		subject, err = fetcher.FetchSubject(ctx, t.id, id)
		return err
	}, nil)
	return subject, err
}
