package teams

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Permissions of Microsoft Graph, of which one is enough. Those that end in ".Group" and
// ".Chat" are in the app's manifest; an administrator grants the others.
// https://learn.microsoft.com/graph/permissions-reference
const (
	readChannel  = "ChannelMessage.Read.Group or ChannelMessage.Read.All"
	readChat     = "ChatMessage.Read.Chat or Chat.Read.All"
	readPersonal = "Chat.Read.All"
	readUsers    = "User.Read.All"
	readTeam     = "ChannelSettings.Read.Group or Channel.ReadBasic.All"
	readTopic    = "ChatSettings.Read.Chat or Chat.ReadBasic.All"
	writeFiles   = "Files.ReadWrite.All"
)

var errNoTenant = fmt.Errorf("teams: the tenant for Microsoft Graph is not known, set Config.TenantID: %w", errors.ErrUnsupported)

// graph calls Microsoft Graph for a tenant. If a permission is missing, the error names the
// permissions of needs.
func (a *Adapter) graph(ctx context.Context, tenant, needs string, call platform.Call) error {
	if tenant == "" || a.config.TenantID != "" && !a.config.MultiTenant {
		tenant = a.config.TenantID
	}
	if tenant == "" || !tenantForm.MatchString(tenant) {
		return errNoTenant
	}
	err := a.doAuthorized(ctx, a.graphClient, grant{tenant, a.cloud.graph + ".default"}, call)
	if refusal, ok := errors.AsType[*chat.PlatformError](err); ok && refusal.Code == chat.CodePermission {
		named := *refusal
		named.Err = fmt.Errorf("%w: the app needs the permission %s of Microsoft Graph", refusal.Err, needs)
		return &named
	}
	return err
}

// segments returns a path of Graph.
func segments(parts ...string) string {
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(parts, "/")
}

var errNoContext = errors.New("the conversation cannot be found in Microsoft Graph until an activity has named its ids there")

// graphOf returns the ids of a conversation in Graph.
func (a *Adapter) graphOf(ctx context.Context, at place) (conversationContext, error) {
	if c := kept(ctx, a.known.contexts, at.conversation); c.ChannelID != "" && c.TeamID != "" || c.GraphChatID != "" {
		return c, nil
	}
	switch {
	case at.isPersonal():
	case !at.isChannel():
		return conversationContext{GraphChatID: at.conversation, TenantID: a.config.TenantID}, nil // a group chat has the same id in Graph
	default:
		team := kept(ctx, a.known.teams, at.conversation)
		if team == "" {
			break
		}
		// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context#get-teams-details
		var got struct {
			AADGroupID string `json:"aadGroupId"`
			TenantID   string `json:"tenantId"`
		}
		if err := a.send(ctx, at.service, platform.Call{Op: "getTeamDetails", Path: "v3/teams/" + url.PathEscape(team), Into: &got}); err != nil {
			return conversationContext{}, err
		}
		if guidForm.MatchString(got.AADGroupID) {
			c := conversationContext{TeamID: got.AADGroupID, ChannelID: at.conversation, TenantID: got.TenantID}
			a.known.contexts.Learn(ctx, at.conversation, c)
			return c, nil
		}
	}
	return conversationContext{}, &chat.PlatformError{Adapter: adapterName, Op: "graph", Code: chat.CodeNotFound, Err: errNoContext}
}

// messagesOf returns the path of a conversation's messages in Graph, and the permissions for
// reading them.
func (c conversationContext) messagesOf() (path, needs string) {
	switch {
	case c.GraphChatID != "" && c.Type == "dm":
		return segments("chats", c.GraphChatID, "messages"), readPersonal
	case c.GraphChatID != "":
		return segments("chats", c.GraphChatID, "messages"), readChat
	}
	return segments("teams", c.TeamID, "channels", c.ChannelID, "messages"), readChannel
}
