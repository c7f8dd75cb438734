package state

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestQueueEntryJSONIsTheTypeScriptForm(t *testing.T) {
	e := QueueEntry{
		Message:    []byte(`{"text":"<b>é\u00e9</b>",  "n":12345678901234567890}`),
		EnqueuedAt: time.UnixMilli(1700000000123).Add(999 * time.Microsecond),
		ExpiresAt:  time.UnixMilli(1700000090123),
	}
	got, err := e.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"message":{"text":"<b>é\u00e9</b>",  "n":12345678901234567890},"enqueuedAt":1700000000123,"expiresAt":1700000090123}`
	if string(got) != want {
		t.Errorf("MarshalJSON:\n got %s\nwant %s", got, want)
	}

	var back QueueEntry
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if string(back.Message) != string(e.Message) {
		t.Errorf("Message came back as %s", back.Message)
	}
	if !back.EnqueuedAt.Equal(time.UnixMilli(1700000000123)) || !back.ExpiresAt.Equal(e.ExpiresAt) {
		t.Errorf("times came back as %v and %v", back.EnqueuedAt, back.ExpiresAt)
	}
}

func TestQueueEntryReadsWhatTypeScriptWrites(t *testing.T) {
	for _, c := range []struct {
		name, in, message string
		enqueued, expires int64
	}{
		{"a message", `{"message":{"_type":"chat:Message","id":"1"},"enqueuedAt":1700000000000,"expiresAt":1700000090000}`, `{"_type":"chat:Message","id":"1"}`, 1700000000000, 1700000090000},
		{"fields in another order, and one more", `{"expiresAt":2,"lane":{"a":[1]},"enqueuedAt":1,"message":"x"}`, `"x"`, 1, 2},
		{"a fraction of a millisecond", `{"message":1,"enqueuedAt":1700000000000.75,"expiresAt":1.7e12}`, `1`, 1700000000000, 1700000000000},
		{"a null message", `{"message":null,"enqueuedAt":0,"expiresAt":-5}`, `null`, 0, -5},
		{"spaces", " {\n\"message\" : [ 1 ] ,\"enqueuedAt\":1,\"expiresAt\":2}\n", `[ 1 ]`, 1, 2},
	} {
		var e QueueEntry
		if err := json.Unmarshal([]byte(c.in), &e); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if string(e.Message) != c.message || e.EnqueuedAt.UnixMilli() != c.enqueued || e.ExpiresAt.UnixMilli() != c.expires {
			t.Errorf("%s: read as %s, %d, %d", c.name, e.Message, e.EnqueuedAt.UnixMilli(), e.ExpiresAt.UnixMilli())
		}
	}
}

func TestQueueEntryRefusesOtherData(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{`, "unexpected end"},
		{`null`, `"message" is missing`},
		{`"text"`, "cannot unmarshal"},
		{`{"enqueuedAt":1,"expiresAt":2}`, `"message" is missing`},
		{`{"message":1,"expiresAt":2}`, `"enqueuedAt" is missing`},
		{`{"message":1,"enqueuedAt":1}`, `"expiresAt" is missing`},
		{`{"message":1,"enqueuedAt":1,"expiresAt":null}`, `"expiresAt" is missing`},
		{`{"message":1,"enqueuedAt":"1","expiresAt":2}`, "cannot unmarshal"},
		{`{"message":1,"enqueuedAt":-1e300,"expiresAt":2}`, `"enqueuedAt" is out of range`},
		{`{"message":1,"enqueuedAt":1,"expiresAt":1e300}`, `"expiresAt" is out of range`},
	} {
		before := QueueEntry{Message: []byte("7"), EnqueuedAt: time.UnixMilli(7)}
		e := before
		err := e.UnmarshalJSON([]byte(c.in))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.in, err, c.want)
		}
		if string(e.Message) != "7" || !e.EnqueuedAt.Equal(before.EnqueuedAt) {
			t.Errorf("%s: a failed read changed the entry", c.in)
		}
	}
}

func TestQueueEntryKeepsNoReference(t *testing.T) {
	data := []byte(`{"message":"abc","enqueuedAt":1,"expiresAt":2}`)
	var e QueueEntry
	if err := e.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	clear(data)
	if string(e.Message) != `"abc"` {
		t.Errorf("Message changed with its source: %q", e.Message)
	}

	e.Message = []byte(`"abc"`)
	out, err := e.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	clear(out)
	if string(e.Message) != `"abc"` {
		t.Errorf("Message changed with its stored form: %q", e.Message)
	}
}

func TestQueueEntryMessageMustBeJSON(t *testing.T) {
	for _, m := range []string{"", "{", "hello", "1 2", "{}{}"} {
		if _, err := (QueueEntry{Message: []byte(m)}).MarshalJSON(); !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("message %q: error %v, want ErrInvalidArgument", m, err)
		}
	}
}

func TestCorruptErrorHidesTheData(t *testing.T) {
	cause := errors.New("no such field")
	var err error = &CorruptError{Kind: "queue", Name: "a:b", Raw: []byte("private text"), Cause: cause}
	if !errors.Is(err, ErrCorrupt) || !errors.Is(err, cause) {
		t.Error("errors.Is finds neither ErrCorrupt nor the cause")
	}
	if got, want := err.Error(), `state: corrupt data: queue "a:b": no such field`; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}
