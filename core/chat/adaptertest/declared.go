package adaptertest

import (
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// CheckFeatures compares what is declared with what is there. Run does it before
// any case.
func CheckFeatures(t TB, s *Subject) {
	t.Helper()
	f := s.Features
	checkSamples(t, f)
	switch {
	case f.Sign == nil && !f.Unsigned:
		t.Errorf("Features.Sign is nil: set it, or declare Features.Unsigned")
	case f.Sign != nil && f.Unsigned:
		t.Errorf("Features.Sign is set, but Features.Unsigned is declared")
	case f.Sign == nil && (f.BodyUnsigned || f.MaxAge != 0):
		t.Errorf("Features.BodyUnsigned and Features.MaxAge are for signed requests, but Features.Sign is nil")
	case f.MaxAge < 0:
		t.Errorf("Features.MaxAge is %v, want 0 or more", f.MaxAge)
	}
	h := s.open(s.t)
	if h.Adapter == nil || h.State == nil || h.Posts == nil {
		t.Errorf("open returned a Harness without Adapter, State or Posts")
		return
	}
	checkAbilities(t, h, f)
	checkHeard(t, h, f)
	if m, _ := f.message(); m.Body != "" && f.Sign != nil {
		checkSignature(t, s, m)
	}
}

// checkAbilities looks for what the cases of abilities need.
func checkAbilities(t TB, h Harness, f Features) {
	t.Helper()
	_, opens := h.Adapter.(chat.DirectMessenger)
	_, shows := h.Adapter.(chat.EphemeralPoster)
	_, finds := h.Adapter.(chat.UserFinder)
	if known := opens || shows || finds; known && f.User == "" {
		t.Errorf("the adapter is a chat.DirectMessenger, chat.EphemeralPoster or chat.UserFinder: set Features.User, so that it is tested")
	} else if !known && f.User != "" && f.Formats&Mentions == 0 {
		t.Errorf("Features.User is set, but the adapter is no chat.DirectMessenger, chat.EphemeralPoster or chat.UserFinder")
	}
	if shows && h.Ephemeral == nil {
		t.Errorf("the adapter is a chat.EphemeralPoster: set Harness.Ephemeral, so that it is tested")
	}
	if _, schedules := h.Adapter.(chat.Scheduler); schedules && h.Scheduled == nil {
		t.Errorf("the adapter is a chat.Scheduler: set Harness.Scheduled, so that it is tested")
	}
	if _, opens := h.Adapter.(chat.ModalOpener); opens && (h.Click == nil || h.Modals == nil || h.Submit == nil) {
		t.Errorf("the adapter is a chat.ModalOpener: set Harness.Click, Harness.Modals and Harness.Submit, so that it is tested")
	}
	if buttons := h.Click != nil && h.Restart != nil; !buttons && !f.NoButtons {
		t.Errorf("Harness.Click or Harness.Restart is nil: set them, or declare Features.NoButtons")
	} else if h.Click != nil && f.NoButtons {
		t.Errorf("Harness.Click is set, but Features.NoButtons is declared")
	}
	if f.Formats&Mentions != 0 && f.User == "" {
		t.Errorf("Features.Formats has Mentions: set Features.User, so that somebody can be mentioned")
	}
	files := slices.ContainsFunc(f.Samples, func(s Sample) bool { return len(s.Files) > 0 })
	if _, fetches := h.Adapter.(chat.AttachmentFetcher); fetches && !files {
		t.Errorf("the adapter is a chat.AttachmentFetcher: set Files of one of Features.Samples, so that it is tested")
	} else if !fetches && files {
		t.Errorf("a sample of Features.Samples has Files, but the adapter is no chat.AttachmentFetcher")
	}
}

func checkSamples(t TB, f Features) {
	t.Helper()
	if _, m := f.message(); m == nil {
		t.Errorf("Features.Samples hold none that wants exactly one *chat.Message")
	}
	own, names := false, map[string]bool{}
	for _, sample := range slices.Concat(f.Samples, f.Twins) {
		if sample.Name == "" || names[sample.Name] {
			t.Errorf("Features: the sample name %q is empty or given twice", sample.Name)
		}
		names[sample.Name] = true
		own = own || sample.Own
		for i, w := range sample.Want {
			if m, ok := w.(*chat.Message); ok && (m.ID == "" || m.ThreadID == "" || m.Text == "" || m.Author.UserID == "") {
				t.Errorf("Features: sample %q: Want[%d] needs an ID, a ThreadID, a Text and an Author.UserID", sample.Name, i)
			}
		}
		if len(sample.Files) > 0 {
			checkFiles(t, sample)
		}
		if sample.Own && len(sample.Want) > 0 {
			t.Errorf("Features: sample %q is Own and has a Want: what the bot did itself is not handled", sample.Name)
		}
	}
	if !own && !f.NoOwnMessages {
		t.Errorf("Features.Samples hold none that is Own: add one, or declare Features.NoOwnMessages")
	} else if own && f.NoOwnMessages {
		t.Errorf("Features.Samples hold one that is Own, but Features.NoOwnMessages is declared")
	}
	if len(f.Twins) == 1 {
		t.Errorf("Features.Twins has one sample, want two or more, or none")
	}
}

func checkFiles(t TB, sample Sample) {
	t.Helper()
	if len(sample.Want) != 1 || !holdsMessage(sample) {
		t.Errorf("Features: sample %q has Files and %d Wants, want one *chat.Message", sample.Name, len(sample.Want))
	}
	if slices.Contains(sample.Files, "") {
		t.Errorf("Features: sample %q has an empty file, want some bytes", sample.Name)
	}
}

// checkSignature looks for what a signature covers without being declared to.
func checkSignature(t TB, s *Subject, m Sample) {
	t.Helper()
	f, now := s.Features, time.Now()
	b := s.rig(t)
	other := m
	other.Body += " "
	if f.BodyUnsigned {
		moved := b.signed(m, now)
		moved.body = []byte(other.Body)
		if b.send(t, s, moved).refused() {
			t.Errorf("the adapter refuses a signature of another body: do not declare Features.BodyUnsigned")
		}
	} else if b.signed(m, now).proof.equal(b.signed(other, now).proof) {
		t.Errorf("Features.Sign signs two bodies alike: declare Features.BodyUnsigned if the platform does so")
	}
	if f.MaxAge == 0 {
		if b.send(t, s, b.signed(m, now.Add(-30*24*time.Hour))).refused() {
			t.Errorf("the adapter refuses old requests: declare Features.MaxAge")
		}
	}
}
