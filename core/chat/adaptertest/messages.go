package adaptertest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	ruleFetchMessage  = "FetchMessage returns one message, or [ErrNotFound]."
	ruleFetchMessages = "FetchMessages returns one page of the thread's messages."
	rulePageOrder     = "Messages stand in the order in which they were sent, whichever way the pages go."
	rulePages         = "By default the first page holds the newest messages and each further one older ones."
	rulePageLimit     = "Limit is how many items the page may have."
	ruleChannelPages  = "FetchChannelMessages returns one page of the channel's own messages, without those within threads."
	ruleThreads       = "ListThreads returns one page of the channel's threads, those that were begun last first."
)

var messageCases = []Case{
	{ID: "Messages/Fetch", Rule: ruleFetchMessage, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		sent := b.post(t, s, thread, chat.Text("first"))
		b.post(t, s, thread, chat.Text("second"))
		m, err := b.thread(t, thread).Message(s.ctx, sent.ID())
		if _, ok := b.Adapter.(chat.MessageFetcher); !ok {
			if keeper, keeps := b.Adapter.(chat.HistoryKeeper); !keeps || !keeper.KeepsHistory() {
				isUnsupported(t, "Thread.Message", err)
			}
			return
		}
		must(t, "Thread.Message", err)
		isOurs(t, "the message that was fetched", m, sent, "first")
	}},
	{ID: "Messages/Gone", Rule: ruleFetchMessage, Needs: NeedsDeletes, Run: able(func(t TB, s *Subject, b *rig, fetcher chat.MessageFetcher) {
		thread := s.thread()
		b.post(t, s, thread, chat.Text("first"))
		gone := b.post(t, s, thread, chat.Text("gone"))
		must(t, "Delete", gone.Delete(s.ctx))
		m, err := fetcher.FetchMessage(s.ctx, thread, gone.ID())
		if m != nil || !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("FetchMessage of a message that was deleted\n    seen: %s, %v\n    want: nil, ErrNotFound", show(m), err)
		}
	})},
	{ID: "Messages/Order", Rule: rulePageOrder, Run: able(func(t TB, s *Subject, b *rig, fetcher chat.MessageFetcher) {
		thread := s.thread()
		sent := b.several(t, s, thread, 3)
		for _, oldest := range []bool{false, true} {
			page, err := fetcher.FetchMessages(s.ctx, thread, chat.PageRequest{Oldest: oldest})
			must(t, "FetchMessages", err)
			equal(t, fmt.Sprintf("the bot's messages in a page with Oldest %v", oldest), fmt.Sprint(among(idsOf(page.Items), sent)), fmt.Sprint(sent))
			for _, m := range page.Items {
				equal(t, "the thread of a message that was fetched", m.ThreadID, thread)
			}
		}
	})},
	{ID: "Messages/Pages", Rule: rulePages, Run: able(func(t TB, s *Subject, b *rig, fetcher chat.MessageFetcher) {
		thread := s.thread()
		sent := b.several(t, s, thread, 5)
		checkPages(t, "FetchMessages", sent, func(req chat.PageRequest) ([]chat.MessageID, string, error) {
			page, err := fetcher.FetchMessages(s.ctx, thread, req)
			return idsOf(page.Items), page.Next, err
		})
	})},
	{ID: "Messages/Limit", Rule: rulePageLimit, Run: able(func(t TB, s *Subject, b *rig, fetcher chat.MessageFetcher) {
		thread := s.thread()
		b.several(t, s, thread, 4)
		for _, req := range []chat.PageRequest{{Limit: 1}, {Limit: 2}, {Limit: 2, Oldest: true}} {
			page, err := fetcher.FetchMessages(s.ctx, thread, req)
			must(t, "FetchMessages", err)
			if n := len(page.Items); n == 0 || n > req.Limit {
				t.Errorf("FetchMessages with the Limit %d\n    seen: %d messages\n    want: at least one, at most as many", req.Limit, n)
			}
		}
	})},
	{ID: "Messages/Threads", Rule: ruleFetchMessages, Run: able(func(t TB, s *Subject, b *rig, fetcher chat.MessageFetcher) {
		threads := s.Features.threads()
		sent := map[chat.ThreadID][]chat.MessageID{}
		var all []chat.MessageID
		for _, thread := range threads {
			sent[thread] = []chat.MessageID{b.post(t, s, thread, chat.Text("in "+string(thread))).ID()}
			all = append(all, sent[thread]...)
		}
		for _, thread := range threads {
			page, err := fetcher.FetchMessages(s.ctx, thread, chat.PageRequest{})
			must(t, "FetchMessages", err)
			equal(t, fmt.Sprintf("the bot's messages in the thread %q", thread), fmt.Sprint(among(idsOf(page.Items), all)), fmt.Sprint(sent[thread]))
		}
	})},
	{ID: "ChannelMessages/Fetch", Rule: ruleChannelPages, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		for _, channel := range b.channels(t, s) {
			fetcher, ok := b.Adapter.(chat.ChannelFetcher)
			if !ok {
				continue
			}
			first, ok := b.tell(t, s, channel, "first")
			if !ok {
				continue
			}
			second, _ := b.tell(t, s, channel, "second")
			if first.Thread().ID() != second.Thread().ID() {
				b.post(t, s, first.Thread().ID(), chat.Text("inside"))
			}
			for _, oldest := range []bool{false, true} {
				page, err := fetcher.FetchChannelMessages(s.ctx, channel.ID(), chat.PageRequest{Oldest: oldest})
				must(t, "FetchChannelMessages", err)
				var texts []string
				for _, m := range page.Items {
					switch {
					case m.ID == first.ID():
						isOurs(t, "a message of the channel", m, first, "first")
					case m.ID != second.ID() && m.Text != "inside":
						continue // it was there before
					}
					texts = append(texts, m.Text)
				}
				equal(t, fmt.Sprintf("the bot's messages in the channel %q with Oldest %v", channel.ID(), oldest), fmt.Sprint(texts), "[first second]")
			}
		}
	}},
	{ID: "ChannelMessages/Pages", Rule: rulePages, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		for _, channel := range b.channels(t, s) {
			fetcher, ok := b.Adapter.(chat.ChannelFetcher)
			if !ok {
				return
			}
			var sent []chat.MessageID
			for i := range 5 {
				if m, ok := b.tell(t, s, channel, fmt.Sprintf("message %d", i)); ok {
					sent = append(sent, m.ID())
				}
			}
			checkPages(t, "FetchChannelMessages", sent, func(req chat.PageRequest) ([]chat.MessageID, string, error) {
				page, err := fetcher.FetchChannelMessages(s.ctx, channel.ID(), req)
				if n := len(page.Items); n > req.Limit {
					t.Errorf("FetchChannelMessages with the Limit %d\n    seen: %d messages", req.Limit, n)
				}
				return idsOf(page.Items), page.Next, err
			})
		}
	}},
	{ID: "ChannelThreads/List", Rule: ruleThreads, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		for _, channel := range b.channels(t, s) {
			fetcher, ok := b.Adapter.(chat.ChannelFetcher)
			if !ok {
				_, err := chat.Take(channel.Threads(s.ctx), 1)
				isUnsupported(t, "Channel.Threads", err)
				return
			}
			b.lists(t, s, channel, fetcher)
		}
	}},
}

