package pager

import (
	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const adapterName = "pager"

// Adapter connects a bot to pagers. It is safe for concurrent use.
type Adapter struct {
	secret string
	client *platform.Client
	parts  *adapterkit.Parts
	host   chat.Host
}

var _ chat.Adapter = (*Adapter)(nil)

// New returns an adapter. It does no I/O. It returns [chat.ErrInvalidConfig] for a
// Config that lacks something.
func New(cfg Config) (*Adapter, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	client, err := platform.NewClient(platform.ClientConfig{
		Adapter: adapterName, BaseURL: cfg.BaseURL, Authorization: "Bearer " + cfg.Token,
	})
	if err != nil {
		return nil, err
	}
	return &Adapter{secret: cfg.Secret, client: client}, nil
}

// Name returns "pager".
func (a *Adapter) Name() string { return adapterName }

// Attach hands the adapter its bot.
func (a *Adapter) Attach(host chat.Host) error {
	a.host = host
	a.parts = adapterkit.NewParts(host, adapterkit.PartsConfig{Adapter: adapterName})
	return nil
}
