package web

import (
	"context"
	"log/slog"
	"net/http"
	"sync"

	"github.com/chat-adapter/chat-go/core/chat"
)

// adapterName is the first part of thread ids and the last of the webhook's path.
const adapterName = "web"

// The adapter and its abilities.
var (
	_ chat.Adapter         = (*Adapter)(nil)
	_ chat.Runner          = (*Adapter)(nil)
	_ chat.Streamer        = (*Adapter)(nil)
	_ chat.PlanPoster      = (*Adapter)(nil)
	_ chat.EphemeralPoster = (*Adapter)(nil)
	_ chat.ModalOpener     = (*Adapter)(nil)
	_ chat.Reactor         = (*Adapter)(nil)
	_ chat.Typer           = (*Adapter)(nil)
	_ chat.TypingStopper   = (*Adapter)(nil)
	_ chat.SessionMarker   = (*Adapter)(nil)
	_ chat.HistoryKeeper   = (*Adapter)(nil)
	_ chat.ThreadFinder    = (*Adapter)(nil)
	_ chat.FailureMarker   = (*Adapter)(nil)

	_ chat.AttachmentFetcher = (*Adapter)(nil)
)

// Adapter serves the chat page and the AI SDK's stream protocol. It is safe for
// concurrent use.
type Adapter struct {
	config Config
	users  users
	host   chat.Host
	log    *slog.Logger
	texts  texts
	routes http.Handler
	page   *page
	feeds  feeds
	turns  turns

	closeOnce sync.Once
	closing   chan struct{} // closed when Run's context ends
}

// New returns an adapter for the configuration. It returns
// [chat.ErrInvalidConfig] with the name of the field that is wrong.
func New(config Config) (*Adapter, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	config.setDefaults()
	a := &Adapter{config: config, closing: make(chan struct{})}
	a.users = cookieUsers{}
	if config.User != nil {
		a.users = programUsers{config.User}
	}
	a.feeds.watch = a.watch
	return a, nil
}

// Name returns "web".
func (a *Adapter) Name() string { return adapterName }

// Attach hands the adapter its bot.
func (a *Adapter) Attach(host chat.Host) error {
	title := a.config.Title
	if title == "" {
		title = host.UserName()
	}
	page, err := newPage(title, a.config)
	if err != nil {
		return err
	}
	a.host, a.log, a.page, a.texts = host, host.Logger(), page, texts{host.Emoji()}
	a.routes, err = a.newRoutes()
	return err
}

// Run waits until ctx ends and then ends the event streams of all open pages,
// which reconnect, to another instance where there is one. Answers that are
// being streamed go on until their handlers are done.
func (a *Adapter) Run(ctx context.Context) error {
	<-ctx.Done()
	a.closeOnce.Do(func() { close(a.closing) })
	return nil
}

func (a *Adapter) isClosing() bool {
	select {
	case <-a.closing:
		return true
	default:
		return false
	}
}

// KeepsHistory reports true: a page has no history of its own.
func (a *Adapter) KeepsHistory() bool { return true }
