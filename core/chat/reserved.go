package chat

import (
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/card"
)

// reservedName is the first part of names that the bot itself uses: of keys in the
// state, and of the ids of its own buttons.
const reservedName = "chat"

const reservedPrefix = reservedName + ":"

func isReserved(id string) bool { return strings.HasPrefix(id, reservedPrefix) }

// checkIDs returns an error if an element that a user can act with has an id that
// no handler would get: one of the bot's own.
func checkIDs[T card.Element](elements []T) error {
	for _, e := range elements {
		if err := checkID(e); err != nil {
			return err
		}
	}
	return nil
}

func checkID(e card.Element) error {
	var id string
	switch e := e.(type) {
	case *card.Section:
		return checkIDs(e.Children)
	case *card.Actions:
		return checkIDs(e.Children)
	case *card.Button:
		id = e.ID
	case *card.LinkButton:
		id = e.ID
	case *card.Select:
		id = e.ID
	case *card.RadioSelect:
		id = e.ID
	}
	if isReserved(id) {
		return fmt.Errorf("%w: the %s has the id %q, want one that does not start with %q: those are the bot's own",
			ErrInvalidArgument, e.Type(), id, reservedPrefix)
	}
	return nil
}
