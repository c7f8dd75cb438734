package adapterkit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/internal/kittest"
	"github.com/chat-adapter/chat-go/core/chat"
)

// channel is a channel of a platform.
type channel struct {
	ids   []chat.MessageID
	texts map[chat.MessageID]string
	next  int
	log   []string

	// fault, if it is set, is asked before each call.
	fault func(call string) error
}

func newChannel() *channel { return &channel{texts: map[chat.MessageID]string{}} }

func (c *channel) do(call string) error {
	if c.fault != nil {
		if err := c.fault(call); err != nil {
			c.log = append(c.log, "refused "+call)
			return err
		}
	}
	c.log = append(c.log, call)
	return nil
}

// shown returns what the channel shows.
func (c *channel) shown() string {
	texts := make([]string, 0, len(c.ids))
	for _, id := range c.ids {
		texts = append(texts, c.texts[id])
	}
	return strings.Join(texts, " ")
}

func (c *channel) remove(id chat.MessageID) error {
	at := slices.Index(c.ids, id)
	if at < 0 {
		return &chat.PlatformError{Adapter: "pager", Op: "delete", Code: chat.CodeNotFound}
	}
	c.ids = slices.Delete(c.ids, at, at+1)
	return nil
}

// calls are those for a post of the texts, separated by spaces.
func (c *channel) calls(text string) (int, adapterkit.PartCalls) {
	texts := strings.Fields(text)
	return len(texts), adapterkit.PartCalls{
		Send: func(_ context.Context, i int, first chat.MessageID) (chat.MessageID, error) {
			if (first == "") != (i == 0) {
				return "", fmt.Errorf("part %d with the first id %q", i, first)
			}
			if err := c.do("send " + texts[i]); err != nil {
				return "", err
			}
			c.next++
			id := chat.MessageID(fmt.Sprintf("m%d", c.next))
			c.ids, c.texts[id] = append(c.ids, id), texts[i]
			return id, nil
		},
		Edit: func(_ context.Context, i int, id chat.MessageID) error {
			if err := c.do("edit " + texts[i]); err != nil {
				return err
			}
			if !slices.Contains(c.ids, id) {
				return &chat.PlatformError{Adapter: "pager", Op: "edit", Code: chat.CodeNotFound}
			}
			c.texts[id] = texts[i]
			return nil
		},
		Delete: func(_ context.Context, id chat.MessageID) error {
			if err := c.do("delete " + c.texts[id]); err != nil {
				return err
			}
			return c.remove(id)
		},
	}
}

func limited(after time.Duration) error {
	return &chat.PlatformError{Adapter: "pager", Op: "send", Code: chat.CodeRateLimited, RetryAfter: after}
}

// once returns a fault that refuses a call so many times.
func refuse(call string, times int, err error) func(string) error {
	return func(got string) error {
		if got == call && times > 0 {
			times--
			return err
		}
		return nil
	}
}

func newParts(host chat.Host) *adapterkit.Parts {
	return adapterkit.NewParts(host, adapterkit.PartsConfig{Adapter: "pager"})
}

func TestParts(t *testing.T) {
	t.Parallel()
	host, c := kittest.NewHost(), newChannel()
	n, calls := c.calls("a b c")
	first, err := newParts(host).Post(t.Context(), n, calls)
	require.NoError(t, err)
	require.Equal(t, "a b c", c.shown())
	for _, text := range []string{"d e f g h", "d e f g h", "i", "j k", "l m n", "o"} {
		n, calls := c.calls(text)
		require.NoError(t, newParts(host).Edit(t.Context(), first, n, calls))
		require.Equal(t, text, c.shown())
		require.Equal(t, first, c.ids[0], "the id stays")
	}
	require.Empty(t, host.Memory.Keys(), "one message needs no note")
	n, calls = c.calls("p q r")
	require.NoError(t, newParts(host).Edit(t.Context(), first, n, calls))
	require.NoError(t, newParts(host).Delete(t.Context(), first, calls))
	require.Empty(t, c.shown())
	require.Empty(t, host.Memory.Keys())
	require.ErrorIs(t, newParts(host).Delete(t.Context(), first, calls), chat.ErrNotFound)
	require.ErrorIs(t, newParts(host).Edit(t.Context(), first, n, calls), chat.ErrNotFound)

	n, calls = c.calls("single")
	_, err = newParts(host).Post(t.Context(), n, calls)
	require.NoError(t, err)
	require.Empty(t, host.Memory.Keys())
}

