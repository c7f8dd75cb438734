// Package toolstest runs the tools of language models against the platforms: what each
// tool changes is seen on the fake platform.
package toolstest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/internal/botrig"
)

type arguments = map[string]any

// platform is a bot on a fake platform, which has got a message.
type platform struct {
	adaptertest.Harness
	bot      *botrig.Bot
	tools    []chattools.Tool
	features adaptertest.Features
	message  *chat.Message
	called   map[chattools.Name]bool
	cannot   map[chattools.Name]bool // what the platform has refused
}

// Run calls each tool in the thread of the sample's message, with the scope that tools
// have by default. Each does what it says, as the platform shows it, but those that the
// platform cannot: they are errors.ErrUnsupported.
func Run(t *testing.T, open func(*testing.T) adaptertest.Harness, features adaptertest.Features, sample string, cannot ...chattools.Name) {
	t.Run(sample, func(t *testing.T) { run(t, open, features, sample, cannot) })
}

func run(t *testing.T, open func(*testing.T) adaptertest.Harness, features adaptertest.Features, sample string, cannot []chattools.Name) {
	t.Helper()
	p := &platform{Harness: open(t), features: features, called: map[chattools.Name]bool{}, cannot: map[chattools.Name]bool{}}
	p.bot = botrig.New(t, p.Adapter, p.State)
	p.bot.OnMessage(botrig.AnyText, p.bot.Messages)
	p.bot.OnMention(p.bot.Messages)
	p.bot.OnDirectMessage(p.bot.Messages)
	p.message = p.deliver(t, sample)
	var err error
	p.tools, err = chattools.New(chattools.Config{
		Bot: p.bot.Chat, Tools: chattools.Moderator(), WithoutApproval: chattools.Moderator(), Thread: p.message.ThreadID,
	})
	require.NoError(t, err)
	p.writes(t)
	p.reads(t)
	p.staysHere(t)
	require.Len(t, p.called, len(p.tools), "every tool is called")
	require.ElementsMatch(t, cannot, slices.Collect(maps.Keys(p.cannot)), "what the platform cannot")
}

// deliver sends the webhook of a sample and returns its message as the bot gets it.
func (p *platform) deliver(t *testing.T, name string) *chat.Message {
	t.Helper()
	i := slices.IndexFunc(p.features.Samples, func(s adaptertest.Sample) bool { return s.Name == name })
	require.GreaterOrEqual(t, i, 0, "no sample %q", name)
	s := p.features.Samples[i]
	req := httptest.NewRequestWithContext(t.Context(), cmp.Or(s.Method, http.MethodPost), "/webhooks/"+p.Adapter.Name()+s.Path, strings.NewReader(s.Body))
	req.Header = http.Header{"Content-Type": {"application/json"}}
	if s.Header != nil {
		req.Header = s.Header.Clone()
	}
	if p.features.Sign != nil {
		p.features.Sign(req, []byte(s.Body), time.Now())
	}
	w := httptest.NewRecorder()
	p.bot.ServeHTTP(w, req)
	require.Less(t, w.Code, 300, w.Body)
	return botrig.Next[*chat.Message](t, p.bot.Handled, p.bot.Log)
}

