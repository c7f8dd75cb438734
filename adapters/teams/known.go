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

// knownTTL is how long data from activities is kept, as in the TypeScript SDK.
const knownTTL = 30 * 24 * time.Hour

// lookupTimeout is the limit for a look-up while a post waits.
const lookupTimeout = 5 * time.Second

var errUnknown = errors.New("no activity has contained it")

// known keeps data about users and conversations from activities, under the keys of the
// TypeScript SDK.
type known struct {
	services, objects, tenants *adapterkit.Lookup[string] // by user id
	contexts                   *adapterkit.Lookup[conversationContext]
	members                    *adapterkit.Lookup[member] // by user id
	teams                      *adapterkit.Lookup[string] // by channel
	// learned has what was stored lately, so that it is not stored again.
	learned *adapterkit.Cache[learned]
}

// learned is the data that was last stored about a user in a conversation.
type learned struct {
	service, object, tenant, team string
	context                       conversationContext
}

// conversationContext has the ids of a conversation in Graph: a channel of a team, or a chat.
// The TypeScript SDK stores it as JSON within a JSON string.
type conversationContext struct {
	TeamID      string `json:"teamId,omitempty"`
	ChannelID   string `json:"channelId,omitempty"`
	Type        string `json:"type,omitempty"` // "dm"
	GraphChatID string `json:"graphChatId,omitempty"`
	TenantID    string `json:"tenantId,omitempty"`
}

// MarshalJSON returns the JSON of the TypeScript SDK.
func (c conversationContext) MarshalJSON() ([]byte, error) {
	type plain conversationContext
	inner, err := json.Marshal(plain(c))
	if err != nil {
		return nil, err
	}
	return json.Marshal(string(inner))
}

// UnmarshalJSON reads the JSON of the TypeScript SDK.
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

// learn stores data from an activity: the service URL, ids and tenant of its user, and the
// ids of its conversation in Graph.
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

// contextOf returns the ids of an activity's conversation in Graph, or none if the activity
// does not contain them. Only some activities have the GUID of the team.
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

// serviceOf returns the service URL of a user's last activity, or "".
func (k *known) serviceOf(ctx context.Context, user string) string {
	return kept(ctx, k.services, user)
}

// tenantOf returns a user's tenant, or "".
func (k *known) tenantOf(ctx context.Context, user string) string { return kept(ctx, k.tenants, user) }

// kept returns the stored value of a key, or the zero value.
func kept[V any](ctx context.Context, from *adapterkit.Lookup[V], key string) V {
	value, _ := from.Get(ctx, key, func(context.Context) (V, error) {
		var none V
		return none, errUnknown
	})
	return value
}
