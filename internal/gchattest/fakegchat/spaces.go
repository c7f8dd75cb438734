package fakegchat

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

func (sp Space) json() object {
	o := object{"name": sp.Name, "spaceType": sp.Type, "type": "ROOM", "displayName": sp.DisplayName, "membershipCount": object{"joinedDirectHumanUserCount": len(sp.Members)}}
	if sp.Type == "DIRECT_MESSAGE" {
		o["type"] = "DM"
		delete(o, "displayName")
	}
	if sp.Description != "" {
		o["spaceDetails"] = object{"description": sp.Description}
	}
	return o
}

func (s *Server) getSpace(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	sp, failure := s.space(spaceIn(c.Path))
	if failure != nil {
		return nil, failure
	}
	return sp.json(), nil
}

func (s *Server) listSpaces(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	page, next := pageOf(c, slices.Sorted(maps.Keys(s.spaces)))
	all := []object{}
	for _, name := range page {
		all = append(all, s.spaces[name].json())
	}
	return object{"spaces": all, "nextPageToken": next}, nil
}

func (s *Server) findDM(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sp := range s.spaces {
		if sp.Type == "DIRECT_MESSAGE" && slices.Contains(sp.Members, c.Query.Get("name")) {
			return sp.json(), nil
		}
	}
	return nil, notFound()
}

// setup begins a direct conversation of the app with the calling user.
func (s *Server) setup(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	asked := sub(c.Body, "space")
	if str(asked, "spaceType") != "DIRECT_MESSAGE" || asked["singleUserBotDm"] != true {
		return nil, invalid("Only a direct message with the app can be set up here.")
	}
	user := s.sender(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	sp := Space{Name: fmt.Sprintf("spaces/DM%d", s.next), Type: "DIRECT_MESSAGE", Members: []string{user}}
	s.spaces[sp.Name] = sp
	return sp.json(), nil
}

func (s *Server) member(sp Space, name string) object {
	u := s.users[name]
	kind := u.Type
	if kind == "" {
		kind = "HUMAN"
	}
	return object{
		"name": sp.Name + "/members/" + strings.TrimPrefix(name, "users/"), "state": "JOINED", "role": "ROLE_MEMBER",
		"member": object{"name": name, "displayName": u.DisplayName, "email": u.Email, "type": kind},
	}
}

func (s *Server) getMember(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	sp, failure := s.space(spaceIn(c.Path))
	if failure != nil {
		return nil, failure
	}
	id, err := url.PathUnescape(c.Path[strings.LastIndexByte(c.Path, '/')+1:])
	if err != nil {
		return nil, notFound()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range sp.Members {
		if name == "users/"+id || s.users[name].Email == id {
			return s.member(sp, name), nil
		}
	}
	return nil, notFound()
}

func (s *Server) listMembers(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	sp, failure := s.space(spaceIn(c.Path))
	if failure != nil {
		return nil, failure
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	page, next := pageOf(c, sp.Members)
	all := []object{}
	for _, name := range page {
		all = append(all, s.member(sp, name))
	}
	return object{"memberships": all, "nextPageToken": next}, nil
}

// subscriptionLife is how long a subscription with the content of messages lives where
// the domain has delegated. https://developers.google.com/workspace/events/guides/create-subscription
const subscriptionLife = 24 * time.Hour

// Subscriptions returns the subscriptions by the spaces that they are of.
func (s *Server) Subscriptions() map[string]Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]Subscription{}
	for _, sub := range s.subscriptions {
		space := strings.TrimPrefix(sub.Target, "//chat.googleapis.com/")
		if known, ok := all[space]; !ok || known.Expires.Before(sub.Expires) {
			all[space] = *sub
		}
	}
	return all
}

// alive returns a subscription: what has expired is deleted. The lock is held.
// https://developers.google.com/workspace/events/guides/events-lifecycle#expired
func (s *Server) alive(name string) *Subscription {
	if sub := s.subscriptions[name]; sub != nil && sub.Expires.After(time.Now()) {
		return sub
	}
	return nil
}

// AddSubscription adds one that another program has made.
func (s *Server) AddSubscription(sub Subscription) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subscriptions[sub.Name] = &sub
}

// TakeTime has subscriptions be made by operations that are not done at once.
func (s *Server) TakeTime() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow = true
}

func (sub *Subscription) json() object {
	return object{"name": sub.Name, "targetResource": sub.Target, "expireTime": sub.Expires.UTC().Format(time.RFC3339), "state": sub.State}
}

// done is an operation that has made a subscription. The lock is held.
func (s *Server) done(sub *Subscription) object {
	if s.slow {
		s.slow = false
		s.next++
		name := fmt.Sprintf("operations/O%d", s.next)
		s.operations[name] = sub.Name
		return object{"name": name, "done": false}
	}
	return object{"name": "operations/done", "done": true, "response": sub.json()}
}

func (s *Server) getOperation(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.subscriptions[s.operations[nameIn(c.Path)]]
	if sub == nil {
		return nil, notFound()
	}
	return s.done(sub), nil
}

func (s *Server) subscribe(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	target := str(c.Body, "targetResource")
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.spaces[strings.TrimPrefix(target, "//chat.googleapis.com/")]; !ok {
		return nil, forbidden("The caller does not have permission")
	}
	if str(sub(c.Body, "notificationEndpoint"), "pubsubTopic") != Topic {
		return nil, invalid("The Pub/Sub topic is not found.")
	}
	for _, one := range s.subscriptions {
		if one.Target == target && one.Expires.After(time.Now()) {
			return nil, &Failure{Status: http.StatusConflict, Code: "ALREADY_EXISTS", Message: "Subscription already exists."}
		}
	}
	s.next++
	made := &Subscription{Name: fmt.Sprintf("subscriptions/S%d", s.next), Target: target, State: "ACTIVE", Expires: time.Now().Add(subscriptionLife)}
	s.subscriptions[made.Name] = made
	return s.done(made), nil
}

func (s *Server) listSubscriptions(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []object{}
	for _, name := range slices.Sorted(maps.Keys(s.subscriptions)) {
		filter := c.Query.Get("filter")
		if sub := s.alive(name); sub != nil && (!strings.Contains(filter, "target_resource") || strings.Contains(filter, `target_resource="`+sub.Target+`"`)) {
			all = append(all, sub.json())
		}
	}
	page, next := pageOf(c, all)
	return object{"subscriptions": page, "nextPageToken": next}, nil
}

func (s *Server) renew(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.alive(nameIn(c.Path))
	if sub == nil {
		return nil, notFound()
	}
	sub.Expires = time.Now().Add(subscriptionLife)
	sub.Renewals++
	return s.done(sub), nil
}

func (s *Server) reactivate(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.alive(nameIn(c.Path))
	switch {
	case sub == nil:
		return nil, notFound()
	case sub.State != "SUSPENDED":
		return nil, &Failure{Status: http.StatusBadRequest, Code: "FAILED_PRECONDITION", Message: "The subscription is not suspended."}
	}
	sub.State = "ACTIVE"
	return s.done(sub), nil
}
