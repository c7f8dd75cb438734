// Package mcpchat serves a bot's tools to agents by the Model Context Protocol, so that any
// agent can talk on every platform that the bot has. The tools are those of package
// chattools, with its presets, scopes and approvals.
//
//	server, err := mcpchat.New(mcpchat.Config{Tools: chattools.Config{
//		Bot: bot, Tools: chattools.Messenger(), Thread: "slack:C123:1234567890.123456",
//	}})
//	err = server.Run(ctx, &mcp.StdioTransport{}) // an agent starts the program
//	handler, err := mcpchat.NewHandler(server, mcpchat.HandlerConfig{Token: token}) // or by HTTP
//
// # Scope
//
// An agent's call comes from no conversation of a chat, so the program says by
// [Config].Tools where it may act: in a thread (ScopeThread), in a thread's channel
// (ScopeChannel, the default), or everywhere (ScopeAll). [New] refuses a configuration that
// says none of them. A channel where messages stand outside of threads is named by the
// thread that [chat.Channel.Thread] returns.
//
// # Approvals
//
// People approve calls in the chat, in Thread or in ApprovalThread, as the tools of a bot's
// own model are approved. The bot must get their clicks: it runs with its webhooks or its
// connection in the same process, or in another one with the same state. While people think,
// the agent is told of progress, if it has asked for that, so that it waits. A call that its
// agent gives up takes its question back.
//
// # Errors
//
// What a model can act on is the result of a call, with isError: arguments that do not fit,
// by name; what is out of scope or was not approved; what the platform refuses or cannot do.
// An unknown tool and a broken request are errors of the protocol.
package mcpchat
