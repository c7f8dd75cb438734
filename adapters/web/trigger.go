package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// triggerTTL is how long a modal can be opened after what the user did. Later
// nobody expects it.
const triggerTTL = time.Minute

// trigger is what a user did in a page that may open a modal. Its id goes to the
// handlers and comes back with OpenModal, perhaps on another instance. The user
// is a part of the thread's id.
type trigger struct {
	thread chat.ThreadID
	at     time.Time
	// request is the page's id of the request that waits for the modal.
	request string
}

// id returns "{user}:{conversation}:{ms}:{request}".
func (t trigger) id() string {
	return channelPart(t.thread) + ":" + strconv.FormatInt(t.at.UnixMilli(), 10) + ":" + t.request
}

func parseTrigger(id string) (trigger, error) {
	parts := strings.SplitN(id, ":", 4)
	if len(parts) != 4 || parts[3] == "" {
		return trigger{}, errTrigger
	}
	thread := chat.ThreadID(adapterName + ":" + parts[0] + ":" + parts[1])
	ms, err := strconv.ParseInt(parts[2], 10, 64)
	if _, _, wrong := splitThreadID(thread); wrong != nil || err != nil {
		return trigger{}, errTrigger
	}
	return trigger{thread: thread, at: time.UnixMilli(ms), request: parts[3]}, nil
}
