package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/internal/bench/barest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// barestSubject repeats what the adapter of this repository sends.
type barestSubject struct {
	adapter  *redisstate.Adapter
	calls    map[string]call
	recorder *barest.Recorder
	hooked   *redis.Client
	client   *barest.Client
	trips    map[string]barest.Trips
	serial   atomic.Int64
}

// recordedID is what the recorded call is about. All ids are as long.
const recordedID = "slack:C9999:1700000000.000000000"

func newBarest(url string) (subject, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	s := &barestSubject{recorder: new(barest.Recorder), hooked: redis.NewClient(o), trips: map[string]barest.Trips{}}
	s.hooked.AddHook(s.recorder)
	if s.adapter, err = connect(redisstate.Config{Client: s.hooked, KeyPrefix: "bare"}); err != nil {
		return nil, err
	}
	s.calls = callsOf(s.adapter)
	s.client, err = barest.Dial(o.Addr, recordedID)
	return s, err
}

func (s *barestSubject) name() string { return "the barest client" }

func (s *barestSubject) close() {
	s.client.Close()
	_ = s.adapter.Close(context.Background())
	_ = s.hooked.Close()
}

// record has the adapter do the operation, and keeps what it sent for the second one:
// the first has the server learn its scripts.
func (s *barestSubject) record(op string) (trips barest.Trips, err error) {
	for range 2 {
		if prepare := s.calls["prepare "+op]; prepare != nil {
			if err := prepare(context.Background(), recordedID, 0); err != nil {
				return nil, err
			}
		}
		_, _ = s.recorder.Take(recordedID)
		if err := s.calls[op](context.Background(), recordedID, s.serial.Add(1)); err != nil {
			return nil, err
		}
		trips, err = s.recorder.Take(recordedID)
	}
	return trips, err
}

func (s *barestSubject) measure(op string, callers int, window time.Duration) (float64, error) {
	if s.trips[op] == nil {
		trips, err := s.record(op)
		if err != nil {
			return 0, err
		}
		s.trips[op] = trips
	}
	id := func(caller int) string { return fmt.Sprintf("slack:C%04d:1700000000.%09d", caller, 0) }
	if prepare := s.calls["prepare "+op]; prepare != nil {
		for i := range callers {
			if err := prepare(context.Background(), id(i), 0); err != nil {
				return 0, err
			}
		}
	}
	next := id
	if op == "setIfNotExists" {
		next = func(caller int) string {
			return fmt.Sprintf("slack:C%04d:1700000000.%09d", caller, s.serial.Add(1)%1e9)
		}
	}
	for _, d := range []time.Duration{window / 5, window} {
		n, took, err := s.client.Drive(s.trips[op], callers, d, 0, next)
		if err != nil || d == window {
			return float64(n) / took.Seconds(), err
		}
	}
	return 0, nil
}
