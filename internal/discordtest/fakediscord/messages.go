package fakediscord

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

func (s *Server) detail(id chat.MessageID) detail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.details[id]
}

func (s *Server) keep(id chat.MessageID, d detail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.details[id] = d
}

// message returns a message that is there.
func (s *Server) message(id chat.MessageID) (chattest.Posted, bool) {
	for _, p := range s.All() {
		if p.ID == id && !p.Deleted {
			return p, true
		}
	}
	return chattest.Posted{}, false
}

// in returns the messages of a channel that all see, oldest first.
func (s *Server) in(channel string) []chattest.Posted {
	return slices.DeleteFunc(s.All(), func(p chattest.Posted) bool {
		d := s.detail(p.ID)
		return p.Deleted || d.channel != channel || d.ephemeral != ""
	})
}

// Say adds a message of somebody else.
func (s *Server) Say(channel, user, content, id string) {
	c, _ := s.channel(channel)
	s.keep(chat.MessageID(id), detail{channel: channel, system: -1, body: map[string]any{"author": user}})
	_, _ = s.Post(chattest.Posted{ID: chat.MessageID(id), Thread: s.threadOf(c), Text: content})
}

// fill reads what a message is made of.
func (c *request) fill(p *chattest.Posted, d *detail, args map[string]any) error {
	d.body = args
	if v, ok := args["content"].(string); ok {
		p.Text = strings.TrimSpace(v)
	}
	if v, ok := args["embeds"].([]any); ok {
		d.embeds = v
	}
	if v, ok := args["components"].([]any); ok {
		d.components = v
	}
	if len(c.files) > 0 {
		p.Files = c.files
		for i, a := range args["attachments"].([]any) { //nolint:forcetypeassert // Reason: it was checked.
			if a.(map[string]any)["filename"] != c.files[i].Name { //nolint:forcetypeassert // Reason: likewise.
				c.server.tb.Errorf("fakediscord: the attachment %d has another name than its file", i)
			}
		}
	}
	mentions, _ := args["allowed_mentions"].(map[string]any)
	users, _ := mentions["users"].([]any)
	d.told = nil
	for _, u := range users {
		if id, ok := u.(string); ok {
			d.told = append(d.told, id)
		}
	}
	if p.Text == "" && len(d.embeds) == 0 && len(d.components) == 0 && len(p.Files) == 0 {
		return &Failure{Status: 400, Code: 50006, Message: "Cannot send an empty message"}
	}
	return nil
}

func (c *request) createMessage() (any, error) {
	at, failed := c.server.channel(c.ids[0])
	if failed != nil {
		return nil, failed
	}
	d := detail{channel: at.ID}
	p := chattest.Posted{Thread: c.server.threadOf(at)}
	if ref, ok := c.args["message_reference"].(map[string]any); ok {
		id, _ := ref["message_id"].(string)
		p.ReplyTo = chat.MessageID(id)
	}
	return c.post(p, d, c.args)
}

func (c *request) post(p chattest.Posted, d detail, args map[string]any) (any, error) {
	if err := c.fill(&p, &d, args); err != nil {
		return nil, err
	}
	p.ID = chat.MessageID(c.server.NextID())
	c.server.keep(p.ID, d)
	if _, err := c.server.Post(p); err != nil {
		return nil, err
	}
	return c.server.json(p), nil
}

// json is a message as Discord has it.
func (s *Server) json(p chattest.Posted) map[string]any {
	d := s.detail(p.ID)
	author, kind := ApplicationID, d.system
	if kind < 0 { // somebody else's
		author, _ = d.body["author"].(string)
		kind = 0
	}
	out := map[string]any{
		"id": string(p.ID), "channel_id": d.channel, "type": kind, "content": p.Text, "author": s.user(author), "timestamp": "2026-01-05T00:49:53.676000+00:00",
		"edited_timestamp": nil, "mentions": []any{}, "mention_roles": []any{}, "attachments": []any{}, "embeds": append([]any{}, d.embeds...),
		"components": append([]any{}, d.components...),
	}
	if kind == 21 {
		if first, ok := s.message(chat.MessageID(d.channel)); ok {
			out["referenced_message"] = s.json(first)
		}
	}
	return out
}

