package discordtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/discord"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/discordtest/fakediscord"
)

const (
	ada     = "1033044521375764530"
	server  = "1457468924290662599"
	general = "1457510428359004343" // a channel
	topic   = "1457536551830421524" // a thread in it
	direct  = "1457510000000000000" // with Ada
	bot     = fakediscord.ApplicationID
)

func newDiscord(tb testing.TB) *fakediscord.Server {
	tb.Helper()
	s := fakediscord.New(tb)
	s.AddUser(ada, "ada")
	s.AddChannel(fakediscord.Channel{ID: general, GuildID: server, Name: "general"})
	s.AddChannel(fakediscord.Channel{ID: topic, GuildID: server, ParentID: general, Name: "A topic", Type: 11})
	s.AddChannel(fakediscord.Channel{ID: direct, Name: ada, Type: 1})
	return s
}

func newAdapter(tb testing.TB, s *fakediscord.Server, change ...func(*discord.Config)) *discord.Adapter {
	tb.Helper()
	cfg := discord.Config{BotToken: fakediscord.Token, ApplicationID: fakediscord.ApplicationID, PublicKey: s.PublicKey(), APIURL: s.URL, HTTPClient: s.Client()}
	for _, c := range change {
		c(&cfg)
	}
	a, err := discord.New(cfg)
	require.NoError(tb, err)
	return a
}

// forwarded is an event of the gateway as a webhook.
func forwarded(kind, data string) string {
	return fmt.Sprintf(`{"type":"GATEWAY_%s","timestamp":1767574193867,"data":%s}`, kind, data)
}

// messageIn is a message of Ada's in a channel of the server.
func messageIn(channel string, id int, content, rest string) string {
	text, _ := json.Marshal(content)
	kind := 0
	if channel != general {
		kind = 11
	}
	return fmt.Sprintf(`{"id":"14575365518304%05d","channel_id":%q,"guild_id":%q,"channel_type":%d,"type":0,"content":%s,"timestamp":"2026-01-05T00:49:53.676000+00:00",`+
		`"edited_timestamp":null,"author":{"id":%q,"username":"ada","global_name":"Ada"},"member":{"roles":[],"nick":null},"mentions":[],"mention_roles":[],"attachments":[],"embeds":[]%s}`,
		id, channel, server, kind, text, ada, rest)
}

// directly is one in the direct conversation.
func directly(id int, content, rest string) string {
	text, _ := json.Marshal(content)
	return fmt.Sprintf(`{"id":"14575365518304%05d","channel_id":%q,"channel_type":1,"type":0,"content":%s,"timestamp":"2026-01-05T00:49:53.676000+00:00",`+
		`"edited_timestamp":null,"author":{"id":%q,"username":"ada","global_name":"Ada"},"mentions":[],"mention_roles":[],"attachments":[],"embeds":[]%s}`,
		id, direct, text, ada, rest)
}

func idOf(id int) chat.MessageID { return chat.MessageID(fmt.Sprintf("14575365518304%05d", id)) }

const mentionsBot = `,"mentions":[{"id":"` + bot + `","username":"The Bot","bot":true}]`

var (
	inGeneral = chat.ThreadID("discord:" + server + ":" + general)
	inTopic   = inGeneral + ":" + topic
	inDirect  = chat.ThreadID("discord:@me:" + direct)
	whoAda    = chat.Author{UserID: ada, UserName: "ada", FullName: "Ada"}
)

func wantMessage(thread chat.ThreadID, id int, text string) []chat.Inbound {
	return []chat.Inbound{&chat.Message{ID: idOf(id), ThreadID: thread, Text: text, Author: whoAda}}
}

// signs makes a request Discord's, or one of the bot's other program.
func signs(s *fakediscord.Server) func(*http.Request, []byte, time.Time) {
	return func(r *http.Request, body []byte, at time.Time) {
		if strings.HasPrefix(string(body), `{"type":"GATEWAY_`) {
			r.Header.Set("X-Discord-Gateway-Token", fakediscord.Token)
			return
		}
		s.Sign(r, body, at)
	}
}

const theFile = "what Ada has noted"

func open(t *testing.T) adaptertest.Harness {
	t.Helper()
	s := newDiscord(t)
	s.AddFile("notes.txt", []byte(theFile))
	s.Say(general, ada, "hello", string(idOf(4)))
	return adaptertest.Harness{
		Adapter: newAdapter(t, s), State: botrig.Memory(t), Posts: s.Shown, Ephemeral: s.Whispered, Typing: s.Typing, Limit: s.Limit, Break: s.Break,
		Restart: func() (chat.Adapter, error) { return newAdapter(t, s), nil },
		Click: func(_ context.Context, p chattest.Posted, label string) (*adaptertest.Sample, error) {
			_, body, err := s.Click(p, ada, label)
			return &adaptertest.Sample{Body: body}, err
		},
		Modals: func(context.Context) ([]chattest.OpenedModal, error) { return s.Modals(), nil },
		Submit: func(_ context.Context, m chattest.OpenedModal, values chat.ModalValues) (*adaptertest.Sample, error) {
			_, body := s.Submit(m.Trigger, values["amount"])
			return &adaptertest.Sample{Body: body}, nil
		},
	}
}