// Somebody has deleted a further message on the platform.
func TestPartsThatAreGone(t *testing.T) {
	t.Parallel()
	host, c := kittest.NewHost(), newChannel()
	n, calls := c.calls("a b c")
	first, err := newParts(host).Post(t.Context(), n, calls)
	require.NoError(t, err)
	require.NoError(t, c.remove(c.ids[1]))
	n, calls = c.calls("d e f")
	require.NoError(t, newParts(host).Edit(t.Context(), first, n, calls))
	require.ElementsMatch(t, []string{"d", "e", "f"}, strings.Fields(c.shown()))
	require.NoError(t, c.remove(c.ids[1]))
	require.NoError(t, newParts(host).Delete(t.Context(), first, calls))
	require.Empty(t, c.shown())
}

func TestPartsWaitInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, c := kittest.NewHost(), newChannel()
		n, calls := c.calls("a b c")
		c.fault = refuse("send b", 2, limited(5*time.Second))
		begun := time.Now()
		first, err := newParts(host).Post(t.Context(), n, calls)
		require.NoError(t, err)
		require.Equal(t, "a b c", c.shown())
		require.Equal(t, 10*time.Second, time.Since(begun))

		c.fault = refuse("edit e", 1, limited(time.Second))
		n, calls = c.calls("d e f g")
		require.NoError(t, newParts(host).Edit(t.Context(), first, n, calls))
		c.fault = refuse("delete f", 1, limited(time.Second))
		require.NoError(t, newParts(host).Delete(t.Context(), first, calls))
		require.Empty(t, c.shown())
	})
}

// What is refused at the beginning of a deletion, the bot makes again after its own rules.
func TestDeletionThatIsLimitedAtItsBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, text := range []string{"a", "a b c"} {
			host, c := kittest.NewHost(), newChannel()
			n, calls := c.calls(text)
			first, err := newParts(host).Post(t.Context(), n, calls)
			require.NoError(t, err)
			c.fault = refuse("delete "+text[len(text)-1:], 1, limited(time.Second))
			begun := time.Now()
			require.ErrorIs(t, newParts(host).Delete(t.Context(), first, calls), chat.ErrRateLimited)
			require.Zero(t, time.Since(begun))
			require.Equal(t, text, c.shown())
			require.NoError(t, newParts(host).Delete(t.Context(), first, calls))
			require.Empty(t, c.shown())
		}
	})
}

// What the rate limit has refused must have changed nothing: the bot makes the call
// again.
func TestHalfAPostThatWasRateLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, c := kittest.NewHost(), newChannel()
		n, calls := c.calls("a b c")
		c.fault = refuse("send a", 1, limited(time.Hour))
		_, err := newParts(host).Post(t.Context(), n, calls)
		require.ErrorIs(t, err, chat.ErrRateLimited)
		require.Equal(t, []string{"refused send a"}, c.log)

		c.fault = refuse("send c", 1, limited(time.Hour))
		_, err = newParts(host).Post(t.Context(), n, calls)
		require.ErrorIs(t, err, chat.ErrRateLimited, "all was taken back")
		require.Empty(t, c.shown())
		require.Empty(t, host.Memory.Keys())
		_, err = newParts(host).Post(t.Context(), n, calls)
		require.NoError(t, err)
		require.Equal(t, "a b c", c.shown())

		c = newChannel()
		n, calls = c.calls("a b c")
		calls.Delete = nil
		c.fault = refuse("send c", 1, limited(time.Hour))
		_, err = newParts(host).Post(t.Context(), n, calls)
		require.NotErrorIs(t, err, chat.ErrRateLimited, "made again, the first messages would be there twice")
		require.ErrorIs(t, err, chat.ErrTemporary)
		require.ErrorContains(t, err, "after 2 of 3 messages")
		failure, _ := errors.AsType[*chat.PlatformError](err)
		require.Equal(t, time.Hour, failure.RetryAfter)
		require.Equal(t, "a b", c.shown())

		c = newChannel()
		n, calls = c.calls("a b c")
		broken := &chat.PlatformError{Adapter: "pager", Op: "send", Code: chat.CodePermission}
		c.fault = func(call string) error {
			switch call {
			case "send c":
				return broken
			case "delete b":
				return limited(time.Hour)
			}
			return nil
		}
		_, err = newParts(host).Post(t.Context(), n, calls)
		require.ErrorIs(t, err, broken)
		require.Equal(t, "b", c.shown(), "what can be taken back is")
	})
}

