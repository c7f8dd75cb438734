// Command inbound measures the whole way of a message with an empty handler,
// from its delivery until the handler is done, next to the npm SDK with each of its
// drivers and the barest client that sends the same commands, on memory and on a Redis
// of its own. The sides run in turns, each in a process of its own; the medians are
// printed as Markdown. With -more it measures what waits and what is idle, too.
//
//	npm ci --prefix bench/inbound/npm
//	go run ./bench/inbound -npm bench/inbound/npm
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/internal/bench/server"
	"github.com/chat-adapter/chat-go/internal/bench/side"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "inbound:", err)
		os.Exit(1)
	}
}

func run() error {
	var (
		npm      = flag.String("npm", "bench/inbound/npm", "folder with the npm packages, after npm ci")
		address  = flag.String("url", "", "measure on this Redis instead of an own one; it is emptied")
		messages = flag.Int("messages", 20_000, "messages of one measurement")
		rounds   = flag.Int("rounds", 5, "measurements of each cell")
		markdown = flag.String("markdown", "", "write the tables to this file, too")
		more     = flag.Bool("more", true, "measure idle threads and handovers between instances, too")
		self     = flag.String("side", "", "measure one side in this process, and print JSON: ours or barest")
		callers  = flag.Int("callers", 64, "callers, with -side")
	)
	flag.Parse()
	ctx := context.Background()
	if *self != "" {
		measure := map[string]func(context.Context, string, int, int) (side.Result, error){"ours": ours, "barest": repeated}[*self]
		if measure == nil {
			return fmt.Errorf("-side: %q is neither ours nor barest", *self)
		}
		out, err := measure(ctx, *address, *callers, *messages)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(out)
	}
	url, end, err := server.Start("standalone", *address)
	if err != nil {
		return err
	}
	defer end()
	opts, err := redis.ParseURL(url)
	if err != nil {
		return err
	}
	client := redis.NewClient(opts)
	defer func() { _ = client.Close() }()

	own := func(name, side, url string) *subject {
		return &subject{name: name, command: func(callers, messages int) []string {
			return []string{os.Args[0], "-side", side, "-url", url, "-callers", strconv.Itoa(callers), "-messages", strconv.Itoa(messages)}
		}}
	}
	node := func(driver string) *subject {
		return &subject{name: "npm state-" + driver, command: func(callers, messages int) []string {
			return []string{"node", filepath.Join(*npm, "inbound.mjs"), driver, url, strconv.Itoa(callers), strconv.Itoa(messages)}
		}}
	}
	var report strings.Builder
	for _, t := range []table{
		{state: "memory", subjects: []*subject{own("chat-go", "ours", "memory://"), node("memory")}},
		{state: "Redis", subjects: []*subject{own("chat-go", "ours", url), node("redis"), node("ioredis"), own("the barest client", "barest", url)}, meter: server.NewMeter(client)},
	} {
		if err := t.measure(ctx, client, *messages, *rounds); err != nil {
			return err
		}
		t.write(&report)
	}
	if *more {
		if err := handovers(ctx, &report, url); err != nil {
			return err
		}
		if err := idle(ctx, &report, client, url); err != nil {
			return err
		}
	}
	fmt.Print(report.String())
	if *markdown == "" {
		return nil
	}
	return os.WriteFile(*markdown, []byte(report.String()), 0o644) //nolint:gosec // a public file
}
