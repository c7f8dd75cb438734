package adaptertest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	ruleName    = `Name is the platform's name in lower case: the first part of thread ids and the last part of the webhook's path. It never changes.`
	ruleEncode  = "EncodeThreadID puts a thread id together. It is the inverse of DecodeThreadID and returns [ErrInvalidArgument] for parts that make no id."
	ruleDecode  = "DecodeThreadID takes a thread id apart. It returns [ErrInvalidArgument] for an id that this adapter did not make."
	ruleForeign = "A thread id that the adapter did not make is [ErrInvalidArgument]."
	ruleStored  = "Their formats are stored, so they never change."
)

var identityCases = []Case{
	{ID: "Identity/Name", Rule: ruleName, Run: func(t TB, s *Subject) {
		h := s.open(s.t)
		name := h.Adapter.Name()
		if name == "" || name != strings.ToLower(name) || strings.ContainsAny(name, ":/ ") {
			t.Errorf("Name\n    seen: %q\n    want: lower-case letters without colon, slash or space", name)
		}
		equal(t, "Name, asked again", h.Adapter.Name(), name)
		for _, id := range s.Features.threads() {
			equal(t, fmt.Sprintf("the first part of the thread id %q", id), id.Adapter(), name)
		}
		b := s.rig(t)
		equal(t, "Name, once a bot has the adapter", b.Adapter.Name(), name)
	}},
}

var threadIDCases = []Case{
	{ID: "ThreadIDs/RoundTrip", Rule: ruleEncode, Run: func(t TB, s *Subject) {
		a := s.rig(t).Adapter
		for _, id := range s.Features.threads() {
			ref, err := a.DecodeThreadID(id)
			must(t, fmt.Sprintf("DecodeThreadID(%q)", id), err)
			again, err := a.EncodeThreadID(ref)
			must(t, fmt.Sprintf("EncodeThreadID(%+v)", ref), err)
			equal(t, fmt.Sprintf("EncodeThreadID(%+v)", ref), again, id)
		}
	}},
	{ID: "ThreadIDs/Canonical", Rule: ruleDecode, Run: func(t TB, s *Subject) {
		a := s.rig(t).Adapter
		for _, id := range s.Features.threads() {
			for _, mangled := range mangledIDs(id) {
				ref, err := a.DecodeThreadID(mangled)
				if err != nil {
					isError(t, fmt.Sprintf("DecodeThreadID(%q)", mangled), err, chat.ErrInvalidArgument)
					continue
				}
				again, err := a.EncodeThreadID(ref)
				if err != nil || again != mangled {
					t.Errorf("DecodeThreadID(%q) took it, but EncodeThreadID(%+v)\n    seen: %q, %v\n    want: the same id, or ErrInvalidArgument from DecodeThreadID", mangled, ref, again, err)
				}
			}
		}
	}},
	{ID: "ThreadIDs/Distinct", Rule: ruleEncode, Run: func(t TB, s *Subject) {
		a := s.rig(t).Adapter
		seen := map[chat.ThreadRef]chat.ThreadID{}
		for _, id := range s.Features.threads() {
			ref, err := a.DecodeThreadID(id)
			must(t, fmt.Sprintf("DecodeThreadID(%q)", id), err)
			if other, ok := seen[ref]; ok {
				t.Errorf("DecodeThreadID makes the same of %q and %q: %+v", other, id, ref)
			}
			seen[ref] = id
			if ref.Channel == "" {
				t.Errorf("DecodeThreadID(%q)\n    seen: an empty Channel\n    want: the part that names the channel", id)
			}
		}
	}},
	{ID: "ThreadIDs/Foreign", Rule: ruleDecode, Run: func(t TB, s *Subject) {
		a := s.rig(t).Adapter
		for _, id := range s.foreign(a.Name()) {
			ref, err := a.DecodeThreadID(id)
			if !errors.Is(err, chat.ErrInvalidArgument) {
				t.Errorf("DecodeThreadID(%q)\n    seen: %+v, %v\n    want: ErrInvalidArgument", id, ref, err)
			}
		}
	}},
	{ID: "ThreadIDs/BadParts", Rule: ruleEncode, Run: func(t TB, s *Subject) {
		a := s.rig(t).Adapter
		id, err := a.EncodeThreadID(chat.ThreadRef{})
		if !errors.Is(err, chat.ErrInvalidArgument) {
			t.Errorf("EncodeThreadID of an empty ThreadRef\n    seen: %q, %v\n    want: ErrInvalidArgument", id, err)
		}
		for _, ref := range []chat.ThreadRef{{Channel: ":"}, {Channel: "C", Thread: ":"}, {Channel: "\x00"}, {Channel: "C", DM: true}, {Thread: "T"}} {
			id, err := a.EncodeThreadID(ref)
			if err != nil {
				isError(t, fmt.Sprintf("EncodeThreadID(%+v)", ref), err, chat.ErrInvalidArgument)
				continue
			}
			back, err := a.DecodeThreadID(id)
			if err != nil || back != ref {
				t.Errorf("EncodeThreadID(%+v) made %q, but DecodeThreadID\n    seen: %+v, %v\n    want: the same parts, or ErrInvalidArgument from EncodeThreadID", ref, id, back, err)
			}
		}
	}},
	{ID: "ThreadIDs/Stable", Rule: ruleStored, Run: func(t TB, s *Subject) {
		first, second := s.rig(t).Adapter, s.rig(t).Adapter
		for _, id := range s.Features.threads() {
			one, err := first.DecodeThreadID(id)
			must(t, "DecodeThreadID", err)
			two, err := second.DecodeThreadID(id)
			must(t, "DecodeThreadID of another adapter", err)
			equal(t, fmt.Sprintf("DecodeThreadID(%q) of another adapter", id), two, one)
		}
	}},
	{ID: "ThreadIDs/Calls", Rule: ruleForeign, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		ctx, post := s.Context(), &chat.Post{Text: "hello"}
		for _, id := range s.foreign(b.Adapter.Name()) {
			_, err := b.Adapter.PostMessage(ctx, id, post)
			isError(t, fmt.Sprintf("PostMessage to %q", id), err, chat.ErrInvalidArgument)
			isError(t, fmt.Sprintf("EditMessage in %q", id), b.Adapter.EditMessage(ctx, id, "1", post), chat.ErrInvalidArgument)
			isError(t, fmt.Sprintf("DeleteMessage in %q", id), b.Adapter.DeleteMessage(ctx, id, "1"), chat.ErrInvalidArgument)
			if typer, ok := b.Adapter.(chat.Typer); ok {
				isError(t, fmt.Sprintf("StartTyping in %q", id), typer.StartTyping(ctx, id, ""), chat.ErrInvalidArgument)
			}
			if marker, ok := b.Adapter.(chat.SessionMarker); ok {
				isError(t, fmt.Sprintf("MarkSession in %q", id), marker.MarkSession(ctx, id, chat.SessionActive), chat.ErrInvalidArgument)
			}
			if r, ok := b.Adapter.(chat.Reactor); ok {
				isError(t, fmt.Sprintf("AddReaction in %q", id), r.AddReaction(ctx, id, "1", "thumbs_up"), chat.ErrInvalidArgument)
			}
			if f, ok := b.Adapter.(chat.MessageFetcher); ok {
				_, err := f.FetchMessages(ctx, id, chat.PageRequest{})
				isError(t, fmt.Sprintf("FetchMessages of %q", id), err, chat.ErrInvalidArgument)
				_, err = f.FetchMessage(ctx, id, "1")
				isError(t, fmt.Sprintf("FetchMessage in %q", id), err, chat.ErrInvalidArgument)
			}
		}
	}},
}

