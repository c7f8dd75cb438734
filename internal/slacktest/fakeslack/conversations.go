package fakeslack

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

func (s *Server) addReaction(args Args) (map[string]any, string) {
	m, name, code := s.reacted(args)
	if code != "" {
		return nil, code
	}
	if slices.Contains(m.Reactions, name) {
		return nil, "already_reacted"
	}
	m.Reactions = append(m.Reactions, name)
	return nil, ""
}

func (s *Server) removeReaction(args Args) (map[string]any, string) {
	m, name, code := s.reacted(args)
	if code != "" {
		return nil, code
	}
	i := slices.Index(m.Reactions, name)
	if i < 0 {
		return nil, "no_reaction"
	}
	m.Reactions = slices.Delete(slices.Clone(m.Reactions), i, i+1)
	return nil, ""
}

func (s *Server) reacted(args Args) (*Message, string, string) {
	name := args["name"]
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_+-:'") != "" || strings.HasPrefix(name, ":") || strings.HasPrefix(name, "no_such") {
		return nil, "", "invalid_name"
	}
	if _, ok := s.channels[args["channel"]]; !ok {
		return nil, "", "channel_not_found"
	}
	m := s.find(args["channel"], args["timestamp"])
	if m == nil {
		return nil, "", "message_not_found"
	}
	return m, name + " " + BotUser, ""
}

func (s *Server) openConversation(args Args) (map[string]any, string) {
	users := strings.Split(args["users"], ",")
	if args["users"] == "" || len(users) > 8 {
		return nil, "invalid_arguments"
	}
	for _, user := range users {
		if u, ok := s.users[user]; !ok {
			return nil, "user_not_found"
		} else if u.Deleted {
			return nil, "user_disabled"
		}
		if user == BotUser {
			return nil, "cannot_dm_bot"
		}
	}
	id := "D" + strings.TrimPrefix(users[0], "U")
	known, ok := s.channels[id]
	if !ok {
		known = &channel{Channel: Channel{ID: id, With: users[0], Created: time.Now()}}
		s.channels[id] = known
	}
	answer := map[string]any{"id": id}
	if args.Bool("return_im") {
		answer = known.info()
	}
	return map[string]any{"channel": answer, "already_open": ok}, ""
}

func (c *channel) info() map[string]any {
	info := map[string]any{
		"id": c.ID, "created": c.Created.Unix(), "is_archived": c.Archived, "is_im": c.With != "", "is_channel": c.With == "",
		"is_private": c.Private || c.With != "", "is_ext_shared": c.External, "is_member": !c.NotIn,
		"topic": map[string]any{"value": c.Topic},
	}
	if c.With != "" {
		info["user"] = c.With
	} else {
		info["name"] = c.Name
	}
	if c.Members > 0 {
		info["num_members"] = c.Members
	}
	return info
}

func (s *Server) channelInfo(args Args) (map[string]any, string) {
	c, ok := s.channels[args["channel"]]
	if !ok {
		return nil, "channel_not_found"
	}
	return map[string]any{"channel": c.info()}, ""
}

func (s *Server) userInfo(args Args) (map[string]any, string) {
	u, ok := s.users[args["user"]]
	if !ok {
		return nil, "user_not_found"
	}
	return map[string]any{"user": map[string]any{
		"id": u.ID, "team_id": TeamID, "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted, "is_bot": u.Bot, "tz": u.TimeZone,
		"profile": map[string]any{"display_name": u.DisplayName, "real_name": u.RealName, "email": u.Email, "image_192": u.Avatar},
	}}, ""
}

// view is a message as Slack sends it.
func (s *Server) view(m *Message) map[string]any { return s.viewWith(m, s.repliesTo(m)) }

func (s *Server) viewWith(m *Message, replies []*Message) map[string]any {
	out := map[string]any{"type": "message", "ts": m.TS, "text": m.Shown(), "user": m.User, "team": TeamID}
	if m.User == BotUser {
		out["bot_id"], out["app_id"] = BotID, AppID
	}
	if m.Thread != "" {
		out["thread_ts"] = m.Thread
	}
	if m.Blocks != nil {
		out["blocks"] = m.Blocks
	}
	if m.edited != "" {
		out["edited"] = map[string]any{"user": m.User, "ts": m.edited}
	}
	if len(m.Files) > 0 {
		var files []map[string]any
		for _, id := range m.Files {
			files = append(files, s.describe(s.files[id]))
		}
		out["files"], out["upload"] = files, true
	}
	if len(replies) > 0 {
		out["thread_ts"], out["reply_count"], out["latest_reply"] = m.TS, len(replies), replies[len(replies)-1].TS
	}
	return out
}

