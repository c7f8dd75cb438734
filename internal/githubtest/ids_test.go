package githubtest

import (
	"errors"
	"testing"

	"github.com/chat-adapter/chat-go/core/chat"
)

// FuzzThreadIDs takes ids apart and puts them together again: an id that is taken has
// one spelling, or two locks would be one thread's.
func FuzzThreadIDs(f *testing.F) {
	for _, id := range []chat.ThreadID{issueThread, pullThread, reviewThread, discussionThread, "github:a/b:issue:01", "github:a/b:1:rc:", "github:../..:1", "github:a/b:9223372036854775808"} {
		f.Add(string(id))
	}
	a := newAdapter(f, newGitHub(f))
	f.Fuzz(func(t *testing.T, id string) {
		ref, err := a.DecodeThreadID(chat.ThreadID(id))
		if err != nil {
			if !errors.Is(err, chat.ErrInvalidArgument) {
				t.Errorf("DecodeThreadID(%q): %v", id, err)
			}
			return
		}
		again, err := a.EncodeThreadID(ref)
		if err != nil || string(again) != id {
			t.Errorf("EncodeThreadID(%+v) = %q, %v, want %q", ref, again, err, id)
		}
		if _, err := a.Permalink(t.Context(), again, "issuecomment-1"); err != nil && !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("Permalink in %q: %v", id, err)
		}
	})
}
