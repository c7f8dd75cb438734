package discordtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/discord"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/discordtest/fakediscord"
)

func failure(status, code int) fakediscord.Failure {
	return fakediscord.Failure{Status: status, Code: code, Message: "Refused"}
}

// TestThreadIsMadeByTheFirstAnswer to a message that mentions the bot.
func TestThreadIsMadeByTheFirstAnswer(t *testing.T) {
	t.Parallel()
	const start = "POST /channels/{id}/messages/{id}/threads"
	r := newRig(t)
	r.discord.Say(general, ada, "hello", string(idOf(7)))
	r.send(t, forwarded("MESSAGE_CREATE", strings.Replace(messageIn(general, 7, "<@"+bot+"> hello", ""), `,"mentions":[]`, mentionsBot, 1)))
	m := next[*chat.Message](t, r)
	require.Equal(t, inGeneral+":"+chat.ThreadID(idOf(7)), m.ThreadID)
	require.NoError(t, r.Adapter.StartTyping(t.Context(), m.ThreadID, ""))
	require.Empty(t, r.discord.Calls(start), "nobody has answered")
	page, err := r.Adapter.FetchMessages(t.Context(), m.ThreadID, chat.PageRequest{})
	require.NoError(t, err)
	require.Len(t, page.Items, 1, "the message that begins it")
	id, err := r.Adapter.PostMessage(t.Context(), m.ThreadID, &chat.Post{Text: "yes", Files: []chat.File{{Name: "a.txt", Content: strings.NewReader("a")}}})
	require.NoError(t, err)
	require.Len(t, r.discord.Calls(start), 1)
	_, err = r.Adapter.PostMessage(t.Context(), m.ThreadID, &chat.Post{Text: "and"})
	require.NoError(t, err)
	require.Len(t, r.discord.Calls(start), 1)
	require.Equal(t, []string{"yes", "and"}, r.shows(t, m.ThreadID))
	page, err = r.Adapter.FetchMessages(t.Context(), m.ThreadID, chat.PageRequest{Oldest: true})
	require.NoError(t, err)
	require.Len(t, page.Items, 3)
	require.Equal(t, "hello", page.Items[0].Text)
	require.NoError(t, r.Adapter.AddReaction(t.Context(), m.ThreadID, m.ID, "eyes"), "the first message stands in the channel")
	require.NoError(t, r.Adapter.EditMessage(t.Context(), m.ThreadID, id, &chat.Post{Text: "no"}))
	require.NoError(t, r.Adapter.DeleteMessage(t.Context(), m.ThreadID, id))
}

// TestThreadOfTwoInstances is made once.
func TestThreadOfTwoInstances(t *testing.T) {
	t.Parallel()
	s, st := newDiscord(t), botrig.Memory(t)
	s.Say(general, ada, "hello", string(idOf(7)))
	thread := inGeneral + ":" + chat.ThreadID(idOf(7))
	var group sync.WaitGroup
	errs := make(chan error, 8)
	for range 8 {
		r := newRigOn(t, s, st)
		group.Go(func() {
			_, err := r.Adapter.PostMessage(context.WithoutCancel(t.Context()), thread, &chat.Post{Text: "x"})
			errs <- err
		})
	}
	group.Wait()
	for range 8 {
		require.NoError(t, <-errs)
	}
	posts, err := s.Shown(t.Context(), thread)
	require.NoError(t, err)
	require.Len(t, posts, 8)
}

