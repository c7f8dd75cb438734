package mcptest

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/internal/botrig"
)

var ship = arguments{"message": "Ship it"}

// A call that writes waits until somebody in the chat has approved it.
func TestCallsAreApproved(t *testing.T) {
	for name, c := range map[string]struct {
		button int
		want   string
	}{"approved": {0, `"messageId"`}, "denied": {1, "not approved: somebody has denied it"}} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			session := connect(t, r.server(t, chattools.Config{Tools: chattools.Messenger(), Thread: r.home}))
			done := begin(t.Context(), session, chattools.PostMessage, ship)
			question := r.asked(t, r.home, 2)
			require.Contains(t, question.Text, "Ship it")
			r.click(t, question, c.button)
			got := <-done
			require.Equal(t, c.button == 1, got.failed)
			require.Contains(t, got.text, c.want)
			require.Len(t, r.texts(r.home), 3-c.button)
		})
	}
}

func TestACallThatNobodyApproves(t *testing.T) {
	r := newRig(t)
	session := connect(t, r.server(t, chattools.Config{Tools: chattools.Messenger(), Thread: r.home, ApprovalTimeout: time.Millisecond}))
	got := mustCall(t, session, chattools.PostMessage, ship)
	require.True(t, got.failed)
	require.Contains(t, got.text, "nobody has answered in time")
}

// Those who approve elsewhere are told which conversation a call is about, and those in it
// see no question.
func TestPeopleApproveElsewhere(t *testing.T) {
	r := newRig(t)
	session := connect(t, r.server(t, chattools.Config{Tools: chattools.Messenger(), Thread: r.home, Scope: chattools.ScopeThread, ApprovalThread: r.control}))
	done := begin(t.Context(), session, chattools.PostMessage, ship)
	question := r.asked(t, r.control, 1)
	require.Contains(t, question.Text, string(r.home))
	require.Contains(t, question.Text, "Ship it")
	r.click(t, question, 0)
	require.False(t, (<-done).failed)
	require.Equal(t, []string{"Hello", "Ship it"}, r.texts(r.home))

	far := connect(t, r.server(t, chattools.Config{Tools: chattools.Messenger(), Scope: chattools.ScopeAll, ApprovalThread: r.control}))
	done = begin(t.Context(), far, chattools.PostMessage, arguments{"threadId": r.board, "message": "Ship it"})
	question = r.asked(t, r.control, 2)
	require.Contains(t, question.Text, string(r.board))
	r.click(t, question, 0)
	require.False(t, (<-done).failed)
	require.Equal(t, []string{"We buy Initech.", "Ship it"}, r.texts(r.board))
}

// An agent that gives a call up, or is gone, takes its question back: nobody approves
// what is no longer done.
func TestACallThatIsGivenUpTakesItsQuestionBack(t *testing.T) {
	for _, how := range []string{"cancelled", "gone"} {
		t.Run(how, func(t *testing.T) {
			r := newRig(t)
			server := r.server(t, chattools.Config{Tools: chattools.Messenger(), Thread: r.home})
			fromAgent, toServer := io.Pipe()
			fromServer, toAgent := io.Pipe()
			_, err := server.Connect(t.Context(), &mcp.IOTransport{Reader: fromAgent, Writer: toAgent}, nil)
			require.NoError(t, err)
			session := dial(t, &mcp.IOTransport{Reader: fromServer, Writer: toServer}, nil)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := begin(ctx, session, chattools.PostMessage, ship)
			r.asked(t, r.home, 2)
			if how == "gone" {
				require.NoError(t, toServer.Close())
				require.NoError(t, toAgent.Close())
			} else {
				cancel()
			}
			require.True(t, (<-done).failed)
			r.awaitWithdrawn(t, 1)
		})
	}
}

// awaitWithdrawn waits until the n-th post of the conversation says that its question was
// taken back.
func (r *rig) awaitWithdrawn(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		return strings.Contains(r.fake.Posts(r.home)[n].Text, "**Withdrawn** before an answer")
	}, botrig.Patience, 5*time.Millisecond)
	require.Len(t, r.texts(r.home), n+1)
}

// An agent that asks for progress hears that its call goes on, as long as people think.
func TestProgressWhilePeopleThink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		progress := make(chan *mcp.ProgressNotificationParams, 100)
		here, there := mcp.NewInMemoryTransports()
		_, err := r.server(t, chattools.Config{Tools: chattools.Messenger(), Thread: r.home, ApprovalTimeout: time.Minute}).Connect(t.Context(), there, nil)
		require.NoError(t, err)
		session := dial(t, here, &mcp.ClientOptions{ProgressNotificationHandler: func(_ context.Context, p *mcp.ProgressNotificationClientRequest) {
			progress <- p.Params
		}})
		params := &mcp.CallToolParams{Name: chattools.PostMessage, Arguments: ship}
		params.SetProgressToken("p1")
		result, err := session.CallTool(t.Context(), params)
		require.NoError(t, err)
		require.True(t, result.IsError)
		require.GreaterOrEqual(t, len(progress), 3)
		for n := range 3 {
			p := <-progress
			require.Equal(t, "p1", p.ProgressToken)
			require.Equal(t, n+1, int(p.Progress))
		}
		require.NoError(t, session.Close())
		require.NoError(t, r.bot.Shutdown(t.Context()))
	})
}

// A call that waits when the bot shuts down ends, and so does each later one, with what a
// model understands.
func TestTheBotShutsDown(t *testing.T) {
	r := newRig(t)
	session := connect(t, r.server(t, chattools.Config{Tools: chattools.Messenger(), Thread: r.home}))
	done := begin(t.Context(), session, chattools.PostMessage, ship)
	r.asked(t, r.home, 2)
	require.NoError(t, r.bot.Shutdown(t.Context()))
	got := <-done
	require.True(t, got.failed)
	require.Equal(t, "the bot has shut down: call again later", got.text)
	for _, name := range []string{chattools.PostMessage, chattools.FetchMessages} {
		args := ship
		if name == chattools.FetchMessages {
			args = nil
		}
		got = mustCall(t, session, name, args)
		require.True(t, got.failed, name)
		require.Equal(t, "the bot has shut down: call again later", got.text, name)
	}
	require.Len(t, r.texts(r.home), 2)
}

// A program ends while a call waits to be approved.
func TestTheProgramEnds(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	here, there := mcp.NewInMemoryTransports()
	server := r.server(t, chattools.Config{Tools: chattools.Messenger(), Thread: r.home})
	ended := make(chan error, 2)
	go func() { ended <- server.Run(ctx, there) }()
	go func() { ended <- r.bot.Run(ctx) }()
	done := begin(t.Context(), dial(t, here, nil), chattools.PostMessage, ship)
	r.asked(t, r.home, 2)
	cancel()
	require.True(t, (<-done).failed)
	for range 2 {
		if err := <-ended; err != nil {
			require.ErrorIs(t, err, context.Canceled)
		}
	}
}
