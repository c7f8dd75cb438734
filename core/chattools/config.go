package chattools

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Name is the name of a tool of [New].
type Name = string

// The tools, as the TypeScript SDK names them. The comment says on which thread, channel
// or user they act.
const (
	FetchMessages         Name = "fetchMessages"         // a thread's
	FetchChannelMessages  Name = "fetchChannelMessages"  // a channel's
	FetchThread           Name = "fetchThread"           // what there is to know of a thread
	ListThreads           Name = "listThreads"           // of a channel
	GetThreadParticipants Name = "getThreadParticipants" // of a thread
	GetChannelInfo        Name = "getChannelInfo"        // of a channel
	GetUser               Name = "getUser"               // any user of the platform
	StartTyping           Name = "startTyping"           // in a thread
	PostMessage           Name = "postMessage"           // to a thread
	PostChannelMessage    Name = "postChannelMessage"    // to a channel
	SendDirectMessage     Name = "sendDirectMessage"     // to any user of the platform
	EditMessage           Name = "editMessage"           // of the bot, in a thread
	DeleteMessage         Name = "deleteMessage"         // of a thread
	AddReaction           Name = "addReaction"           // to a message of a thread
	RemoveReaction        Name = "removeReaction"        // the bot's, from a message of a thread
	SubscribeThread       Name = "subscribeThread"       // a thread
	UnsubscribeThread     Name = "unsubscribeThread"     // a thread
)

// Reader returns the names of the tools that change nothing.
func Reader() []Name {
	return []Name{FetchMessages, FetchChannelMessages, FetchThread, ListThreads, GetThreadParticipants, GetChannelInfo, GetUser}
}

// Messenger returns the names of the tools with which one takes part in a conversation.
func Messenger() []Name {
	return []Name{
		FetchMessages, FetchThread, GetChannelInfo, GetUser, PostMessage, PostChannelMessage, SendDirectMessage,
		AddReaction, RemoveReaction, StartTyping,
	}
}

// Moderator returns the names of all tools.
func Moderator() []Name {
	return append(Reader(), StartTyping, PostMessage, PostChannelMessage, SendDirectMessage, EditMessage, DeleteMessage,
		AddReaction, RemoveReaction, SubscribeThread, UnsubscribeThread)
}

// Scope says how far from its conversation a tool may act.
type Scope string

const (
	// ScopeChannel is the conversation's channel with all of its threads. Some
	// platforms have wide channels: one of GitHub is a repository.
	ScopeChannel Scope = "channel"
	// ScopeThread is the conversation's thread alone.
	ScopeThread Scope = "thread"
	// ScopeAll is every conversation that the bot can see. What a message says can then
	// make a model act anywhere.
	ScopeAll Scope = "all"
)

// Config says what a model may do in chats.
type Config struct {
	// Bot is the bot that acts. Required.
	Bot *chat.Chat
	// Tools are the names of the tools. Default [Reader].
	Tools []Name
	// Scope is how far from its conversation a tool may act. The conversation is the one
	// of the handler that the call's context belongs to, see [chat.ConversationFrom];
	// else it is Thread. Without any, only ScopeAll lets a tool act. GetUser and
	// SendDirectMessage name users, not conversations: a person's approval is their
	// guard, and under ScopeThread they act for participants of the thread alone.
	// Default ScopeChannel.
	Scope Scope
	// Thread is the conversation of calls that come from no handler, such as those of an
	// MCP server. Default none.
	Thread chat.ThreadID
	// ApprovalThread is where people are asked to approve calls, and told which
	// conversation a call is about. A turn that is run again asks there again. Default:
	// the conversation.
	ApprovalThread chat.ThreadID
	// WithoutApproval are the names of the tools that are called without asking anybody,
	// beyond those that only read and StartTyping. Default none: people approve each call
	// of another tool, and of GetUser, which may show what is not known in the
	// conversation.
	WithoutApproval []Name
	// ApprovalTimeout is how long a call waits to be approved. The handler waits
	// meanwhile, so it must be shorter than Config.Limits.MaxTurn of the bot. Default 5
	// minutes.
	ApprovalTimeout time.Duration
	// Approvers may approve. Default: everybody in the conversation where they are asked,
	// also those whose messages have led the model to its call.
	Approvers []chat.UserID
	// Fixed are arguments that a model neither sees nor changes, by the name of the tool
	// and that of the argument. Default none.
	Fixed map[Name]map[string]any
}