// TestThreadThatMayNotBeMade has the bot answer in the channel.
func TestThreadThatMayNotBeMade(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.discord.AddChannel(fakediscord.Channel{ID: "55", GuildID: server, Name: "locked", NoThreads: true})
	r.discord.Say("55", ada, "hello", string(idOf(7)))
	thread := chat.ThreadID("discord:" + server + ":55:" + string(idOf(7)))
	id, err := r.Adapter.PostMessage(t.Context(), thread, &chat.Post{Text: "yes"})
	require.NoError(t, err)
	posts, err := r.discord.Shown(t.Context(), chat.ThreadID("discord:"+server+":55"))
	require.NoError(t, err)
	require.Equal(t, idOf(7), posts[0].ReplyTo)
	require.NoError(t, r.Adapter.EditMessage(t.Context(), thread, id, &chat.Post{Text: "no"}))
	require.NoError(t, r.Adapter.AddReaction(t.Context(), thread, id, "eyes"))
	require.NoError(t, r.Adapter.DeleteMessage(t.Context(), thread, id))
	_, err = r.Adapter.PostMessage(t.Context(), inGeneral+":99", &chat.Post{Text: "to nobody"})
	require.ErrorIs(t, err, chat.ErrNotFound)
}

// TestNobodyIsNotified but those whom the post mentions.
func TestNobodyIsNotified(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		allowed []string
		post    *chat.Post
		users   []any
		parse   []any
	}{
		"text":          {nil, chat.Text("@everyone <@&5> <@" + ada + "> hello"), []any{ada}, []any{}},
		"raw":           {nil, chat.Raw("@everyone <@" + ada + ">"), []any{}, []any{}},
		"code":          {nil, chat.Markdown("`<@" + ada + ">`"), []any{}, []any{}},
		"configuration": {[]string{"everyone", "roles"}, chat.Raw("@everyone"), []any{}, []any{"everyone", "roles"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, func(c2 *discord.Config) { c2.AllowedMentions = c.allowed })
			id, err := r.Adapter.PostMessage(t.Context(), inGeneral, c.post)
			require.NoError(t, err)
			require.Equal(t, map[string]any{"users": c.users, "parse": c.parse, "replied_user": false}, r.discord.Body(id)["allowed_mentions"])
		})
	}
}

// TestLargeCards reach every limit; the fake refuses what is over one.
func TestLargeCards(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("wörd ", n/5) }
	var fields []*card.Field
	for n := range 60 {
		fields = append(fields, card.NewField(fmt.Sprintf("f%d", n), fmt.Sprintf("v%d", n)))
	}
	fields = append(fields, card.NewField(long(300), "x"), card.NewField("x", long(3000)), card.NewField("", ""))
	var buttons []card.Action
	for n := range 40 {
		buttons = append(buttons, card.NewButton(fmt.Sprintf("b%d", n%3), fmt.Sprintf("Button %d %s", n, long(100))))
	}
	var options []*card.Option
	for n := range 60 {
		options = append(options, card.NewOption(fmt.Sprintf("o%d %s", n, long(120)), fmt.Sprintf("%d%s", n, long(200))))
	}
	r := newRig(t)
	c := card.New(long(200), card.NewText(long(9000)), card.NewFields(fields...), card.NewImage("https://example.com/a(1).png", "a"), card.NewImage("no address", "b"),
		card.NewDivider(), card.NewSection(card.NewText("in a section"), card.NewActions(card.NewSelect("menu", "Menu", options...))),
		card.NewTable([]string{"a", "b"}, []string{"1", "2"}), card.NewActions(buttons...),
		card.NewActions(card.NewLinkButton("Docs", "https://example.com/docs"), card.NewLinkButton("None", "javascript:x")))
	id, err := r.Adapter.PostMessage(t.Context(), inGeneral, chat.Card(c))
	require.NoError(t, err)
	posts, err := r.discord.Shown(t.Context(), inGeneral)
	require.NoError(t, err)
	var all strings.Builder
	rows := 0
	for _, p := range posts {
		all.WriteString(p.Text + "\n")
		list, _ := r.discord.Body(p.ID)["components"].([]any)
		rows += len(list)
	}
	for n := range 60 {
		require.Contains(t, all.String(), fmt.Sprintf("f%d", n))
		require.Contains(t, all.String(), fmt.Sprintf("v%d", n))
	}
	require.Equal(t, 3+8+1, rows, "three menus, eight rows of buttons, and one link")
	require.NoError(t, r.Adapter.EditMessage(t.Context(), inGeneral, id, chat.Text("short")))
	require.Equal(t, []string{"short"}, r.shows(t, inGeneral), "an edit leaves no embeds, no buttons and no further messages")
}