// lists begins three threads in the channel, where a post does so, and looks for
// them in the list.
func (b *rig) lists(t TB, s *Subject, channel *chat.Channel, fetcher chat.ChannelFetcher) {
	t.Helper()
	var sent []*chat.SentMessage
	var want []chat.MessageID
	for i := range 3 {
		root, ok := b.tell(t, s, channel, fmt.Sprintf("root %d", i))
		if !ok || i > 0 && root.Thread().ID() == sent[0].Thread().ID() {
			return // its messages begin no threads
		}
		sent = append(sent, root)
		want = append(want, root.ID())
		for range i + 1 {
			b.post(t, s, root.Thread().ID(), chat.Text("an answer"))
		}
	}
	slices.Reverse(want)
	var seen []chat.MessageID
	for cursor, pages := "", 0; ; pages++ {
		page, err := fetcher.ListThreads(s.ctx, channel.ID(), chat.PageRequest{Cursor: cursor, Limit: 2})
		if pages == 0 && errors.Is(err, errors.ErrUnsupported) {
			return
		}
		must(t, "ListThreads", err)
		for _, summary := range page.Items {
			if summary.Root == nil {
				t.Errorf("ListThreads\n    seen: the thread %q without a Root", summary.ID)
				continue
			}
			seen = append(seen, summary.Root.ID)
			if i := slices.Index(want, summary.Root.ID); i >= 0 {
				root := sent[len(sent)-1-i]
				equal(t, "the thread of a summary", summary.ID, root.Thread().ID())
				equal(t, "the replies of a thread", summary.Replies, len(sent)-i)
				isOurs(t, "the root of a thread", summary.Root, root, fmt.Sprintf("root %d", len(sent)-1-i))
			}
		}
		if cursor = page.Next; cursor == "" || pages > manyPages {
			break
		}
	}
	equal(t, fmt.Sprintf("the threads of the channel %q", channel.ID()), fmt.Sprint(among(seen, want)), fmt.Sprint(want))
}

