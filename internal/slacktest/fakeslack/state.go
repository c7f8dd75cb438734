package fakeslack

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Channel is a conversation.
type Channel struct {
	ID   string
	Name string
	// With is the user of a direct conversation.
	With string
	// Private, Archived, External and NotIn say what they say; NotIn: the bot is
	// no member.
	Private, Archived, External, NotIn bool
	Topic                              string
	Members                            int
	// Created is when. Default: now.
	Created time.Time
}

type channel struct {
	Channel
	messages []*Message // by ts
	typing   []Status
	sessions []Session
}

// Session is a status of an agent's session that the bot has set.
type Session struct{ Thread, Status string }

// Status is a status that the bot showed in a thread.
type Status struct {
	Thread, Text string
	Loading      string
}

// User is a person or a bot.
type User struct {
	ID, Name, RealName, DisplayName, Email, Avatar, TimeZone string
	Bot, Deleted                                             bool
}

// Message is a message of a channel.
type Message struct {
	Channel, TS string
	// Thread is the ts of the message that began the thread; empty outside.
	Thread string
	User   string
	// Text is the text, or the fallback of blocks. Markdown is what came as
	// markdown_text or as chunks of a stream.
	Text, Markdown string
	Blocks         json.RawMessage
	// Tasks are the tasks of a stream, by what was said last of each; Plan is its
	// title.
	Tasks []json.RawMessage
	Plan  string
	// Args are the other arguments of the call that posted it.
	Args Args
	// EphemeralFor is the one who sees it.
	EphemeralFor string
	Edits        int
	Streaming    bool
	Deleted      bool
	// Reactions are "{name} {user}".
	Reactions []string
	Files     []string
	edited    string
	streamAge int // appends
}

// Shown is what the message shows: its Markdown, else its text.
func (m *Message) Shown() string {
	if m.Markdown != "" {
		return m.Markdown
	}
	return m.Text
}

// Scheduled is a message that will be posted.
type Scheduled struct {
	ID, Channel, Thread, Text, Markdown string
	Blocks                              json.RawMessage
	At                                  time.Time
}

// AddChannel adds a channel.
func (s *Server) AddChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Created.IsZero() {
		c.Created = time.Now()
	}
	s.channels[c.ID] = &channel{Channel: c}
}

// AddUser adds a user, or replaces it.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.ID] = u
}

// Post adds a message of a user, now, and returns its ts. The thread may be empty.
func (s *Server) Post(channel, thread, user, text string) string {
	return s.PostAt(time.Now(), channel, thread, user, text)
}

// PostAt adds a message of a user and returns its ts. Messages are added in order.
func (s *Server) PostAt(at time.Time, channel, thread, user, text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &Message{Channel: channel, Thread: thread, User: user, Text: text, TS: s.tsAt(at)}
	s.channels[channel].add(m)
	return m.TS
}

// Messages returns the messages of a thread, oldest first, without the deleted;
// with an empty thread those of the channel that are in no thread.
func (s *Server) Messages(channel, thread string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.channels[channel]
	if !ok {
		return nil
	}
	var out []Message
	for _, m := range c.messages {
		if m.Thread == thread && !m.Deleted && (thread != "" || !m.isStray()) {
			copied := *m
			copied.Reactions = slices.Clone(m.Reactions)
			copied.Tasks = slices.Clone(m.Tasks)
			out = append(out, copied)
		}
	}
	return out
}

func (m *Message) isStray() bool { return m.EphemeralFor != "" }

// Message returns a message, also one that is deleted.
func (s *Server) Message(channel, ts string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.channels[channel]; ok {
		for _, m := range c.messages {
			if m.TS == ts {
				return *m, true
			}
		}
	}
	return Message{}, false
}

// Typing returns what the bot showed in the thread.
func (s *Server) Typing(channel, thread string) []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Status
	if c, ok := s.channels[channel]; ok {
		for _, status := range c.typing {
			if status.Thread == thread {
				out = append(out, status)
			}
		}
	}
	return out
}

// Sessions returns the statuses of the channel's sessions, in the order in which they
// were set.
func (s *Server) Sessions(channel string) []Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.channels[channel]; ok {
		return slices.Clone(c.sessions)
	}
	return nil
}

// Scheduled returns the scheduled messages of a channel, by their time.
func (s *Server) Scheduled(channel string) []Scheduled {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Scheduled
	for _, m := range s.scheduled {
		if m.Channel == channel {
			out = append(out, *m)
		}
	}
	slices.SortFunc(out, func(a, b Scheduled) int { return a.At.Compare(b.At) })
	return out
}

// ExpireStream has Slack end the stream of a message, as it does after some
// minutes.
func (s *Server) ExpireStream(channel, ts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.find(channel, ts); m != nil {
		m.Streaming = false
	}
}

func (c *channel) add(m *Message) {
	i, _ := slices.BinarySearchFunc(c.messages, m.TS, func(m *Message, ts string) int { return strings.Compare(m.TS, ts) })
	c.messages = slices.Insert(c.messages, i, m)
}

// find returns a message that is there, or nil.
func (s *Server) find(channel, ts string) *Message {
	c, ok := s.channels[channel]
	if !ok {
		return nil
	}
	for _, m := range c.messages {
		if m.TS == ts && !m.Deleted && m.EphemeralFor == "" {
			return m
		}
	}
	return nil
}

// tsAt returns a ts that no other message has.
func (s *Server) tsAt(at time.Time) string {
	micros := max(at.UnixMicro(), 1)
	if at.After(time.Now().Add(-time.Minute)) {
		micros = max(micros, s.lastTS+1)
		s.lastTS = micros
	}
	return fmt.Sprintf("%010d.%06d", micros/1e6, micros%1e6)
}

func (s *Server) id(prefix string) string {
	s.next++
	return fmt.Sprintf("%s%05d", prefix, s.next)
}

// target returns the channel of a call that posts, or an error code.
func (s *Server) target(args Args) (*channel, string) {
	c, ok := s.channels[args["channel"]]
	switch {
	case !ok:
		return nil, "channel_not_found"
	case c.Archived:
		return nil, "is_archived"
	case c.NotIn && c.Private:
		return nil, "not_in_channel"
	}
	if thread := args["thread_ts"]; thread != "" {
		if root := s.find(c.ID, thread); root != nil && root.Thread != "" && root.Thread != thread {
			s.errorf("thread_ts %s is a reply's: use its parent's", thread)
		}
	}
	return c, ""
}

// rest returns the arguments that no field of a Message has.
func (a Args) rest() Args {
	out := maps.Clone(a)
	for _, name := range []string{"channel", "ts", "text", "markdown_text", "blocks", "thread_ts", "chunks", teamArg} {
		delete(out, name)
	}
	return out
}
