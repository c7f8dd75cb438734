package chat

import (
	"fmt"
	"strconv"

	"github.com/chat-adapter/chat-go/core/internal/jsontext"
)

const (
	threadType  = "chat:Thread"
	channelType = "chat:Channel"
)

// MarshalJSON returns the TypeScript SDK's "chat:Thread". [Chat.Unmarshal]
// reads it.
func (t *Thread) MarshalJSON() ([]byte, error) {
	b := jsontext.AppendString([]byte(`{"_type":"`+threadType+`","id":`), string(t.id))
	b = jsontext.AppendString(append(b, `,"channelId":`...), string(t.channelID()))
	b = jsontext.AppendString(append(b, `,"channelVisibility":`...), string(known(t.visibility)))
	if t.current != nil {
		var err error
		if b, err = t.current.appendJSON(append(b, `,"currentMessage":`...)); err != nil {
			return nil, err
		}
	}
	b = strconv.AppendBool(append(b, `,"isDM":`...), t.ref.DM)
	b = jsontext.AppendString(append(b, `,"adapterName":`...), t.adapter.Name())
	return append(append(b, t.extra...), '}'), nil
}

// MarshalJSON returns the TypeScript SDK's "chat:Channel". [Chat.Unmarshal]
// reads it.
func (c *Channel) MarshalJSON() ([]byte, error) {
	b := jsontext.AppendString([]byte(`{"_type":"`+channelType+`","id":`), string(c.id))
	b = jsontext.AppendString(append(b, `,"adapterName":`...), c.adapter.Name())
	b = jsontext.AppendString(append(b, `,"channelVisibility":`...), string(known(c.visibility)))
	b = strconv.AppendBool(append(b, `,"isDM":`...), c.dm)
	return append(append(b, c.extra...), '}'), nil
}

func known(v Visibility) Visibility {
	if v == "" {
		return VisibilityUnknown
	}
	return v
}

// decodeMessage reads the TypeScript SDK's "chat:Message". Unlike a message that
// [Message.UnmarshalJSON] has read, its attachments can be opened.
func (c *Chat) decodeMessage(data []byte) (*Message, error) {
	m := new(Message)
	if err := m.UnmarshalJSON(data); err != nil {
		return nil, err
	}
	c.adoptKnown(m)
	return m, nil
}

// adoptKnown adopts a message of one of the bot's platforms.
func (c *Chat) adoptKnown(m *Message) {
	if a, ok := c.adapters[m.ThreadID.Adapter()]; ok {
		c.adopt(a, m)
	}
}

var errWithoutBot = fmt.Errorf("%w: JSON of a thread or a channel needs a bot: read it with Chat.Unmarshal", ErrInvalidArgument)

// UnmarshalJSON works within [Chat.Unmarshal]. Elsewhere it returns
// [ErrInvalidArgument]: a thread without a bot could do nothing.
func (t *Thread) UnmarshalJSON(data []byte) error {
	data, bot := taken(data)
	if bot == nil {
		return errWithoutBot
	}
	decoded, err := bot.decodeThread(data)
	if err == nil {
		*t = *decoded
	}
	return err
}

// UnmarshalJSON works within [Chat.Unmarshal]. Elsewhere it returns
// [ErrInvalidArgument]: a channel without a bot could do nothing.
func (c *Channel) UnmarshalJSON(data []byte) error {
	data, bot := taken(data)
	if bot == nil {
		return errWithoutBot
	}
	decoded, err := bot.decodeChannel(data)
	if err == nil {
		*c = *decoded
	}
	return err
}

// decodeThread reads the TypeScript SDK's "chat:Thread". It returns
// [ErrUnknownAdapter] or [ErrInvalidArgument] for a thread that no adapter of the
// bot made.
func (c *Chat) decodeThread(data []byte) (*Thread, error) {
	var kind, adapter string
	var id ThreadID
	var visibility Visibility
	var current *Message
	var extra string
	err := unmarshal(data, "thread", func(d *decoder) (err error) {
		extra, err = d.object(func(name []byte) error {
			switch string(name) {
			case "_type":
				return d.string(&kind)
			case "id":
				return d.string((*string)(&id))
			case "channelVisibility":
				return d.string((*string)(&visibility))
			case "adapterName":
				return d.string(&adapter)
			case "currentMessage":
				if d.null() {
					return nil
				}
				current = new(Message)
				return current.decode(d)
			case "channelId", "isDM":
				d.skip() // the id tells
				return nil
			}
			return errUnknownField
		})
		if err != nil {
			return err
		}
		return checkType(kind, threadType)
	})
	if err != nil {
		return nil, err
	}
	t, err := c.Thread(id)
	if err != nil {
		return nil, err
	}
	if err := checkAdapter(adapter, t.adapter); err != nil {
		return nil, err
	}
	c.adopt(t.adapter, current)
	t.current, t.visibility, t.extra = current, visibility, extra
	return t, nil
}

// decodeChannel reads the TypeScript SDK's "chat:Channel". It returns
// [ErrUnknownAdapter] or [ErrInvalidArgument] for a channel that belongs to no
// adapter of the bot.
func (c *Chat) decodeChannel(data []byte) (*Channel, error) {
	var kind, adapter, extra string
	var id ChannelID
	var visibility Visibility
	var dm bool
	err := unmarshal(data, "channel", func(d *decoder) (err error) {
		extra, err = d.object(func(name []byte) error {
			switch string(name) {
			case "_type":
				return d.string(&kind)
			case "id":
				return d.string((*string)(&id))
			case "adapterName":
				return d.string(&adapter)
			case "channelVisibility":
				return d.string((*string)(&visibility))
			case "isDM":
				return d.bool(&dm)
			}
			return errUnknownField
		})
		if err != nil {
			return err
		}
		return checkType(kind, channelType)
	})
	if err != nil {
		return nil, err
	}
	ch, err := c.Channel(id)
	if err != nil {
		return nil, err
	}
	if err := checkAdapter(adapter, ch.adapter); err != nil {
		return nil, err
	}
	ch.dm, ch.visibility, ch.extra = ch.dm || dm, visibility, extra
	return ch, nil
}

func checkAdapter(name string, a Adapter) error {
	if name != "" && name != a.Name() {
		return fmt.Errorf(`%w: field "adapterName" is %q, but the id is of %q`, ErrInvalidArgument, name, a.Name())
	}
	return nil
}