func (p *platform) call(t *testing.T, name chattools.Name, args arguments) (string, error) {
	t.Helper()
	i := slices.IndexFunc(p.tools, func(tool chattools.Tool) bool { return tool.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	if args == nil {
		args = arguments{}
	}
	data, err := json.Marshal(args)
	require.NoError(t, err)
	p.called[name] = true
	return p.tools[i].Call(t.Context(), data)
}

// can calls a tool and reports whether the platform can do it.
func (p *platform) can(t *testing.T, name chattools.Name, args arguments) (string, bool) {
	t.Helper()
	out, err := p.call(t, name, args)
	if errors.Is(err, errors.ErrUnsupported) {
		p.cannot[name] = true
		return "", false
	}
	require.NoError(t, err, name)
	return out, true
}

// posted is the result of a tool that posts.
type posted struct {
	Message chat.MessageID `json:"messageId"`
	Thread  chat.ThreadID  `json:"threadId"`
}

// posts calls a tool that posts, and checks that the platform shows the post where the
// result says.
func (p *platform) posts(t *testing.T, name chattools.Name, args arguments) (posted, bool) {
	t.Helper()
	out, ok := p.can(t, name, args)
	if !ok {
		return posted{}, false
	}
	var at posted
	require.NoError(t, json.Unmarshal([]byte(out), &at), out)
	shown := p.shown(t, at)
	require.NotNil(t, shown, "%s: %s is not shown", name, out)
	require.Contains(t, shown.Text, args["message"], name)
	return at, true
}

// shown returns the post as the platform shows it, or nil.
func (p *platform) shown(t *testing.T, at posted) *chattest.Posted {
	t.Helper()
	places := []chat.ThreadID{at.Thread}
	thread, err := p.bot.Thread(at.Thread)
	require.NoError(t, err)
	if root, err := thread.Channel().Thread(); err == nil {
		places = append(places, root.ID()) // a message that begins a thread stands outside of it
	}
	for _, place := range places {
		shown, err := p.Posts(t.Context(), place)
		require.NoError(t, err)
		if i := slices.IndexFunc(shown, func(s chattest.Posted) bool { return s.ID == at.Message && !s.Deleted }); i >= 0 {
			return &shown[i]
		}
	}
	return nil
}

func (p *platform) writes(t *testing.T) {
	t.Helper()
	before := p.typed(t.Context())
	if _, ok := p.can(t, chattools.StartTyping, nil); ok && p.Typing != nil {
		require.Greater(t, p.typed(t.Context()), before)
	}
	mine, ok := p.posts(t, chattools.PostMessage, arguments{"message": "The first"})
	require.True(t, ok)
	require.Equal(t, p.message.ThreadID, mine.Thread)
	p.posts(t, chattools.PostChannelMessage, arguments{"message": "To the channel"})
	p.posts(t, chattools.SendDirectMessage, arguments{"message": "To you", "userId": p.user()})
	if _, ok := p.can(t, chattools.EditMessage, arguments{"messageId": mine.Message, "message": "The second"}); ok {
		require.Contains(t, p.shown(t, mine).Text, "The second")
	}
	reaction := arguments{"messageId": mine.Message, "emoji": "👍"}
	if _, ok := p.can(t, chattools.AddReaction, reaction); ok {
		require.Len(t, p.shown(t, mine).Reactions, 1)
	}
	if _, ok := p.can(t, chattools.RemoveReaction, reaction); ok {
		require.Empty(t, p.shown(t, mine).Reactions)
	}
	thread, err := p.bot.Thread(p.message.ThreadID)
	require.NoError(t, err)
	for name, want := range map[chattools.Name]bool{chattools.SubscribeThread: true, chattools.UnsubscribeThread: false} {
		_, ok := p.can(t, name, nil)
		require.True(t, ok)
		followed, err := thread.IsSubscribed(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, followed, name)
	}
	last, ok := p.posts(t, chattools.PostMessage, arguments{"message": "Not for long"})
	require.True(t, ok)
	if _, ok := p.can(t, chattools.DeleteMessage, arguments{"messageId": last.Message}); ok {
		require.Nil(t, p.shown(t, last))
	}
}

func (p *platform) typed(ctx context.Context) int {
	if p.Typing == nil {
		return 0
	}
	n, err := p.Typing(ctx, p.message.ThreadID)
	if err != nil {
		return -1
	}
	return n
}

func (p *platform) user() chat.UserID { return cmp.Or(p.features.User, p.message.Author.UserID) }

func (p *platform) reads(t *testing.T) {
	t.Helper()
	thread, err := p.bot.Thread(p.message.ThreadID)
	require.NoError(t, err)
	for _, c := range []struct {
		name chattools.Name
		args arguments
		want string
	}{
		{chattools.FetchMessages, nil, `"messages":[`},
		{chattools.FetchMessages, arguments{"limit": 1}, `"messages":[`},
		{chattools.FetchChannelMessages, nil, `"messages":[`},
		{chattools.FetchThread, nil, `{"threadId":` + quoted(string(p.message.ThreadID))},
		{chattools.ListThreads, nil, `"threads":[`},
		{chattools.GetThreadParticipants, nil, `"participants":[`},
		{chattools.GetChannelInfo, nil, `"channelId":` + quoted(string(thread.Channel().ID()))},
		{chattools.GetUser, arguments{"userId": p.user()}, quoted(string(p.user()))},
		{chattools.GetUser, arguments{"userId": chat.UserID(p.Adapter.Name()) + ":" + p.user()}, quoted(string(p.user()))},
	} {
		out, ok := p.can(t, c.name, c.args)
		if !ok {
			continue
		}
		require.Contains(t, out, c.want, c.name)
		if c.name == chattools.FetchMessages && c.args == nil {
			text := "The second"
			if keeper, ok := p.Adapter.(chat.HistoryKeeper); p.cannot[chattools.EditMessage] || ok && keeper.KeepsHistory() {
				text = "The first" // a history that the bot keeps has what was posted
			}
			require.Contains(t, out, text, c.name)
		}
	}
}

func quoted(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string is always JSON
	}
	return string(data)
}

// staysHere checks that no tool acts in the channel of another sample.
func (p *platform) staysHere(t *testing.T) {
	t.Helper()
	here, err := p.bot.Thread(p.message.ThreadID)
	require.NoError(t, err)
	for _, s := range p.features.Samples {
		for _, in := range s.Want {
			m, ok := in.(*chat.Message)
			if !ok {
				continue
			}
			there, err := p.bot.Thread(m.ThreadID)
			require.NoError(t, err)
			if there.Channel().ID() == here.Channel().ID() {
				continue
			}
			before, err := p.Posts(t.Context(), m.ThreadID)
			require.NoError(t, err)
			_, err = p.call(t, chattools.PostMessage, arguments{"threadId": m.ThreadID, "message": "x"})
			require.ErrorIs(t, err, chattools.ErrScope)
			_, err = p.call(t, chattools.FetchMessages, arguments{"threadId": m.ThreadID})
			require.ErrorIs(t, err, chattools.ErrScope)
			after, err := p.Posts(t.Context(), m.ThreadID)
			require.NoError(t, err)
			require.Len(t, after, len(before))
		}
	}
}
