package chat

import (
	"fmt"
	"reflect"
	"sync"
)

// attached has the adapters of this process that belong to a bot. An adapter has
// one: what came in for it would otherwise go to the bot that was made last.
var attached sync.Map // of Adapter to *Chat

// attach hands the adapters their bot, all or none.
func (c *Chat) attach(adapters []Adapter) error {
	for i, a := range adapters {
		err := c.attachOne(a)
		if err != nil {
			c.detach()
			return fmt.Errorf("Adapters[%d]: %w", i, err)
		}
	}
	return nil
}

func (c *Chat) attachOne(a Adapter) error {
	if reflect.TypeOf(a).Comparable() {
		if _, taken := attached.LoadOrStore(a, c); taken {
			return fmt.Errorf("%w: the adapter %q belongs to another bot, want one of its own for each", ErrInvalidConfig, a.Name())
		}
	}
	c.adapters[a.Name()] = a
	return a.Attach(&host{chat: c, adapter: a, log: c.log.With("adapter", a.Name())})
}

// detach lets another bot have the adapters.
func (c *Chat) detach() {
	for _, a := range c.adapters {
		if reflect.TypeOf(a).Comparable() {
			attached.CompareAndDelete(a, c)
		}
	}
}
