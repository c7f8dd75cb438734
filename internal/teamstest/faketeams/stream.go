package faketeams

import (
	"net/http"
	"strconv"

	"github.com/chat-adapter/chat-go/core/chattest"
)

// stream is a message that grows.
type stream struct {
	at       location
	sequence float64
	updates  []Update
	ended    bool
}

// Update is what a stream has shown.
type Update struct{ Kind, Text string }

// streamInfo returns the entity of a stream.
func streamInfo(body map[string]any) (map[string]any, bool) {
	for _, e := range list(body["entities"]) {
		if e["type"] == "streaminfo" {
			return e, true
		}
	}
	return nil, false
}

// Streamed returns what streams have shown, in order, and whether all have ended.
func (s *Server) Streamed() (all []Update, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ended = true
	for _, one := range s.streams {
		all, ended = append(all, one.updates...), ended && one.ended
	}
	return all, ended
}

// EndStreams has Teams take nothing more of any stream, as when its time is over.
func (s *Server) EndStreams() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.streams {
		one.ended = true
	}
}

// stream takes an update or the end of a stream.
// https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux
func (s *Server) stream(w http.ResponseWriter, at location, body map[string]any) {
	info, _ := streamInfo(body)
	if at.kind != "personal" {
		write(w, Failure{Status: http.StatusForbidden, Code: "ContentStreamNotAllowed", Message: "Content stream is not allowed"})
		return
	}
	id, _ := info["streamId"].(string)
	kind, _ := info["streamType"].(string)
	text, _ := body["text"].(string)
	sequence, _ := info["streamSequence"].(float64)
	s.mu.Lock()
	one := s.streams[id]
	if id == "" {
		s.next++
		id, one = strconv.FormatInt(s.next, 10), &stream{at: at}
		s.streams[id] = one
	}
	switch {
	case one == nil || one.ended:
		s.mu.Unlock()
		write(w, Failure{Status: http.StatusForbidden, Code: "ContentStreamNotAllowed", Message: "Content stream is not allowed on an already completed streamed message"})
		return
	case kind != "final" && sequence != one.sequence+1:
		s.mu.Unlock()
		s.wrong(w, "an update of a stream out of order")
		return
	case kind != "final":
		one.sequence, one.updates = sequence, append(one.updates, Update{kind, text})
		s.mu.Unlock()
		if sequence == 1 {
			answer(w, http.StatusCreated, map[string]any{"id": id})
		} else {
			answer(w, http.StatusAccepted, map[string]any{})
		}
		return
	}
	one.ended = true
	s.mu.Unlock()
	p := chattest.Posted{ID: MessageID(at.base, id), Thread: Thread(at.conversation)}
	show(&p, body)
	if _, err := s.Post(p); err != nil {
		write(w, storeFailure(err))
		return
	}
	s.keep(p.ID, body)
	answer(w, http.StatusAccepted, map[string]any{})
}
