package memorystate

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestValuesAgainstRandomChanges plays the changes on a map as well. Few hashes for many
// names make nearly all of them collide.
func TestValuesAgainstRandomChanges(t *testing.T) {
	type stored struct {
		value []byte
		end   moment
	}
	r := rand.New(rand.NewPCG(3, 4))
	v, model := &values{}, map[string]stored{}
	check(t, v.lock())
	t.Cleanup(v.close)
	defer v.unlock()
	value := func() []byte {
		longest := []int{8, 8, 70, maxPiece, 4 * maxPiece}[r.IntN(5)]
		return bytes.Repeat([]byte{byte(r.IntN(256))}, r.IntN(longest))
	}
	now := moment(0)
	for step := range 60_000 {
		i := r.IntN(6000)
		name := strconv.Itoa(i) + strings.Repeat("n", i%40)
		hash, want := uint64(i%100), model[name] //nolint:gosec // i is not negative
		if want.end <= now {
			delete(model, name)
		}
		found := v.get(hash, name, now)
		switch want, there := model[name]; {
		case (found != 0) != there:
			t.Fatalf("step %d: found %t, want %t", step, found != 0, there)
		case there && !bytes.Equal(v.value(found), want.value):
			t.Fatalf("step %d: found %q, want %q", step, v.value(found), want.value)
		}
		switch growing := step%20_000 < 8_000; {
		case growing && r.IntN(4) > 0 || !growing && r.IntN(8) == 0:
			end := now + 1 + moment(r.IntN(30_000))
			if r.IntN(10) == 0 {
				end = never
			}
			stored := stored{value(), end}
			v.put(found, hash, name, stored.value, end, now)
			model[name] = stored
		case found != 0:
			v.remove(found)
			delete(model, name)
		}
		now++
	}
	if v.peak > smallTable && v.held < v.peak/4 {
		t.Errorf("%d records are in pages made for %d", v.held, v.peak)
	}
	for id, ok := v.due.next(never - 1); ok; id, ok = v.due.next(never - 1) {
		v.remove(id)
	}
	for _, s := range model {
		if s.end != never {
			continue
		}
		v.held--
	}
	if v.held != 0 {
		t.Errorf("%d records are left that expire", v.held)
	}
}

func TestShardOfValuesShrinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &values{}
		v.clock = clock{epoch: time.Now()}
		check(t, v.lock())
		const n = 10 * smallTable
		put := func(i int, name string, after time.Duration) {
			v.put(0, uint64(i), name, []byte(name), v.clock.now().plus(after), v.clock.now()) //nolint:gosec // i is not negative
		}
		for i := range n {
			put(i, strconv.Itoa(i), time.Minute)
		}
		last := strings.Repeat("last", maxPiece)
		put(n, last, time.Hour)
		v.unlock()
		time.Sleep(2 * time.Minute)
		check(t, v.lock())
		if v.held != 1 || v.peak > n/4 || len(v.pages)*pageRecords > n/4 || cap(v.due.entries) > n/4 {
			t.Errorf("after expiry: %d records in %d pages made for %d, and a heap made for %d", v.held, len(v.pages), v.peak, cap(v.due.entries))
		}
		if id := v.get(n, last, v.clock.now()); id == 0 || string(v.value(id)) != last {
			t.Error("the value that lives on is gone")
		}
		v.unlock()
		time.Sleep(time.Hour)
		if held, due := v.count(); held != 0 || due != 0 {
			t.Errorf("%d records and %d ends are left", held, due)
		}
		v.close()
	})
}

// TestRecordsHaveNoPointers keeps the collector's work apart from the number of values.
func TestRecordsHaveNoPointers(t *testing.T) {
	for _, of := range []reflect.Type{reflect.TypeFor[record](), reflect.TypeFor[dueEntry[uint32]]()} {
		for field := range of.Fields() {
			if kind := field.Type.Kind(); kind < reflect.Bool || kind > reflect.Complex128 || kind == reflect.Uintptr {
				t.Errorf("%v.%s is a %v", of, field.Name, kind)
			}
		}
	}
}
