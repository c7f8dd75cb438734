package chat

// Channel is what threads belong to. It is safe for concurrent use.
type Channel struct {
	chat    *Chat
	adapter Adapter
	id      ChannelID
	lease   *lease // nil outside a turn
}

// ID returns the channel's id.
func (c *Channel) ID() ChannelID { return c.id }
