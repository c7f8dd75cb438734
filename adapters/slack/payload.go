package slack

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// envelope is what surrounds an event.
// https://docs.slack.dev/apis/events-api#callback-field
type envelope struct {
	Type           string          `json:"type"`
	Challenge      string          `json:"challenge"`
	TeamID         string          `json:"team_id"`
	EnterpriseID   string          `json:"enterprise_id"`
	Enterprise     bool            `json:"is_enterprise_install"`
	AppID          string          `json:"api_app_id"`
	EventID        string          `json:"event_id"`
	EventTime      int64           `json:"event_time"`
	Authorizations []authorization `json:"authorizations"`
	Event          json.RawMessage `json:"event"`

	ContextTeamID       string `json:"context_team_id"`
	ContextEnterpriseID string `json:"context_enterprise_id"`
	ExtSharedChannel    bool   `json:"is_ext_shared_channel"`
}

// authorization says through which installation the app sees an event.
type authorization struct {
	EnterpriseID string `json:"enterprise_id"`
	TeamID       string `json:"team_id"`
	UserID       string `json:"user_id"`
	Bot          bool   `json:"is_bot"`
	Enterprise   *bool  `json:"is_enterprise_install"`
}

// source is where an event came from.
type source struct {
	origin
	team    string // the workspace
	botUser string // the bot's user there, if the event says so
	appID   string // the app

	// until is when the look-ups of names for it end. Zero: each has its own time.
	until time.Time
}

// source returns where the event came from. With a BotToken there is one origin.
func (e *envelope) source(oneWorkspace bool) source {
	s := source{team: e.TeamID, appID: e.AppID}
	enterpriseID, enterprise := e.EnterpriseID, e.Enterprise
	if len(e.Authorizations) > 0 {
		first := e.Authorizations[0]
		if first.Bot {
			s.botUser = first.UserID
		}
		if first.TeamID != "" {
			s.team = first.TeamID
		}
		if first.EnterpriseID != "" {
			enterpriseID = first.EnterpriseID
		}
		if first.Enterprise != nil {
			enterprise = *first.Enterprise
		}
	}
	if !oneWorkspace {
		s.origin = originOf(s.team, enterpriseID, enterprise)
	}
	return s
}

// originOf returns the installation of a workspace, which can be its
// organisation's.
func originOf(team, enterpriseID string, enterprise bool) origin {
	if enterprise && enterpriseID != "" {
		return origin{Installation: enterpriseID, Team: team}
	}
	return origin{Installation: team}
}

// slackMessage is a message as events and the history have it.
// https://docs.slack.dev/reference/events/message
type slackMessage struct {
	Type        string `json:"type"`
	Subtype     string `json:"subtype"`
	Channel     string `json:"channel"`
	ChannelType string `json:"channel_type"`
	User        string `json:"user"`
	BotID       string `json:"bot_id"`
	AppID       string `json:"app_id"`
	UserName    string `json:"username"`
	Text        string `json:"text"`
	TS          string `json:"ts"`
	ThreadTS    string `json:"thread_ts"`
	Team        string `json:"team"`
	UserTeam    string `json:"user_team"`
	SourceTeam  string `json:"source_team"`
	Hidden      bool   `json:"hidden"`
	Edited      *struct {
		TS string `json:"ts"`
	} `json:"edited"`
	BotProfile *struct {
		Name   string `json:"name"`
		UserID string `json:"user_id"`
	} `json:"bot_profile"`
	Blocks      []json.RawMessage `json:"blocks"`
	Attachments []json.RawMessage `json:"attachments"`
	Files       []json.RawMessage `json:"files"`

	// Of a message that was changed or deleted.
	// https://docs.slack.dev/reference/events/message/message_changed
	Message         json.RawMessage `json:"message"`
	PreviousMessage json.RawMessage `json:"previous_message"`
	DeletedTS       string          `json:"deleted_ts"`

	raw json.RawMessage
}

// attachment is a secondary part of a message: what an app attached, a preview of
// a link, or another message that is quoted.
// https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
type attachment struct {
	FromURL     string            `json:"from_url"`
	OriginalURL string            `json:"original_url"`
	Title       string            `json:"title"`
	TitleLink   string            `json:"title_link"`
	Pretext     string            `json:"pretext"`
	Text        string            `json:"text"`
	Fallback    string            `json:"fallback"`
	ImageURL    string            `json:"image_url"`
	ThumbURL    string            `json:"thumb_url"`
	ServiceName string            `json:"service_name"`
	Blocks      []json.RawMessage `json:"blocks"`
	Fields      []struct {
		Title string `json:"title"`
		Value string `json:"value"`
	} `json:"fields"`

	// Of a quoted message.
	Share      bool   `json:"is_share"`
	Unfurl     bool   `json:"is_msg_unfurl"`
	ChannelID  string `json:"channel_id"`
	TS         string `json:"ts"`
	AuthorID   string `json:"author_id"`
	AuthorName string `json:"author_name"`
}

// quotes reports whether the attachment is another message.
func (a *attachment) quotes() bool { return (a.Share || a.Unfurl) && isID(a.ChannelID) && isTS(a.TS) }

// address is the link that the attachment is a preview of.
func (a *attachment) address() string {
	if a.FromURL != "" {
		return a.FromURL
	}
	return a.OriginalURL
}

// file is a file that came with a message.
// https://docs.slack.dev/reference/objects/file-object
type file struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	MIMEType   string `json:"mimetype"`
	Size       int64  `json:"size"`
	Mode       string `json:"mode"`
	URLPrivate string `json:"url_private"`
	Width      int    `json:"original_w"`
	Height     int    `json:"original_h"`
}

// decodeAll decodes each of the values and leaves out those of another shape.
func decodeAll[T any](list []json.RawMessage) []T {
	var out []T
	for _, data := range list {
		var v T
		if json.Unmarshal(data, &v) == nil {
			out = append(out, v)
		}
	}
	return out
}

// timeOf returns when a ts was made, or the zero time for anything else.
func timeOf(ts string) time.Time {
	seconds, fraction, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || s <= 0 || s >= 1<<40 { // far beyond any date that JSON can say
		return time.Time{}
	}
	micros, err := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	if err != nil {
		micros = 0
	}
	return time.Unix(s, micros*int64(time.Microsecond)).UTC()
}
