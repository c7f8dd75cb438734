package meta

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Error is what the Graph API says why it has refused a call.
// https://developers.facebook.com/docs/graph-api/guides/error-handling
type Error struct {
	Code    int    `json:"code"`
	Subcode int    `json:"error_subcode"`
	Type    string `json:"type"`
	// Message may quote from the call; Error leaves that out.
	Message string `json:"message"`
	// Transient says that the same call may work later.
	Transient bool `json:"is_transient"`
	// TraceID is what Meta's support asks for.
	TraceID string `json:"fbtrace_id"`
}

// maxMessage bounds what an error says, in bytes.
const maxMessage = 200

// quotation is where a message begins to quote: not the apostrophe in a word, nor the
// name of a parameter, as in "template['name']".
var quotation = regexp.MustCompile(`["“‘«„` + "`" + `]|(^|[^\pL\pN\[])'`)

// Error has the codes, and the message in one line up to what it quotes, which may be a
// text of the call.
func (e *Error) Error() string {
	message := e.Message
	if len(message) > maxMessage {
		message = message[:maxMessage]
	}
	message = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, message)
	if at := quotation.FindStringIndex(message); at != nil {
		message = message[:at[0]]
	}
	text := fmt.Sprintf("code %d", e.Code)
	if e.Subcode != 0 {
		text += fmt.Sprintf(", subcode %d", e.Subcode)
	}
	if message = strings.TrimSpace(strings.ToValidUTF8(message, "")); message != "" {
		text += ": " + message
	}
	return text
}

// Codes of the Graph API, whichever platform is called:
//
//   - https://developers.facebook.com/docs/graph-api/guides/error-handling
//   - https://developers.facebook.com/docs/graph-api/overview/rate-limiting
var codes = map[int]chat.Code{
	1: chat.CodeTemporary, 2: chat.CodeTemporary,
	3: chat.CodePermission, 10: chat.CodePermission, 368: chat.CodePermission,
	4: chat.CodeRateLimited, 17: chat.CodeRateLimited, 32: chat.CodeRateLimited, 341: chat.CodeRateLimited, 613: chat.CodeRateLimited,
	102: chat.CodeAuthentication, 190: chat.CodeAuthentication,
	803: chat.CodeNotFound,
}

const (
	invalidParameter = 100
	noSuchObject     = 33 // the subcode
)

// Class says what the error means where the answer had the HTTP status.
func (e *Error) Class(status int) chat.Code {
	code, ok := codes[e.Code]
	switch {
	case ok:
		return code
	case e.Code >= 200 && e.Code < 300:
		return chat.CodePermission
	case e.Code >= 80000 && e.Code < 80100: // limits of business use cases
		return chat.CodeRateLimited
	case e.Code == invalidParameter && e.Subcode == noSuchObject:
		return chat.CodeNotFound
	case e.Transient:
		return chat.CodeTemporary
	case status < http.StatusMultipleChoices:
		return chat.CodeInvalid
	}
	return platform.CodeOf(status, nil)
}

// usageHeader tells, by business, how much of each limit is used, and for one that is
// used up in how many minutes it is not any more.
// https://developers.facebook.com/docs/graph-api/overview/rate-limiting#headers
const usageHeader = "X-Business-Use-Case-Usage"

// regainAfter is how long the limits that are used up stay so, at most a day, or 0.
func regainAfter(h http.Header) time.Duration {
	var usage map[string][]struct {
		Minutes float64 `json:"estimated_time_to_regain_access"`
	}
	if json.Unmarshal([]byte(h.Get(usageHeader)), &usage) != nil {
		return 0
	}
	const day = 24 * 60
	longest := 0.0
	for _, limits := range usage {
		for _, l := range limits {
			longest = max(longest, min(l.Minutes, day))
		}
	}
	return time.Duration(longest * float64(time.Minute))
}
