package discord

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// These types have the fields that the adapter reads. They accept kinds that Discord adds
// later. https://docs.discord.com/developers/resources/message#message-object

type user struct {
	ID         string `json:"id"`
	UserName   string `json:"username"`
	GlobalName string `json:"global_name"`
	Avatar     string `json:"avatar"`
	Bot        bool   `json:"bot"`
	System     bool   `json:"system"`
}

type member struct {
	User  *user    `json:"user"`
	Nick  string   `json:"nick"`
	Roles []string `json:"roles"`
}

type message struct {
	ID           string       `json:"id"`
	ChannelID    string       `json:"channel_id"`
	GuildID      string       `json:"guild_id"`
	ChannelType  *int         `json:"channel_type"` // undocumented; it saves a look-up
	Type         int          `json:"type"`
	Content      string       `json:"content"`
	Author       *user        `json:"author"`
	Member       *member      `json:"member"`
	WebhookID    string       `json:"webhook_id"`
	Timestamp    time.Time    `json:"timestamp"`
	EditedAt     *time.Time   `json:"edited_timestamp"`
	Mentions     []user       `json:"mentions"`
	MentionRoles []string     `json:"mention_roles"`
	Attachments  []attachment `json:"attachments"`
	Embeds       []inEmbed    `json:"embeds"`
	Referenced   *message     `json:"referenced_message"`
	Stickers     []struct {
		Name string `json:"name"`
	} `json:"sticker_items"`

	raw json.RawMessage // the message as it came
}

// UnmarshalJSON also keeps the message as it came.
func (m *message) UnmarshalJSON(data []byte) error {
	type plain message
	err := json.Unmarshal(data, (*plain)(m))
	m.raw = bytes.Clone(data)
	return err
}

// Kinds of messages that people and bots write.
// https://docs.discord.com/developers/resources/message#message-object-message-types
const (
	defaultMessage     = 0
	replyMessage       = 19
	chatInputMessage   = 20
	contextMenuMessage = 23
)

// isWritten reports whether a user or a bot wrote the message. Others are system messages.
func (m *message) isWritten() bool {
	switch m.Type {
	case defaultMessage, replyMessage, chatInputMessage, contextMenuMessage:
		return true
	}
	return false
}

type attachment struct {
	ID          string `json:"id"`
	FileName    string `json:"filename"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
	URL         string `json:"url"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
}

type inEmbed struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	URL         string `json:"url"`
	Provider    struct {
		Name string `json:"name"`
	} `json:"provider"`
	Thumbnail struct {
		URL string `json:"url"`
	} `json:"thumbnail"`
	Fields []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"fields"`
}

// channel is a channel, a thread or a direct conversation.
// https://docs.discord.com/developers/resources/channel#channel-object
type channel struct {
	ID           string `json:"id"`
	Type         int    `json:"type"`
	GuildID      string `json:"guild_id"`
	ParentID     string `json:"parent_id"`
	Name         string `json:"name"`
	Topic        string `json:"topic"`
	MessageCount int    `json:"message_count"`
	Recipients   []user `json:"recipients"`
	Metadata     *struct {
		ArchivedAt time.Time `json:"archive_timestamp"`
	} `json:"thread_metadata"`
	LastMessageID string `json:"last_message_id"`
}

// Kinds of channels.
// https://docs.discord.com/developers/resources/channel#channel-object-channel-types
const (
	textChannel         = 0
	directChannel       = 1
	groupDirectChannel  = 3
	announcementChannel = 5
	announcementThread  = 10
	publicThread        = 11
	privateThread       = 12
)

func isThreadType(kind int) bool {
	return kind == announcementThread || kind == publicThread || kind == privateThread
}

// author converts a user, with what a server knows of them, to that of package chat.
func (a *Adapter) author(u *user, m *member) chat.Author {
	if u == nil {
		return chat.Author{}
	}
	full := u.GlobalName
	if m != nil && m.Nick != "" {
		full = m.Nick
	}
	if full == "" {
		full = u.UserName
	}
	return chat.Author{
		UserID: chat.UserID(u.ID), UserName: u.UserName, FullName: full, Bot: new(u.Bot), System: u.System, Me: u.ID == a.config.ApplicationID,
	}
}

// reaction is a reaction that was added or removed.
// https://docs.discord.com/developers/events/gateway-events#message-reaction-add
type reaction struct {
	UserID    string  `json:"user_id"`
	ChannelID string  `json:"channel_id"`
	MessageID string  `json:"message_id"`
	GuildID   string  `json:"guild_id"`
	Member    *member `json:"member"`
	Emoji     struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Animated bool   `json:"animated"`
	} `json:"emoji"`
}

// dispatched is an event of the gateway, or one that was forwarded as a webhook.
type dispatched struct {
	kind string // such as MESSAGE_CREATE
	id   string // unique, and the same when the event comes again
	data json.RawMessage
}