// TestButtonsThatAreTheSame are told apart for Discord, and come back as they were.
func TestButtonsThatAreTheSame(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.Adapter.PostMessage(t.Context(), inGeneral, chat.Card(card.New("Twice", card.NewActions(
		card.NewButton("go", "First").WithValue("x"), card.NewButton("go", "Second").WithValue("x"), card.NewButton("2|go", "Third"),
	))))
	require.NoError(t, err)
	posts, err := r.discord.Shown(t.Context(), inGeneral)
	require.NoError(t, err)
	for label, want := range map[string][2]string{"First": {"go", "x"}, "Second": {"go", "x"}, "Third": {"2|go", ""}} {
		_, body, err := r.discord.Click(posts[0], ada, label)
		require.NoError(t, err)
		require.JSONEq(t, `{"type":6}`, r.send(t, body).Body.String())
		ev := next[*chat.ActionEvent](t, r)
		require.Equal(t, want, [2]string{ev.ActionID, ev.Value}, label)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var files []chat.File
	for n := range 12 {
		files = append(files, chat.File{Name: fmt.Sprintf("%d \"ü\".txt", n), Content: strings.NewReader(fmt.Sprint(n))})
	}
	_, err := r.Adapter.PostMessage(t.Context(), inGeneral, &chat.Post{Text: "see", Files: files})
	require.NoError(t, err)
	posts, err := r.discord.Shown(t.Context(), inGeneral)
	require.NoError(t, err)
	require.Len(t, posts, 2)
	require.Len(t, posts[0].Files, 10)
	require.Equal(t, "11", string(posts[1].Files[1].Content))
	for text, f := range map[string]chat.File{
		"Files[0].Content is nil": {Name: "a"}, "Files[0].Name is empty": {Content: strings.NewReader("x")}, "no bytes": {Name: "a", Content: strings.NewReader("")},
	} {
		_, err := r.Adapter.PostMessage(t.Context(), inGeneral, &chat.Post{Text: "x", Files: []chat.File{f}})
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
		require.ErrorContains(t, err, text)
	}
}

// TestRefusals have Discord's codes mean what they do.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for code, want := range map[[2]int]error{
		{401, 0}: chat.ErrAuthentication, {403, 50001}: chat.ErrPermission, {403, 50013}: chat.ErrPermission, {403, 50007}: chat.ErrPermission,
		{404, 10003}: chat.ErrNotFound, {404, 10008}: chat.ErrNotFound, {400, 50035}: chat.ErrInvalid, {400, 50006}: chat.ErrInvalid, {413, 40005}: chat.ErrInvalid,
		{400, 50024}: chat.ErrPermission, {400, 50083}: chat.ErrPermission, {500, 0}: chat.ErrTemporary, {503, 130000}: chat.ErrTemporary, {429, 0}: chat.ErrRateLimited,
		{429, 20028}: chat.ErrRateLimited,
	} {
		r := newRig(t)
		f := failure(code[0], code[1])
		f.RetryAfter = 0.7
		r.discord.Fail(create, f)
		_, err := r.Adapter.PostMessage(t.Context(), inGeneral, &chat.Post{Text: "a secret text"})
		require.ErrorIs(t, err, want, code)
		require.NotContains(t, err.Error(), "secret text")
		require.NotContains(t, err.Error(), fakediscord.Token)
	}
	for _, body := range []string{"", "<html>", `{"code":"x"}`, `{"message":7}`, `[]`, `{"message":"Invalid Form Body","code":50035,"errors":{"content":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH","message":"a secret text"}]},"x y":7}}`} {
		r := newRig(t)
		r.discord.Fail(create, fakediscord.Failure{Status: 400, Body: body + " "})
		_, err := r.Adapter.PostMessage(t.Context(), inGeneral, &chat.Post{Text: "a secret text"})
		require.ErrorIs(t, err, chat.ErrInvalid)
		require.NotContains(t, err.Error(), "secret text")
		if strings.Contains(body, "errors") {
			require.ErrorContains(t, err, "content BASE_TYPE_MAX_LENGTH")
		}
	}
}

