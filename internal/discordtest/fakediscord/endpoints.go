package fakediscord

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

var noArgs = map[string]kind{}

func route(method, path string) (string, *regexp.Regexp) {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(path), `\{id\}`, `([^/]+)`)
	return method + " " + path, regexp.MustCompile("^" + pattern + "$")
}

func at(method, path string, args map[string]kind, do func(*request) (any, error)) endpoint {
	e := endpoint{args: args, do: do}
	e.route, e.path = route(method, path)
	return e
}

// unsigned is an endpoint for which the token in its path is enough.
func unsigned(e endpoint, query ...string) endpoint {
	e.open, e.query = true, query
	return e
}

func queried(e endpoint, query ...string) endpoint {
	e.query = query
	return e
}

// The endpoints, each at its page of https://docs.discord.com/developers/resources and
// https://docs.discord.com/developers/interactions
var endpoints = []endpoint{
	at("POST", "/channels/{id}/messages", messageArgs, (*request).createMessage),
	queried(at("GET", "/channels/{id}/messages", noArgs, (*request).getMessages), "limit", "before", "after"),
	at("GET", "/channels/{id}/messages/{id}", noArgs, (*request).getMessage),
	at("PATCH", "/channels/{id}/messages/{id}", without(messageArgs, "message_reference"), (*request).editMessage),
	at("DELETE", "/channels/{id}/messages/{id}", noArgs, (*request).deleteMessage),
	at("PUT", "/channels/{id}/messages/{id}/reactions/{id}/@me", noArgs, (*request).react),
	at("DELETE", "/channels/{id}/messages/{id}/reactions/{id}/@me", noArgs, (*request).unreact),
	at("POST", "/channels/{id}/messages/{id}/threads", map[string]kind{
		"name!": text(1, 100), "auto_archive_duration": oneNumber(60, 1440, 4320, 10080),
	}, (*request).startThread),
	at("POST", "/channels/{id}/typing", noArgs, (*request).typing),
	at("GET", "/channels/{id}", noArgs, (*request).getChannel),
	queried(at("GET", "/channels/{id}/threads/archived/public", noArgs, (*request).archivedThreads), "limit", "before"),
	at("GET", "/guilds/{id}/threads/active", noArgs, (*request).activeThreads),
	at("GET", "/guilds/{id}/members/{id}", noArgs, (*request).getMember),
	at("GET", "/users/{id}", noArgs, (*request).getUser),
	at("POST", "/users/@me/channels", map[string]kind{"recipient_id!": snowflake}, (*request).createDM),
	at("GET", "/gateway/bot", noArgs, (*request).getGateway),
	at("PUT", "/applications/{id}/commands", nil, (*request).setCommands),
	at("PUT", "/applications/{id}/guilds/{id}/commands", nil, (*request).setCommands),
	unsigned(at("POST", "/interactions/{id}/{id}/callback", map[string]kind{"type!": anything, "data": anything}, (*request).respond), "with_response"),
	unsigned(at("POST", "/webhooks/{id}/{id}", hookArgs, (*request).followUp), "wait"),
	unsigned(at("PATCH", "/webhooks/{id}/{id}/messages/@original", without(hookArgs, "flags"), (*request).editOriginal)),
	unsigned(at("DELETE", "/webhooks/{id}/{id}/messages/@original", noArgs, (*request).deleteOriginal)),
	unsigned(at("DELETE", "/webhooks/{id}/{id}/messages/{id}", noArgs, (*request).deleteFollowUp)),
}

func anything(any) []string { return nil }

func oneNumber(values ...float64) kind {
	return func(value any) []string {
		n, ok := value.(float64)
		return one(ok && slices.Contains(values, n), fmt.Sprintf("is none of %v", values))
	}
}

func (c *request) getChannel() (any, error) {
	at, failed := c.server.channel(c.ids[0])
	if failed != nil {
		return nil, failed
	}
	return at.json(), nil
}

func (c Channel) json() map[string]any {
	out := map[string]any{"id": c.ID, "type": c.Type, "name": c.Name, "topic": nil}
	if c.GuildID != "" {
		out["guild_id"] = c.GuildID
	}
	if c.ParentID != "" {
		out["parent_id"] = c.ParentID
	}
	if isThread(c.Type) {
		archivedAt := c.archived
		if archivedAt.IsZero() {
			archivedAt = time.Unix(1_767_000_000, 0)
		}
		out["thread_metadata"] = map[string]any{"archived": !c.archived.IsZero(), "archive_timestamp": archivedAt.UTC().Format(time.RFC3339Nano)}
	}
	return out
}

