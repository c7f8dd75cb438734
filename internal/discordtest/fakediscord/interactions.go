package fakediscord

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// Interaction is what somebody has done that the bot answers.
type Interaction struct {
	ID, Token, Channel, User string
	// Acknowledged says that there was a first response, and Loading that its message
	// comes later.
	Acknowledged, Loading bool
	// Original is the message of the first response.
	Original chat.MessageID

	kind      int
	hidden    bool // the loading message is for the user alone
	onMessage bool
}

// Interaction returns what is known of one.
func (s *Server) Interaction(id string) Interaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.interactions[id]; i != nil {
		return *i
	}
	return Interaction{}
}

// Interact has somebody do something, and returns what Discord sends. The data is the
// field of that name.
func (s *Server) Interact(kind int, channel, user, data string, message chat.MessageID) (id, payload string) {
	c, _ := s.channel(channel)
	id = s.NextID()
	i := &Interaction{ID: id, Token: "token-of_" + id, Channel: channel, User: user, kind: kind, onMessage: message != ""}
	i.Acknowledged = kind == 3 // a click is acknowledged by what the webhook is answered with
	s.mu.Lock()
	s.interactions[id] = i
	s.mu.Unlock()
	who := fmt.Sprintf(`"user":{"id":%q,"username":"ada","global_name":"Ada"}`, user)
	if c.GuildID != "" {
		who = fmt.Sprintf(`"guild_id":%q,"member":{"roles":[],"nick":null,%s}`, c.GuildID, who)
	}
	where, _ := json.Marshal(c.json())
	on := ""
	if message != "" {
		p, _ := s.message(message)
		m, _ := json.Marshal(s.json(p))
		on = `"message":` + string(m) + ","
	}
	return id, fmt.Sprintf(`{"id":%q,"application_id":%q,"type":%d,"token":%q,"version":1,"channel_id":%q,"channel":%s,%s%s,"data":%s}`,
		id, ApplicationID, kind, i.Token, channel, where, on, who, data)
}

// Click has somebody click the button, or choose the option, with a label.
func (s *Server) Click(p chattest.Posted, user, label string) (id, payload string, err error) {
	d := s.detail(p.ID)
	for _, r := range d.components {
		row, _ := r.(map[string]any)
		children, _ := row["components"].([]any)
		for _, child := range children {
			c, _ := child.(map[string]any)
			customID, _ := json.Marshal(c["custom_id"])
			if c["label"] == label {
				id, payload = s.Interact(3, d.channel, user, fmt.Sprintf(`{"component_type":2,"custom_id":%s}`, customID), p.ID)
				return id, payload, nil
			}
			options, _ := c["options"].([]any)
			for _, o := range options {
				if option, _ := o.(map[string]any); option["label"] == label {
					value, _ := json.Marshal(option["value"])
					id, payload = s.Interact(3, d.channel, user, fmt.Sprintf(`{"component_type":3,"custom_id":%s,"values":[%s]}`, customID, value), p.ID)
					return id, payload, nil
				}
			}
		}
	}
	return "", "", fmt.Errorf("the message %q has no button %q", p.ID, label)
}

// Modals returns the modals that were opened.
func (s *Server) Modals() []chattest.OpenedModal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.modals
}

// Form returns a modal that was opened for an interaction.
func (s *Server) Form(interaction string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forms[interaction]
}

// Submit has somebody submit a modal that was opened for an interaction, with the
// answers in the order of its inputs.
func (s *Server) Submit(interaction string, answers ...string) (id, payload string) {
	i, form := s.Interaction(interaction), s.Form(interaction)
	var parts []string
	list, _ := form["components"].([]any)
	for _, l := range list {
		label, _ := l.(map[string]any)
		in, ok := label["component"].(map[string]any)
		if !ok {
			parts = append(parts, `{"type":10,"id":1}`)
			continue
		}
		answer := ""
		if len(answers) > 0 {
			answer, answers = answers[0], answers[1:]
		}
		customID, _ := json.Marshal(in["custom_id"])
		value, _ := json.Marshal(answer)
		if in["type"] == 3.0 {
			options, _ := in["options"].([]any)
			for _, o := range options {
				if option, _ := o.(map[string]any); option["label"] == answer {
					value, _ = json.Marshal(option["value"])
				}
			}
			parts = append(parts, fmt.Sprintf(`{"type":18,"id":1,"component":{"type":3,"id":2,"custom_id":%s,"values":[%s]}}`, customID, value))
			continue
		}
		parts = append(parts, fmt.Sprintf(`{"type":18,"id":1,"component":{"type":4,"id":2,"custom_id":%s,"value":%s}}`, customID, value))
	}
	customID, _ := json.Marshal(form["custom_id"])
	on := chat.MessageID("")
	if i.onMessage {
		for _, p := range s.in(i.Channel) {
			on = p.ID
		}
	}
	return s.Interact(5, i.Channel, i.User, fmt.Sprintf(`{"custom_id":%s,"components":[%s]}`, customID, strings.Join(parts, ",")), on)
}

func (c *request) interaction(id, token string) (*Interaction, *Failure) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	for _, i := range c.server.interactions {
		if i.Token == token && (id == "" || i.ID == id) {
			return i, nil
		}
	}
	if id != "" {
		return nil, &Failure{Status: 404, Code: 10062, Message: "Unknown interaction"}
	}
	return nil, &Failure{Status: 401, Code: 50027, Message: "Invalid Webhook Token"}
}

