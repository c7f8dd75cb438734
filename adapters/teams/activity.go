package teams

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// msteams is the name of Teams as a channel of the Bot Framework.
const msteams = "msteams"

// activity is what the Bot Connector sends: a message or another event.
// https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object
type activity struct {
	Type         string       `json:"type"`
	Name         string       `json:"name"`
	Action       string       `json:"action"`
	ID           string       `json:"id"`
	Timestamp    string       `json:"timestamp"`
	ServiceURL   string       `json:"serviceUrl"`
	ChannelID    string       `json:"channelId"`
	From         account      `json:"from"`
	Recipient    account      `json:"recipient"`
	Conversation conversation `json:"conversation"`
	ReplyToID    string       `json:"replyToId"`

	Text        string          `json:"text"`
	TextFormat  string          `json:"textFormat"`
	Attachments []attachment    `json:"attachments"`
	Entities    []entity        `json:"entities"`
	ChannelData channelData     `json:"channelData"`
	Value       json.RawMessage `json:"value"`

	MembersAdded     []account  `json:"membersAdded"`
	MembersRemoved   []account  `json:"membersRemoved"`
	ReactionsAdded   []reaction `json:"reactionsAdded"`
	ReactionsRemoved []reaction `json:"reactionsRemoved"`

	raw json.RawMessage
	at  place
}

// account is a user or a bot.
type account struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	AADObjectID string `json:"aadObjectId"`
	Role        string `json:"role"`
}

type conversation struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	IsGroup  bool   `json:"isGroup"`
	Type     string `json:"conversationType"`
	TenantID string `json:"tenantId"`
}

// attachment is a file, a card, or a message's text in another format.
type attachment struct {
	ContentType string          `json:"contentType"`
	ContentURL  string          `json:"contentUrl"`
	Name        string          `json:"name"`
	Content     json.RawMessage `json:"content"`
}

// entity is additional data of a message, such as a mention in its text.
type entity struct {
	Type      string   `json:"type"`
	Mentioned *account `json:"mentioned"`
	Text      string   `json:"text"`
	QuotedID  string   `json:"messageId"`
}

// channelData has the fields that Teams adds to an activity.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events
type channelData struct {
	EventType string `json:"eventType"`
	Tenant    struct {
		ID string `json:"id"`
	} `json:"tenant"`
	Team    *team `json:"team"`
	Channel *struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"channel"`
}

type team struct {
	ID         string `json:"id"`
	AADGroupID string `json:"aadGroupId"`
	Name       string `json:"name"`
}

type reaction struct {
	Type string `json:"type"`
}

// tenant returns the tenant from which the activity comes.
func (act *activity) tenant() string {
	if id := act.ChannelData.Tenant.ID; id != "" {
		return id
	}
	return act.Conversation.TenantID
}

// kind returns the type of the conversation. If the activity does not name it, it follows
// from other fields.
func (act *activity) kind() string {
	switch act.Conversation.Type {
	case personalType, groupChatType, channelType:
		return act.Conversation.Type
	}
	switch {
	case act.ChannelData.Team != nil:
		return channelType
	case act.Conversation.IsGroup:
		return groupChatType
	case strings.HasPrefix(act.Conversation.ID, "19:"):
		return channelType // by the form of the id
	}
	return personalType
}

// author converts an account to the author of package chat.
func (a *Adapter) author(who account) chat.Author {
	author := chat.Author{UserID: chat.UserID(who.ID), UserName: who.Name, FullName: who.Name, Me: a.isMe(who.ID)}
	switch {
	case author.Me || strings.HasPrefix(who.ID, "28:") || who.Role == "bot":
		author.Bot = new(true)
	case strings.HasPrefix(who.ID, "29:"):
		author.Bot = new(false)
	}
	return author
}

// isMe reports whether an id is the bot's: its app id, with or without "28:".
func (a *Adapter) isMe(id string) bool {
	return strings.EqualFold(strings.TrimPrefix(id, "28:"), a.config.AppID)
}

func timeOf(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
