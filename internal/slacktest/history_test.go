package slacktest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/slacktest/fakeslack"
)

func texts(messages []*chat.Message) (out []string) {
	for _, m := range messages {
		out = append(out, m.Text)
	}
	return out
}

// pages reads a list page by page, and returns the texts of each.
func pages(t *testing.T, req chat.PageRequest, fetch func(chat.PageRequest) (chat.Page[*chat.Message], error)) (all [][]string) {
	t.Helper()
	for {
		page, err := fetch(req)
		require.NoError(t, err)
		require.True(t, slices.IsSortedFunc(page.Items, func(a, b *chat.Message) int { return a.SentAt.Compare(b.SentAt) }))
		all = append(all, texts(page.Items))
		require.Less(t, len(all), 50)
		if page.Next == "" {
			return all
		}
		req.Cursor = page.Next
	}
}

func TestFetchMessages(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	for i := range 6 {
		o.slack.Post("C0GENERAL", o.root, "U0BOB", fmt.Sprint("r", i))
	}
	fetch := func(req chat.PageRequest) (chat.Page[*chat.Message], error) {
		return o.FetchMessages(t.Context(), o.room, req)
	}
	require.Equal(t, [][]string{{"r3", "r4", "r5"}, {"r0", "r1", "r2"}, {"a question"}}, pages(t, chat.PageRequest{Limit: 3}, fetch))
	require.Equal(t, [][]string{{"a question", "r0", "r1", "r2", "r3", "r4", "r5"}}, pages(t, chat.PageRequest{}, fetch))
	forward := pages(t, chat.PageRequest{Limit: 3, Oldest: true}, fetch)
	require.Equal(t, []string{"a question", "r0", "r1", "r2", "r3", "r4", "r5"}, slices.Concat(forward...), "each comes once")
	require.Greater(t, len(forward), 2)

	page, err := o.FetchMessages(t.Context(), o.room, chat.PageRequest{Limit: 1})
	require.NoError(t, err)
	require.Equal(t, o.room, page.Items[0].ThreadID)
	require.Equal(t, chat.UserID("U0BOB"), page.Items[0].Author.UserID)
	require.NotEmpty(t, page.Items[0].Raw)

	_, err = o.FetchMessages(t.Context(), o.room, chat.PageRequest{Cursor: "nonsense"})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	_, err = o.FetchMessages(t.Context(), o.room, chat.PageRequest{Cursor: "nonsense", Oldest: true})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	_, err = o.FetchMessages(t.Context(), "slack:C0GENERAL:1700000000.000001", chat.PageRequest{})
	require.ErrorIs(t, err, chat.ErrNotFound)
}

func TestFetchMessage(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	reply := o.slack.Post("C0GENERAL", o.root, "U0BOB", "a reply")
	for ts, want := range map[string]string{reply: "a reply", o.root: "a question"} {
		m, err := o.FetchMessage(t.Context(), o.room, chat.MessageID("C0GENERAL:"+ts))
		require.NoError(t, err)
		require.Equal(t, want, m.Text)
	}
	m, err := o.FetchMessage(t.Context(), "slack:C0GENERAL:", chat.MessageID("C0GENERAL:"+o.root))
	require.NoError(t, err)
	require.Equal(t, "a question", m.Text)
	_, err = o.FetchMessage(t.Context(), o.room, "C0GENERAL:1700000000.000001")
	require.ErrorIs(t, err, chat.ErrNotFound)
}

