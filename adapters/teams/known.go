package teams

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// knownTTL is how long the TypeScript SDK keeps what activities have told.
const knownTTL = 30 * 24 * time.Hour

// lookupTimeout bounds a look-up that a post waits for.
const lookupTimeout = 5 * time.Second

var errUnknown = errors.New("no activity has told it")

// known is what activities have told about users and conversations, under the
// TypeScript SDK's keys.
type known struct {
	services, objects, tenants *adapterkit.Lookup[string] // by user id
	contexts                   *adapterkit.Lookup[conversationContext]
	members                    *adapterkit.Lookup[member] // by user id
	teams                      *adapterkit.Lookup[string] // of channels
	// learned keeps from writing again what was written lately.
	learned *adapterkit.Cache[learned]
}

// learned is what was last told about a user in a conversation.
type learned struct {
	service, object, tenant, team string
	context                       conversationContext
}

// conversationContext is what Graph calls a conversation: a channel of a team, or a
// chat. The TypeScript SDK keeps it as JSON within a JSON string.
type conversationContext struct {
	TeamID      string `json:"teamId,omitempty"`
	ChannelID   string `json:"channelId,omitempty"`
	Type        string `json:"type,omitempty"` // "dm"
	GraphChatID string `json:"graphChatId,omitempty"`
	TenantID    string `json:"tenantId,omitempty"`
}

// MarshalJSON returns the TypeScript SDK's JSON.
func (c conversationContext) MarshalJSON() ([]byte, error) {
	type plain conversationContext
	inner, err := json.Marshal(plain(c))
	if err != nil {
		return nil, err
	}
	return json.Marshal(string(inner))
}

// UnmarshalJSON reads the TypeScript SDK's JSON.
func (c *conversationContext) UnmarshalJSON(data []byte) error {
	type plain conversationContext
	var inner string
	if err := json.Unmarshal(data, &inner); err != nil {
		return err
	}
	return json.Unmarshal([]byte(inner), (*plain)(c))
}

func newKnown(host chat.Host) *known {
	user := func(what string) *adapterkit.Lookup[string] {
		return adapterkit.NewLookup[string](host, adapterkit.LookupConfig{Prefix: "teams:" + what + ":", TTL: knownTTL})
	}
	return &known{
		services: user("serviceUrl"), objects: user("aadObjectId"), tenants: user("tenantId"),
		contexts: adapterkit.NewLookup[conversationContext](host, adapterkit.LookupConfig{Prefix: "teams:channelContext:", TTL: knownTTL}),
		members:  adapterkit.NewLookup[member](host, adapterkit.LookupConfig{Prefix: "teams:member:", Timeout: lookupTimeout}),
		teams:    adapterkit.NewLookup[string](host, adapterkit.LookupConfig{Prefix: "teams:teamOf:", TTL: knownTTL}),
		learned:  adapterkit.NewCache[learned](10_000, 24*time.Hour),
	}
}

// learn keeps what an activity has told: where its user is reached, and what Graph
// calls its conversation.
func (a *Adapter) learn(ctx context.Context, act *activity) {
	k, user := a.known, act.From.ID
	now := learned{service: act.ServiceURL, object: act.From.AADObjectID, tenant: act.tenant(), context: a.contextOf(act)}
	if t := act.ChannelData.Team; t != nil && act.at.isChannel() && isPrintable(t.ID, 256) {
		now.team = t.ID
	}
	key := user + "\n" + act.at.conversation
	if before, ok := k.learned.Get(key); ok && before == now {
		return
	}
	k.learned.Set(key, now)
	if isPrintable(user, 256) && !a.isMe(user) {
		k.services.Learn(ctx, user, now.service)
		if now.object != "" {
			k.objects.Learn(ctx, user, now.object)
		}
		if now.tenant != "" {
			k.tenants.Learn(ctx, user, now.tenant)
		}
	}
	if now.team != "" {
		k.teams.Learn(ctx, act.at.conversation, now.team)
	}
	if now.context.ChannelID != "" || now.context.GraphChatID != "" {
		k.contexts.Learn(ctx, act.at.conversation, now.context)
	}
}

// contextOf is what Graph calls an activity's conversation, as far as the activity
// tells. Teams names a team by its GUID only in some events.
func (a *Adapter) contextOf(act *activity) conversationContext {
	switch t := act.ChannelData.Team; {
	case act.at.isPersonal() && act.From.AADObjectID != "":
		// https://learn.microsoft.com/graph/api/resources/chat: the two members in the id
		return conversationContext{Type: "dm", GraphChatID: "19:" + act.From.AADObjectID + "_" + strings.ToLower(a.config.AppID) + "@unq.gbl.spaces", TenantID: act.tenant()}
	case t != nil && guidForm.MatchString(t.AADGroupID):
		return conversationContext{TeamID: t.AADGroupID, ChannelID: act.at.conversation, TenantID: act.tenant()}
	}
	return conversationContext{}
}

// serviceOf is the service URL at which a user was last heard, or empty.
func (k *known) serviceOf(ctx context.Context, user string) string {
	return kept(ctx, k.services, user)
}

// tenantOf is a user's tenant, or empty.
func (k *known) tenantOf(ctx context.Context, user string) string { return kept(ctx, k.tenants, user) }

// kept is what was learned of a key, or the zero value.
func kept[V any](ctx context.Context, from *adapterkit.Lookup[V], key string) V {
	value, _ := from.Get(ctx, key, func(context.Context) (V, error) {
		var none V
		return none, errUnknown
	})
	return value
}
