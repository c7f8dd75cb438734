package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// answerTimeout is how long the platform waits for the answer to a webhook, as
// Slack does.
const answerTimeout = 3 * time.Second

// redeliverAfter is the longest pause before a message is sent again.
const redeliverAfter = 300 * time.Millisecond

// platform sends messages like a chat platform: what is not answered with 2xx in
// time is sent again, to any bot.
type platform struct {
	fleet  *fleet
	client *http.Client
	// late is by how much a message may be sent after its time. One that would be
	// later gets another time. Default: by any.
	late time.Duration

	mu       sync.Mutex
	messages map[string]*delivery
	total    int           // how many are to be sent; 0: unknown
	count    int           // how many are accepted
	most     chan struct{} // closed when most are
}

// mostOf is the share of the messages during whose sending faults happen. The
// last few come from threads that were held up, and would be disturbed for ever.
const mostOf = 0.95

// delivery is what the platform knows of one message.
type delivery struct {
	ID       string
	Thread   string
	Accepted int64  // when it was answered with 2xx, in ns since 1970; 0: never
	Bot      string // which answered so
	Tries    int
}

func newPlatform(f *fleet) *platform {
	return &platform{
		fleet: f, messages: map[string]*delivery{}, most: make(chan struct{}),
		client: &http.Client{Timeout: answerTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
}

// sendAll sends the messages of all threads, one after the other on each thread,
// at about the rate in messages a second over all. It returns when all are
// accepted or ctx ends.
func (p *platform) sendAll(ctx context.Context, threads, messages int, rate float64, seed uint64) {
	perThread := (messages + threads - 1) / threads
	p.mu.Lock()
	p.total = messages
	p.mu.Unlock()
	p.sendEach(ctx, threads, rate, seed, func(thread, seq int) bool {
		return seq < min(perThread, messages-thread*perThread)
	})
}

// sendEach sends messages as long as more says so for the next one of a thread.
func (p *platform) sendEach(ctx context.Context, threads int, rate float64, seed uint64, more func(thread, seq int) bool) {
	pause := time.Duration(float64(threads) / rate * float64(time.Second))
	var wg sync.WaitGroup
	for thread := range threads {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(thread)))
			due := time.Now().Add(time.Duration(r.Int64N(int64(pause))))
			for seq := 0; more(thread, seq); seq++ {
				if !sleep(ctx, time.Until(due)) || !p.send(ctx, r, thread, seq) {
					return
				}
				// Messages come in clusters: most soon after the one before, some late.
				gap := time.Duration(r.ExpFloat64() * float64(pause))
				if r.IntN(4) > 0 {
					gap /= 4
				} else {
					gap = gap * 13 / 4
				}
				due = due.Add(gap)
				if p.late > 0 && time.Since(due) > p.late {
					due = time.Now()
				}
			}
		})
	}
	wg.Wait()
	p.client.CloseIdleConnections()
}

// send sends one message until it is accepted. It reports false if ctx ended
// first.
func (p *platform) send(ctx context.Context, r *rand.Rand, thread, seq int) bool {
	d := p.register(thread, seq)
	body := newMessage(thread, seq)
	for {
		p.mu.Lock()
		d.Tries++
		p.mu.Unlock()
		if bot := p.fleet.any(r); bot != nil && p.post(ctx, bot.addr, body) {
			p.accepted(d, bot)
			return true
		}
		if !sleep(ctx, time.Duration(r.Int64N(int64(redeliverAfter)))) {
			return false
		}
	}
}

// sendTo sends one message to one bot, once.
func (p *platform) sendTo(ctx context.Context, bot *proc, thread, seq int) error {
	d := p.register(thread, seq)
	if !p.post(ctx, bot.addr, newMessage(thread, seq)) {
		return fmt.Errorf("%s did not take message %s", bot.name, d.ID)
	}
	p.accepted(d, bot)
	return nil
}

func (p *platform) register(thread, seq int) *delivery {
	d := &delivery{ID: messageID(thread, seq), Thread: string(threadID(thread))}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.messages[d.ID] = d
	return d
}

func (p *platform) accepted(d *delivery, by *proc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d.Accepted, d.Bot = now(), by.name
	p.count++
	if p.count == int(mostOf*float64(p.total)) {
		close(p.most)
	}
}

// newMessage is the body of a message's webhook.
func newMessage(thread, seq int) []byte {
	body, err := json.Marshal(&chat.Message{
		ID: chat.MessageID(messageID(thread, seq)), ThreadID: threadID(thread), Text: "hello", SentAt: time.Now(),
		Author: chat.Author{UserID: "u1", UserName: "ada", Bot: new(bool)},
	})
	if err != nil {
		panic(err) // a message is always JSON
	}
	return body
}

// post reports whether the bot answered with 2xx.
func (p *platform) post(ctx context.Context, addr string, body []byte) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/webhooks/"+platformName, bytes.NewReader(body))
	if err != nil {
		return false // the address is no address: the next bot's may be
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	return err == nil && resp.StatusCode/100 == 2
}

// deliveries returns what was sent.
func (p *platform) deliveries() []delivery {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]delivery, 0, len(p.messages))
	for _, d := range p.messages {
		all = append(all, *d)
	}
	return all
}

// rate is how many messages a second were accepted since start, until most were.
func (p *platform) rate(start int64) float64 {
	var times []int64
	for _, d := range p.deliveries() {
		if d.Accepted != 0 {
			times = append(times, d.Accepted)
		}
	}
	slices.Sort(times)
	n := int(mostOf * float64(len(times)))
	if n == 0 {
		return 0
	}
	return float64(n) / time.Duration(times[n-1]-start).Seconds()
}

// sleep waits and reports whether ctx is still alive.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
