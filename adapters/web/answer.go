package web

import (
	"encoding/json"
	"net/http"
	"strings"
)

// answer is the stream of one turn: an assistant message of the AI SDK's UI
// message stream protocol, version 1, with the parts of each message that the
// bot posts (https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol). The protocol's
// reader refuses fields that it does not know.
type answer struct {
	*sse
	sent    map[string]*sentParts // by message
	stopped bool                  // the user stopped the bot
}

// sentParts is what the reader has of a message.
type sentParts struct {
	foreign bool // it is not of this turn
	text    partState
	told    strings.Builder   // its text
	data    map[string]string // by type
	files   bool
}

type partState int

const (
	partNone partState = iota
	partOpen
	partClosed
)

type chunk struct {
	Type      string        `json:"type"`
	ID        string        `json:"id,omitempty"`
	MessageID string        `json:"messageId,omitempty"`
	Delta     string        `json:"delta,omitempty"`
	ErrorText string        `json:"errorText,omitempty"`
	Data      any           `json:"data,omitempty"`
	Transient bool          `json:"transient,omitempty"`
	URL       string        `json:"url,omitempty"`
	MediaType string        `json:"mediaType,omitempty"`
	Provider  *partMetadata `json:"providerMetadata,omitempty"`
}

// startAnswer opens the stream of a message with the id, which may be "". Messages that
// were there before are no part of it.
func startAnswer(w http.ResponseWriter, id string, before, live []*uiMessage) *answer {
	w.Header().Set("X-Vercel-Ai-Ui-Message-Stream", "v1")
	a := &answer{sse: startSSE(w), sent: map[string]*sentParts{}}
	for _, m := range before {
		a.sent[m.ID] = &sentParts{foreign: true}
	}
	for _, m := range live {
		a.sent[m.ID] = &sentParts{foreign: true}
	}
	a.data(chunk{Type: "start", MessageID: id})
	a.flush()
	return a
}

// tell writes what has happened in the conversation.
func (a *answer) tell(sub *subscription) error {
	events, err := sub.take()
	if err != nil {
		return err
	}
	for _, e := range events {
		switch {
		case e.message != nil:
			a.message(e.message)
		case e.delta != nil:
			a.grow(e.delta)
		case e.tasks != nil:
			if p := a.sent[e.tasks.ID]; p != nil && !p.foreign {
				a.dataPart(p, uiPart{Type: partTasks, ID: e.tasks.ID, Data: e.tasks.Plan})
			}
		case e.typing != nil:
			a.data(chunk{Type: "data-typing", Data: e.typing, Transient: true})
		case e.session != nil:
			a.data(chunk{Type: "data-session", Data: e.session, Transient: true})
		case e.stopped:
			a.stopped = true
		}
	}
	a.flush()
	return nil
}

// message writes a message, or what was missing of it. A data part replaces the
// one that the reader has; for the edit of a text, and for a deletion, the
// protocol has no word: pages learn of those by their events, and other readers of
// what an edited message says at the end.
func (a *answer) message(m *uiMessage) {
	if m.Role != roleAssistant {
		return
	}
	p := a.sent[m.ID]
	if p == nil {
		p = &sentParts{data: map[string]string{}}
		a.sent[m.ID] = p
	}
	if p.foreign {
		return
	}
	a.stopped = a.stopped || m.Metadata.Stopped
	if m.Body.Text != "" && p.text == partNone {
		a.openText(p, m.ID, m.textMetadata())
		a.words(p, m.ID, m.Body.Text)
	}
	for _, part := range m.dataParts() {
		a.dataPart(p, part)
	}
	if m.Metadata.Streaming {
		return
	}
	if p.text == partOpen {
		p.text = partClosed
		a.data(chunk{Type: "text-end", ID: m.ID})
	}
	if !p.files {
		p.files = true
		for _, part := range m.fileParts() {
			a.data(chunk{Type: partFile, URL: part.URL, MediaType: part.MediaType, Provider: part.Provider})
		}
	}
}

func (a *answer) grow(d *deltaEvent) {
	p := a.sent[d.ID]
	if p == nil || p.foreign || p.text == partClosed {
		return
	}
	if p.text == partNone {
		a.openText(p, d.ID, nil)
	}
	a.words(p, d.ID, d.Delta)
}

func (a *answer) words(p *sentParts, id, text string) {
	p.told.WriteString(text)
	a.data(chunk{Type: "text-delta", ID: id, Delta: text})
}

// correct writes the text of a message that was edited since the reader had it. The
// protocol cannot take a part back, so it is a further one.
func (a *answer) correct(m *uiMessage) {
	p := a.sent[m.ID]
	if p == nil || p.foreign || p.text != partClosed || !m.Metadata.Edited || m.Body.Text == "" || m.Body.Fallback || m.Body.Text == p.told.String() {
		return
	}
	again, meta := m.ID+":edited", &partMetadata{}
	meta.Chat.Edited = true
	a.data(chunk{Type: "text-start", ID: again, Provider: meta})
	a.data(chunk{Type: "text-delta", ID: again, Delta: m.Body.Text})
	a.data(chunk{Type: "text-end", ID: again})
}

func (a *answer) openText(p *sentParts, id string, meta *partMetadata) {
	p.text = partOpen
	a.data(chunk{Type: "text-start", ID: id, Provider: meta})
}

// dataPart writes a data part if the reader does not have it yet.
func (a *answer) dataPart(p *sentParts, part uiPart) {
	data, err := json.Marshal(part.Data)
	if err != nil {
		a.fail(err)
		return
	}
	if p.data[part.Type] != string(data) {
		p.data[part.Type] = string(data)
		a.data(chunk{Type: part.Type, ID: part.ID, Data: json.RawMessage(data)})
	}
}

// finish ends the stream, with the text of an error if there is one. An answer
// that the user has stopped ends with an abort part, as the AI SDK's own do.
func (a *answer) finish(errorText string) {
	for id, p := range a.sent {
		if p.text == partOpen {
			a.data(chunk{Type: "text-end", ID: id})
		}
	}
	if errorText != "" {
		a.data(chunk{Type: "error", ErrorText: errorText})
	}
	if a.stopped {
		a.data(chunk{Type: "abort"})
	} else {
		a.data(chunk{Type: "finish"})
	}
	a.write("data: [DONE]\n\n")
	a.flush()
}
