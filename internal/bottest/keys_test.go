package bottest

import (
	"context"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/sim"
)

// name is what a call of the state names, and the kind of it.
type name struct{ kind, key string }

// names are those that the calls of a test had.
type names struct {
	mu   sync.Mutex
	seen map[name]bool
}

func (n *names) add(kind, key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seen == nil {
		n.seen = map[name]bool{}
	}
	n.seen[name{kind, key}] = true
}

// all returns the names in order.
func (n *names) all() []name {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.SortedFunc(maps.Keys(n.seen), func(a, b name) int { return strings.Compare(a.kind+a.key, b.kind+b.key) })
}

// listed is a state that writes down what its calls name, but for those that only read.
type listed struct {
	*sim.Store
	names *names
}

func (l listed) AcquireLock(ctx context.Context, id string, ttl time.Duration) (*state.Lock, error) {
	l.names.add("lock", id)
	return l.Store.AcquireLock(ctx, id, ttl)
}

func (l listed) Subscribe(ctx context.Context, id string) error {
	l.names.add("set", id)
	return l.Store.Subscribe(ctx, id)
}

func (l listed) Enqueue(ctx context.Context, id string, e state.QueueEntry, maxSize int) (int, error) {
	l.names.add("queue", id)
	return l.Store.Enqueue(ctx, id, e, maxSize)
}

func (l listed) Accept(ctx context.Context, id string, e state.QueueEntry, maxSize int) (int, error) {
	l.names.add("queue", id)
	return l.Store.Accept(ctx, id, e, maxSize)
}

func (l listed) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	l.names.add("cache", key)
	return l.Store.Set(ctx, key, value, ttl)
}

func (l listed) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	l.names.add("cache", key)
	return l.Store.SetIfNotExists(ctx, key, value, ttl)
}

func (l listed) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	l.names.add("cache", key)
	return l.Store.CompareAndSwap(ctx, key, old, value, ttl)
}

func (l listed) AppendToList(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
	l.names.add("list", key)
	return l.Store.AppendToList(ctx, key, value, opts)
}

// keyRow is a row of the table of keys in the package comment of chat.
type keyRow struct {
	name
	pattern string
}

var keyRows = sync.OnceValues(func() ([]keyRow, error) {
	source, err := os.ReadFile("../../core/chat/doc.go")
	if err != nil {
		return nil, err
	}
	row := regexp.MustCompile(`(?m)^//\t(lock|queue|set|cache|list) +(\S+(?: \S+)*?)  +.*$`)
	var rows []keyRow
	for _, found := range row.FindAllStringSubmatch(string(source), -1) {
		rows = append(rows, keyRow{name: name{found[1], found[2]}})
	}
	kinds := func(kind string) string {
		var patterns []string
		for _, r := range rows {
			if r.kind == kind && !strings.Contains(r.key, " key}") {
				patterns = append(patterns, pattern(r.key))
			}
		}
		return "(?:" + strings.Join(patterns, "|") + ")"
	}
	for i, r := range rows {
		key, lockKey, _ := strings.Cut(r.key, "{lock key}")
		switch {
		case r.key == "{cache key}":
			rows[i].pattern = kinds("cache")
		case strings.HasSuffix(r.key, "{lock key}"):
			rows[i].pattern = pattern(key) + kinds("lock") + pattern(lockKey)
		default:
			rows[i].pattern = pattern(r.key)
		}
	}
	return rows, nil
})

// pattern returns what a key of the table stands for, on the platforms of these tests.
func pattern(key string) string {
	return regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllStringFunc(regexp.QuoteMeta(key), func(field string) string {
		switch strings.Trim(field, `\{}`) {
		case "lock":
			return `fake:[^#]+`
		case "thread":
			return `fake:[^:#]+:[^#]+`
		case "channel":
			return `fake:[^:#]+`
		case "adapter":
			return `fake`
		case "n":
			return `[0-9]+`
		}
		return `[^#]+`
	})
}

// checkKeys checks that the table of keys has what was named, and returns the rows that
// were.
func checkKeys(t *testing.T, n *names) map[name]bool {
	t.Helper()
	rows, err := keyRows()
	require.NoError(t, err)
	require.Greater(t, len(rows), 20)
	met := map[name]bool{}
	for _, seen := range n.all() {
		known := false
		for _, r := range rows {
			if r.kind == seen.kind && regexp.MustCompile("^"+r.pattern+"$").MatchString(seen.key) {
				known, met[r.name] = true, true
			}
		}
		require.True(t, known, "the table of keys in the package comment of chat has no row for the %s %q", seen.kind, seen.key)
	}
	return met
}