// manyPages is more than any list of the suite has.
const manyPages = 50

// checkPages reads a list of two at a time, both ways, and compares the bot's
// messages in it with those that it has sent.
func checkPages(t TB, call string, sent []chat.MessageID, fetch func(req chat.PageRequest) ([]chat.MessageID, string, error)) {
	t.Helper()
	for _, oldest := range []bool{true, false} {
		var seen []chat.MessageID
		req := chat.PageRequest{Limit: 2, Oldest: oldest}
		for pages := 0; ; pages++ {
			ids, next, err := fetch(req)
			must(t, call, err)
			if oldest {
				seen = append(seen, ids...)
			} else {
				seen = append(slices.Clone(ids), seen...)
			}
			if req.Cursor = next; next == "" {
				break
			}
			if pages > manyPages {
				t.Errorf("%s with Oldest %v\n    seen: no end after %d pages", call, oldest, pages)
				return
			}
		}
		equal(t, fmt.Sprintf("the bot's messages in the pages of %s with Oldest %v, put together", call, oldest), fmt.Sprint(among(seen, sent)), fmt.Sprint(sent))
	}
}

// several posts n messages to the thread and returns their ids.
func (b *rig) several(t TB, s *Subject, thread chat.ThreadID, n int) []chat.MessageID {
	t.Helper()
	var ids []chat.MessageID
	for i := range n {
		ids = append(ids, b.post(t, s, thread, chat.Text(fmt.Sprintf("message %d", i))).ID())
	}
	return ids
}

// channels are the channels of the threads that the samples are about, each once.
func (b *rig) channels(t TB, s *Subject) []*chat.Channel {
	t.Helper()
	var channels []*chat.Channel
	for _, id := range s.Features.threads() {
		channel := b.thread(t, id).Channel()
		if !slices.ContainsFunc(channels, func(c *chat.Channel) bool { return c.ID() == channel.ID() }) {
			channels = append(channels, channel)
		}
	}
	return channels
}

// tell posts to the channel. It returns false where messages stand in threads
// that they do not begin.
func (b *rig) tell(t TB, s *Subject, channel *chat.Channel, text string) (*chat.SentMessage, bool) {
	t.Helper()
	sent, err := channel.Post(s.ctx, chat.Text(text))
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, false
	}
	must(t, "Post to a channel", err)
	return sent, true
}

// isOurs reports a fetched message that is not the one that the bot sent.
func isOurs(t TB, what string, m *chat.Message, sent *chat.SentMessage, text string) {
	t.Helper()
	if m == nil {
		t.Errorf("%s is nil", what)
		return
	}
	equal(t, "the id of "+what, m.ID, sent.ID())
	equal(t, "the text of "+what, strings.TrimSpace(m.Text), text)
	equal(t, "Author.Me of "+what, m.Author.Me, true)
}

func idsOf(messages []*chat.Message) []chat.MessageID {
	ids := make([]chat.MessageID, len(messages))
	for i, m := range messages {
		ids[i] = m.ID
	}
	return ids
}

// among returns those of the ids that are in the list.
func among(ids, list []chat.MessageID) []chat.MessageID {
	return slices.DeleteFunc(slices.Clone(ids), func(id chat.MessageID) bool { return !slices.Contains(list, id) })
}
