package whatsapp

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// These types have the fields of WhatsApp's JSON that the adapter reads. They also
// accept kinds of messages that WhatsApp may add.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages

// entry is what has happened to one WhatsApp Business account.
type entry struct {
	ID      string            `json:"id"`
	Changes []json.RawMessage `json:"changes"`
}

type change struct {
	Field string          `json:"field"`
	Value json.RawMessage `json:"value"`
}

// value is the value of a change of the field "messages".
type value struct {
	Metadata struct {
		DisplayPhoneNumber string `json:"display_phone_number"`
		PhoneNumberID      string `json:"phone_number_id"`
	} `json:"metadata"`
	Contacts contacts          `json:"contacts"`
	Messages []json.RawMessage `json:"messages"`
	Statuses []json.RawMessage `json:"statuses"`
	Errors   []json.RawMessage `json:"errors"`
}

// contacts are the users who have written. A contact that cannot be decoded is empty,
// and no reason to refuse the message.
type contacts []contact

// UnmarshalJSON decodes each contact of a list by itself.
func (all *contacts) UnmarshalJSON(data []byte) error {
	var list []json.RawMessage
	_ = json.Unmarshal(data, &list) // else there are none
	for _, raw := range list {
		var c contact
		if json.Unmarshal(raw, &c) == nil {
			*all = append(*all, c)
		}
	}
	return nil
}

// contact is a user who has written.
type contact struct {
	Profile struct {
		Name     string `json:"name"`
		UserName string `json:"username,omitempty"`
	} `json:"profile"`
	WaID         string `json:"wa_id,omitempty"`
	UserID       string `json:"user_id,omitempty"`
	ParentUserID string `json:"parent_user_id,omitempty"`
}

type message struct {
	ID               string      `json:"id"`
	From             string      `json:"from"`
	FromUserID       string      `json:"from_user_id"`
	FromParentUserID string      `json:"from_parent_user_id"`
	GroupID          string      `json:"group_id"`
	Timestamp        json.Number `json:"timestamp"`
	Type             string      `json:"type"`
	Context          *struct {
		From       string `json:"from"`
		FromUserID string `json:"from_user_id"`
		ID         string `json:"id"`
	} `json:"context"`

	Text *struct {
		Body string `json:"body"`
	} `json:"text"`
	Image    *media          `json:"image"`
	Video    *media          `json:"video"`
	Audio    *media          `json:"audio"`
	Voice    *media          `json:"voice"`
	Document *media          `json:"document"`
	Sticker  *media          `json:"sticker"`
	Location *location       `json:"location"`
	Contacts []sharedContact `json:"contacts"`
	Reaction *struct {
		MessageID string `json:"message_id"`
		Emoji     string `json:"emoji"`
	} `json:"reaction"`
	Interactive *struct {
		Type        string  `json:"type"`
		ButtonReply *choice `json:"button_reply"`
		ListReply   *choice `json:"list_reply"`
	} `json:"interactive"`
	Button *struct {
		Payload string `json:"payload"`
		Text    string `json:"text"`
	} `json:"button"`
	System *struct {
		Type             string `json:"type"`
		WaID             string `json:"wa_id"`
		UserID           string `json:"user_id"`
		ParentUserID     string `json:"parent_user_id"`
		PreviousUserID   string `json:"previous_user_id"`
		PreviousParentID string `json:"previous_parent_user_id"`
	} `json:"system"`
}

// choice is a button or a row of a list that was tapped.
type choice struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// media is a file that WhatsApp has.
type media struct {
	ID       string `json:"id"`
	MIMEType string `json:"mime_type"`
	FileName string `json:"filename"`
	Caption  string `json:"caption"`
}

type location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name"`
	Address   string  `json:"address"`
}

// contactOf returns the contact of a message's sender. It is the one with one of the
// ids, or the only one.
func (v *value) contactOf(who identity) *contact {
	for i := range v.Contacts {
		c := &v.Contacts[i]
		if c.WaID != "" && c.WaID == who.Phone || c.UserID != "" && c.UserID == who.Scoped || c.ParentUserID != "" && c.ParentUserID == who.Parent {
			return c
		}
	}
	if len(v.Contacts) == 1 && len(who.ids()) == 0 {
		return &v.Contacts[0]
	}
	return &contact{}
}

// identity returns the ids of the contact.
func (c *contact) identity() identity {
	return identity{Scoped: c.UserID, Parent: c.ParentUserID, Phone: c.WaID}
}

// author returns the contact as the author of a message.
func (c *contact) author(user string) chat.Author {
	a := chat.Author{UserID: chat.UserID(user), UserName: c.Profile.UserName, FullName: c.Profile.Name, Bot: new(false)}
	if a.UserName == "" {
		a.UserName = c.Profile.Name
	}
	return a
}

// timeOf returns the time of a Unix time in seconds.
func timeOf(seconds json.Number) time.Time {
	n, err := strconv.ParseInt(string(seconds), 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt32*100 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// digitsOf returns the digits of a phone number, as ids have it.
func digitsOf(number string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
}
