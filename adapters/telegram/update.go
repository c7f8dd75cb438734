package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// These types have the fields that the adapter reads. They accept kinds of updates that
// Telegram adds later, which the types of client libraries refuse.
// https://core.telegram.org/bots/api#available-types

// update is one update. https://core.telegram.org/bots/api#update
type update struct {
	id   int64
	kind string          // the name of the field that is set
	data json.RawMessage // its content
}

type user struct {
	ID        int64  `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	UserName  string `json:"username"`
}

type chatOf struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Title     string `json:"title"`
	UserName  string `json:"username"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}

type message struct {
	ID           int64    `json:"message_id"`
	Topic        int64    `json:"message_thread_id"`
	IsTopic      bool     `json:"is_topic_message"`
	From         *user    `json:"from"`
	SenderChat   *chatOf  `json:"sender_chat"`
	Date         int64    `json:"date"`
	EditDate     int64    `json:"edit_date"`
	Chat         chatOf   `json:"chat"`
	ReplyTo      *message `json:"reply_to_message"`
	MediaGroupID string   `json:"media_group_id"`
	Business     string   `json:"business_connection_id"`
	BusinessBot  *user    `json:"sender_business_bot"`

	Text            string   `json:"text"`
	Entities        []entity `json:"entities"`
	Caption         string   `json:"caption"`
	CaptionEntities []entity `json:"caption_entities"`

	Photo     []file `json:"photo"`
	Document  *file  `json:"document"`
	Animation *file  `json:"animation"`
	Audio     *file  `json:"audio"`
	Video     *file  `json:"video"`
	VideoNote *file  `json:"video_note"`
	Voice     *file  `json:"voice"`
	Sticker   *file  `json:"sticker"`
	Contact   *struct {
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
		Phone     string `json:"phone_number"`
	} `json:"contact"`
	Location *struct {
		Latitude  float64 `json:"latitude"`
		Longitude float64 `json:"longitude"`
	} `json:"location"`

	MigrateToChatID int64 `json:"migrate_to_chat_id"`
}

type entity struct {
	Type     string `json:"type"`
	Offset   int    `json:"offset"`
	Length   int    `json:"length"`
	URL      string `json:"url,omitempty"`
	User     *user  `json:"user,omitempty"`
	Language string `json:"language,omitempty"`
}

type file struct {
	FileID   string `json:"file_id"`
	FileName string `json:"file_name"`
	MIMEType string `json:"mime_type"`
	Size     int64  `json:"file_size"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Emoji    string `json:"emoji"` // of a sticker
}

type callback struct {
	ID      string   `json:"id"`
	From    user     `json:"from"`
	Message *message `json:"message"`
	Data    string   `json:"data"`
}

type reactions struct {
	Chat      chatOf     `json:"chat"`
	MessageID int64      `json:"message_id"`
	User      *user      `json:"user"`
	ActorChat *chatOf    `json:"actor_chat"`
	Date      int64      `json:"date"`
	Old       []reaction `json:"old_reaction"`
	New       []reaction `json:"new_reaction"`
}

type reaction struct {
	Type          string `json:"type"`
	Emoji         string `json:"emoji,omitempty"`
	CustomEmojiID string `json:"custom_emoji_id,omitempty"`
}

type memberChange struct {
	Chat chatOf `json:"chat"`
	From user   `json:"from"`
	Date int64  `json:"date"`
	Old  member `json:"old_chat_member"`
	New  member `json:"new_chat_member"`
}

type member struct {
	Status   string `json:"status"`
	IsMember bool   `json:"is_member"`
	User     user   `json:"user"`
}

var errUpdate = errors.New("it has no update_id, or not exactly one kind of content")

// kinds are the fields of an update that the adapter reads. An update has one of them.
var kinds = []string{
	"message", "edited_message", "channel_post", "edited_channel_post", "message_reaction", "callback_query", "my_chat_member", "chat_member",
	"business_connection", "business_message", "edited_business_message", "deleted_business_messages",
}

// parseUpdate reads the id and the kind of an update. If the id can be read, it is set
// even when an error is returned.
func parseUpdate(body []byte) (u update, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return u, err
	}
	if err := json.Unmarshal(fields["update_id"], &u.id); err != nil || u.id <= 0 {
		return u, errUpdate
	}
	known := 0
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch {
		case name == "update_id" || bytes.Equal(fields[name], []byte("null")):
		case slices.Contains(kinds, name):
			known++
			u.kind, u.data = name, fields[name]
		case u.kind == "": // an unknown field; a known one takes its place
			u.kind, u.data = name, fields[name]
		}
	}
	if u.kind == "" || known > 1 {
		return u, errUpdate
	}
	return u, nil
}

// album returns the key of the album that an update belongs to, or "".
func (u *update) album() string {
	var m struct {
		Chat         chatOf `json:"chat"`
		Business     string `json:"business_connection_id"`
		MediaGroupID string `json:"media_group_id"`
	}
	if !slices.Contains([]string{"message", "channel_post", "business_message"}, u.kind) || json.Unmarshal(u.data, &m) != nil || m.MediaGroupID == "" {
		return ""
	}
	return place{chat: number(m.Chat.ID), business: m.Business}.channel() + ":" + m.MediaGroupID
}

// eventID returns the id of an event of the update. part distinguishes several events.
func (u *update) eventID(part string) string {
	id := "update:" + strconv.FormatInt(u.id, 10)
	if part != "" {
		id += ":" + part
	}
	return id
}

func timeOf(unix int64) time.Time {
	if unix <= 0 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// author converts a user to that of package chat.
func (a *Adapter) author(u *user) chat.Author {
	if u == nil {
		return chat.Author{}
	}
	return chat.Author{
		UserID: chat.UserID(number(u.ID)), UserName: u.UserName, FullName: joinName(u.FirstName, u.LastName),
		Bot: new(u.IsBot), Me: number(u.ID) == a.id,
	}
}

// author returns the author of something that was done in the name of the chat.
func (c *chatOf) author() chat.Author {
	return chat.Author{UserID: chat.UserID(number(c.ID)), UserName: c.UserName, FullName: c.Title}
}

// senderOf returns the author of a message: the chat, if it was written in its name.
func (a *Adapter) senderOf(m *message) chat.Author {
	switch {
	case m.BusinessBot != nil:
		return a.author(m.BusinessBot)
	case m.SenderChat != nil:
		return m.SenderChat.author()
	}
	return a.author(m.From)
}

func joinName(first, last string) string {
	if first == "" || last == "" {
		return first + last
	}
	return first + " " + last
}

// place returns the chat or topic of a message.
func (m *message) place() place {
	p := place{chat: number(m.Chat.ID), business: m.Business}
	if m.IsTopic && m.Topic > 0 {
		p.topic = number(m.Topic)
	}
	return p
}

func (m *message) valid() bool {
	return m != nil && m.ID > 0 && m.Chat.ID != 0 && (m.Business == "" || m.Chat.ID > 0 && isConnection(m.Business))
}