// foreign returns thread ids that no adapter of that name makes.
func (s *Subject) foreign(name string) []chat.ThreadID {
	ids := []chat.ThreadID{"", ":", "::", "C:T", ":C:T", chat.ThreadID(name), chat.ThreadID(name + ":"), chat.ThreadID(name + "::")}
	for _, id := range s.Features.threads() {
		rest := strings.TrimPrefix(string(id), name)
		ids = append(ids, chat.ThreadID("x"+name+rest), chat.ThreadID(name+"x"+rest), chat.ThreadID(strings.ToUpper(name)+rest),
			chat.ThreadID(" "+string(id)), chat.ThreadID(strings.TrimPrefix(rest, ":")))
	}
	return append(ids, s.Features.Foreign...)
}

// mangledIDs are ids that look like the id: the adapter may have made them, or not.
func mangledIDs(id chat.ThreadID) []chat.ThreadID {
	text := string(id)
	ids := []chat.ThreadID{id + ":", id + ":x", id + " ", id + "%", id + "\x00", chat.ThreadID(strings.ToUpper(text)), chat.ThreadID(strings.ReplaceAll(text, ":", "::"))}
	for i := range text {
		ids = append(ids, chat.ThreadID(text[:i]), chat.ThreadID(text[:i]+text[i+1:]), chat.ThreadID(text[:i]+":"+text[i:]), chat.ThreadID(text[:i]+"0"+text[i:]))
	}
	return ids
}