// respond is the first response to an interaction.
func (c *request) respond() (any, error) {
	for _, problem := range response(c.args) {
		c.server.tb.Errorf("fakediscord: the response %s", problem)
	}
	i, failed := c.interaction(c.ids[0], c.ids[1])
	if failed != nil {
		return nil, failed
	}
	s := c.server
	s.mu.Lock()
	acknowledged := i.Acknowledged && i.kind != 3 || i.kind == 3 && (i.Original != "" || s.forms[i.ID] != nil)
	if !acknowledged {
		i.Acknowledged = true
	}
	s.mu.Unlock()
	if acknowledged {
		return nil, &Failure{Status: 400, Code: 40060, Message: "Interaction has already been acknowledged."}
	}
	data, _ := c.args["data"].(map[string]any)
	hidden := data["flags"] == 64.0
	switch c.args["type"] {
	case 4.0:
		m, err := c.show(i, data, hidden)
		if err != nil {
			return nil, err
		}
		id, _ := m["id"].(string)
		s.mu.Lock()
		i.Original = chat.MessageID(id)
		s.mu.Unlock()
		if c.query.Get("with_response") == "true" {
			return map[string]any{"interaction": map[string]any{"id": i.ID, "type": i.kind, "response_message_id": id}, "resource": map[string]any{"type": 4, "message": m}}, nil
		}
	case 5.0:
		s.mu.Lock()
		i.Loading, i.hidden = true, hidden
		s.mu.Unlock()
	case 9.0:
		if i.kind == 5 {
			return nil, &Failure{Status: 400, Code: 50035, Message: "Invalid Form Body"}
		}
		s.mu.Lock()
		s.forms[i.ID] = data
		title, _ := data["title"].(string)
		customID, _ := data["custom_id"].(string)
		callback, _, _ := strings.Cut(customID, "\n")
		s.modals = append(s.modals, chattest.OpenedModal{Modal: &card.Modal{CallbackID: callback, Title: title}, Trigger: i.ID})
		s.mu.Unlock()
	}
	return nil, nil
}

// show posts what answers an interaction.
func (c *request) show(i *Interaction, args map[string]any, hidden bool) (map[string]any, error) {
	at, failed := c.server.channel(i.Channel)
	if failed != nil {
		return nil, failed
	}
	d := detail{channel: at.ID}
	if hidden {
		d.ephemeral = i.User
	}
	m, err := c.post(chattest.Posted{Thread: c.server.threadOf(at)}, d, args)
	if err != nil {
		return nil, err
	}
	out, _ := m.(map[string]any)
	return out, nil
}

// https://docs.discord.com/developers/interactions/receiving-and-responding#create-followup-message
func (c *request) followUp() (any, error) {
	i, failed := c.interaction("", c.ids[1])
	if failed != nil {
		return nil, failed
	}
	c.server.mu.Lock()
	ready, loading := i.Acknowledged, i.Loading && i.Original == ""
	c.server.mu.Unlock()
	if !ready {
		return nil, &Failure{Status: 404, Code: 10015, Message: "Unknown Webhook"}
	}
	if loading {
		c.server.tb.Errorf("fakediscord: a follow-up takes the place of a loading message")
	}
	return c.show(i, c.args, c.args["flags"] == 64.0)
}

// https://docs.discord.com/developers/interactions/receiving-and-responding#edit-original-interaction-response
func (c *request) editOriginal() (any, error) {
	i, failed := c.interaction("", c.ids[1])
	if failed != nil {
		return nil, failed
	}
	c.server.mu.Lock()
	loading, original, hidden := i.Loading, i.Original, i.hidden
	c.server.mu.Unlock()
	if original != "" {
		p, ok := c.server.message(original)
		if !ok {
			return nil, &Failure{Status: 404, Code: 10008, Message: "Unknown Message"}
		}
		return c.edit(p)
	}
	if !loading {
		return nil, &Failure{Status: 404, Code: 10015, Message: "Unknown Webhook"}
	}
	m, err := c.show(i, c.args, hidden)
	if err != nil {
		return nil, err
	}
	id, _ := m["id"].(string)
	c.server.mu.Lock()
	i.Original, i.Loading = chat.MessageID(id), false
	c.server.mu.Unlock()
	return m, nil
}

func (c *request) deleteOriginal() (any, error) {
	i, failed := c.interaction("", c.ids[1])
	if failed != nil {
		return nil, failed
	}
	c.server.mu.Lock()
	loading, original := i.Loading, i.Original
	i.Loading = false
	c.server.mu.Unlock()
	if original != "" {
		p, _ := c.server.message(original)
		return nil, c.server.Delete(p.Thread, original)
	}
	if !loading {
		return nil, &Failure{Status: 404, Code: 10008, Message: "Unknown Message"}
	}
	return nil, nil
}

func (c *request) deleteFollowUp() (any, error) {
	if _, failed := c.interaction("", c.ids[1]); failed != nil {
		return nil, failed
	}
	p, ok := c.server.message(chat.MessageID(c.ids[2]))
	if !ok {
		return nil, &Failure{Status: 404, Code: 10008, Message: "Unknown Message"}
	}
	return nil, c.server.Delete(p.Thread, p.ID)
}
