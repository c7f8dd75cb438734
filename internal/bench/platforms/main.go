// Command platforms measures the whole way of a message on a platform next to the npm
// SDK's adapter: a webhook, a handler that posts one answer, the call of the platform's
// API, until the handler is done. Both talk to one fake of the API, a process of its
// own, and keep their state in memory.
//
//	npm ci --prefix bench/platforms/npm
//	go run ./bench/platforms -messages 5000 -callers 64 slack telegram
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/internal/bench/side"
)

func main() {
	messages := flag.Int("messages", 5_000, "how many messages")
	callers := flag.Int("callers", 64, "how many at a time")
	rounds := flag.Int("rounds", 3, "how often each side runs, in turns; the median counts")
	script := flag.String("npm", "bench/platforms/npm/main.mjs", "the npm SDK's side")
	serving := flag.Bool("serve", false, "be the fake of the APIs")
	flag.Parse()
	var err error
	if *serving {
		err = serve()
	} else {
		err = compare(flag.Args(), run{messages: *messages, callers: *callers}, *rounds, *script)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "platforms:", err)
		os.Exit(1)
	}
}

// serve answers the methods that an answer needs, of each platform under its name.
func serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var posted atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("/posted", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, posted.Load()) })
	for name, p := range platforms {
		answer := func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body) // a client that has hung up gets no answer
			w.Header().Set("Content-Type", "application/json")
			p.answer(w, r, body, &posted)
		}
		mux.HandleFunc("/"+name+"/", answer)
		if p.rooted != "" {
			mux.HandleFunc(p.rooted, answer)
		}
	}
	fmt.Printf("http://%s\n", listener.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	return server.Serve(listener)
}

// compare runs both sides in turns for each of the platforms, by default for all.
func compare(names []string, r run, rounds int, script string) error {
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(platforms))
	}
	base, stop, err := startAPI()
	if err != nil {
		return err
	}
	defer stop()
	want := 0
	fmt.Printf("%-28s %12s %16s\n", "", "messages/s", "CPU µs/message")
	for _, name := range names {
		p, ok := platforms[name]
		if !ok {
			return fmt.Errorf("no platform %q, want one of %s", name, strings.Join(slices.Sorted(maps.Keys(platforms)), ", "))
		}
		r.base = base + "/" + name
		var ours, theirs []side.Result
		for range rounds {
			mine, err := r.drive(p)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			other, err := side.Run(context.Background(), "node", script, name, r.base, strconv.Itoa(r.callers), strconv.Itoa(r.messages))
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			ours, theirs = append(ours, mine), append(theirs, other)
			want += 2 * (r.messages + r.warmUp())
		}
		mine, other := median(ours), median(theirs)
		fmt.Printf("%-28s %12.0f %16.0f\n", "chat-go/adapters/"+name, mine.PerSecond, mine.CPUMicros)
		fmt.Printf("%-28s %12.0f %16.0f\n", "@chat-adapter/"+name, other.PerSecond, other.CPUMicros)
		fmt.Printf("%-28s %11.1fx %15.1fx\n", "", mine.PerSecond/other.PerSecond, other.CPUMicros/mine.CPUMicros)
	}
	return checkPosted(base, want)
}

// startAPI starts the fake in a process of its own and returns its address.
func startAPI() (base string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	api := exec.Command(self, "-serve")
	api.Stderr = os.Stderr
	out, err := api.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := api.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = api.Process.Kill()
		_ = api.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, errors.New("the fake of the APIs has not started")
	}
	return strings.TrimSpace(line), stop, nil
}

// median takes each column's.
func median(all []side.Result) side.Result {
	middle := func(of func(side.Result) float64) float64 {
		var values []float64
		for _, r := range all {
			values = append(values, of(r))
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return side.Result{
		PerSecond: middle(func(r side.Result) float64 { return r.PerSecond }),
		CPUMicros: middle(func(r side.Result) float64 { return r.CPUMicros }),
	}
}

// checkPosted checks that each side posted an answer to each message.
func checkPosted(base string, want int) error {
	resp, err := http.Get(base + "/posted") //nolint:noctx // Reason: the program ends with it.
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if string(body) != strconv.Itoa(want) {
		return fmt.Errorf("%s answers were posted, want %d", body, want)
	}
	return nil
}