func (s *Server) repliesTo(root *Message) []*Message {
	var out []*Message
	for _, m := range s.channels[root.Channel].messages {
		if m.Thread == root.TS && m.TS != root.TS && !m.Deleted && m.EphemeralFor == "" {
			out = append(out, m)
		}
	}
	return out
}

// history gives the newest messages first.
// https://docs.slack.dev/reference/methods/conversations.history
func (s *Server) history(args Args) (map[string]any, string) {
	c, code := s.readable(args)
	if code != "" {
		return nil, code
	}
	var list []*Message
	for _, m := range slices.Backward(c.messages) {
		if m.Thread == "" && !m.Deleted && m.EphemeralFor == "" {
			list = append(list, m)
		}
	}
	return s.page(args, list, 999, nil)
}

// replies gives the oldest messages first, and the one that began the thread on
// every page.
// https://docs.slack.dev/reference/methods/conversations.replies
func (s *Server) replies(args Args) (map[string]any, string) {
	c, code := s.readable(args)
	if code != "" {
		return nil, code
	}
	root := s.find(c.ID, args["ts"])
	if root != nil && root.Thread != "" {
		root = s.find(c.ID, root.Thread)
	}
	if root == nil {
		return nil, "thread_not_found"
	}
	return s.page(args, s.repliesTo(root), 1000, root)
}

func (s *Server) readable(args Args) (*channel, string) {
	c, ok := s.channels[args["channel"]]
	switch {
	case !ok:
		return nil, "channel_not_found"
	case c.NotIn:
		return nil, "not_in_channel"
	}
	return c, ""
}

// page answers one page of a list.
func (s *Server) page(args Args, list []*Message, most int, always *Message) (map[string]any, string) {
	limit := args.Int("limit", 100)
	if limit < 1 || limit > most {
		s.errorf("limit is %d, want 1 to %d", limit, most)
		return nil, "invalid_limit"
	}
	if s.pageLimit > 0 {
		limit = min(limit, s.pageLimit)
	}
	oldest, latest := args["oldest"], args["latest"]
	if cursor := args["cursor"]; cursor != "" {
		if oldest != "" || latest != "" {
			s.errorf("cursor is given together with oldest or latest")
		}
	}
	start := 0
	var at struct{ After, Oldest, Latest string }
	if cursor := args["cursor"]; cursor != "" {
		data, err := base64.StdEncoding.DecodeString(cursor)
		if err != nil || json.Unmarshal(data, &at) != nil || at.After == "" {
			return nil, "invalid_cursor"
		}
		oldest, latest = at.Oldest, at.Latest
	}
	var within []*Message
	for _, m := range list {
		later := oldest == "" || m.TS > oldest || args.Bool("inclusive") && m.TS == oldest
		earlier := latest == "" || m.TS < latest || args.Bool("inclusive") && m.TS == latest
		if later && earlier {
			within = append(within, m)
		}
	}
	if at.After != "" {
		start = slices.IndexFunc(within, func(m *Message) bool { return m.TS == at.After }) + 1
		if start == 0 {
			return nil, "invalid_cursor"
		}
	}
	messages := []map[string]any{}
	if always != nil {
		messages = append(messages, s.view(always))
		limit--
		if limit == 0 {
			limit = 1
		}
	}
	end := min(start+limit, len(within))
	replies := map[string][]*Message{}
	for _, m := range s.channels[args["channel"]].messages {
		if m.Thread != "" && m.Thread != m.TS && !m.Deleted && m.EphemeralFor == "" {
			replies[m.Thread] = append(replies[m.Thread], m)
		}
	}
	for _, m := range within[start:end] {
		messages = append(messages, s.viewWith(m, replies[m.TS]))
	}
	answer := map[string]any{"messages": messages, "has_more": end < len(within)}
	if end < len(within) && end > 0 {
		data, err := json.Marshal(map[string]string{"After": within[end-1].TS, "Oldest": oldest, "Latest": latest})
		if err != nil {
			panic(fmt.Sprint("fakeslack: ", err))
		}
		answer["response_metadata"] = map[string]any{"next_cursor": base64.StdEncoding.EncodeToString(data)}
	}
	return answer, ""
}