// New returns the tools.
func New(cfg Config) ([]Tool, error) {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("chattools: %w: Config.%s", chat.ErrInvalidConfig, fmt.Sprintf(format, args...))
	}
	if cfg.Bot == nil {
		return nil, bad("Bot is nil, want the bot that acts")
	}
	if cfg.Tools == nil {
		cfg.Tools = Reader()
	}
	switch cfg.Scope {
	case "":
		cfg.Scope = ScopeChannel
	case ScopeChannel, ScopeThread, ScopeAll:
	default:
		return nil, bad("Scope is %q, want ScopeChannel, ScopeThread or ScopeAll", cfg.Scope)
	}
	for field, id := range map[string]chat.ThreadID{"Thread": cfg.Thread, "ApprovalThread": cfg.ApprovalThread} {
		if id == "" {
			continue
		}
		if _, err := cfg.Bot.Thread(id); err != nil {
			return nil, fmt.Errorf("%w: %w", bad("%s", field), err)
		}
	}
	if cfg.ApprovalTimeout < 0 {
		return nil, bad("ApprovalTimeout is %v, want 0 (the default) or more", cfg.ApprovalTimeout)
	}
	if cfg.ApprovalTimeout == 0 {
		cfg.ApprovalTimeout = 5 * time.Minute
	}
	known := (&toolset{cfg: cfg}).all()
	byName := func(name Name) int {
		return slices.IndexFunc(known, func(t Tool) bool { return t.Name == name })
	}
	for _, name := range slices.Concat(cfg.Tools, cfg.WithoutApproval) {
		if byName(name) < 0 {
			return nil, bad("Tools and WithoutApproval: there is no tool %q", name)
		}
	}
	for name, values := range cfg.Fixed {
		i := byName(name)
		if i < 0 {
			return nil, bad("Fixed: there is no tool %q", name)
		}
		tool, err := Fix(known[i], values)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", bad("Fixed"), err)
		}
		known[i] = tool
	}
	return slices.DeleteFunc(known, func(t Tool) bool { return !slices.Contains(cfg.Tools, t.Name) }), nil
}

// Fix returns the tool with arguments that a model neither sees nor changes. One that the
// tool does not have, or whose value is no JSON, is [chat.ErrInvalidArgument].
func Fix(tool Tool, arguments map[string]any) (Tool, error) {
	var schema map[string]json.RawMessage
	var properties map[string]json.RawMessage
	var required []string
	if err := json.Unmarshal(tool.Parameters, &schema); err != nil {
		return tool, fmt.Errorf("%w: the Parameters of tool %q: %w", chat.ErrInvalidArgument, tool.Name, err)
	}
	if err := json.Unmarshal(schema["properties"], &properties); err != nil {
		return tool, fmt.Errorf("%w: the properties of tool %q: %w", chat.ErrInvalidArgument, tool.Name, err)
	}
	if err := json.Unmarshal(schema["required"], &required); err != nil && schema["required"] != nil {
		return tool, fmt.Errorf("%w: the required properties of tool %q: %w", chat.ErrInvalidArgument, tool.Name, err)
	}
	fixed := map[string]json.RawMessage{}
	for name, value := range arguments {
		if _, ok := properties[name]; !ok {
			return tool, fmt.Errorf("%w: the tool %q has no argument %q", chat.ErrInvalidArgument, tool.Name, name)
		}
		data, err := json.Marshal(value)
		if err != nil {
			return tool, fmt.Errorf("%w: argument %q of tool %q: %w", chat.ErrInvalidArgument, name, tool.Name, err)
		}
		fixed[name] = data
		delete(properties, name)
		required = slices.DeleteFunc(required, func(r string) bool { return r == name })
	}
	schema["properties"], _ = json.Marshal(properties)
	delete(schema, "required")
	if len(required) > 0 {
		schema["required"], _ = json.Marshal(required)
	}
	tool.Parameters, _ = json.Marshal(schema)
	tool.Call = withFixed(tool.Call, fixed)
	return tool, nil
}
