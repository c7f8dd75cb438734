package adaptertest

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	ruleBody    = "A body that cannot be read or is not the platform's is answered 4xx and delivers nothing; no body makes the adapter panic."
	ruleBounded = "The body is already bounded in size and time: reading further is an error."
)

// garbage are bodies that no platform sends.
var garbage = []string{
	"", " ", "{", "}", "{]", `{"a"`, `{"a":`, `"text`, "nul", "\x00", "\xff\xfe\xfd", "<xml/>", "hello", "[", "[[", "{{}}", `{"a":1}}`,
	strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 4_000), strings.Repeat("\x00", 4_000), strings.Repeat("9", 10_000) + "x",
}

// odd are bodies that could be a platform's, but hardly are.
var odd = []string{"null", "true", "0", "-1e400", `""`, "[]", "{}", "[null]", `[{}]`, `{"":null}`, `{"\u0000":"\ud800"}`}

// mutations is how many damaged samples a case sends.
const mutations = 300

var bodyCases = []Case{
	{ID: "Bodies/Garbage", Rule: ruleBody, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		sample, _ := s.Features.message()
		for _, body := range garbage {
			sample.Body = body
			if a := b.deliver(t, s, sample); !a.clientFault() {
				t.Errorf("the body %s\n    seen: %v\n    want: 4xx", show(body), a)
			}
		}
		equal(t, "delivered from garbage", b.record.count(chat.StepReceived), 0)
	}},
	{ID: "Bodies/Odd", Rule: ruleBody, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		sample, _ := s.Features.message()
		for _, body := range odd {
			sample.Body = body
			b.survives(t, s, sample)
		}
		equal(t, "delivered from bodies without content", b.record.count(chat.StepReceived), 0)
	}},
	{ID: "Bodies/Damaged", Rule: ruleBody, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		random := newRandom()
		for i := range mutations {
			sample := s.Features.Samples[i%len(s.Features.Samples)]
			sample.Body = damage(random, sample.Body)
			b.survives(t, s, sample)
		}
	}},
	{ID: "Bodies/Cut", Rule: ruleBody, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		sample, _ := s.Features.message()
		whole := sample.Body
		for i := 0; i < len(whole); i += 1 + len(whole)/100 {
			sample.Body = whole[:i]
			b.survives(t, s, sample)
		}
	}},
	{ID: "Bodies/Huge", Rule: ruleBounded, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		sample, _ := s.Features.message()
		// Whoever does not look at the error of reading sees the whole message.
		sample.Body += strings.Repeat(" ", int(s.maxBody()))
		if a := b.deliver(t, s, sample); !a.clientFault() {
			t.Errorf("a body above the bound\n    seen: %v\n    want: 4xx", a)
		}
		equal(t, "delivered from a body above the bound", b.record.count(chat.StepReceived), 0)
	}},
	{ID: "Bodies/Slow", Rule: ruleBounded, Run: func(t TB, s *Subject) {
		s.bodyTimeout = 200 * time.Millisecond
		b := s.rig(t)
		r := b.valid()
		req, err := r.build(b.url, b.Adapter.Name())
		must(t, "building a request", err)
		stalled, stop := io.Pipe()
		defer func() { _ = stop.Close() }()
		req.Body, req.ContentLength = io.NopCloser(io.MultiReader(bytes.NewReader(r.body), stalled)), int64(len(r.body)+1)
		start := time.Now()
		a := b.do(t, s, req)
		if !a.clientFault() {
			t.Errorf("a body whose last byte does not come\n    seen: %v\n    want: 4xx", a)
		}
		if took := time.Since(start); took > s.bodyTimeout+patience {
			t.Errorf("a body whose last byte does not come\n    seen: an answer after %v\n    want: soon after %v", took, s.bodyTimeout)
		}
		equal(t, "delivered from a body that did not come whole", b.record.count(chat.StepReceived), 0)
	}},
}

// survives reports a request that makes the adapter fail.
func (b *rig) survives(t TB, s *Subject, sample Sample) {
	t.Helper()
	if a := b.deliver(t, s, sample); !a.ok() && !a.clientFault() {
		t.Errorf("the body %s\n    seen: %v\n    want: 4xx, or 2xx if it means nothing", show(sample.Body), a)
	}
	// The same id in another thread would be refused until this one is handled.
	b.record.settled(s.ctx)
}

// scraps are what damaged bodies are mended with.
var scraps = []string{"null", "0", "-1", "1e999", "99999999999999999999", `""`, "[]", "{}", "true", `"\u0000"`, "\x00", "\xff", `"`, ",", ":", "{", "}", "%"}

// damage returns the body with one to three changes.
func damage(random *rand.Rand, body string) string {
	for range 1 + random.IntN(3) {
		if body == "" {
			return "{"
		}
		from := random.IntN(len(body))
		to := min(len(body), from+random.IntN(12))
		switch random.IntN(5) {
		case 0:
			body = body[:from] + body[to:]
		case 1:
			body = body[:to] + body[from:]
		case 2:
			body = body[:from] + scraps[random.IntN(len(scraps))] + body[to:]
		case 3:
			body = body[:from] + string(rune(random.IntN(128))) + body[from:]
		case 4:
			body = replaceValue(random, body)
		}
	}
	return body
}

// replaceValue gives one JSON field another type.
func replaceValue(random *rand.Rand, body string) string {
	start := strings.Index(body[random.IntN(len(body)):], ":") + 1
	end := strings.IndexAny(body[start:], ",}")
	if start == 0 || end < 0 {
		return body
	}
	return body[:start] + scraps[random.IntN(len(scraps))] + body[start+end:]
}

// newRandom returns the same numbers each time, so that a failure comes again.
func newRandom() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
