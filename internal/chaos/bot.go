package chaos

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// botEnv holds the settings of a process that is a bot.
const botEnv = "CHAOS_BOT"

// botSettings is what a bot process is told.
type botSettings struct {
	Name  string // unique
	Dir   string // where its journal goes
	Epoch int64  // the starting process's epoch

	StateURL    string
	KeyPrefix   string
	MinReplicas int

	LockTTL       time.Duration
	SweepInterval time.Duration

	// Work says how long handlers take.
	Work work
	// Hold makes handlers work until their context ends.
	Hold bool
}

// work is what handlers do. Which message gets what follows from its id, so all
// bots agree.
type work struct {
	// Usual is the longest time that most handlers take.
	Usual time.Duration
	// Long is taken by one message of LongOneIn. Default none.
	Long      time.Duration
	LongOneIn uint32
	// FailOneIn is the share of messages whose first attempt fails, every other
	// one by a panic. Default none.
	FailOneIn uint32
	// Exact makes all handlers take Usual.
	Exact bool
	// Step is the time between two looks of a handler at its context. Default 5 ms.
	Step time.Duration
}

const defaultStep = 5 * time.Millisecond

var errPlanned = errors.New("chaos: this attempt fails as planned")

func (w work) of(message string) (takes time.Duration, fails bool) {
	h := fnv.New32a()
	_, _ = io.WriteString(h, message)
	n := h.Sum32()
	n ^= n >> 15 // neighbours differ in few bits
	n *= 0x2c1b3c6d
	n ^= n >> 12
	takes = time.Duration(n%1000) * w.Usual / 1000
	if w.Exact {
		takes = w.Usual
	}
	if w.LongOneIn > 0 && n/1000%w.LongOneIn == 0 {
		takes = w.Long
	}
	return takes, w.FailOneIn > 0 && n/7%w.FailOneIn == 0
}

// IsBot reports whether this process was started to be a bot.
func IsBot() bool { return os.Getenv(botEnv) != "" }

// RunBot is the whole life of a bot process. It returns the exit code.
func RunBot() int {
	if err := runBot(); err != nil {
		fmt.Fprintln(os.Stderr, "chaos: bot:", err)
		return 1
	}
	return 0
}

func runBot() error {
	var s botSettings
	if err := json.Unmarshal([]byte(os.Getenv(botEnv)), &s); err != nil {
		return fmt.Errorf("%s: %w", botEnv, err)
	}
	epoch = s.Epoch
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() {
		// Whoever started this process holds the other end.
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()

	j, err := openJournal(s.Dir, s.Name)
	if err != nil {
		return err
	}
	bot, err := s.newBot(j)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go watchStarving(ctx, j)
	server := &http.Server{Handler: bot, ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	fmt.Println(l.Addr())

	err = bot.Run(ctx)
	if err := server.Shutdown(context.Background()); err != nil {
		return err
	}
	if serr := <-served; !errors.Is(serr, http.ErrServerClosed) {
		return errors.Join(err, serr)
	}
	return err
}

func (s *botSettings) newBot(j *journal) (*chat.Chat, error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))
	st, err := s.openState(log)
	if err != nil {
		return nil, err
	}
	bot, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{chattest.NewFake(chattest.Config{Name: platformName}).Adapter()}, State: st, Logger: log, Observer: teller{j},
		Lock: chat.LockConfig{TTL: s.LockTTL, SweepInterval: s.SweepInterval}, Limits: chat.LimitConfig{ShutdownTimeout: 10 * time.Second},
		// A message with a long handler meets many kills: none must become a dead
		// letter for that.
		Retry: chat.Retry{Backoff: 100 * time.Millisecond, MaxAttempts: 100},
	})
	if err != nil {
		return nil, err
	}
	held := &holding{all: map[*heldRun]bool{}}
	if s.Hold {
		go held.look()
	}
	bot.OnDirectMessage(func(ctx context.Context, ev *chat.MessageEvent) error { return s.handle(ctx, j, held, ev) })
	return bot, nil
}

// handle works for a while and keeps records of it.
func (s *botSettings) handle(ctx context.Context, j *journal, held *holding, ev *chat.MessageEvent) (err error) {
	run := j.runs.Add(1)
	messages := make([]string, 0, len(ev.Skipped)+1)
	for _, m := range ev.Skipped {
		messages = append(messages, string(m.ID))
	}
	messages = append(messages, string(ev.Message.ID))
	thread := string(ev.Thread.ID())

	at, live := now(), ctx.Err() == nil // in this order: see the package comment
	j.write(record{At: at, Kind: kindBegin, Run: run, Thread: thread, Messages: messages, Attempt: ev.Attempt, Live: live})
	if s.Hold {
		return held.hold(ctx, j, run)
	}
	takes, fails := s.Work.of(string(ev.Message.ID))
	err = s.steps(ctx, j, run, takes)
	if err == nil && fails && ev.Attempt == 1 {
		err = errPlanned
	}
	text := ""
	if err != nil {
		text = err.Error()
	}
	at, live = now(), ctx.Err() == nil
	j.write(record{At: at, Kind: kindEnd, Run: run, Live: live, Err: text})
	if errors.Is(err, errPlanned) && run%2 == 0 {
		panic(err)
	}
	return err
}

func (s *botSettings) steps(ctx context.Context, j *journal, run int64, takes time.Duration) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C
	for end := time.Now().Add(takes); ; {
		left := time.Until(end)
		if left <= 0 {
			return nil
		}
		timer.Reset(min(left, cmp.Or(s.Work.Step, defaultStep)))
		select {
		case <-timer.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		at, live := now(), ctx.Err() == nil
		j.write(record{At: at, Kind: kindStep, Run: run, Live: live})
		if !live {
			return context.Cause(ctx)
		}
	}
}

// teller keeps what the bot reports and no handler sees.
type teller struct{ journal *journal }

// Observe implements chat.Observer.
func (t teller) Observe(_ context.Context, o chat.Observation) {
	switch o.Step {
	case chat.StepHandled, chat.StepSkipped, chat.StepDead, chat.StepDropped, chat.StepExpired, chat.StepLockLost, chat.StepAbandoned, chat.StepReleased, chat.StepRecovered:
	default:
		return
	}
	r := record{At: now(), Kind: kindTold, Step: string(o.Step), Thread: string(o.Thread), Messages: []string{string(o.Message)}, Attempt: o.Attempt}
	if o.Err != nil {
		r.Err = o.Err.Error()
	}
	t.journal.write(r)
}

// platformName is the adapter's name.
const platformName = "fake"

func threadID(thread int) chat.ThreadID {
	return chat.ThreadID(fmt.Sprintf("%s:dm-%d:t", platformName, thread))
}

// messageID names the message by its thread and its place there, from 0.
func messageID(thread, seq int) string { return fmt.Sprintf("%d/%d", thread, seq) }

// seqOf returns the place of the message in its thread.
func seqOf(id string) int {
	_, digits, _ := strings.Cut(id, "/")
	n := 0
	for _, c := range digits {
		n = 10*n + int(c-'0')
	}
	return n
}
