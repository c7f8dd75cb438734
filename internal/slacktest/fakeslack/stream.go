package fakeslack

import (
	"encoding/json"
	"fmt"
	"slices"
)

// maxStreamed is how much text a streamed message takes here. Slack names no
// number; its blocks have the bound of any message's.
const maxStreamed = 13_200

func (s *Server) startStream(args Args) (map[string]any, string) {
	c, code := s.target(args)
	if code != "" {
		return nil, code
	}
	if c.With == "" {
		switch {
		case args["recipient_user_id"] == "":
			return nil, "missing_recipient_user_id"
		case args["recipient_team_id"] == "":
			return nil, "missing_recipient_team_id"
		}
	}
	start := args["markdown_text"]
	chunks := args["chunks"]
	streamed := &Message{Streaming: true}
	if code := s.grow(streamed, start, chunks); code != "" {
		return nil, code
	}
	m := s.newMessage(c, Args{"thread_ts": args["thread_ts"]})
	m.Markdown, m.Tasks, m.Plan, m.Streaming, m.Args = streamed.Markdown, streamed.Tasks, streamed.Plan, true, args.rest()
	return map[string]any{"channel": c.ID, "ts": m.TS}, ""
}

func (s *Server) streaming(args Args) (*Message, string) {
	m, code := s.own(args, "message_not_owned_by_app")
	if code == "" && !m.Streaming {
		code = "message_not_in_streaming_state"
	}
	return m, code
}

func (s *Server) appendStream(args Args) (map[string]any, string) {
	m, code := s.streaming(args)
	if code == "" {
		code = s.grow(m, args["markdown_text"], args["chunks"])
	}
	if code != "" {
		return nil, code
	}
	m.streamAge++
	return map[string]any{"channel": m.Channel, "ts": m.TS}, ""
}

func (s *Server) stopStream(args Args) (map[string]any, string) {
	m, code := s.streaming(args)
	if code != "" {
		return nil, code
	}
	if blocks := args["blocks"]; blocks != "" {
		if problems := CheckBlocks([]byte(blocks), InMessage); len(problems) > 0 {
			s.errorf("chat.stopStream: %v", problems)
			return nil, "invalid_blocks"
		}
		m.Blocks = raw(blocks)
	}
	if code := s.grow(m, args["markdown_text"], args["chunks"]); code != "" {
		return nil, code
	}
	m.Streaming = false
	return map[string]any{"channel": m.Channel, "ts": m.TS, "message": s.view(m)}, ""
}

// grow appends to a stream.
func (s *Server) grow(m *Message, text, chunks string) string {
	var list []struct {
		Type, Text, ID, Title, Status, Details, Output string
		Blocks                                         json.RawMessage
	}
	raws := []json.RawMessage{}
	if chunks != "" {
		_ = json.Unmarshal([]byte(chunks), &raws)
		if err := json.Unmarshal([]byte(chunks), &list); err != nil {
			s.errorf("chunks: %v", err)
			return "invalid_chunks"
		}
		if text != "" && len(list) > 0 {
			s.errorf("markdown_text is given together with chunks")
		}
	}
	tasks, plan := slices.Clone(m.Tasks), m.Plan
	for i, c := range list {
		var problem string
		switch c.Type {
		case "markdown_text":
			if problem = tooMany("text", c.Text, 12_000); c.Text == "" {
				problem = "has no text"
			}
			text += c.Text
		case "task_update":
			switch {
			case c.ID == "":
				problem = "has no id"
			case c.Title == "":
				problem = "has no title"
			case !slices.Contains([]string{"", "pending", "in_progress", "complete", "error"}, c.Status):
				problem = fmt.Sprintf("has the status %q", c.Status)
			default:
				// https://docs.slack.dev/reference/methods/chat.appendStream
				problem = tooMany("title", c.Title, 256) + tooMany("details", c.Details, 256) + tooMany("output", c.Output, 256)
			}
			tasks = setTask(tasks, c.ID, raws[i])
		case "plan_update":
			if problem = tooMany("title", c.Title, 256); c.Title == "" {
				problem = "has no title"
			}
			plan = c.Title
		case "blocks":
			if problems := CheckBlocks(c.Blocks, InMessage); len(problems) > 0 {
				problem = fmt.Sprint(problems)
			}
		default:
			problem = fmt.Sprintf("has the type %q", c.Type)
		}
		if problem != "" {
			s.errorf("chunks[%d] %s", i, problem)
			return "invalid_chunks"
		}
	}
	switch {
	case length(m.Markdown+text) > maxStreamed:
		return "msg_too_long"
	case expanded(m.Markdown+text) > maxExpanded:
		return "msg_blocks_too_many"
	}
	m.Markdown, m.Tasks, m.Plan = m.Markdown+text, tasks, plan
	return ""
}

func tooMany(field, text string, bound int) string {
	if length(text) > bound {
		return fmt.Sprintf("has a %s of %d characters, the bound is %d", field, length(text), bound)
	}
	return ""
}

func setTask(tasks []json.RawMessage, id string, task json.RawMessage) []json.RawMessage {
	for i, old := range tasks {
		var t struct{ ID string }
		if json.Unmarshal(old, &t) == nil && t.ID == id {
			tasks[i] = task
			return tasks
		}
	}
	return append(tasks, task)
}
