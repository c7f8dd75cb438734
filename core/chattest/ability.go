package chattest

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	SessionMarker   Ability = "SessionMarker"
	Reactor         Ability = "Reactor"
	ReadMarker      Ability = "ReadMarker"
	DirectMessenger Ability = "DirectMessenger"
	UserFinder      Ability = "UserFinder"
	ChannelFinder   Ability = "ChannelFinder"
	Permalinker     Ability = "Permalinker"
	LinkResolver    Ability = "LinkResolver"
	FailureMarker   Ability = "FailureMarker"
	ModalOpener     Ability = "ModalOpener"

	// A fake has these only if [Config.With] names them.
	MessageFetcher    Ability = "MessageFetcher"
	ChannelFetcher    Ability = "ChannelFetcher"
	AttachmentFetcher Ability = "AttachmentFetcher"
)

var (
	_ chat.Streamer        = (*Adapter)(nil)
	_ chat.EditPacer       = (*Adapter)(nil)
	_ chat.PlanPoster      = (*Adapter)(nil)
	_ chat.Replier         = (*Adapter)(nil)
	_ chat.EphemeralPoster = (*Adapter)(nil)
	_ chat.Scheduler       = (*Adapter)(nil)
	_ chat.ChannelPoster   = (*Adapter)(nil)
	_ chat.Typer           = (*Adapter)(nil)
	_ chat.TypingStopper   = (*Adapter)(nil)
	_ chat.SessionMarker   = (*Adapter)(nil)
	_ chat.Reactor         = (*Adapter)(nil)
	_ chat.ReadMarker      = (*Adapter)(nil)
	_ chat.DirectMessenger = (*Adapter)(nil)
	_ chat.UserFinder      = (*Adapter)(nil)
	_ chat.ChannelFinder   = (*Adapter)(nil)
	_ chat.Permalinker     = (*Adapter)(nil)
	_ chat.LinkResolver    = (*Adapter)(nil)
	_ chat.FailureMarker   = (*Adapter)(nil)
	_ chat.ModalOpener     = (*Adapter)(nil)

	_ chat.MessageFetcher    = (*Adapter)(nil)
	_ chat.ChannelFetcher    = (*Adapter)(nil)
	_ chat.AttachmentFetcher = (*Adapter)(nil)
)

// usual are the abilities of every fake, unless Config.Without names them; asked are
// those that Config.With names.
var (
	usual = []Ability{
		Streamer, PlanPoster, Replier, EphemeralPoster, Scheduler, ChannelPoster, Typer, SessionMarker, Reactor, ReadMarker, DirectMessenger, UserFinder,
		ChannelFinder, Permalinker, LinkResolver, FailureMarker, ModalOpener,
	}
	asked = []Ability{MessageFetcher, ChannelFetcher, AttachmentFetcher}
)

// check returns what is wrong with the configuration.
func (c Config) check() error {
	for _, a := range c.Without {
		if !slices.Contains(usual, a) {
			return fmt.Errorf("%w: chattest: Config.Without: %q is not one of %q", chat.ErrInvalidConfig, a, usual)
		}
	}
	for _, a := range c.With {
		if !slices.Contains(asked, a) {
			return fmt.Errorf("%w: chattest: Config.With: %q is not one of %q", chat.ErrInvalidConfig, a, asked)
		}
	}
	if c.EditInterval < 0 {
		return fmt.Errorf("%w: chattest: Config.EditInterval is %v, want 0 or more", chat.ErrInvalidConfig, c.EditInterval)
	}
	return nil
}

// has reports whether the platform has the ability.
func (s *store) has(a Ability) bool {
	if slices.Contains(asked, a) {
		return slices.Contains(s.cfg.With, a)
	}
	return !slices.Contains(s.cfg.Without, a)
}

// can says whether the platform does what the ability is about. The caller holds
// mu.
func (s *store) can(ctx context.Context, a Ability, thread chat.ThreadID) error {
	if !s.has(a) {
		return fmt.Errorf("chattest: %s: %w", a, errors.ErrUnsupported)
	}
	return s.allowed(ctx, thread)
}

// canOutside is can for what is about no thread.
func (s *store) canOutside(ctx context.Context, a Ability) error {
	if !s.has(a) {
		return fmt.Errorf("chattest: %s: %w", a, errors.ErrUnsupported)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.failure()
}
