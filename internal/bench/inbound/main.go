// Command inbound measures the whole way of a message with an empty handler,
// from its delivery until the handler is done, beside the npm SDK, on memory and on
// a Redis of its own. The two sides run in turns, each in a process of its own;
// the medians are printed as Markdown.
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
	"slices"
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
		markdown = flag.String("markdown", "", "write the table to this file, too")
		self     = flag.String("ours", "", "measure this SDK alone on the state at this URL, and print JSON")
		callers  = flag.Int("callers", 64, "callers, with -ours")
	)
	flag.Parse()
	ctx := context.Background()
	if *self != "" {
		out, err := ours(ctx, *self, *callers, *messages)
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

	var table strings.Builder
	table.WriteString("| state | callers | chat-go, messages/s | npm `chat`, messages/s | ratio | chat-go, CPU µs/message | npm `chat`, CPU µs/message |\n|---|--:|--:|--:|--:|--:|--:|\n")
	for _, st := range []struct{ name, ours, theirs string }{{"memory", "memory://", "memory"}, {"Redis", url, url}} {
		for _, n := range []int{1, 64, 256} {
			var left, right []side.Result
			for range *rounds {
				if err := client.FlushAll(ctx).Err(); err != nil {
					return err
				}
				l, err := side.Run(ctx, os.Args[0], "-ours", st.ours, "-callers", strconv.Itoa(n), "-messages", strconv.Itoa(*messages))
				if err != nil {
					return err
				}
				r, err := side.Run(ctx, "node", filepath.Join(*npm, "inbound.mjs"), st.theirs, strconv.Itoa(n), strconv.Itoa(*messages))
				if err != nil {
					return err
				}
				left, right = append(left, l), append(right, r)
			}
			l, r := median(left), median(right)
			fmt.Fprintf(&table, "| %s | %d | %.0f | %.0f | %.1f× | %.0f | %.0f |\n", st.name, n, l.PerSecond, r.PerSecond, l.PerSecond/r.PerSecond, l.CPUMicros, r.CPUMicros)
		}
	}
	fmt.Print(table.String())
	if *markdown == "" {
		return nil
	}
	return os.WriteFile(*markdown, []byte(table.String()), 0o644) //nolint:gosec // a public file
}

// median takes each figure by itself.
func median(all []side.Result) side.Result {
	pick := func(get func(side.Result) float64) float64 {
		values := make([]float64, len(all))
		for i, r := range all {
			values[i] = get(r)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return side.Result{
		PerSecond: pick(func(r side.Result) float64 { return r.PerSecond }),
		CPUMicros: pick(func(r side.Result) float64 { return r.CPUMicros }),
	}
}
