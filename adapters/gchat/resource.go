package gchat

import (
	"encoding/json"
	"time"
)

// These types have the fields of the Chat API's resources that the adapter reads.
// https://developers.google.com/workspace/chat/api/reference/rest

type user struct {
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
	Email       string `json:"email"`
	AvatarURL   string `json:"avatarUrl"`
	Type        string `json:"type"`
}

type space struct {
	Name            string `json:"name"`
	Type            string `json:"type,omitempty"` // of old events
	SpaceType       string `json:"spaceType,omitempty"`
	DisplayName     string `json:"displayName,omitempty"`
	ExternalAllowed bool   `json:"externalUserAllowed,omitempty"`
	Details         *struct {
		Description string `json:"description,omitempty"`
	} `json:"spaceDetails,omitempty"`
	Members *struct {
		Humans int `json:"joinedDirectHumanUserCount,omitempty"`
		Groups int `json:"joinedGroupCount,omitempty"`
	} `json:"membershipCount,omitempty"`
}

// isTyped reports whether it says what kind of space it is.
func (s *space) isTyped() bool { return s.Type != "" || s.SpaceType != "" }

// isDM reports whether it is a conversation of two.
func (s *space) isDM() bool {
	return s.SpaceType == "DIRECT_MESSAGE" || s.SpaceType == "" && s.Type == "DM"
}

type named struct {
	Name string `json:"name"`
}

type message struct {
	Name          string       `json:"name"`
	Sender        *user        `json:"sender"`
	CreateTime    string       `json:"createTime"`
	UpdateTime    string       `json:"lastUpdateTime"`
	DeleteTime    string       `json:"deleteTime"`
	Text          string       `json:"text"`
	FormattedText string       `json:"formattedText"`
	ArgumentText  string       `json:"argumentText"`
	Annotations   []annotation `json:"annotations"`
	Thread        *named       `json:"thread"`
	Space         *space       `json:"space"`
	Attachments   []attachment `json:"attachment"`
	SlashCommand  *struct {
		ID json.Number `json:"commandId"`
	} `json:"slashCommand"`
	Quoted *struct {
		Name     string `json:"name"`
		Snapshot *struct {
			Sender string `json:"sender"`
			Text   string `json:"text"`
		} `json:"quotedMessageSnapshot"`
	} `json:"quotedMessageMetadata"`
	FallbackText string `json:"fallbackText"`
	Cards        []struct {
		Card struct {
			Header *struct {
				Title string `json:"title"`
			} `json:"header"`
		} `json:"card"`
	} `json:"cardsV2"`
}

type annotation struct {
	Type        string `json:"type"`
	Start       int    `json:"startIndex"`
	Length      int    `json:"length"`
	UserMention *struct {
		User *user `json:"user"`
	} `json:"userMention"`
	SlashCommand *struct {
		Name string      `json:"commandName"`
		ID   json.Number `json:"commandId"`
	} `json:"slashCommand"`
}

type attachment struct {
	Name        string `json:"name"`
	ContentName string `json:"contentName"`
	ContentType string `json:"contentType"`
	DownloadURI string `json:"downloadUri"`
	Source      string `json:"source"`
	Data        *struct {
		ResourceName string `json:"resourceName"`
	} `json:"attachmentDataRef"`
	Drive *struct {
		FileID string `json:"driveFileId"`
	} `json:"driveDataRef"`
}

type reaction struct {
	Name  string `json:"name"`
	User  *user  `json:"user"`
	Emoji struct {
		Unicode string `json:"unicode"`
		Custom  *struct {
			UID  string `json:"uid"`
			Name string `json:"emojiName"`
		} `json:"customEmoji"`
	} `json:"emoji"`
}

type membership struct {
	Name   string `json:"name"`
	State  string `json:"state"`
	Member *user  `json:"member"`
}

func timeOf(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