func features(tb testing.TB) adaptertest.Features {
	tb.Helper()
	s := newDiscord(tb)
	_, command := s.Interact(2, topic, ada, `{"id":"1","name":"order","type":1,"options":[{"name":"new","type":1,"options":[{"name":"count","type":4,"value":7},{"name":"what","type":3,"value":"teas"}]}]}`, "")
	return adaptertest.Features{
		Sign: signs(s), BodyUnsigned: true, User: ada, Secrets: []string{fakediscord.Token},
		Formats: adaptertest.AllFormats &^ adaptertest.Tables,
		Samples: []adaptertest.Sample{
			{Name: "channel", Body: forwarded("MESSAGE_CREATE", messageIn(general, 1, "hello *there*", "")), Want: wantMessage(inGeneral, 1, "hello there")},
			{Name: "thread", Body: forwarded("MESSAGE_CREATE", messageIn(topic, 2, "hello", "")), Want: wantMessage(inTopic, 2, "hello")},
			{Name: "direct", Body: forwarded("MESSAGE_CREATE", directly(3, "hello", "")), Want: wantMessage(inDirect, 3, "hello")},
			{
				Name: "a mention begins a thread", Body: forwarded("MESSAGE_CREATE", strings.Replace(messageIn(general, 4, "<@"+bot+"> hello", ""), `,"mentions":[]`, mentionsBot, 1)),
				Want: wantMessage(inGeneral+":"+chat.ThreadID(idOf(4)), 4, "@The Bot hello"),
			},
			{
				Name: "edit", Body: forwarded("MESSAGE_UPDATE", strings.Replace(messageIn(general, 1, "hello, you", ""), `"edited_timestamp":null`, `"edited_timestamp":"2026-01-05T00:50:00+00:00"`, 1)),
				Want: []chat.Inbound{&chat.MessageUpdatedEvent{
					EventBase: chat.EventBase{ThreadID: inGeneral, User: chat.Author{UserID: ada}}, Message: wantMessage(inGeneral, 1, "hello, you")[0].(*chat.Message),
				}},
			},
			{Name: "the preview of a link", Body: forwarded("MESSAGE_UPDATE", messageIn(general, 1, "hello", ""))},
			{
				Name: "deletion", Body: forwarded("MESSAGE_DELETE", fmt.Sprintf(`{"id":%q,"channel_id":%q,"guild_id":%q}`, idOf(1), topic, server)),
				Want: []chat.Inbound{&chat.MessageDeletedEvent{EventBase: chat.EventBase{ThreadID: inTopic}, MessageID: idOf(1)}},
			},
			{
				Name: "reaction", Body: forwarded("MESSAGE_REACTION_ADD", fmt.Sprintf(`{"user_id":%q,"channel_id":%q,"message_id":%q,"guild_id":%q,"emoji":{"id":null,"name":"👍"}}`, ada, topic, idOf(2), server)),
				Want: []chat.Inbound{&chat.ReactionEvent{
					EventBase: chat.EventBase{ThreadID: inTopic, User: chat.Author{UserID: ada}}, MessageID: idOf(2), Emoji: "thumbs_up", RawEmoji: "👍", Added: true,
				}},
			},
			{
				Name: "a command", Body: command,
				Want: []chat.Inbound{&chat.SlashCommandEvent{
					EventBase: chat.EventBase{ThreadID: inTopic, User: chat.Author{UserID: ada}}, ChannelID: chat.ChannelID(inGeneral), Command: "/order new", Text: "7 teas",
				}},
			},
			{
				Name: "joined a thread", Body: forwarded("THREAD_MEMBERS_UPDATE", fmt.Sprintf(`{"id":%q,"guild_id":%q,"member_count":2,"added_members":[{"id":%q,"user_id":%q,"join_timestamp":"2026-01-05T00:49:57+00:00","flags":0}]}`, topic, server, topic, ada)),
				Want: []chat.Inbound{&chat.MembershipEvent{EventBase: chat.EventBase{ThreadID: inTopic, User: chat.Author{UserID: ada}}, ChannelID: chat.ChannelID(inGeneral), Joined: true}},
			},
			{
				Name: "removed from a server", Body: forwarded("GUILD_DELETE", fmt.Sprintf(`{"id":%q}`, server)),
				Want: []chat.Inbound{&chat.InstallationEvent{Workspace: server}},
			},
			{Name: "a server that is unavailable", Body: forwarded("GUILD_DELETE", fmt.Sprintf(`{"id":%q,"unavailable":true}`, server))},
			{
				Name: "a kind of the future", Body: forwarded("TIME_TRAVEL", `{"to":1900}`),
				Want: []chat.Inbound{&chat.PlatformEvent{Name: "discord:time_travel", Data: json.RawMessage(`{"to":1900}`)}},
			},
			{
				Name: "file", Body: forwarded("MESSAGE_CREATE", strings.Replace(messageIn(general, 9, "see", ""), `"attachments":[]`,
					`"attachments":[{"id":"5","filename":"notes.txt","content_type":"text/plain","size":18,"url":"https://cdn.discordapp.com/attachments/notes.txt"}]`, 1)),
				Want: wantMessage(inGeneral, 9, "see"), Files: []string{theFile},
			},
			{Name: "own", Body: forwarded("MESSAGE_CREATE", strings.Replace(messageIn(general, 8, "mine", ""), ada, bot, 1)), Own: true},
		},
		Foreign: []chat.ThreadID{"discord:", "discord:1", "discord::2", "discord:1:", "discord:1:2:", "discord:@me:1:2", "discord:1:2:3:4", "discord:@you:1", "discord:1:a/b", "discord:1:2?x"},
	}
}

func TestConformance(t *testing.T) { adaptertest.Run(t, open, features(t)) }

func FuzzConformance(f *testing.F) { adaptertest.Fuzz(f, open, features(f)) }
