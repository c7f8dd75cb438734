package pager

import (
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

var (
	numberPart = adapterkit.IDPart{Name: "number", Check: isNumber}
	threadIDs  = adapterkit.IDFormat[chat.ThreadID]{Prefix: adapterName, Parts: []adapterkit.IDPart{numberPart}}
	// The platform numbers the pages of each number.
	messageIDs = adapterkit.IDFormat[chat.MessageID]{Parts: []adapterkit.IDPart{numberPart, {Name: "page", Check: isNumber}}}
)

func isNumber(part string) bool { return strings.Trim(part, "0123456789") == "" }

// EncodeThreadID puts a thread id together.
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	if !ref.DM || ref.Thread != "" {
		return "", fmt.Errorf("%w: a pager has direct conversations without threads only", chat.ErrInvalidArgument)
	}
	return threadIDs.Join(ref.Channel)
}

// DecodeThreadID takes a thread id apart.
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	parts, err := threadIDs.Split(id)
	if err != nil {
		return chat.ThreadRef{}, err
	}
	return chat.ThreadRef{Channel: parts[0], DM: true}, nil
}

// pagePath returns where the API has a page. It returns [chat.ErrNotFound] if the
// page is not one of the number: such a message is not there.
func pagePath(number string, id chat.MessageID) (string, error) {
	parts, err := messageIDs.Split(id)
	if err != nil || parts[0] != number {
		return "", fmt.Errorf("%w: message %q of number %s", chat.ErrNotFound, id, number)
	}
	return "pages/" + number + "/" + parts[1], nil
}
