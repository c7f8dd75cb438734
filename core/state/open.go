package state

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Opener makes an adapter from a URL, without connecting it. The URL comes as
// it was written, but for surrounding space and with its scheme in lower case:
// some schemes list several hosts, which net/url does not parse. Every opener takes
// the query parameter prefix, for the names that it stores, so that one template
// serves all backends; one that stores nothing ignores it. Unknown query parameters
// are errors, and no error shows a password.
type Opener func(ctx context.Context, rawURL string) (Adapter, error)

var (
	openersMu sync.RWMutex
	openers   = map[string]Opener{}
)

// Register makes a scheme, in lower case, known to [Open]. Adapter packages call it
// when they are imported. It panics if the scheme is taken or open is nil.
func Register(scheme string, open Opener) {
	openersMu.Lock()
	defer openersMu.Unlock()
	if open == nil {
		panic("state: Register of scheme " + quote(scheme) + " with a nil Opener")
	}
	if _, taken := openers[scheme]; taken {
		panic("state: Register called twice for scheme " + quote(scheme))
	}
	openers[scheme] = open
}

// schemes returns the registered schemes in alphabetical order.
func schemes() []string {
	openersMu.RLock()
	defer openersMu.RUnlock()
	names := make([]string, 0, len(openers))
	for s := range openers {
		names = append(names, s)
	}
	slices.Sort(names)
	return names
}

// Open returns the adapter that the URL describes, chosen by its scheme, in upper or
// lower case, among those registered. It does not connect: the bot does that, or
// call Connect. It returns [ErrInvalidConfig] for a URL that cannot be read. The
// error for an unknown scheme names the package to import, or the scheme that was
// probably meant.
func Open(ctx context.Context, rawURL string) (Adapter, error) {
	rawURL = strings.TrimSpace(rawURL)
	if rawURL == "" {
		return nil, fmt.Errorf("%w: state URL is empty (is the environment variable set?), want %s", ErrInvalidConfig, exampleURLs)
	}
	scheme, rest, ok := strings.Cut(rawURL, "://")
	scheme = strings.ToLower(scheme)
	if !ok || !isScheme(scheme) {
		// The text is not shown: it may be a connection string with a password.
		return nil, fmt.Errorf("%w: state URL has no scheme, want %s", ErrInvalidConfig, exampleURLs)
	}
	openersMu.RLock()
	open := openers[scheme]
	openersMu.RUnlock()
	if open == nil {
		return nil, unknownScheme(scheme)
	}
	return open(ctx, scheme+"://"+rest)
}

const exampleURLs = "something like memory:// or redis://host:6379"
