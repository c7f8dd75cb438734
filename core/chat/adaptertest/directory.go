package adaptertest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	ruleFetchUser    = "FetchUser returns what the platform says about the user, or [ErrNotFound]."
	ruleUserID       = "IsUserID reports whether the id has the form of the platform's user ids."
	ruleFetchChannel = "FetchChannel returns what the platform says about the channel, or [ErrNotFound]."
	ruleMarkRead     = "MarkRead marks the thread's messages up to this one as read."
	ruleMarkFailed   = "It is called again for a message that is marked."
	rulePermalink    = "Permalink returns the message's address."
)

var directoryCases = []Case{
	{ID: "Users/Fetch", Rule: ruleFetchUser, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		user, err := b.User(s.ctx, s.user(b))
		if _, ok := b.Adapter.(chat.UserFinder); !ok {
			isUnsupported(t, "User", err)
			return
		}
		must(t, "User", err)
		equal(t, "the id of the user", user.ID, s.Features.User)
		if user.UserName == "" && user.FullName == "" {
			t.Errorf("User\n    seen: neither a UserName nor a FullName\n    want: one of them")
		}
	}},
	{ID: "Users/Form", Rule: ruleUserID, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		checker, ok := b.Adapter.(chat.UserIDChecker)
		if !ok || s.Features.User == "" {
			return
		}
		equal(t, "IsUserID of Features.User", checker.IsUserID(s.Features.User), true)
		for _, other := range []chat.UserID{"", "no id", "a\x00b", "<@" + s.Features.User + ">"} {
			equal(t, fmt.Sprintf("IsUserID of %q", other), checker.IsUserID(other), false)
		}
	}},
	{ID: "Users/Nobody", Rule: ruleFetchUser, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		if _, ok := b.Adapter.(chat.UserFinder); !ok {
			return
		}
		nobody := s.Features.User + "0NOBODY"
		if onlyDigits.MatchString(string(s.Features.User)) {
			nobody = s.Features.User + "0000000"
		}
		user, err := b.User(s.ctx, nobody.On(b.Adapter.Name()))
		if user != nil || !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("User with the id %q, which nobody has\n    seen: %s, %v\n    want: nil, ErrNotFound", nobody, show(user), err)
		}
	}},
	{ID: "Channels/Fetch", Rule: ruleFetchChannel, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		channel := b.channel(t, s)
		info, err := channel.Info(s.ctx)
		if _, ok := b.Adapter.(chat.ChannelFinder); !ok {
			isUnsupported(t, "Channel.Info", err)
			return
		}
		must(t, "Channel.Info", err)
		equal(t, "the id of the channel", info.ID, channel.ID())
		equal(t, "whether the channel is a direct conversation", info.DM, b.thread(t, s.thread()).IsDM())
	}},
	{ID: "ReadMarks/Mark", Rule: ruleMarkRead, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		sample, m := s.Features.message()
		b.deliver(t, s, sample)
		b.record.await(s.ctx, 1)
		err := b.thread(t, m.ThreadID).MarkRead(s.ctx, m.ID)
		if _, ok := b.Adapter.(chat.ReadMarker); !ok {
			isUnsupported(t, "MarkRead", err)
			return
		}
		must(t, "MarkRead", err)
		if b.Read != nil {
			read, err := b.Read(s.ctx, m.ThreadID)
			must(t, "Harness.Read", err)
			equal(t, "the message up to which the thread is read", read, m.ID)
		}
	}},
	{ID: "FailureMarks/Mark", Rule: ruleMarkFailed, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		marker, ok := b.Adapter.(chat.FailureMarker)
		if !ok {
			return
		}
		sample, m := s.Features.message()
		b.deliver(t, s, sample)
		b.record.await(s.ctx, 1)
		if errors.Is(marker.UnmarkFailed(s.ctx, m.ThreadID, m.ID), chat.ErrNotFound) {
			return // the fake does not keep what came in
		}
		for range 2 {
			must(t, "UnmarkFailed of a message without a mark", marker.UnmarkFailed(s.ctx, m.ThreadID, m.ID))
			must(t, "MarkFailed", marker.MarkFailed(s.ctx, m.ThreadID, m.ID))
			must(t, "MarkFailed, called again", marker.MarkFailed(s.ctx, m.ThreadID, m.ID))
			must(t, "UnmarkFailed", marker.UnmarkFailed(s.ctx, m.ThreadID, m.ID))
		}
	}},
	{ID: "Permalinks/Address", Rule: rulePermalink, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		for _, thread := range s.Features.threads() { // a kind of conversation may have no addresses
			first, second := b.post(t, s, thread, chat.Text("first")), b.post(t, s, thread, chat.Text("second"))
			one, err := first.Permalink(s.ctx)
			if _, ok := b.Adapter.(chat.Permalinker); !ok {
				isUnsupported(t, "Permalink", err)
				return
			}
			if errors.Is(err, errors.ErrUnsupported) {
				continue
			}
			must(t, "Permalink", err)
			two, err := second.Permalink(s.ctx)
			must(t, "Permalink", err)
			if !strings.Contains(one, "://") || one == two {
				t.Errorf("the addresses of two messages\n    seen: %q and %q\n    want: two URLs", one, two)
			}
			b.resolves(t, s, two, thread, second.ID())
			return
		}
		t.Errorf("Permalink\n    seen: errors.ErrUnsupported in every thread of the samples\n    want: an address in one, or no chat.Permalinker")
	}},
}

// resolves checks that the address of a message leads back to it, where the adapter
// can tell.
func (b *rig) resolves(t TB, s *Subject, address string, thread chat.ThreadID, message chat.MessageID) {
	t.Helper()
	resolver, ok := b.Adapter.(chat.LinkResolver)
	if !ok {
		return
	}
	in, id, err := resolver.ResolveLink(s.ctx, address)
	must(t, "ResolveLink", err)
	if in != thread || id != message {
		t.Errorf("ResolveLink(%q)\n    seen: %q in %q\n    want: %q in %q", address, id, in, message, thread)
	}
	_, _, err = resolver.ResolveLink(s.ctx, "https://example.com/page")
	isError(t, "ResolveLink of an address that is no message's", err, chat.ErrNotFound)
}

var onlyDigits = regexp.MustCompile(`^[0-9]+$`)
