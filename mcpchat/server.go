package mcpchat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
)

// New returns a server with the tools. It serves any number of agents at the same time, by
// each transport of the SDK. Its error is [chat.ErrInvalidConfig].
func New(cfg Config) (*mcp.Server, error) {
	tools, err := chattools.New(cfg.Tools)
	if err != nil {
		return nil, fmt.Errorf("mcpchat: %w", err)
	}
	if err := cfg.check(tools); err != nil {
		return nil, err
	}
	name := cfg.Name
	if name == "" {
		name = "chat"
	}
	server := mcp.NewServer(&mcp.Implementation{Name: name, Version: cfg.version()}, &mcp.ServerOptions{
		Instructions: cfg.instructions(tools), Logger: cfg.Logger, Capabilities: &mcp.ServerCapabilities{},
	})
	for _, t := range tools {
		if t.Name == chattools.PostMessage {
			// That of the package is for a bot's own model, whose answer is posted.
			t.Description = "Posts a message to a thread."
		}
		server.AddTool(toolOf(t), handlerOf(t))
	}
	for _, t := range cfg.Further {
		if err := add(server, t); err != nil {
			return nil, err
		}
	}
	return server, nil
}

// add adds a tool of the program's. The SDK panics at one that is wrong.
func add(server *mcp.Server, t chattools.Tool) error {
	var schema struct{ Type string }
	if err := json.Unmarshal(t.Parameters, &schema); err != nil || schema.Type != "object" {
		return invalid("the Parameters of the tool %q are no JSON Schema of an object", t.Name)
	}
	server.AddTool(toolOf(t), handlerOf(t))
	return nil
}

// toolOf describes a tool. People outside of the program read and answer what it does, so
// its world stays open, which is the protocol's default.
func toolOf(t chattools.Tool) *mcp.Tool {
	return &mcp.Tool{
		Name: t.Name, Title: t.Title, Description: t.Description, InputSchema: t.Parameters,
		Annotations: &mcp.ToolAnnotations{
			Title: t.Title, ReadOnlyHint: t.ReadOnly, DestructiveHint: new(t.Destructive), IdempotentHint: t.ReadOnly || t.Idempotent,
		},
	}
}

func handlerOf(t chattools.Tool) mcp.ToolHandler {
	return func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		stop := keepWaiting(ctx, req)
		defer stop()
		arguments := req.Params.Arguments
		if string(arguments) == "null" {
			arguments = nil // what some clients send where there are none
		}
		output, err := t.Call(ctx, arguments)
		if err != nil {
			return failed(err), nil
		}
		result := &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: output}}}
		var object map[string]json.RawMessage
		if json.Unmarshal([]byte(output), &object) == nil && object != nil {
			result.StructuredContent = json.RawMessage(output)
		}
		return result, nil
	}
}

// failed tells the model what went wrong, and what it can do about it.
func failed(err error) *mcp.CallToolResult {
	text := err.Error()
	switch {
	case errors.Is(err, chattools.ErrScope):
		text += ". This server may not act there, whoever asks for it."
	case errors.Is(err, chat.ErrShutdown):
		text = "the bot has shut down: call again later"
	}
	result := &mcp.CallToolResult{}
	result.SetError(errors.New(text))
	return result
}

// progressInterval is less than what clients and proxies wait for a sign of life. The SDKs
// for TypeScript and Python give a call 60 s by default.
const progressInterval = 15 * time.Second

// keepWaiting tells an agent that has asked for it that the call goes on.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress
func keepWaiting(ctx context.Context, req *mcp.CallToolRequest) (stop func()) {
	token := req.Params.GetProgressToken()
	if token == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(progressInterval)
		defer ticker.Stop()
		for n := 1.0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			err := req.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: token, Progress: n, Message: "waiting"})
			if err != nil {
				return // the agent is gone, which ends the call
			}
		}
	}()
	return func() { cancel(); <-ended }
}
