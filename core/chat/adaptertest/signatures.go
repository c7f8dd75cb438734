package adaptertest

import (
	"fmt"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

const ruleSignature = "A request that is not the platform's is answered 401 or 403 and delivers nothing: its signature is missing, wrong, another body's or too old."

// ageMargin is how far from MaxAge a request is when it is clearly too old: what
// an adapter may allow for clocks that differ.
const ageMargin = time.Minute

var signatureCases = []Case{
	{ID: "Signatures/Missing", Rule: ruleSignature, Needs: NeedsSignature, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		r := b.valid()
		whole := r.proof
		if len(whole.names()) == 0 {
			t.Errorf("Features.Sign adds nothing to a request")
			return
		}
		r.proof = proof{}
		b.refuses(t, s, "without any of what signs it", r)
		for _, name := range whole.names() {
			r.proof = whole.without(name)
			b.refuses(t, s, "without "+name, r)
			r.proof = whole.with(name, "")
			b.refuses(t, s, "with an empty "+name, r)
		}
	}},
	{ID: "Signatures/Wrong", Rule: ruleSignature, Needs: NeedsSignature, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		r := b.valid()
		whole := r.proof
		for _, name := range whole.names() {
			value := whole.get(name)
			for _, wrong := range tampered(value) {
				r.proof = whole.with(name, wrong)
				b.refuses(t, s, fmt.Sprintf("with a wrong %s", name), r)
			}
		}
	}},
	{ID: "Signatures/OtherBody", Rule: ruleSignature, Needs: NeedsSignedBody, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		r := b.valid()
		body := string(r.body)
		for _, other := range []string{body + " ", body + "\n", " " + body, strings.TrimSuffix(body, body[len(body)/2:]), ""} {
			r.body = []byte(other)
			b.refuses(t, s, "with another body than the signed one", r)
		}
		for _, sample := range s.Features.Samples {
			if sample.Body == body {
				continue
			}
			mixed := b.signed(sample, time.Now())
			mixed.proof = b.valid().proof
			b.refuses(t, s, fmt.Sprintf("with the body of %q and the signature of another", sample.Name), mixed)
		}
	}},
	{ID: "Signatures/TooOld", Rule: ruleSignature, Needs: NeedsMaxAge, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		m, _ := s.Features.message()
		for _, age := range []time.Duration{s.Features.MaxAge + ageMargin, 24*time.Hour + s.Features.MaxAge, 400 * 24 * time.Hour} {
			b.refuses(t, s, fmt.Sprintf("signed %v ago", age), b.signed(m, time.Now().Add(-age)))
		}
		if a := b.send(t, s, b.signed(m, time.Now().Add(-s.Features.MaxAge/2))); !a.ok() {
			t.Errorf("a webhook signed %v ago\n    seen: %v\n    want: 2xx", s.Features.MaxAge/2, a)
		}
	}},
	{ID: "Signatures/Renewed", Rule: ruleSignature, Needs: NeedsMaxAge, Run: func(t TB, s *Subject) {
		// Whoever has recorded a request can write a new time into it.
		b := s.rig(t)
		m, _ := s.Features.message()
		old, fresh := b.signed(m, time.Now().Add(-s.Features.MaxAge-ageMargin)), b.valid()
		for _, name := range old.proof.names() {
			if len(old.proof.names()) == 1 {
				break // nothing can be exchanged
			}
			mixed := old
			mixed.proof = old.proof.with(name, fresh.proof.get(name))
			if mixed.proof.equal(fresh.proof) {
				continue
			}
			b.refuses(t, s, "too old, with "+name+" of a new one", mixed)
		}
	}},
	{ID: "Signatures/Replayed", Rule: ruleDedupe, Needs: NeedsSignature, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		r := b.valid()
		if a := b.send(t, s, r); !a.ok() {
			t.Errorf("a webhook\n    seen: %v\n    want: 2xx", a)
		}
		b.record.await(s.ctx, 1)
		if a := b.send(t, s, r); !a.ok() && !a.refused() {
			t.Errorf("the same webhook again, byte by byte\n    seen: %v\n    want: 2xx, 401 or 403", a)
		}
		equal(t, "messages taken from two equal webhooks", b.record.count(chat.StepAccepted), 1)
	}},
}

// valid returns the first message as the platform sends it now.
func (b *rig) valid() request {
	m, _ := b.features.message()
	return b.signed(m, time.Now())
}

// refuses reports a request that is not refused, or delivers something.
func (b *rig) refuses(t TB, s *Subject, what string, r request) {
	t.Helper()
	before := b.record.count(chat.StepReceived)
	if a := b.send(t, s, r); !a.refused() {
		t.Errorf("a webhook %s\n    seen: %v\n    want: 401 or 403", what, a)
	}
	if n := b.record.count(chat.StepReceived) - before; n > 0 {
		t.Errorf("a webhook %s\n    seen: %d delivered\n    want: nothing delivered", what, n)
	}
}

// tampered returns values that are like the value, but wrong.
func tampered(value string) []string {
	if value == "" {
		return nil
	}
	wrong := []string{value[:len(value)/2], value[1:], value + "0", "x", strings.Repeat("0", len(value))}
	// Not the last character: base64 may have bits there that mean nothing.
	for _, at := range []int{0, len(value) / 4, len(value) / 2, len(value) * 3 / 4} {
		for ; at < len(value); at++ {
			if c, ok := otherChar(value, at); ok {
				wrong = append(wrong, value[:at]+string(c)+value[at+1:])
				break
			}
		}
	}
	return wrong
}

// otherChar returns another character for the place, such that hexadecimal and
// base64 text stays what it is and means something else.
func otherChar(value string, at int) (rune, bool) {
	c := rune(value[at])
	switch {
	case strings.ContainsRune("01234567", c):
		return c + 1, true
	case c == '8' || c == '9':
		return c - 1, true
	case c >= 'a' && c <= 'f':
		return 'a' + (c-'a'+1)%6, true
	case c >= 'g' && c <= 'z':
		return 'g' + (c-'g'+5)%20, true
	case c >= 'A' && c <= 'F':
		return 'A' + (c-'A'+1)%6, true
	case c >= 'G' && c <= 'Z':
		return 'G' + (c-'G'+5)%20, true
	}
	return 0, false
}
