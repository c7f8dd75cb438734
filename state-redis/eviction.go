package redisstate

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// warnOfEviction warns of servers that throw keys away when their memory is full:
// locks, queues and subscriptions disappear then, in silence. It asks only as the
// default user, who may nearly always ask: of another it would leave an entry in the
// server's ACL LOG. A server that does not tell is not warned of.
func (a *Adapter) warnOfEviction(ctx context.Context) {
	for _, n := range a.locks {
		if n.username() != "" && n.username() != "default" {
			continue
		}
		if n.cluster == nil {
			a.warnOfPolicy(ctx, n, n.describe, n.client)
			continue
		}
		_ = n.cluster.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error {
			a.warnOfPolicy(ctx, n, c.Options().Addr, c)
			return nil
		})
	}
}

func (a *Adapter) warnOfPolicy(ctx context.Context, n *node, server string, client redis.UniversalClient) {
	info := newString("info", "memory")
	if err := n.exec(ctx, client.Pipeline(), []redis.Cmder{info}); err != nil || info.Err() != nil {
		return
	}
	_, rest, _ := strings.Cut(info.Val(), "maxmemory_policy:")
	policy, _, _ := strings.Cut(rest, "\r\n")
	if policy == "" || policy == "noeviction" {
		return
	}
	a.cfg.Logger.WarnContext(ctx, "the server throws keys away when its memory is full: locks, queues and subscriptions may get lost; set maxmemory-policy noeviction",
		"server", server, "maxmemory-policy", policy)
}

// username is the user that the client signs in as, "" for the default one.
func (n *node) username() string {
	switch c := n.client.(type) {
	case *redis.Client:
		return c.Options().Username
	case *redis.ClusterClient:
		return c.Options().Username
	}
	return "unknown"
}
