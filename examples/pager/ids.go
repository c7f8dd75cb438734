package pager

import (
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

var (
	numberPart = adapterkit.IDPart{Name: "number", Check: isNumber}
	threadIDs  = adapterkit.IDFormat{Prefix: adapterName, Parts: []adapterkit.IDPart{
		numberPart, {Name: "nothing", Empty: true, Check: func(part string) bool { return part == "" }},
	}}
	messageIDs = adapterkit.IDFormat{Parts: []adapterkit.IDPart{numberPart, {Name: "page", Check: isNumber}}}
)

func isNumber(part string) bool { return strings.Trim(part, "0123456789") == "" }

// EncodeThreadID puts a thread id together.
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	if !ref.DM {
		return "", fmt.Errorf("%w: a pager has direct conversations only", chat.ErrInvalidArgument)
	}
	id, err := threadIDs.Join(ref.Channel, ref.Thread)
	return chat.ThreadID(id), err
}

// DecodeThreadID takes a thread id apart.
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	parts, err := threadIDs.Split(string(id))
	if err != nil {
		return chat.ThreadRef{}, err
	}
	return chat.ThreadRef{Channel: parts[0], DM: true}, nil
}

// messageID names a page. The platform numbers the pages of each number.
func messageID(number, page string) (chat.MessageID, error) {
	id, err := messageIDs.Join(number, page)
	return chat.MessageID(id), err
}

// pageOf returns the platform's name of a page, or [chat.ErrNotFound] if it is not
// one of the number: such a message is not there.
func pageOf(number string, id chat.MessageID) (page string, err error) {
	parts, err := messageIDs.Split(string(id))
	if err != nil || parts[0] != number {
		return "", fmt.Errorf("%w: message %q of number %s", chat.ErrNotFound, id, number)
	}
	return parts[1], nil
}
