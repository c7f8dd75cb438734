package chat

// Channel is what threads belong to. It is safe for concurrent use.
type Channel struct {
	chat    *Chat
	adapter Adapter
	id      ChannelID
	lease   *lease // nil outside a turn

	dm         bool
	visibility Visibility // as its JSON said; empty: unknown
	extra      string     // fields of its JSON that have no name here
}

// ID returns the channel's id.
func (c *Channel) ID() ChannelID { return c.id }
