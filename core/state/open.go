package state

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Opener makes an adapter from a URL, without connecting it. The URL comes as
// it was written: some schemes list several hosts, which net/url does not
// parse. Unknown query parameters are errors, and no error shows a password.
type Opener func(ctx context.Context, rawURL string) (Adapter, error)

var (
	openersMu sync.RWMutex
	openers   = map[string]Opener{}
)

// knownSchemes names the package to import for the schemes of this project.
var knownSchemes = map[string]string{
	"memory":          "github.com/chat-adapter/chat-go/state-memory",
	"redis":           redisPackage,
	"rediss":          redisPackage,
	"redis+cluster":   redisPackage,
	"rediss+cluster":  redisPackage,
	"redis+sentinel":  redisPackage,
	"rediss+sentinel": redisPackage,
}

const redisPackage = "github.com/chat-adapter/chat-go/state-redis"

// Register makes a scheme known to [Open]. Adapter packages call it when they
// are imported. It panics if the scheme is taken or open is nil.
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

// Schemes returns the registered schemes in alphabetical order.
func Schemes() []string {
	openersMu.RLock()
	defer openersMu.RUnlock()
	names := make([]string, 0, len(openers))
	for s := range openers {
		names = append(names, s)
	}
	slices.Sort(names)
	return names
}

// Open returns the adapter that the URL describes, chosen by its scheme among
// those registered. It does not connect: the bot does that, or call Connect.
// The error for an unknown scheme names the package to import.
func Open(ctx context.Context, rawURL string) (Adapter, error) {
	scheme, _, ok := strings.Cut(rawURL, "://")
	if !ok || scheme == "" {
		// The text is not shown: it may be a connection string with a password.
		return nil, fmt.Errorf("%w: state URL has no scheme, want something like memory:// or redis://host:6379", ErrInvalidArgument)
	}
	openersMu.RLock()
	open := openers[scheme]
	openersMu.RUnlock()
	if open == nil {
		if pkg, known := knownSchemes[scheme]; known {
			return nil, fmt.Errorf("%w: state URL scheme %q is not registered: add import _ %q", ErrInvalidArgument, scheme, pkg)
		}
		return nil, fmt.Errorf("%w: state URL scheme %q is not registered (registered: %s): import the package that provides it",
			ErrInvalidArgument, scheme, strings.Join(Schemes(), ", "))
	}
	return open(ctx, rawURL)
}
