package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// A TypeScript instance takes a message that is delivered to it by setting
// dedupe:{adapter}:{its id of the message}, if the key is absent; what the key holds it
// does not look at. Where an adapter's ids are others, as Slack's, an instance that
// shares the state with it sets that key, too, with its own id of the message for a
// value: so it knows whose a key is that it finds, also if the id there stands for
// messages of two channels.
//
// A TypeScript instance drops a message whose key is set, and answers the platform that
// it has it. So the key lives only as long as a delivery may take, until the message is
// stored, and goes if that fails.

// foreignClaim is a message's claim among TypeScript instances. The zero value is of a
// message that needs none.
type foreignClaim struct {
	chat  *Chat
	key   string
	value []byte
	fresh bool // this delivery has set it
}

// foreignGrace is how long a delivery may take.
const foreignGrace = 15 * time.Second

// ourIDPrefix begins the values of keys that an instance of this SDK has set.
const ourIDPrefix = "chat-go:"

// claimForeign takes the message among the TypeScript instances. It reports true if one
// of them has it.
func (c *Chat) claimForeign(ctx context.Context, a Adapter, m *Message) (f foreignClaim, taken bool, err error) {
	named, ok := a.(TypeScriptNamer)
	if !ok || !c.cfg.Storage.SharedWithTypeScript {
		return foreignClaim{}, false, nil
	}
	id := named.TypeScriptID(m)
	if id == "" || id == m.ID {
		return foreignClaim{}, false, nil
	}
	value, err := json.Marshal(ourIDPrefix + string(m.ID))
	if err != nil {
		return foreignClaim{}, false, err
	}
	f = foreignClaim{chat: c, key: claimKey(m, id), value: value}
	for {
		f.fresh, err = c.state.SetIfNotExists(ctx, f.key, f.value, foreignGrace)
		if f.fresh || err != nil && !errors.Is(err, state.ErrUnknownOutcome) {
			return f, false, err
		}
		found, err := c.state.Get(ctx, f.key)
		switch {
		case errors.Is(err, state.ErrNotFound): // it has expired in between
		case err != nil:
			return f, false, err
		case bytes.Equal(found, f.value):
			return f, false, nil // from an earlier delivery
		case bytes.HasPrefix(found, []byte(`"`+ourIDPrefix)):
			return foreignClaim{}, false, nil // another channel's, which came to us as well
		default:
			return f, true, nil
		}
	}
}

// end notes how the delivery has ended. After an error the platform delivers the message
// again, and not always to an instance that knows what a claim means.
func (f foreignClaim) end(ctx context.Context, delivered error) {
	if f.chat == nil || delivered != nil && !f.fresh {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), foreignGrace)
	defer cancel()
	var err error
	if delivered == nil {
		err = f.chat.state.Set(ctx, f.key, f.value, f.chat.cfg.Storage.DedupeTTL)
	} else {
		err = f.chat.state.Delete(ctx, f.key)
	}
	if err != nil {
		f.chat.log.WarnContext(ctx, "dedupe-share-failed", "key", f.key, "error", err)
	}
}
