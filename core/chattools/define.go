package chattools

import (
	"context"
	"encoding/json"
	"reflect"
)

// kind says what a tool does to a conversation.
type kind int

const (
	reads    kind = iota
	adds          // each call adds something
	sets          // a second call changes nothing more
	destroys      // what cannot be undone; a second call changes nothing more
)

// define returns a tool of the set. prepare finds what the call is about, and refuses what
// is out of scope; what it returns is done when people have approved it.
func define[In any](s *toolset, k kind, name Name, title, description string, prepare func(context.Context, In) (func() (any, error), error)) Tool {
	params := parametersOf(reflect.TypeFor[In]())
	schema, _ := json.Marshal(params) // an object has nothing that is no JSON
	t := Tool{Name: name, Title: title, Description: description, Parameters: schema, ReadOnly: k == reads, Destructive: k == destroys, Idempotent: k != adds}
	t.Call = func(ctx context.Context, arguments json.RawMessage) (string, error) {
		in, err := decode[In](arguments, params)
		if err != nil {
			return "", err
		}
		do, err := prepare(ctx, in)
		if err != nil {
			return "", err
		}
		if s.cfg.NeedsApproval(t) {
			if err := s.ask(ctx, t, arguments); err != nil {
				return "", err
			}
		}
		out, err := do()
		if err != nil {
			return "", err
		}
		return encode(out)
	}
	return t
}

// all returns all tools.
func (s *toolset) all() []Tool {
	return append(s.readers(), s.writers()...)
}