// TestLimitsAreObeyed makes no call that Discord has said it would refuse.
func TestLimitsAreObeyed(t *testing.T) {
	t.Parallel()
	limited := func(err error) bool { return errors.Is(err, chat.ErrRateLimited) }
	t.Run("route", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.discord.Headers(http.Header{"X-Ratelimit-Bucket": {"abc"}, "X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset-After": {"60.5"}})
		_, err := r.Adapter.PostMessage(t.Context(), inGeneral, &chat.Post{Text: "the last one"})
		require.NoError(t, err)
		r.discord.Headers(http.Header{})
		_, err = r.Adapter.PostMessage(t.Context(), inGeneral, &chat.Post{Text: "too much"})
		require.True(t, limited(err), err)
		refusal, ok := errors.AsType[*chat.PlatformError](err)
		require.True(t, ok)
		require.InDelta(t, 60.5, refusal.RetryAfter.Seconds(), 10)
		require.Len(t, r.discord.Calls(create), 1)
		_, err = r.Adapter.PostMessage(t.Context(), inTopic, &chat.Post{Text: "another channel"})
		require.NoError(t, err)
	})
	t.Run("global", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.discord.Fail(create, fakediscord.Failure{Status: 429, Message: "You are being rate limited.", RetryAfter: 60, Global: true})
		_, err := r.Adapter.PostMessage(t.Context(), inGeneral, &chat.Post{Text: "x"})
		require.True(t, limited(err), err)
		_, err = r.Adapter.FetchUser(t.Context(), ada)
		require.True(t, limited(err), "everything waits: %v", err)
		require.Empty(t, r.discord.Calls("GET /users/{id}"))
	})
	t.Run("the bot waits", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.discord.Fail(create, fakediscord.Failure{Status: 429, Message: "You are being rate limited.", RetryAfter: 0.3})
		thread, err := r.Thread(inGeneral)
		require.NoError(t, err)
		start := time.Now()
		_, err = thread.Post(t.Context(), chat.Text("x"))
		require.NoError(t, err)
		require.GreaterOrEqual(t, time.Since(start), 300*time.Millisecond)
	})
}

