package mcptest

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/mcpchat"
)

// rig is a bot on a platform in memory, with a conversation and one elsewhere.
type rig struct {
	fake                 *chattest.Fake
	bot                  *botrig.Bot
	home, board, control chat.ThreadID
	hello, minutes       chat.MessageID
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{fake: chattest.NewFake(chattest.Config{With: []chattest.Ability{chattest.MessageFetcher, chattest.ChannelFetcher}})}
	r.bot = botrig.New(t, r.fake.Adapter(), botrig.Memory(t))
	r.home, r.board, r.control = r.fake.Thread("general", "1"), r.fake.Thread("board", "7"), r.fake.Thread("control", "1")
	r.fake.AddUser(chat.User{ID: "u2", UserName: "bob", FullName: "Bob"})
	for _, c := range []string{"general", "board"} {
		r.fake.AddChannel(chat.ChannelInfo{ID: chat.ChannelID("fake:" + c), Name: c})
	}
	r.hello = r.post(t, r.home, "Hello")
	r.minutes = r.post(t, r.board, "We buy Initech.")
	return r
}

// post posts as the bot.
func (r *rig) post(t *testing.T, to chat.ThreadID, text string) chat.MessageID {
	t.Helper()
	thread, err := r.bot.Thread(to)
	require.NoError(t, err)
	sent, err := thread.Post(t.Context(), chat.Text(text))
	require.NoError(t, err)
	return sent.ID()
}

func (r *rig) server(t *testing.T, cfg chattools.Config) *mcp.Server {
	t.Helper()
	cfg.Bot = r.bot.Chat
	server, err := mcpchat.New(mcpchat.Config{Tools: cfg})
	require.NoError(t, err)
	return server
}

// connect returns a session of an agent, in memory.
func connect(t *testing.T, server *mcp.Server) *mcp.ClientSession {
	t.Helper()
	here, there := mcp.NewInMemoryTransports()
	_, err := server.Connect(t.Context(), there, nil)
	require.NoError(t, err)
	return dial(t, here, nil)
}

func dial(t *testing.T, transport mcp.Transport, options *mcp.ClientOptions) *mcp.ClientSession {
	t.Helper()
	session, err := mcp.NewClient(&mcp.Implementation{Name: "agent", Version: "v1"}, options).Connect(t.Context(), transport, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = session.Close() })
	return session
}

type arguments = map[string]any

// called is what came of a call.
type called struct {
	text   string
	failed bool
	result *mcp.CallToolResult
}

func call(ctx context.Context, session *mcp.ClientSession, name string, args arguments) (called, error) {
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		return called{}, err
	}
	return called{text: result.Content[0].(*mcp.TextContent).Text, failed: result.IsError, result: result}, nil
}

func mustCall(t *testing.T, session *mcp.ClientSession, name string, args arguments) called {
	t.Helper()
	c, err := call(t.Context(), session, name, args)
	require.NoError(t, err, name)
	return c
}

// begin makes a call that waits to be approved.
func begin(ctx context.Context, session *mcp.ClientSession, name string, args arguments) <-chan called {
	done := make(chan called, 1)
	go func() {
		c, err := call(ctx, session, name, args)
		if err != nil {
			c = called{text: err.Error(), failed: true}
		}
		done <- c
	}()
	return done
}

// asked waits for the n-th post of the thread, a question.
func (r *rig) asked(t *testing.T, thread chat.ThreadID, n int) chattest.Posted {
	t.Helper()
	posts, err := r.fake.AwaitPosts(t.Context(), thread, n)
	require.NoError(t, err)
	require.NotNil(t, posts[n-1].Card, "a question")
	return posts[n-1]
}

// click answers a question with its first button, which approves, or its second.
func (r *rig) click(t *testing.T, question chattest.Posted, button int) {
	t.Helper()
	actions, ok := question.Card.Children[len(question.Card.Children)-1].(*card.Actions)
	require.True(t, ok)
	receipt, err := r.fake.Click(t.Context(), chattest.Ada(), question, actions.Children[button].(*card.Button).ID)
	require.NoError(t, err)
	require.NoError(t, receipt.Wait(t.Context()))
}

// texts returns what stands in a thread.
func (r *rig) texts(thread chat.ThreadID) []string {
	var texts []string
	for _, p := range r.fake.Posts(thread) {
		if !p.Deleted {
			texts = append(texts, p.Text)
		}
	}
	return texts
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}