func TestFetchChannelMessages(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	month := 30 * 24 * time.Hour
	o.slack.AddChannel(fakeslack.Channel{ID: "C0OLD", Name: "old", Created: time.Now().Add(-24 * month)})
	for i := range 5 { // sparse at first, dense at the end
		o.slack.PostAt(time.Now().Add(-time.Duration(20-4*i)*month), "C0OLD", "", "U0ADA", fmt.Sprint("m", i))
	}
	burst := time.Now().Add(-3 * time.Hour)
	var dense []string
	for i := range 1_050 {
		o.slack.PostAt(burst.Add(time.Duration(i)*time.Second), "C0OLD", "", "U0ADA", fmt.Sprint("d", i))
		dense = append(dense, fmt.Sprint("d", i))
	}
	fetch := func(req chat.PageRequest) (chat.Page[*chat.Message], error) {
		return o.FetchChannelMessages(t.Context(), "slack:C0OLD", req)
	}
	want := append([]string{"m0", "m1", "m2", "m3", "m4"}, dense...)
	forward := pages(t, chat.PageRequest{Limit: 500, Oldest: true}, fetch)
	require.Equal(t, want, slices.Concat(forward...))
	backward := pages(t, chat.PageRequest{Limit: 500}, fetch)
	require.Equal(t, dense[550:], backward[0], "the newest page comes first")
	slices.Reverse(backward)
	require.Equal(t, want, slices.Concat(backward...))

	page, err := o.FetchChannelMessages(t.Context(), "slack:D0ADA", chat.PageRequest{Oldest: true})
	require.NoError(t, err)
	require.Empty(t, page.Items)
	require.Empty(t, page.Next)
	_, err = o.FetchChannelMessages(t.Context(), "slack:C0NOWHERE", chat.PageRequest{})
	require.ErrorIs(t, err, chat.ErrNotFound)
	_, err = o.FetchChannelMessages(t.Context(), "web:C0OLD", chat.PageRequest{})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

func TestListThreads(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	var roots []string
	for i := range 9 {
		root := o.slack.Post("C0OTHER", "", "U0ADA", fmt.Sprint("t", i))
		if i%2 == 0 {
			o.slack.Post("C0OTHER", root, "U0BOB", "reply")
			roots = append(roots, root)
		}
	}
	last := o.slack.Post("C0OTHER", roots[4], "U0BOB", "second")
	page, err := o.ListThreads(t.Context(), "slack:C0OTHER", chat.PageRequest{Limit: 3})
	require.NoError(t, err)
	require.Len(t, page.Items, 3)
	require.Equal(t, chat.ThreadID("slack:C0OTHER:"+roots[4]), page.Items[0].ID)
	require.Equal(t, 2, page.Items[0].Replies)
	require.Equal(t, last, fmt.Sprintf("%d.%06d", page.Items[0].LastReplyAt.Unix(), page.Items[0].LastReplyAt.Nanosecond()/1000))
	require.Equal(t, "t8", page.Items[0].Root.Text)
	page, err = o.ListThreads(t.Context(), "slack:C0OTHER", chat.PageRequest{Limit: 3, Cursor: page.Next})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	require.Empty(t, page.Next)
	page, err = o.ListThreads(t.Context(), "slack:C0OTHER", chat.PageRequest{Oldest: true})
	require.NoError(t, err)
	require.Equal(t, chat.ThreadID("slack:C0OTHER:"+roots[0]), page.Items[0].ID)
	require.Len(t, page.Items, 5)
}

// onceAMinute has Slack take every second call of the method only.
func (o *outbound) onceAMinute(method string) {
	var answers []fakeslack.Failure
	for range 200 {
		answers = append(answers, fakeslack.Failure{}, fakeslack.Failure{RetryAfter: time.Minute})
	}
	o.slack.Fail(method, answers...)
}

// TestRestrictedThreadIsReadInTheEnd checks that the newest page of a thread is
// reached by an app that may read little at a time: each call goes on where Slack
// stopped the one before, and says why it stopped.
func TestRestrictedThreadIsReadInTheEnd(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	want := []string{"a question"}
	for i := range 61 {
		o.slack.Post("C0GENERAL", o.root, "U0BOB", fmt.Sprint("r", i))
		want = append(want, fmt.Sprint("r", i))
	}
	o.slack.LimitPages(15)
	o.onceAMinute("conversations.replies")
	read := func(req chat.PageRequest) (page chat.Page[*chat.Message], stops int) {
		t.Helper()
		for {
			page, err := o.FetchMessages(t.Context(), o.room, req)
			if err == nil {
				return page, stops
			}
			require.ErrorIs(t, err, chat.ErrRateLimited)
			require.ErrorContains(t, err, "outside of its Marketplace")
			var failure *chat.PlatformError
			require.ErrorAs(t, err, &failure)
			require.Equal(t, time.Minute, failure.RetryAfter)
			if stops++; stops > 10 {
				require.FailNow(t, "it begins again for ever")
			}
		}
	}
	page, stops := read(chat.PageRequest{Limit: 20})
	require.Equal(t, want[len(want)-20:], texts(page.Items))
	require.Equal(t, 4, stops, "61 answers are five pages")
	before, _ := read(chat.PageRequest{Limit: 20, Cursor: page.Next})
	require.Equal(t, want[len(want)-40:len(want)-20], texts(before.Items))
}

// TestRestrictedChannelIsReadInTheEnd checks the same for a channel from its
// beginning, which Slack cannot give, and for its threads.
func TestRestrictedChannelIsReadInTheEnd(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	o.slack.AddChannel(fakeslack.Channel{ID: "C0OLD", Name: "old", Created: time.Now().Add(-72 * time.Hour)})
	var want, roots []string
	for i := range 40 {
		root := o.slack.PostAt(time.Now().Add(-48*time.Hour+time.Duration(i)*time.Minute), "C0OLD", "", "U0ADA", fmt.Sprint("m", i))
		want = append(want, fmt.Sprint("m", i))
		if i%10 == 0 {
			o.slack.Post("C0OLD", root, "U0BOB", "an answer")
			roots = append(roots, fmt.Sprint("m", i))
		}
	}
	o.slack.LimitPages(15)
	o.onceAMinute("conversations.history")
	var got []string
	read := func(next func(cursor string) (string, error)) {
		t.Helper()
		cursor := ""
		for range 200 {
			next, err := next(cursor)
			if err != nil {
				require.ErrorIs(t, err, chat.ErrRateLimited)
				continue
			}
			if cursor = next; cursor == "" {
				return
			}
		}
		require.FailNow(t, "it begins again for ever")
	}
	read(func(cursor string) (string, error) {
		page, err := o.FetchChannelMessages(t.Context(), "slack:C0OLD", chat.PageRequest{Oldest: true, Cursor: cursor})
		got = append(got, texts(page.Items)...)
		return page.Next, err
	})
	require.Equal(t, want, got)
	got = nil
	read(func(cursor string) (string, error) {
		page, err := o.ListThreads(t.Context(), "slack:C0OLD", chat.PageRequest{Limit: 10, Cursor: cursor})
		for _, summary := range page.Items {
			got = append(got, summary.Root.Text)
		}
		return page.Next, err
	})
	slices.Reverse(roots)
	require.Equal(t, roots, got)
}

// TestInterruptedReadingGoesOn checks that a reading which fails on the way is not
// begun again either, and that one which cannot succeed is.
func TestInterruptedReadingGoesOn(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	for i := range 40 {
		o.slack.Post("C0GENERAL", o.root, "U0BOB", fmt.Sprint("r", i))
	}
	o.slack.LimitPages(15)
	calls := func() int { return len(o.slack.Calls("conversations.replies")) }
	o.slack.Fail("conversations.replies", fakeslack.Failure{}, fakeslack.Failure{Error: "internal_error"}, fakeslack.Failure{}, fakeslack.Failure{Error: "invalid_cursor"})
	_, err := o.FetchMessages(t.Context(), o.room, chat.PageRequest{Limit: 5})
	require.ErrorIs(t, err, chat.ErrTemporary)
	_, err = o.FetchMessages(t.Context(), o.room, chat.PageRequest{Limit: 5})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	require.Equal(t, 4, calls())
	page, err := o.FetchMessages(t.Context(), o.room, chat.PageRequest{Limit: 5})
	require.NoError(t, err)
	require.Equal(t, []string{"r35", "r36", "r37", "r38", "r39"}, texts(page.Items))
	require.Equal(t, 7, calls(), "from the beginning")
}
