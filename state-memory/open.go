package memorystate

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/state"
)

func init() { state.Register("memory", open) }

// open makes an adapter from memory://, the only URL there is. A prefix changes
// nothing: every adapter has data of its own.
func open(_ context.Context, rawURL string) (state.Adapter, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("%w: state URL cannot be parsed, want memory://", state.ErrInvalidConfig)
	}
	switch {
	case u.Host != "" || u.User != nil || strings.Trim(u.Path, "/") != "":
		return nil, fmt.Errorf("%w: state URL names a place, but memory has none: want memory://", state.ErrInvalidConfig)
	case u.Fragment != "":
		return nil, fmt.Errorf("%w: state URL has a fragment, want memory://", state.ErrInvalidConfig)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("%w: the options of the state URL cannot be parsed, want memory://", state.ErrInvalidConfig)
	}
	delete(query, "prefix")
	if len(query) > 0 {
		names := make([]string, 0, len(query))
		for name := range query {
			names = append(names, name)
		}
		slices.Sort(names)
		return nil, fmt.Errorf("%w: state URL has the unknown option %q, memory:// takes prefix alone", state.ErrInvalidConfig, names[0])
	}
	return New(Config{})
}
