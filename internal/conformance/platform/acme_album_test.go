package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// acmeAlbums puts the messages of albums together. Each webhook of one waits for the
// others.
type acmeAlbums struct {
	mu  sync.Mutex
	all map[string]*acmeAlbum
}

type acmeAlbum struct {
	parts  map[int]*chat.Message
	served int // webhooks
	whole  chan struct{}
}

// add adds a message and returns its album, and whether that was whole before.
func (s *acmeAlbums) add(p acmePayload, m *chat.Message) (album *acmeAlbum, again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]*acmeAlbum{}
	}
	album = s.all[p.Album]
	if album == nil {
		album = &acmeAlbum{parts: map[int]*chat.Message{}, whole: make(chan struct{})}
		s.all[p.Album] = album
	}
	album.served++
	album.parts[p.Number] = m
	if album.served == p.Of {
		close(album.whole)
	}
	return album, album.served > p.Of
}

// deliverAlbum delivers the album of a message once it is whole.
func (a *acme) deliverAlbum(ctx context.Context, m *chat.Message) error {
	var p acmePayload
	if err := json.Unmarshal(m.Raw, &p); err != nil {
		return err
	}
	album, again := a.albums.add(p, m)
	select {
	case <-album.whole:
	case <-time.After(5 * time.Second):
		return errPayload
	case <-ctx.Done():
		return ctx.Err()
	}
	a.albums.mu.Lock()
	var numbers []int
	for n := range album.parts {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	var parts []*chat.Message
	for _, n := range numbers {
		parts = append(parts, album.parts[n])
	}
	a.albums.mu.Unlock()
	for {
		_, err := a.host.Deliver(ctx, a.join(parts, again))
		if !errors.Is(err, chat.ErrBusy) {
			return err
		}
		if err := adapterkit.Sleep(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

// joinACME is the messages of an album as one.
func joinACME(parts []*chat.Message, _ bool) *chat.Message {
	whole := *parts[0]
	whole.Attachments = nil
	for _, m := range parts {
		whole.Attachments = append(whole.Attachments, m.Attachments...)
	}
	return &whole
}

func acmeAlbumPart(number int, text, file string) string {
	return fmt.Sprintf(`{"event":"message","chat":"C1","topic":"7","number":%d,"from":{"id":"U1","name":"ada"},"text":%q,"file":%q,"album":"A1","of":3}`, number, text, file)
}

// move gives a thread's channel another id.
func (p *acmePlatform) move(_ context.Context, thread chat.ThreadID) (chat.ThreadID, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := chat.ThreadID("acme:C9:")
	p.moved = map[chat.ThreadID]chat.ThreadID{thread: now}
	return now, nil
}

// now is the thread where the channel of a thread is now.
func (p *acmePlatform) now(thread chat.ThreadID) chat.ThreadID {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now, ok := p.moved[thread]; ok {
		return now
	}
	return thread
}

var heardMutants = []mutant{
	{"mentions told of no message", "Mentions/Heard", parse(func(in chat.Inbound) chat.Inbound {
		if m, ok := in.(*chat.Message); ok {
			m.Mention = new(false)
		}
		return in
	})},
	{"mentions in code told as mentions", "Mentions/Code", parse(func(in chat.Inbound) chat.Inbound {
		if m, ok := in.(*chat.Message); ok && m.Formatted != nil {
			m.Mention = new(true)
		}
		return in
	})},
	{"code told as text", "Mentions/Code", parse(func(in chat.Inbound) chat.Inbound {
		if m, ok := in.(*chat.Message); ok {
			m.Formatted = nil
		}
		return in
	})},
	{"an album is a message for each file", "Albums/Whole", func(a *acme) chat.Adapter {
		a.deliver = func(ctx context.Context, in chat.Inbound) error {
			_, err := a.host.Deliver(ctx, in)
			return err
		}
		return a
	}},
	{"the last file of an album lost", "Albums/Whole", joining(func(parts []*chat.Message, again bool) *chat.Message {
		return joinACME(parts[:len(parts)-1], again)
	})},
	{"an album has the text of its last file", "Albums/Whole", joining(func(parts []*chat.Message, again bool) *chat.Message {
		m := joinACME(parts, again)
		m.Text = parts[len(parts)-1].Text
		return m
	})},
	{"an album is another message when it comes again", "Albums/Redelivered", joining(func(parts []*chat.Message, again bool) *chat.Message {
		m := joinACME(parts, again)
		if again {
			m.ID += "-again"
		}
		return m
	})},
	{"a channel that has moved is called where it was", "Moved/Calls", func(a *acme) chat.Adapter {
		a.where = func(thread chat.ThreadID) chat.ThreadID { return thread }
		return a
	}},
	{"a channel that has moved is not found after a restart", "Moved/Calls", func(a *acme) chat.Adapter {
		if len(a.platform.moved) > 0 {
			a.where = func(thread chat.ThreadID) chat.ThreadID { return thread }
		}
		return a
	}},
}

func joining(join func(parts []*chat.Message, again bool) *chat.Message) func(*acme) chat.Adapter {
	return func(a *acme) chat.Adapter {
		a.join = join
		return a
	}
}
