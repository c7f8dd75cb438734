//go:build faults

package chaos

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chat-adapter/chat-go/internal/redistest"
)

var (
	lossThreads = flag.Int("loss.threads", 40, "trials of each loss of locks: threads that are held at once")
	lossRounds  = flag.Int("loss.rounds", 1, "how often each loss of locks is played")
)

// lossFailure is after what time replicas take over: some locks lapse before that.
const lossFailure = lockTTL * 2 / 3

var failover = redistest.Options{FailureTimeout: lossFailure}

// guarded is failover with masters that refuse to write without a replica.
var guarded = redistest.Options{FailureTimeout: lossFailure, Config: []string{"min-replicas-to-write 1", "min-replicas-max-lag 3"}}

var lossFaults = []lossFault{
	{name: "connection hung", seen: true, proxied: true, strike: func(_ redistest.TB, l *lossBench) { l.proxy.BlackHole() }},
	{name: "replies lost", seen: true, proxied: true, strike: func(_ redistest.TB, l *lossBench) { l.proxy.DropReplies() }},
	{name: "connections cut", seen: true, proxied: true, strike: func(_ redistest.TB, l *lossBench) { l.proxy.Cut() }},
	{name: "server paused", seen: true, strike: func(t redistest.TB, l *lossBench) {
		l.nodes[0].Pause(t)
		sleep(t.Context(), l.outage())
		l.nodes[0].Unpause(t)
	}},
	{name: "server killed", seen: true, strike: killServer},
	{name: "server killed, back without its data", seen: true, options: redistest.Options{Volatile: true}, strike: killServer},
	{name: "lock deleted", seen: true, strike: func(t redistest.TB, l *lossBench) {
		client := l.nodes[0].Client(t)
		l.each(t, func(ctx context.Context, thread int) error { return client.Del(ctx, lossKey(thread)).Err() })
	}},
	{name: "lock forced", seen: true, strike: func(t redistest.TB, l *lossBench) {
		st := l.state(t)
		l.each(t, func(ctx context.Context, thread int) error { return st.ForceReleaseLock(ctx, string(threadID(thread))) })
	}},
	{name: "turn cancelled", seen: true, unasked: true, strike: func(t redistest.TB, l *lossBench) {
		bot := l.canceller(t)
		l.each(t, func(ctx context.Context, thread int) error { return bot.CancelTurn(ctx, threadID(thread)) })
	}},
	{name: "FLUSHALL", seen: true, strike: func(t redistest.TB, l *lossBench) {
		mustDo(t, l.nodes[0].Client(t).FlushAll(t.Context()).Err())
	}},
	{name: "failover of a killed master", sentinel: true, options: failover, strike: failoverOf(faultServerKill)},
	{name: "failover of a hung master", sentinel: true, options: failover, strike: failoverOf(faultServerHang)},
	{name: "failover to a replica that lags", sentinel: true, options: cuttable(failover), strike: failoverToLagging},
	{name: "failover asked for", sentinel: true, options: failover, strike: askFailover},
	{name: "failover of a killed master, MinReplicas 1", seen: true, sentinel: true, options: guarded, minReplicas: 1, strike: failoverOf(faultServerKill)},
	{name: "failover of a hung master, MinReplicas 1", seen: true, sentinel: true, options: guarded, minReplicas: 1, strike: failoverOf(faultServerHang)},
	{name: "failover to a replica that lags, MinReplicas 1", seen: true, sentinel: true, options: cuttable(guarded), minReplicas: 1, strike: failoverToLagging},
	{name: "failover asked for, MinReplicas 1", sentinel: true, options: guarded, minReplicas: 1, strike: askFailover},
	{name: "failover asked for, MinReplicas 2", seen: true, sentinel: true, options: guarded, minReplicas: 2, strike: askFailover},
}

// outage is how long a server is away: before or after the locks lapse.
func (l *lossBench) outage() time.Duration {
	return lockTTL/4 + time.Duration(l.rand.Int64N(int64(2*lockTTL)))
}

func killServer(t redistest.TB, l *lossBench) {
	l.nodes[0].Kill(t)
	sleep(t.Context(), l.outage())
	l.nodes[0].Start(t)
}

func askFailover(t redistest.TB, l *lossBench) { l.sentinel.Failover(t) }

func cuttable(o redistest.Options) redistest.Options {
	o.Cuttable = true
	return o
}

// failoverToLagging has the master renew locks that its replicas do not hear of.
func failoverToLagging(t redistest.TB, l *lossBench) {
	primary, replicas := l.primary(t), l.sentinel.Replicas(t)
	for _, r := range replicas {
		r.CutFromNetwork(t)
	}
	sleep(t.Context(), lockTTL*2/3) // the length of the lag
	primary.Kill(t)
	for _, r := range replicas {
		r.Restore(t)
	}
	await(t, "another primary", func() bool { return l.sentinel.Primary(t) != primary })
	primary.Start(t)
	l.sentinel.WaitReady(t)
}

func failoverOf(kind faultKind) func(redistest.TB, *lossBench) {
	return func(t redistest.TB, l *lossBench) {
		primary := l.primary(t)
		end := begin(t, primary, kind)
		await(t, "another primary", func() bool { return l.sentinel.Primary(t) != primary })
		end()
		l.sentinel.WaitReady(t)
	}
}

// When a lock is lost, the handler's context has ended before another instance's
// handler begins. What a failover loses without enough replicas the holder notices at
// its next renewal: how long two handlers then work is measured.
func TestLossSignal(t *testing.T) {
	for _, f := range lossFaults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			var all []lossTrial
			for round := range *lossRounds {
				t.Run(fmt.Sprint(round+1), func(t *testing.T) {
					l := newLossBench(t, f, *lossThreads, *seed+uint64(round))
					all = append(all, l.play(t)...)
				})
			}
			r := newLossReport(all, now())
			t.Logf("%v", r)
			assert.Zero(t, r.stranded, "threads that the holder has lost and nobody serves")
			if f.seen {
				assert.Empty(t, r.overlaps)
			}
			for _, d := range r.overlaps {
				assert.Less(t, d, lockTTL, "the lease ends")
			}
		})
	}
}