// How long a post waits in its middle is for the bot's configuration to say.
func TestPartsWaitAsLongAsTheBotAllows(t *testing.T) {
	for wait, want := range map[time.Duration]error{4 * time.Second: chat.ErrRateLimited, 6 * time.Second: nil} {
		synctest.Test(t, func(t *testing.T) {
			host, c := kittest.NewHost(), newChannel()
			host.Wait = wait
			n, calls := c.calls("a b c")
			c.fault = refuse("send c", 1, limited(5*time.Second))
			_, err := newParts(host).Post(t.Context(), n, calls)
			require.ErrorIs(t, err, want)

			c = newChannel()
			n, calls = c.calls("a b c")
			both := []func(string) error{refuse("send b", 1, limited(3*time.Second)), refuse("send c", 1, limited(3*time.Second))}
			c.fault = func(call string) error { return errors.Join(both[0](call), both[1](call)) }
			_, err = newParts(host).Post(t.Context(), n, calls)
			require.ErrorIs(t, err, want, "the parts share it")
		})
	}
}

// An edit or a deletion that fails can be made again.
func TestPartsAreFinishedLater(t *testing.T) {
	t.Parallel()
	broken := errors.New("the platform is gone")
	for _, fault := range []string{"edit d", "edit e", "send f", "send g", "delete c"} {
		for _, text := range []string{"d", "d e", "d e f g"} {
			host, c := kittest.NewHost(), newChannel()
			n, calls := c.calls("a b c")
			if strings.HasPrefix(fault, "send") {
				n, calls = c.calls("a b")
			}
			first, err := newParts(host).Post(t.Context(), n, calls)
			require.NoError(t, err)
			c.fault = refuse(fault, 1, broken)
			n, calls = c.calls(text)
			if err := newParts(host).Edit(t.Context(), first, n, calls); err != nil {
				require.ErrorIs(t, err, broken)
			}
			require.NoError(t, newParts(host).Edit(t.Context(), first, n, calls))
			require.Equal(t, text, c.shown(), "%s, to %s", fault, text)
			require.NoError(t, newParts(host).Delete(t.Context(), first, calls))
			require.Empty(t, c.shown())
		}
	}
	for _, fault := range []string{"delete a", "delete b", "delete c"} {
		host, c := kittest.NewHost(), newChannel()
		n, calls := c.calls("a b c")
		first, err := newParts(host).Post(t.Context(), n, calls)
		require.NoError(t, err)
		c.fault = refuse(fault, 1, broken)
		require.ErrorIs(t, newParts(host).Delete(t.Context(), first, calls), broken)
		require.NoError(t, newParts(host).Delete(t.Context(), first, calls), "its id still names it")
		require.Empty(t, c.shown())
	}
}

func TestPartsAndTheState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, c := kittest.NewHost(), newChannel()
		broken := errors.New("the state is gone")
		n, calls := c.calls("a b")
		host.Memory.Fail(broken)
		_, err := newParts(host).Post(t.Context(), n, calls)
		require.NoError(t, err, "it is posted, only not noted")
		require.Equal(t, "a b", c.shown())
		host.Memory.Fail(nil)

		c = newChannel()
		n, calls = c.calls("a b")
		first, err := newParts(host).Post(t.Context(), n, calls)
		require.NoError(t, err)
		host.Memory.Fail(broken)
		n, calls = c.calls("c")
		require.ErrorIs(t, newParts(host).Edit(t.Context(), first, n, calls), broken)
		require.ErrorIs(t, newParts(host).Delete(t.Context(), first, calls), broken)
		require.Equal(t, "a b", c.shown(), "nothing is changed by half")
		host.Memory.Fail(nil)

		// A note outlives the caller's context.
		ctx, cancel := context.WithCancel(t.Context())
		n, calls = c.calls("d e f")
		send := calls.Send
		calls.Send = func(ctx context.Context, i int, first chat.MessageID) (chat.MessageID, error) {
			id, err := send(ctx, i, first)
			cancel()
			return id, err
		}
		require.NoError(t, newParts(host).Edit(ctx, first, n, calls))
		require.NoError(t, newParts(host).Delete(t.Context(), first, calls))
		require.Empty(t, c.shown())

		// Waiting ends with the context.
		n, calls = c.calls("a b")
		c.fault = refuse("send b", 1, limited(20*time.Second))
		ctx, cancel = context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begun := time.Now()
		_, err = newParts(host).Post(ctx, n, calls)
		require.ErrorIs(t, err, chat.ErrRateLimited)
		require.Zero(t, time.Since(begun), "it would not be in time")
		require.Empty(t, c.shown())
		c.fault = refuse("send b", 1, limited(5*time.Second))
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err = newParts(host).Post(ctx, n, calls)
		require.ErrorIs(t, err, context.Canceled)
		require.Empty(t, c.shown())
	})
}

