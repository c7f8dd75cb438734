package fakegchat

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// operation is a method of one of the APIs: what it takes, who may call it, and what it
// does.
type operation struct {
	name, host, verb string
	path             *regexp.Regexp
	query            map[string]string // by name, what a value matches
	body             shape             // nil: there is none
	app, user        []string          // scopes of which one is wanted
	run              func(s *Server, c *Call, raw []byte, r *http.Request) (any, *Failure)
}

const (
	spacePath   = `spaces/[A-Za-z0-9_-]+`
	messagePath = spacePath + `/messages/[A-Za-z0-9_.-]+`
	eventsHost  = "workspaceevents.googleapis.com"
)

var pages = map[string]string{"pageSize": `[0-9]{1,4}`, "pageToken": `.+`}

// with adds parameters to others.
func with(others map[string]string, more ...string) map[string]string {
	all := maps.Clone(others)
	if all == nil {
		all = map[string]string{}
	}
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

var operations []operation

// https://developers.google.com/workspace/chat/api/reference/rest and
// https://developers.google.com/workspace/events/reference/rest have these, and
// https://developers.google.com/workspace/chat/authenticate-authorize says who may.
func init() {
	syntax := `MARKUP_SYNTAX_(CHAT|MARKDOWN)`
	messages, bot := []string{"chat.messages"}, []string{"chat.bot"}
	operations = []operation{
		{name: "spaces.messages.create", verb: "POST", path: in(spacePath + `/messages`), query: map[string]string{"messageReplyOption": `REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD|REPLY_MESSAGE_OR_FAIL`, "messageId": `client-[a-z0-9-]{1,56}`, "requestId": `.+`}, body: createShape, app: bot, user: messages, run: (*Server).create},
		{name: "spaces.messages.patch", verb: "PATCH", path: in(messagePath), query: map[string]string{"updateMask!": `(text|attachment|cardsV2|cards_v2|accessoryWidgets)(,(text|attachment|cardsV2|cards_v2|accessoryWidgets))*`}, body: patchShape, app: bot, user: messages, run: (*Server).patch},
		{name: "spaces.messages.delete", verb: "DELETE", path: in(messagePath), query: map[string]string{"force": `true|false`}, app: bot, user: messages, run: (*Server).remove},
		{name: "spaces.messages.get", verb: "GET", path: in(messagePath), query: map[string]string{"markupSyntax": syntax}, app: bot, user: messages, run: (*Server).get},
		{name: "spaces.messages.list", verb: "GET", path: in(spacePath + `/messages`), query: with(pages, "filter", `thread\.name = spaces/[^ ]+`, "orderBy", `ASC|DESC`, "markupSyntax", syntax), user: messages, run: (*Server).list},
		{name: "spaces.messages.reactions.create", verb: "POST", path: in(messagePath + `/reactions`), body: shape{"emoji!": shape{"unicode!": text}}, user: messages, run: (*Server).react},
		{name: "spaces.messages.reactions.list", verb: "GET", path: in(messagePath + `/reactions`), query: with(pages, "filter", `emoji\.unicode = "[^"]+"( AND user\.name = "users/[^"]+")?`), user: messages, run: (*Server).reactions},
		{name: "spaces.messages.reactions.delete", verb: "DELETE", path: in(messagePath + `/reactions/[^/]+`), user: messages, run: (*Server).unreact},
		{name: "media.upload", verb: "POST", path: regexp.MustCompile(`^/upload/v1/` + spacePath + `/attachments:upload$`), query: map[string]string{"uploadType!": `multipart`}, user: messages, run: (*Server).upload},
		{name: "media.download", verb: "GET", path: in(`media/.+`), query: map[string]string{"alt!": `media`}, app: bot, user: messages, run: (*Server).download},
		{name: "spaces.get", verb: "GET", path: in(spacePath), app: bot, user: []string{"chat.spaces"}, run: (*Server).getSpace},
		{name: "spaces.list", verb: "GET", path: in(`spaces`), query: pages, app: bot, user: []string{"chat.spaces"}, run: (*Server).listSpaces},
		{name: "spaces.findDirectMessage", verb: "GET", path: in(`spaces:findDirectMessage`), query: map[string]string{"name!": `users/.+`}, app: bot, user: []string{"chat.spaces"}, run: (*Server).findDM},
		{name: "spaces.setup", verb: "POST", path: in(`spaces:setup`), body: shape{"space!": shape{"spaceType!": text, "singleUserBotDm": boolean}}, user: []string{"chat.spaces"}, run: (*Server).setup},
		{name: "spaces.members.get", verb: "GET", path: in(spacePath + `/members/[^/]+`), app: bot, user: []string{"chat.memberships"}, run: (*Server).getMember},
		{name: "spaces.members.list", verb: "GET", path: in(spacePath + `/members`), query: pages, app: bot, user: []string{"chat.memberships"}, run: (*Server).listMembers},
		{name: "subscriptions.create", host: eventsHost, verb: "POST", path: in(`subscriptions`), body: subscriptionShape, user: messages, run: (*Server).subscribe},
		{name: "subscriptions.list", host: eventsHost, verb: "GET", path: in(`subscriptions`), query: with(pages, "filter!", `event_types:"[^"]+".*`), user: messages, run: (*Server).listSubscriptions},
		{name: "subscriptions.patch", host: eventsHost, verb: "PATCH", path: in(`subscriptions/[^/:]+`), query: map[string]string{"updateMask!": `ttl`}, body: shape{"ttl!": text}, user: messages, run: (*Server).renew},
		{name: "subscriptions.reactivate", host: eventsHost, verb: "POST", path: in(`subscriptions/[^/:]+:reactivate`), body: shape{}, user: messages, run: (*Server).reactivate},
		{name: "operations.get", host: eventsHost, verb: "GET", path: in(`operations/[^/]+`), user: messages, run: (*Server).getOperation},
	}
}

func in(path string) *regexp.Regexp { return regexp.MustCompile(`^/v1/(?:` + path + `)$`) }

func operationOf(host string, r *http.Request) *operation {
	if host == "chat.googleapis.com" {
		host = ""
	}
	i := slices.IndexFunc(operations, func(o operation) bool { return o.host == host && o.verb == r.Method && o.path.MatchString(r.URL.Path) })
	if i < 0 {
		return nil
	}
	return &operations[i]
}

// check returns what is wrong with a call by itself.
func (o *operation) check(c *Call) []string {
	var problems []string
	known := map[string]string{}
	for name, want := range o.query {
		bare, required := strings.CutSuffix(name, "!")
		known[bare] = want
		if required && !c.Query.Has(bare) {
			problems = append(problems, fmt.Sprintf("the parameter %q is missing", bare))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Query)) {
		want, ok := known[name]
		switch {
		case !ok:
			problems = append(problems, fmt.Sprintf("there is no parameter %q", name))
		case !regexp.MustCompile(`^(?:` + want + `)$`).MatchString(c.Query.Get(name)):
			problems = append(problems, fmt.Sprintf("the parameter %q is %q", name, c.Query.Get(name)))
		}
	}
	switch {
	case o.body == nil && len(c.Body) > 0:
		problems = append(problems, "there is a body")
	case o.body != nil:
		problems = append(problems, o.body.check("", c.Body)...)
	}
	return problems
}

// pageOf cuts a page out of a list. A token is the number of the first item.
func pageOf[T any](c *Call, all []T) (page []T, next string) {
	size, _ := strconv.Atoi(c.Query.Get("pageSize"))
	if size <= 0 {
		size = 25
	}
	from, _ := strconv.Atoi(c.Query.Get("pageToken"))
	from = min(from, len(all))
	to := min(from+size, len(all))
	if to < len(all) {
		next = strconv.Itoa(to)
	}
	return all[from:to], next
}
