package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// identity holds the ids that WhatsApp gives for a user. Some can be missing. A phone
// number can change, and then the business-scoped user id changes, too. A thread keeps
// the id that it began with.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
type identity struct {
	Scoped string `json:"bsuid,omitempty"`
	Parent string `json:"parent,omitempty"`
	Phone  string `json:"phone,omitempty"`
}

// ids returns the ids that are not empty, the most reliable first. A phone number is
// the last, since it can become another person's.
func (i identity) ids() []string {
	var all []string
	for _, id := range []string{i.Scoped, i.Parent, i.Phone} {
		if id != "" {
			all = append(all, id)
		}
	}
	return all
}

// name returns the user id of a new thread: the phone number, if there is one.
func (i identity) name() string {
	for _, id := range []string{i.Phone, i.Scoped, i.Parent} {
		if id != "" {
			return id
		}
	}
	return ""
}

func (i identity) valid() bool {
	ids := i.ids()
	for _, id := range ids {
		if !isUserID(id) {
			return false
		}
	}
	return len(ids) > 0
}

// with returns the identity with the ids that another one adds or replaces.
func (i identity) with(other identity) identity {
	if other.Scoped != "" {
		i.Scoped = other.Scoped
	}
	if other.Parent != "" {
		i.Parent = other.Parent
	}
	if other.Phone != "" {
		i.Phone = other.Phone
	}
	return i
}

// identities stores which ids belong to the same user, under the same keys as the
// TypeScript SDK. It is safe for concurrent use.
type identities struct {
	host   chat.Host
	users  *adapterkit.Cache[string]   // by number and identity
	routes *adapterkit.Cache[identity] // by number and user
}

// identityAge is how long a process uses a value from the state before it reads it
// again.
const identityAge = time.Minute

func newIdentities(host chat.Host) identities {
	return identities{host, adapterkit.NewCache[string](maxRemembered, identityAge), adapterkit.NewCache[identity](maxRemembered, identityAge)}
}

func aliasKey(number, id string) string   { return "whatsapp:identity:alias:" + number + ":" + id }
func routeKey(number, user string) string { return "whatsapp:identity:route:" + number + ":" + user }

// user returns the user id of a user's thread, and stores the ids. Its errors are those
// of the state.
func (s identities) user(ctx context.Context, number string, who identity) (string, error) {
	key := number + "\n" + who.Scoped + "\n" + who.Parent + "\n" + who.Phone
	if user, ok := s.users.Get(key); ok {
		return user, nil
	}
	user, err := s.find(ctx, number, who)
	if err != nil {
		return "", err
	}
	if who != (identity{Phone: user}) { // else there is nothing to store
		route, _, err := s.route(ctx, number, user)
		if err != nil {
			return "", err
		}
		if err := s.link(ctx, number, user, route.with(who), who.ids()); err != nil {
			return "", err
		}
	}
	s.users.Set(key, user)
	return user, nil
}

// known returns the user id that stands for one id. It stores nothing.
func (s identities) known(ctx context.Context, number, id string) (string, error) {
	user, err := s.alias(ctx, number, id)
	if err != nil || user != "" {
		return user, err
	}
	return id, nil
}

// change stores that a user has other ids from now on, and returns the user.
func (s identities) change(ctx context.Context, number string, before, now identity) (string, error) {
	user := ""
	var err error
	for _, who := range []identity{before, now} {
		if user == "" && who.valid() {
			if user, err = s.find(ctx, number, who); err != nil {
				return "", err
			}
		}
	}
	return user, s.link(ctx, number, user, now, append(before.ids(), now.ids()...))
}

// find returns the user that one of the ids stands for, else the user id for a new
// thread.
func (s identities) find(ctx context.Context, number string, who identity) (string, error) {
	for _, id := range who.ids() {
		user, err := s.alias(ctx, number, id)
		if err != nil {
			return "", err
		}
		if user == "" && id != who.Phone {
			continue
		}
		if user == "" {
			user = id
		}
		if id != who.Phone || len(who.ids()) == 1 {
			return user, nil
		}
		// The former owner of the number may have another one now. Then the number
		// belongs to another person.
		route, stored, err := s.route(ctx, number, user)
		if err != nil {
			return "", err
		}
		if !stored || route.Phone == id {
			return user, nil
		}
		who.Phone = ""
	}
	return who.name(), nil
}

// link stores that the ids belong to the user, and to which ids the bot writes.
func (s identities) link(ctx context.Context, number, user string, route identity, ids []string) error {
	for _, id := range ids {
		known, err := s.alias(ctx, number, id)
		if err != nil {
			return err
		}
		if known != user {
			if err := s.set(ctx, aliasKey(number, id), user); err != nil {
				return err
			}
		}
	}
	old, stored, err := s.route(ctx, number, user)
	if err != nil || stored && old == route {
		return err
	}
	if err := s.set(ctx, routeKey(number, user), route); err != nil {
		return err
	}
	s.routes.Set(number+"\n"+user, route)
	return nil
}

// alias returns the user that an id stands for, or "".
func (s identities) alias(ctx context.Context, number, id string) (user string, err error) {
	_, err = s.get(ctx, aliasKey(number, id), &user)
	if !isUserID(user) {
		user = ""
	}
	return user, err
}

// route returns the ids to which the bot writes to a user, if they are stored.
func (s identities) route(ctx context.Context, number, user string) (route identity, stored bool, err error) {
	key := number + "\n" + user
	if route, ok := s.routes.Get(key); ok {
		return route, route != identity{}, nil
	}
	if stored, err = s.get(ctx, routeKey(number, user), &route); err != nil {
		return identity{}, false, err
	}
	if stored = stored && route.valid(); !stored {
		route = identity{}
	}
	s.routes.Set(key, route)
	return route, stored, nil
}

// get reads a value from the state. A value that is not valid JSON counts as missing.
func (s identities) get(ctx context.Context, key string, into any) (bool, error) {
	data, err := s.host.State().Get(ctx, key)
	switch {
	case errors.Is(err, state.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	}
	return json.Unmarshal(data, into) == nil, nil
}

func (s identities) set(ctx context.Context, key string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return s.host.State().Set(ctx, key, data, 0)
}
