package adaptertest

import (
	"errors"
	"slices"

	"github.com/chat-adapter/chat-go/core/chat"
)

const ruleEphemeral = "PostEphemeral shows the post to the user and returns its id, which may not name anything later."

var ephemeralCases = []Case{
	{ID: "Ephemeral/Post", Rule: ruleEphemeral, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		user := s.Features.User
		_, can := b.Adapter.(chat.EphemeralPoster)
		if user == "" {
			user = "somebody"
		}
		message, err := b.thread(t, thread).PostEphemeral(s.ctx, user, chat.Text("between us"), chat.NoFallback)
		if !can {
			isUnsupported(t, "PostEphemeral", err)
			return
		}
		var all []shownPost
		if errors.Is(err, errors.ErrUnsupported) && b.Harness.Click != nil { // the platform has it as an answer alone
			clicked := b.click(t, s)
			all = append(all, shownPost{clicked.ID(), b.shown(t, s, thread)[0].Text})
			message, err = b.thread(t, thread).PostEphemeral(s.ctx, user, chat.Text("between us"), chat.NoFallback)
		}
		must(t, "PostEphemeral", err)
		seen, err := b.Ephemeral(s.ctx, thread, user)
		must(t, "Harness.Ephemeral", err)
		if len(seen) != 1 || seen[0].Text != "between us" || seen[0].ID != message.ID {
			t.Errorf("what the user is shown\n    seen: %s\n    want: %s", listPosts(seen), show([]shownPost{{message.ID, "between us"}}))
		}
		b.shows(t, s, "to all after a message for one", thread, all...)
	}},
	{ID: "Ephemeral/Fallback", Rule: ruleOpenDM, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		_, can := b.Adapter.(chat.EphemeralPoster)
		if _, opens := b.Adapter.(chat.DirectMessenger); can || !opens {
			return
		}
		direct, err := b.OpenDM(s.ctx, s.user(b))
		must(t, "OpenDM", err)
		threads := slices.DeleteFunc(s.Features.threads(), func(id chat.ThreadID) bool { return id == direct.ID() })
		if len(threads) == 0 {
			return
		}
		thread := threads[0]
		message, err := b.thread(t, thread).PostEphemeral(s.ctx, s.Features.User, chat.Text("between us"), chat.FallbackDM)
		must(t, "PostEphemeral as a direct message", err)
		b.shows(t, s, "after a direct message in place of an ephemeral one", message.Direct.Thread().ID(), shownPost{message.ID, "between us"})
		b.shows(t, s, "to all after a message for one", thread)
	}},
}
