package discord

import (
	"encoding/json"
	"testing"
)

// FuzzFrame reads what the gateway may send: no frame makes the reader panic, and no
// event is counted as stored before it is.
func FuzzFrame(f *testing.F) {
	for _, data := range []string{
		`{"op":10,"d":{"heartbeat_interval":45000}}`, `{"op":0,"s":1,"t":"READY","d":{"session_id":"a","resume_gateway_url":"wss://b"}}`, `{"op":11}`,
		`{"op":0,"s":2,"t":"MESSAGE_CREATE","d":{"id":"1","channel_id":"2"}}`, `{"op":0,"s":-1,"t":"X","d":null}`, `{"op":0,"s":1e400}`, `[]`, `{"op":9,"d":false}`,
	} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got frame
		if json.Unmarshal(data, &got) != nil || got.Seq == nil {
			return
		}
		_ = laneOf(&got)
		var p progress
		p.start(session{Seq: 5})
		if p.receive(*got.Seq) != (*got.Seq > 5) {
			t.Fatalf("the event %d after 5", *got.Seq)
		}
		if stored := p.stored(); *got.Seq > 5 && stored >= *got.Seq {
			t.Fatalf("%d is stored with %d open", stored, *got.Seq)
		}
		p.finish(*got.Seq)
		if stored := p.stored(); stored != max(*got.Seq, 5) {
			t.Fatalf("%d is stored after %d", stored, *got.Seq)
		}
	})
}

// Events that are stored in another order count up to where all of them are.
func TestProgress(t *testing.T) {
	t.Parallel()
	var p progress
	p.start(session{ID: "a", Seq: 10})
	for _, seq := range []int64{11, 12, 13} {
		p.receive(seq)
	}
	for _, step := range []struct{ finish, want int64 }{{13, 10}, {11, 11}, {12, 13}} {
		p.finish(step.finish)
		if got := p.stored(); got != step.want {
			t.Errorf("stored is %d after %d, want %d", got, step.finish, step.want)
		}
	}
	if p.receive(12) {
		t.Error("an event that has come before is taken again")
	}
	p.begin(session{ID: "b"})
	if p.stored() != 0 || !p.receive(1) {
		t.Error("a new session does not begin anew")
	}
}