// threads are those of a channel, or of a server, with how many answers they have.
func (s *Server) threads(belongs func(Channel) bool) []map[string]any {
	s.mu.Lock()
	var list []Channel
	for _, c := range s.channels {
		if isThread(c.Type) && belongs(c) {
			list = append(list, c)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(list, func(x, y Channel) int {
		return cmp.Or(y.archived.Compare(x.archived), strings.Compare(x.ID, y.ID))
	})
	out := []map[string]any{}
	for _, c := range list {
		count, last := 0, any(nil)
		for _, p := range s.in(c.ID) {
			if s.detail(p.ID).system == 0 {
				count, last = count+1, string(p.ID)
			}
		}
		j := c.json()
		j["message_count"], j["last_message_id"] = count, last
		out = append(out, j)
	}
	return out
}

func (c *request) activeThreads() (any, error) {
	return map[string]any{"threads": c.server.threads(func(t Channel) bool { return t.GuildID == c.ids[0] && t.archived.IsZero() }), "members": []any{}}, nil
}

func (c *request) archivedThreads() (any, error) {
	limit, _ := strconv.Atoi(c.query.Get("limit"))
	if limit < 2 || limit > 100 {
		return nil, &Failure{Status: 400, Code: 50035, Message: "Invalid Form Body"}
	}
	before, err := time.Parse(time.RFC3339Nano, c.query.Get("before"))
	if err != nil {
		return nil, &Failure{Status: 400, Code: 50035, Message: "Invalid Form Body"}
	}
	all := c.server.threads(func(t Channel) bool {
		return t.ParentID == c.ids[0] && t.Type != 12 && !t.archived.IsZero() && t.archived.Before(before)
	})
	n := min(len(all), limit)
	return map[string]any{"threads": all[:n], "has_more": n < len(all), "members": []any{}}, nil
}

func (c *request) getMember() (any, error) {
	if c.ids[1] != ApplicationID {
		return nil, &Failure{Status: 404, Code: 10007, Message: "Unknown Member"}
	}
	return map[string]any{"user": c.server.user(ApplicationID), "roles": []string{BotRole}}, nil
}

func (s *Server) user(id string) map[string]any {
	if id == ApplicationID {
		return map[string]any{"id": id, "username": "The Bot", "global_name": nil, "bot": true, "discriminator": "6184"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	name, ok := s.users[id]
	if !ok {
		return nil
	}
	return map[string]any{"id": id, "username": name, "global_name": strings.ToUpper(name[:1]) + name[1:], "avatar": nil, "discriminator": "0"}
}

func (c *request) getUser() (any, error) {
	if !digits.MatchString(c.ids[0]) {
		return nil, &Failure{Status: 404, Code: 10013, Message: "Unknown User"}
	}
	if u := c.server.user(c.ids[0]); u != nil {
		return u, nil
	}
	return nil, &Failure{Status: 404, Code: 10013, Message: "Unknown User"}
}

func (c *request) createDM() (any, error) {
	id, _ := c.args["recipient_id"].(string)
	u := c.server.user(id)
	if u == nil {
		return nil, &Failure{Status: 400, Code: 50033, Message: "Invalid Recipient(s)"}
	}
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, open := range s.channels {
		if open.Type == 1 && open.Name == id {
			return map[string]any{"id": open.ID, "type": 1, "recipients": []any{u}}, nil
		}
	}
	made := Channel{ID: s.nextID(), Type: 1, Name: id}
	s.channels[made.ID] = made
	return map[string]any{"id": made.ID, "type": 1, "recipients": []any{u}}, nil
}

func (c *request) setCommands() (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.server.commands = c.list
	return c.list, nil
}

func (c *request) typing() (any, error) {
	at, failed := c.server.channel(c.ids[0])
	if failed != nil {
		return nil, failed
	}
	return nil, c.server.Type(c.server.threadOf(at))
}

func (c *request) startThread() (any, error) {
	s := c.server
	parent, failed := s.channel(c.ids[0])
	switch {
	case failed != nil:
		return nil, failed
	case parent.NoThreads:
		return nil, &Failure{Status: 403, Code: 50013, Message: "Missing Permissions"}
	case parent.Type != 0 && parent.Type != 5:
		return nil, &Failure{Status: 400, Code: 50024, Message: "Cannot execute action on this channel type"}
	}
	if _, known := s.channel(c.ids[1]); known == nil {
		return nil, &Failure{Status: 400, Code: 160004, Message: "A thread has already been created for this message"}
	}
	if p, ok := s.message(chat.MessageID(c.ids[1])); !ok || s.detail(p.ID).channel != parent.ID {
		return nil, &Failure{Status: 404, Code: 10008, Message: "Unknown Message"}
	}
	name, _ := c.args["name"].(string)
	made := Channel{ID: c.ids[1], GuildID: parent.GuildID, ParentID: parent.ID, Name: name, Type: 11}
	s.AddChannel(made)
	id := chat.MessageID(s.NextID())
	s.keep(id, detail{channel: made.ID, system: 21})
	if _, err := s.Post(chattest.Posted{ID: id, Thread: s.threadOf(made)}); err != nil {
		return nil, err
	}
	return made.json(), nil
}