func (c *request) getMessages() (any, error) {
	at, failed := c.server.channel(c.ids[0])
	if failed != nil {
		return nil, failed
	}
	limit, err := strconv.Atoi(cmp.Or(c.query.Get("limit"), "50"))
	if err != nil || limit < 1 || limit > 100 {
		return nil, &Failure{Status: 400, Code: 50035, Message: "Invalid Form Body"}
	}
	all := c.server.in(at.ID)
	before, after := c.query.Get("before"), c.query.Get("after")
	older := func(x, y string) bool { return len(x) < len(y) || len(x) == len(y) && x < y }
	all = slices.DeleteFunc(all, func(p chattest.Posted) bool {
		return before != "" && !older(string(p.ID), before) || after != "" && !older(after, string(p.ID))
	})
	slices.SortFunc(all, func(x, y chattest.Posted) int { return strings.Compare(string(x.ID), string(y.ID)) })
	if after != "" {
		all = all[:min(len(all), limit)]
	} else {
		all = all[max(0, len(all)-limit):]
	}
	out := []any{}
	for _, p := range slices.Backward(all) {
		out = append(out, c.server.json(p))
	}
	return out, nil
}

// named is the message that the path names, in its channel.
func (c *request) named() (chattest.Posted, error) {
	if _, failed := c.server.channel(c.ids[0]); failed != nil {
		return chattest.Posted{}, failed
	}
	p, ok := c.server.message(chat.MessageID(c.ids[1]))
	d := c.server.detail(p.ID)
	if !ok || d.channel != c.ids[0] || d.ephemeral != "" {
		return p, &Failure{Status: 404, Code: 10008, Message: "Unknown Message"}
	}
	return p, nil
}

func (c *request) getMessage() (any, error) {
	p, err := c.named()
	if err != nil {
		return nil, err
	}
	return c.server.json(p), nil
}

func (c *request) editMessage() (any, error) {
	p, err := c.named()
	if err != nil {
		return nil, err
	}
	return c.edit(p)
}

func (c *request) edit(p chattest.Posted) (any, error) {
	d := c.server.detail(p.ID)
	if d.system != 0 {
		return nil, &Failure{Status: 403, Code: 50005, Message: "Cannot edit a message authored by another user"}
	}
	if err := c.fill(&p, &d, c.args); err != nil {
		return nil, err
	}
	if err := c.server.Edit(p.Thread, p.ID, func(q *chattest.Posted) { q.Text = p.Text }); err != nil {
		return nil, err
	}
	c.server.keep(p.ID, d)
	return c.server.json(p), nil
}

func (c *request) deleteMessage() (any, error) {
	p, err := c.named()
	if err != nil {
		return nil, err
	}
	return nil, c.server.Delete(p.Thread, p.ID)
}

func (c *request) react() (any, error) {
	p, err := c.named()
	if err != nil {
		return nil, err
	}
	if !isEmoji(c.ids[2]) {
		return nil, &Failure{Status: 400, Code: 10014, Message: "Unknown Emoji"}
	}
	return nil, c.server.React(p.Thread, p.ID, c.ids[2])
}

func (c *request) unreact() (any, error) {
	p, err := c.named()
	if err != nil {
		return nil, err
	}
	return nil, c.server.Unreact(p.Thread, p.ID, c.ids[2])
}

// isEmoji reports whether it is one of Unicode's, or "name:id".
func isEmoji(text string) bool {
	if _, id, ok := strings.Cut(text, ":"); ok {
		return digits.MatchString(id)
	}
	return text != "" && strings.IndexFunc(text, func(r rune) bool {
		return r < 0x2000 && r != '#' && r != '*' && (r < '0' || r > '9') && r != 0xa9 && r != 0xae
	}) < 0
}
