package chaos

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/internal/redistest"
)

// View is what a Live shows at a moment.
type View struct {
	Counts  Counts   `json:"counts"`
	Bots    []Bot    `json:"bots"`
	Redis   []Server `json:"redis"`
	Busy    bool     `json:"redisBusy"` // a fault of Redis is not over
	Threads []Thread `json:"threads"`
	Events  []Event  `json:"events"` // the last ones, the newest first
}

// Counts is the verdict until now.
type Counts struct {
	Sent     int `json:"sent"`
	Accepted int `json:"accepted"` // answered with 2xx
	Waiting  int `json:"waiting"`  // accepted, and not handled yet
	Once     int `json:"once"`     // handled, and no handler got it a second time
	Again    int `json:"again"`    // a handler got it a second time
	Lost     int `json:"lost"`
	Overlaps int `json:"overlaps"` // pairs of handlers that ran on one thread
	Disorder int `json:"disorder"` // messages that handlers got before older ones
	Dead     int `json:"dead"`     // dead letters

	// Reasons are those of the repetitions, with their numbers.
	Reasons map[string]int `json:"reasons"`
	// Recovery is the longest time from a kill until a thread of its bot went on, in
	// milliseconds.
	Recovery int64 `json:"recovery"`
}

// notYetExplained stands for the reason of a repetition that the judge does not see,
// or does not see yet: what a process notes itself comes late.
const notYetExplained = "no reason is known yet"

// BotState says what is with a bot.
type BotState string

// The states of a bot.
const (
	BotRunning BotState = "running"
	BotPaused  BotState = "paused"
	BotKilled  BotState = "killed"
)

// Bot is one of the bots.
type Bot struct {
	Name    string   `json:"name"`
	PID     int      `json:"pid"`
	State   BotState `json:"state"`
	Running int      `json:"running"` // handlers
	Handled int      `json:"handled"` // messages
}

// Server is one Redis server.
type Server struct {
	Name    string `json:"name"`
	Addr    string `json:"addr"`
	Up      bool   `json:"up"`      // it answers
	Primary bool   `json:"primary"` // the Sentinels name it
}

// Thread is one conversation.
type Thread struct {
	Messages []Message `json:"messages"` // the last ones, the oldest first
	Handled  int       `json:"handled"`  // of all its messages
}

// shownMessages is how many messages of a thread a View has.
const shownMessages = 32

// MessageState says how far a message is.
type MessageState string

// The states of a message.
const (
	MessageSent        MessageState = "sent" // no bot has accepted it
	MessageWaiting     MessageState = "waiting"
	MessageRunning     MessageState = "running"     // its handler runs
	MessageInterrupted MessageState = "interrupted" // its handler was interrupted, and another is to come
	MessageHandled     MessageState = "handled"
	MessageLost        MessageState = "lost"
)

// Message is one message.
type Message struct {
	Number int          `json:"number"` // in its thread, from 1
	State  MessageState `json:"state"`
	Bot    int          `json:"bot"` // the place, from 0, of the bot whose handler got it last; -1: none
	Again  bool         `json:"again"`

	bot string // its name
}

// EventKind says of what kind an event is.
type EventKind string

// The kinds of events.
const (
	EventFault   EventKind = "fault"
	EventGood    EventKind = "good"
	EventTrouble EventKind = "trouble" // what should not happen
)

// Event is something that has happened.
type Event struct {
	At   time.Time `json:"at"`
	Kind EventKind `json:"kind"`
	Text string    `json:"text"`
}

// shownEvents is how many events a View has.
const shownEvents = 40

// tell adds an event. Its caller has l.mu.
func (l *Live) tell(kind EventKind, format string, args ...any) {
	l.events = append(l.events, Event{At: time.Now(), Kind: kind, Text: fmt.Sprintf(format, args...)})
	l.events = l.events[max(0, len(l.events)-shownEvents):]
}

// viewer makes views of a Live.
type viewer struct {
	live *Live

	reading  sync.Mutex // guards what follows
	journals journalReader
	found    *runs

	mu       sync.Mutex // guards what follows
	servers  []Server
	dead     []string         // ids of dead letters
	asked    int64            // when it was last asked which threads wait, with success
	waited   map[string]int64 // when a thread was last known to wait
	allDoubt int64            // when an answer was last missing
}

// settleTime is how long a thread must have waited for nothing until an unhandled
// message counts as lost: a server that was replaced and does not know it may have
// answered.
const settleTime = 2 * lockTTL

// watchWaiting asks again and again which threads wait, until ctx ends.
func (w *viewer) watchWaiting(ctx context.Context) {
	bot, st, err := w.live.fleet.settings.onlooker()
	if err != nil {
		w.live.report(err)
		return
	}
	defer func() { _ = bot.Shutdown(context.WithoutCancel(ctx)) }()
	for sleep(ctx, watchEvery) {
		at := now()
		short, cancel := context.WithTimeout(ctx, time.Second)
		dead, err := deadMessages(short, bot) // which connects
		var waiting []string
		if err == nil {
			waiting, err = st.WaitingThreads(short, time.Now().Add(time.Hour), 0)
		}
		cancel()
		w.mu.Lock()
		if err != nil {
			w.allDoubt = now()
		} else {
			w.asked, w.dead = at, dead
			for _, thread := range waiting {
				if w.waited == nil {
					w.waited = map[string]int64{}
				}
				w.waited[thread] = at
			}
		}
		w.mu.Unlock()
	}
}

// waits reports whether the message, which is not handled, is still to be. Its
// caller has w.mu.
func (w *viewer) waits(d delivery) bool {
	return w.asked-max(d.Accepted, w.waited[d.Thread], w.allDoubt) < int64(settleTime)
}