func TestCommandsAreSet(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := discord.Command{Name: "ticket", Description: "Tickets", Options: []discord.CommandOption{
		{Type: discord.SubcommandOption, Name: "new", Description: "Open one", Options: []discord.CommandOption{
			{Name: "subject", Description: "What about", Required: true, Autocomplete: true},
			{Type: discord.IntegerOption, Name: "urgency", Description: "How urgent", Choices: []discord.CommandChoice{{Name: "High", Value: 1}}},
		}},
	}}
	require.NoError(t, r.Adapter.SetCommands(t.Context(), "", c))
	require.NoError(t, r.Adapter.SetCommands(t.Context(), server, c))
	require.Equal(t, []any{map[string]any{"name": "ticket", "description": "Tickets", "options": []any{
		map[string]any{"type": 1.0, "name": "new", "description": "Open one", "options": []any{
			map[string]any{"type": 3.0, "name": "subject", "description": "What about", "required": true, "autocomplete": true},
			map[string]any{"type": 4.0, "name": "urgency", "description": "How urgent", "choices": []any{map[string]any{"name": "High", "value": 1.0}}},
		}},
	}}}, r.discord.Commands())
	require.NoError(t, r.Adapter.SetCommands(t.Context(), ""))
	require.Empty(t, r.discord.Commands())
	for want, c := range map[string]discord.Command{
		"commands[0].Name":                        {Name: "Ticket", Description: "x"},
		"commands[0].Description":                 {Name: "ticket"},
		"commands[0].Options are 26":              {Name: "ticket", Description: "x", Options: make([]discord.CommandOption, 26)},
		"commands[0].Options[0].Name":             {Name: "ticket", Description: "x", Options: []discord.CommandOption{{Name: "a b", Description: "x"}}},
		"commands[0].Options[0] has Choices":      {Name: "ticket", Description: "x", Options: []discord.CommandOption{{Name: "a", Description: "x", Autocomplete: true, Choices: make([]discord.CommandChoice, 1)}}},
		"commands[0].Options[0].Choices are 26":   {Name: "ticket", Description: "x", Options: []discord.CommandOption{{Name: "a", Description: "x", Choices: make([]discord.CommandChoice, 26)}}},
		"commands[0].Options[0].Options[0].Name ": {Name: "ticket", Description: "x", Options: []discord.CommandOption{{Type: 1, Name: "a", Description: "x", Options: []discord.CommandOption{{Description: "x"}}}}},
	} {
		err := r.Adapter.SetCommands(t.Context(), "", c)
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
		require.ErrorContains(t, err, strings.TrimSpace(want))
	}
	require.ErrorIs(t, r.Adapter.SetCommands(t.Context(), "a/b"), chat.ErrInvalidArgument)
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	valid := discord.Config{BotToken: "a.b.c", ApplicationID: bot}
	for want, change := range map[string]func(*discord.Config){
		"BotToken is empty": func(c *discord.Config) { c.BotToken = "" }, "BotToken has white space": func(c *discord.Config) { c.BotToken = "secret token" },
		"ApplicationID": func(c *discord.Config) { c.ApplicationID = "x" }, "PublicKey": func(c *discord.Config) { c.PublicKey = "abc" },
		"WebhooksOnly": func(c *discord.Config) { c.WebhooksOnly = true }, "Shards": func(c *discord.Config) { c.Shards = -1 },
		"APIURL": func(c *discord.Config) { c.APIURL = "ftp://x" }, "MentionRoleIDs[0]": func(c *discord.Config) { c.MentionRoleIDs = []string{"@x"} },
		"RespondToChannelIDs[0]": func(c *discord.Config) { c.RespondToChannelIDs = []string{""} }, "AllowedMentions[0]": func(c *discord.Config) { c.AllowedMentions = []string{"users"} },
	} {
		c := valid
		change(&c)
		_, err := discord.New(c)
		require.ErrorIs(t, err, chat.ErrInvalidConfig)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestFromEnv(t *testing.T) {
	for name, value := range map[string]string{
		"BOT_TOKEN": " a.b ", "APPLICATION_ID": bot, "PUBLIC_KEY": "00", "API_URL": "https://proxy", "MENTION_ROLE_IDS": "1, 2", "RESPOND_TO_CHANNEL_IDS": "3",
	} {
		t.Setenv("DISCORD_"+name, value)
	}
	require.Equal(t, discord.Config{
		BotToken: "a.b", ApplicationID: bot, PublicKey: "00", APIURL: "https://proxy", MentionRoleIDs: []string{"1", "2"}, RespondToChannelIDs: []string{"3"},
	}, discord.FromEnv())
}

// TestFakeRefusesWrongCalls plants calls that Discord would not take.
func TestFakeRefusesWrongCalls(t *testing.T) {
	t.Parallel()
	many := func(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	quiet := `"allowed_mentions":{"parse":[]}`
	row := func(children string) string { return `{"type":1,"components":[` + children + `]}` }
	button := func(id int) string { return fmt.Sprintf(`{"type":2,"style":1,"label":"x","custom_id":"%d"}`, id) }
	for name, body := range map[string]string{
		"unknown argument":       `{"content":"x",` + quiet + `,"text":"x"}`,
		"wrong type":             `{"content":7,` + quiet + `}`,
		"too long":               `{"content":"` + strings.Repeat("x", 2001) + `",` + quiet + `}`,
		"no allowed_mentions":    `{"content":"x"}`,
		"mentions twice":         `{"content":"x","allowed_mentions":{"parse":["users"],"users":["1"]}}`,
		"11 embeds":              `{` + quiet + `,"embeds":[` + many(11, `{"title":"x"}`) + `]}`,
		"empty embed":            `{` + quiet + `,"embeds":[{}]}`,
		"26 fields":              `{` + quiet + `,"embeds":[{"fields":[` + many(26, `{"name":"x","value":"x"}`) + `]}]}`,
		"empty field":            `{` + quiet + `,"embeds":[{"fields":[{"name":"x","value":""}]}]}`,
		"6001 in all":            `{` + quiet + `,"embeds":[` + many(3, `{"description":"`+strings.Repeat("x", 2001)+`"}`) + `]}`,
		"6 rows":                 `{` + quiet + `,"components":[` + many(6, row(button(1))) + `]}`,
		"6 buttons":              `{` + quiet + `,"components":[` + row(many(6, button(1))) + `]}`,
		"an id twice":            `{` + quiet + `,"components":[` + row(button(1)+","+button(1)) + `]}`,
		"a button without a row": `{` + quiet + `,"components":[` + button(1) + `]}`,
		"a link with an id":      `{` + quiet + `,"components":[` + row(`{"type":2,"style":5,"label":"x","url":"https://x","custom_id":"1"}`) + `]}`,
		"long custom_id":         `{` + quiet + `,"components":[` + row(`{"type":2,"style":1,"label":"x","custom_id":"`+strings.Repeat("x", 101)+`"}`) + `]}`,
		"an option twice":        `{` + quiet + `,"components":[` + row(`{"type":3,"custom_id":"1","options":[{"label":"a","value":"x"},{"label":"b","value":"x"}]}`) + `]}`,
		"a missing file":         `{"content":"x",` + quiet + `,"attachments":[{"id":0,"filename":"a"}]}`,
		"a message that is none": `{"content":"x",` + quiet + `,"message_reference":{"message_id":"a b"}}`,
	} {
		tb := &noting{TB: t}
		s := fakediscord.New(tb)
		s.AddChannel(fakediscord.Channel{ID: general, GuildID: server})
		require.Equal(t, http.StatusBadRequest, post(t, s.URL+"/channels/"+general+"/messages", body), name)
		require.NotEmpty(t, tb.notes(), name)
	}
	tb := &noting{TB: t}
	s := fakediscord.New(tb)
	s.AddChannel(fakediscord.Channel{ID: general, GuildID: server})
	require.Equal(t, http.StatusBadRequest, post(t, s.URL+"/channels/"+general+"/messages", `{`+quiet+`}`), "an empty message")
	require.Empty(t, tb.notes(), "which is no wrong call")
	require.Equal(t, http.StatusNotFound, post(t, s.URL+"/no/such/path", `{}`))
	require.Len(t, tb.notes(), 1)
}

func post(t *testing.T, address, body string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bot "+fakediscord.Token)
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

// noting keeps what a fake would fail a test with.
type noting struct {
	testing.TB
	mu   sync.Mutex
	list []string
}

func (n *noting) Errorf(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, fmt.Sprintf(format, args...))
}

func (n *noting) notes() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.list
}

// TestSlowAndBrokenConnections are temporary failures, and hold no secret.
func TestSlowAndBrokenConnections(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"cut off": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"half": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"id`))
		},
		"no JSON":      func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`<html>`)) },
		"no id":        func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"content":"x"}`)) },
		"a strange id": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"id":"../1"}`)) },
	} {
		proxy := httptest.NewServer(h)
		t.Cleanup(proxy.Close)
		r := newRig(t, func(c *discord.Config) { c.APIURL = proxy.URL })
		_, err := r.Adapter.PostMessage(t.Context(), inGeneral, &chat.Post{Text: "a secret text"})
		require.ErrorIs(t, err, chat.ErrTemporary, name)
		require.NotContains(t, err.Error(), "secret")
		require.NotContains(t, err.Error(), fakediscord.Token)
	}
}