// TestKeysAreInTheTable has a bot do all that it keeps something for, so that each row
// of the table is met. That no other key is written is checked in all tests of a rig.
func TestKeysAreInTheTable(t *testing.T) {
	met := map[name]bool{}
	for _, swaps := range []bool{true, false} {
		play(t, 1, func(c *chat.Config) {
			if !swaps {
				c.State = struct {
					state.Adapter
					state.Inbox
				}{c.State, c.State.(state.Inbox)}
			}
			c.Adapters = []chat.Adapter{keeper{c.Adapters[0].(*chattest.Adapter)}}
			c.Identity, c.Transcripts = byUser, chat.TranscriptConfig{Enabled: true}
			c.Retry = chat.Retry{MaxAttempts: 2, Backoff: 100 * time.Millisecond}
			c.ConcurrencyFor = func(m *chat.Message) chat.Concurrency {
				if strings.Contains(m.Text, "at once") {
					return chat.Concurrency{Strategy: chat.StrategyConcurrent, MaxConcurrent: 2}
				}
				return chat.Concurrency{}
			}
		}, func(r *rig) {
			converse(r)
			maps.Copy(met, checkKeys(t, &r.names))
		})
	}
	rows, err := keyRows()
	require.NoError(t, err)
	for _, row := range rows {
		require.True(t, met[row.name], "no %s %q was written", row.kind, row.key)
	}
}

// converse has people and platforms do everything for which the bot keeps something.
func converse(r *rig) {
	t, ctx, in := r.t, context.Background(), r.instances[0]
	in.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		if err := work(ctx, 200*time.Millisecond); err != nil {
			return err
		}
		if strings.Contains(ev.Message.Text, "fail") {
			return errHandler
		}
		set := func(map[string]int) (map[string]int, error) { return map[string]int{"n": 1}, nil }
		if _, err := chat.ThreadData[map[string]int](ev.Thread).Update(ctx, set); err != nil {
			return err
		}
		if _, err := chat.ChannelData[map[string]int](ev.Thread.Channel()).Update(ctx, set); err != nil {
			return err
		}
		_, err := ev.Thread.Post(ctx, chat.Text("re: "+ev.Message.Text))
		return err
	})
	group, err := in.Group(chat.Concurrency{Strategy: chat.StrategyConcurrent, MaxConcurrent: 1})
	require.NoError(t, err)
	group.OnMessage(regexp.MustCompile("build"), func(context.Context, *chat.MessageEvent) error { return nil })
	say := func(thread, text string, change func(*chat.Message)) {
		m := in.fake.Message(in.fake.Thread("c", thread), text)
		if change != nil {
			change(m)
		}
		receipt, err := in.fake.Send(ctx, m)
		require.NoError(t, err)
		_ = receipt.Wait(ctx) // one of them fails
	}
	say("t", "@bot hello", nil)
	say("t", "@bot at once", nil)
	say("g", "build", nil)
	say("f", "@bot fail", nil)
	say("b", "@bot hello", func(m *chat.Message) {
		m.Author = chat.Author{UserID: "b2", UserName: "other", Bot: new(true)}
	})
	in.OnReaction(func(context.Context, *chat.ReactionEvent) error { return nil })
	r.handled(in, &chat.ReactionEvent{EventBase: chat.EventBase{ThreadID: "fake:c:t", User: chattest.Ada()}, MessageID: "m", Emoji: "thumbs_up", Added: true})
	thread, err := in.Thread("fake:c:t")
	require.NoError(t, err)
	require.NoError(t, thread.Subscribe(ctx))
	_, err = thread.RequestApproval(ctx, chat.Approval{Title: "Deploy?", Timeout: time.Hour})
	require.NoError(t, err)
	r.postCard(in, card.NewButton("b", "B").WithValue("v").WithCallback("https://hooks.example/x"))
	in.OnAction(func(context.Context, *chat.ActionEvent) error { return nil }, "once")
	posted := r.postCard(in, card.NewButton("once", "Once").WithOnce())
	receipt, err := in.fake.Click(ctx, chattest.Ada(), posted, "once")
	require.NoError(t, err)
	require.NoError(t, receipt.Wait(ctx))
	_, err = in.fake.Submit(ctx, r.openForm(in, form()), nil)
	require.NoError(t, err)
	require.NoError(t, in.CancelTurn(ctx, "fake:c:t"))
	status, _ := ready(in)
	require.Equal(t, 200, status)
	time.Sleep(5 * time.Second) // the canary is put when it has been missed for a while
	say("t", "@bot hello", nil)
}