// watchNodes looks again and again which servers answer and which one takes
// writes, until ctx ends.
func (w *viewer) watchNodes(ctx context.Context) {
	impatient := func(n *redistest.Node) *redis.Options {
		o := n.ClientOptions()
		o.DialTimeout, o.ReadTimeout, o.MaxRetries, o.DialerRetries = time.Second, time.Second, -1, 1
		return o
	}
	group := w.live.redis.servers
	nodes, sentinels := make([]*redis.Client, len(group.Nodes())), make([]*redis.SentinelClient, len(group.Sentinels()))
	for i, n := range group.Nodes() {
		nodes[i] = redis.NewClient(impatient(n))
		defer func() { _ = nodes[i].Close() }()
	}
	for i, n := range group.Sentinels() {
		sentinels[i] = redis.NewSentinelClient(impatient(n))
		defer func() { _ = sentinels[i].Close() }()
	}
	for {
		primary := ""
		for _, s := range sentinels {
			if at, err := s.GetMasterAddrByName(ctx, group.MasterName()).Result(); err == nil && len(at) == 2 {
				primary = at[0] + ":" + at[1]
				break
			}
		}
		seen := make([]Server, len(nodes))
		var wg sync.WaitGroup
		for i, n := range group.Nodes() {
			wg.Go(func() {
				seen[i] = Server{Name: n.Name(), Addr: n.Addr(), Primary: n.Addr() == primary, Up: nodes[i].Ping(ctx).Err() == nil}
			})
		}
		wg.Wait()
		w.mu.Lock()
		before := w.servers
		w.servers = seen
		w.mu.Unlock()
		for i, s := range seen {
			if before != nil && s.Primary && !before[i].Primary {
				w.live.mu.Lock()
				w.live.tell(EventGood, "%s takes the writes now.", s.Name)
				w.live.mu.Unlock()
			}
		}
		if !sleep(ctx, watchEvery) {
			return
		}
	}
}

// View returns what is to be seen now. It fails if a journal cannot be read.
func (l *Live) View() (*View, error) {
	w := &l.view
	w.reading.Lock()
	defer w.reading.Unlock()

	w.mu.Lock()
	h := history{deliveries: l.platform.deliveries(), dead: w.dead, waits: w.waits}
	v := &View{Redis: w.servers}
	w.mu.Unlock()
	if err := w.journals.read(w.found.add); err != nil {
		return nil, err
	}
	h.faults = l.fleet.faults.all()

	w.mu.Lock()
	verdict := h.judge(w.found)
	v.Threads = w.threads(h, verdict)
	w.mu.Unlock()
	v.Counts = verdict.counts()

	l.mu.Lock()
	defer l.mu.Unlock()
	v.Busy = l.redisBusy
	v.Events = slices.Clone(l.events)
	slices.Reverse(v.Events)
	v.Bots = make([]Bot, len(l.slots))
	for i, s := range l.slots {
		v.Bots[i] = Bot{Name: s.proc.name, PID: s.proc.cmd.Process.Pid, State: s.state}
	}
	for _, r := range w.found.all {
		bot := &v.Bots[l.slotOf[r.bot]]
		switch {
		case r.bot != bot.Name: // one before it
		case r.handled():
			bot.Handled += len(r.messages)
		case r.end == 0 && bot.State != BotKilled:
			bot.Running++
		}
	}
	for _, t := range v.Threads {
		for i := range t.Messages {
			if m := &t.Messages[i]; m.bot != "" {
				m.Bot = l.slotOf[m.bot]
			}
		}
	}
	return v, nil
}

func (v *verdict) counts() Counts {
	c := Counts{
		Sent: v.sent, Accepted: v.accepted, Waiting: v.waiting, Again: len(v.again), Lost: len(v.lost),
		Overlaps: len(v.overlaps), Disorder: len(v.disordered), Dead: v.deadLetter, Reasons: map[string]int{},
	}
	for m := range v.handledAt {
		if !v.again[m] {
			c.Once++
		}
	}
	maps.Copy(c.Reasons, v.repeated)
	if n := len(v.unexplained); n > 0 {
		c.Reasons[notYetExplained] = n
	}
	if n := len(v.recovery); n > 0 {
		c.Recovery = v.recovery[n-1].Milliseconds()
	}
	return c
}

// threads returns the threads with their last messages.
func (w *viewer) threads(h history, v *verdict) []Thread {
	all := make([]Thread, liveThreads)
	index := make(map[string]int, liveThreads)
	for i := range all {
		index[string(threadID(i))] = i
	}
	latest := map[string]*run{}
	for _, r := range w.found.all {
		for _, m := range r.messages {
			latest[m] = r
		}
	}
	slices.SortFunc(h.deliveries, func(a, b delivery) int { return cmp.Compare(seqOf(a.ID), seqOf(b.ID)) })
	for _, d := range h.deliveries {
		t := &all[index[d.Thread]]
		m := Message{Number: seqOf(d.ID) + 1, Bot: -1, Again: v.again[d.ID]}
		r := latest[d.ID]
		if r != nil {
			m.bot = r.bot
		}
		_, handled := v.handledAt[d.ID]
		switch {
		case handled:
			m.State = MessageHandled
			t.Handled++
		case r != nil && r.end == 0 && r.over > now():
			m.State = MessageRunning
		case d.Accepted != 0 && !w.waits(d):
			m.State = MessageLost
		case r != nil:
			m.State = MessageInterrupted
		case d.Accepted == 0:
			m.State = MessageSent
		default:
			m.State = MessageWaiting
		}
		t.Messages = append(t.Messages, m)
		t.Messages = t.Messages[max(0, len(t.Messages)-shownMessages):]
	}
	return all
}
