package slack

import "github.com/chat-adapter/chat-go/core/chat"

// What the adapter can do on the way out, besides chat.Adapter.
var (
	_ chat.Streamer        = (*Adapter)(nil)
	_ chat.EditPacer       = (*Adapter)(nil)
	_ chat.PlanPoster      = (*Adapter)(nil)
	_ chat.EphemeralPoster = (*Adapter)(nil)
	_ chat.Scheduler       = (*Adapter)(nil)
	_ chat.ChannelPoster   = (*Adapter)(nil)
	_ chat.Typer           = (*Adapter)(nil)
	_ chat.TypingStopper   = (*Adapter)(nil)
	_ chat.SessionMarker   = (*Adapter)(nil)
	_ chat.Reactor         = (*Adapter)(nil)
	_ chat.DirectMessenger = (*Adapter)(nil)
	_ chat.ModalOpener     = (*Adapter)(nil)
	_ chat.MessageFetcher  = (*Adapter)(nil)
	_ chat.ChannelFetcher  = (*Adapter)(nil)
	_ chat.Permalinker     = (*Adapter)(nil)
	_ chat.LinkResolver    = (*Adapter)(nil)
	_ chat.FailureMarker   = (*Adapter)(nil)
	_ chat.TypeScriptNamer = (*Adapter)(nil)
)
