package chaos

import (
	"log/slog"
	"strings"

	"github.com/chat-adapter/chat-go/core/state"
	pgstate "github.com/chat-adapter/chat-go/state-postgres"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// backend is what a run needs of a state.
type backend interface {
	state.Adapter
	state.Inbox
}

// openState returns the state at StateURL. log is nil for none.
func (s *botSettings) openState(log *slog.Logger) (backend, error) {
	if strings.HasPrefix(s.StateURL, "postgres:") {
		return pgstate.New(pgstate.Config{URL: s.StateURL, Prefix: s.KeyPrefix, Logger: log})
	}
	return redisstate.New(redisstate.Config{URL: s.StateURL, KeyPrefix: s.KeyPrefix, MinReplicas: s.MinReplicas, Logger: log})
}
