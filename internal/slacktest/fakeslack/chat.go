package fakeslack

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/markdown"
)

func (s *Server) apiTest(args Args) (map[string]any, string) {
	return map[string]any{"args": args}, args["error"]
}

func (s *Server) authTest(args Args) (map[string]any, string) {
	return map[string]any{
		"url": "https://fake.slack.com/", "team": "Fake", "user": "bot", "team_id": args[teamArg], "user_id": BotUser, "bot_id": BotID,
	}, ""
}

// tooLong is the error of https://github.com/slackapi/bolt-js/issues/2509: all
// blocks of a message together have about 13,200 characters.
func tooLong(blocks string) string {
	if blocks != "" && TextLength([]byte(blocks)) > 13_200 {
		return "msg_blocks_too_long"
	}
	return ""
}

// maxExpanded is how many blocks a message has, also of those that Slack makes of
// Markdown. https://docs.slack.dev/reference/block-kit/blocks
const maxExpanded = 50

// expanded returns how many blocks Slack makes of Markdown. Its documentation says
// that one may become several; those who have counted say that each heading,
// paragraph, list, table and code block is one, and that a message with too many
// is refused as invalid_blocks: https://github.com/archestra-ai/archestra/pull/4980
// and https://github.com/archestra-ai/archestra/issues/4724.
func expanded(text string) int { return len(markdown.Parse(text).Children) }

// tooMuch returns why Slack takes no message with such content, or "".
func tooMuch(args Args) string {
	if expanded(args["markdown_text"]) > maxExpanded {
		return "invalid_blocks"
	}
	return tooLong(args["blocks"])
}

func (s *Server) postMessage(args Args) (map[string]any, string) {
	c, code := s.target(args)
	if code == "" {
		code = tooMuch(args)
	}
	if code != "" {
		return nil, code
	}
	m := s.newMessage(c, args)
	return map[string]any{"channel": c.ID, "ts": m.TS, "message": s.view(m)}, ""
}

func (s *Server) newMessage(c *channel, args Args) *Message {
	m := &Message{
		Channel: c.ID, TS: s.tsAt(time.Now()), Thread: args["thread_ts"], User: BotUser, Text: args["text"],
		Markdown: args["markdown_text"], Blocks: raw(args["blocks"]), Args: args.rest(),
	}
	c.add(m)
	return m
}

func raw(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

func (s *Server) postEphemeral(args Args) (map[string]any, string) {
	c, code := s.target(args)
	if code == "" {
		code = tooMuch(args)
	}
	if code != "" {
		return nil, code
	}
	if _, ok := s.users[args["user"]]; !ok {
		return nil, "user_not_in_channel"
	}
	m := s.newMessage(c, args)
	m.EphemeralFor = args["user"]
	return map[string]any{"message_ts": m.TS}, ""
}

// own returns a message of the bot, or an error code.
func (s *Server) own(args Args, notOwn string) (*Message, string) {
	if _, ok := s.channels[args["channel"]]; !ok {
		return nil, "channel_not_found"
	}
	m := s.find(args["channel"], args["ts"])
	switch {
	case m == nil:
		return nil, "message_not_found"
	case m.User != BotUser:
		return nil, notOwn
	}
	return m, ""
}

func (s *Server) update(args Args) (map[string]any, string) {
	m, code := s.own(args, "cant_update_message")
	switch {
	case code != "":
		return nil, code
	case m.Streaming:
		return nil, "streaming_state_conflict"
	}
	if code := tooMuch(args); code != "" {
		return nil, code
	}
	m.Text, m.Markdown, m.Blocks, m.Edits, m.edited = args["text"], args["markdown_text"], raw(args["blocks"]), m.Edits+1, s.tsAt(time.Now())
	return map[string]any{"channel": m.Channel, "ts": m.TS, "text": m.Text, "message": s.view(m)}, ""
}

func (s *Server) delete(args Args) (map[string]any, string) {
	m, code := s.own(args, "cant_delete_message")
	if code != "" {
		return nil, code
	}
	m.Deleted, m.Streaming = true, false
	return map[string]any{"channel": m.Channel, "ts": m.TS}, ""
}

// maxAhead is how far ahead a message may be scheduled.
// https://docs.slack.dev/reference/methods/chat.scheduleMessage
const maxAhead = 120 * 24 * time.Hour

func (s *Server) schedule(args Args) (map[string]any, string) {
	c, code := s.target(args)
	if code != "" {
		return nil, code
	}
	at := time.Unix(int64(args.Int("post_at", 0)), 0)
	switch {
	case !at.After(time.Now()):
		return nil, "time_in_past"
	case at.After(time.Now().Add(maxAhead)):
		return nil, "time_too_far"
	}
	m := &Scheduled{
		ID: s.id("Q"), Channel: c.ID, Thread: args["thread_ts"], Text: args["text"], Markdown: args["markdown_text"], Blocks: raw(args["blocks"]), At: at,
	}
	s.scheduled[m.ID] = m
	return map[string]any{"channel": c.ID, "scheduled_message_id": m.ID, "post_at": at.Unix(), "message": map[string]any{"text": m.Text}}, ""
}

func (s *Server) deleteScheduled(args Args) (map[string]any, string) {
	m, ok := s.scheduled[args["scheduled_message_id"]]
	if !ok || m.Channel != args["channel"] {
		return nil, "invalid_scheduled_message_id"
	}
	delete(s.scheduled, m.ID)
	return nil, ""
}

func (s *Server) permalink(args Args) (map[string]any, string) {
	if _, ok := s.channels[args["channel"]]; !ok {
		return nil, "channel_not_found"
	}
	m := s.find(args["channel"], args["message_ts"])
	if m == nil {
		return nil, "message_not_found"
	}
	thread := ""
	if m.Thread != "" {
		thread = "?" + url.Values{"thread_ts": {m.Thread}, "cid": {m.Channel}}.Encode()
	}
	return map[string]any{
		"channel":   args["channel"],
		"permalink": fmt.Sprintf("https://fake.slack.com/archives/%s/p%s%s", args["channel"], strings.ReplaceAll(args["message_ts"], ".", ""), thread),
	}, ""
}

func (s *Server) setStatus(args Args) (map[string]any, string) {
	c, ok := s.channels[args["channel_id"]]
	if !ok {
		return nil, "channel_not_found"
	}
	var loading []string
	if json.Unmarshal([]byte(args["loading_messages"]), &loading) != nil {
		loading = strings.Split(args["loading_messages"], ",")
	}
	if len(loading) > 10 {
		s.errorf("assistant.threads.setStatus: more than 10 loading_messages")
	}
	c.typing = append(c.typing, Status{Thread: args["thread_ts"], Text: args["status"], Loading: args["loading_messages"]})
	return nil, ""
}

func (s *Server) setSession(args Args) (map[string]any, string) {
	c, ok := s.channels[args["channel_id"]]
	if !ok {
		return nil, "channel_not_found"
	}
	c.sessions = append(c.sessions, Session{Thread: args["thread_ts"], Status: args["status"]})
	return map[string]any{"status": args["status"], "agent_status": args["status"]}, ""
}

func (s *Server) setTitle(args Args) (map[string]any, string) {
	if _, ok := s.channels[args["channel_id"]]; !ok {
		return nil, "channel_not_found"
	}
	return nil, ""
}

func (s *Server) setPrompts(args Args) (map[string]any, string) { return s.setTitle(args) }