// The platform refuses what has a capital letter: it is sent in pieces, in small
// letters.
func TestPartsInASimplerForm(t *testing.T) {
	t.Parallel()
	refused := &chat.PlatformError{Adapter: "pager", Op: "send", Code: chat.CodeInvalid}
	host, c := kittest.NewHost(), newChannel()
	c.fault = func(call string) error {
		if strings.ToLower(call) != call && !strings.HasPrefix(call, "delete") {
			return refused
		}
		return nil
	}
	simplifying := func(text string) (int, adapterkit.PartCalls) {
		texts := strings.Fields(text)
		now := func() adapterkit.PartCalls { _, calls := c.calls(strings.Join(texts, " ")); return calls }
		return len(texts), adapterkit.PartCalls{
			Send: func(ctx context.Context, i int, first chat.MessageID) (chat.MessageID, error) {
				return now().Send(ctx, i, first)
			},
			Edit:   func(ctx context.Context, i int, id chat.MessageID) error { return now().Edit(ctx, i, id) },
			Delete: func(ctx context.Context, id chat.MessageID) error { return now().Delete(ctx, id) },
			Simplify: func(i int, err error) int {
				simpler := strings.Split(strings.ToLower(texts[i]), "-")
				if !errors.Is(err, refused) || simpler[0] == texts[i] {
					return 0
				}
				texts = slices.Concat(texts[:i], simpler, texts[i+1:])
				return len(texts)
			},
		}
	}
	n, calls := simplifying("A-B c D")
	first, err := newParts(host).Post(t.Context(), n, calls)
	require.NoError(t, err)
	require.Equal(t, "a b c d", c.shown())
	ids, err := newParts(host).Messages(t.Context(), first)
	require.NoError(t, err)
	require.Equal(t, c.ids, ids)
	for _, text := range []string{"e F-G-H", "I", "j-k"} {
		n, calls := simplifying(text)
		require.NoError(t, newParts(host).Edit(t.Context(), first, n, calls))
		require.Equal(t, strings.ToLower(strings.NewReplacer("-", " ").Replace(text)), strings.ReplaceAll(c.shown(), "-", " "))
	}

	c = newChannel()
	c.fault = func(string) error { return refused }
	n, calls = simplifying("A")
	_, err = newParts(host).Post(t.Context(), n, calls)
	require.ErrorIs(t, err, refused, "there is nothing simpler than small letters")
	_, err = newParts(host).Post(t.Context(), 0, calls)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

// A stream has posted its messages itself.
func TestMessagesThatWerePostedOtherwise(t *testing.T) {
	t.Parallel()
	host, c := kittest.NewHost(), newChannel()
	_, calls := c.calls("a b")
	var ids []chat.MessageID
	for i, first := range []chat.MessageID{"", "m1"} {
		id, err := calls.Send(t.Context(), i, first)
		require.NoError(t, err)
		ids = append(ids, id)
	}
	parts := newParts(host)
	parts.Keep(t.Context(), ids)
	got, err := parts.Messages(t.Context(), ids[0])
	require.NoError(t, err)
	require.Equal(t, ids, got)
	require.NoError(t, parts.Delete(t.Context(), ids[0], calls))
	require.Empty(t, c.shown())
	parts.Keep(t.Context(), ids[:1])
	require.Empty(t, host.Memory.Keys(), "one message needs no note")
	broken := errors.New("the state is gone")
	host.Memory.Fail(broken)
	_, err = parts.Messages(t.Context(), ids[0])
	require.ErrorIs(t, err, broken)
}
