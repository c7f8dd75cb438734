// Command state measures state adapters side by side: on Redis this repository's, the
// barest client that sends the same commands, go-redis by hand with and without
// automatic pipelining, and the npm adapters; on Postgres this repository's and the npm
// adapter. It starts servers of its own, measures in turns, and prints the medians and
// their ratios as Markdown; with -svg it draws a chart.
//
//	go run ./bench/state -npm bench/state/npm -markdown out.md -svg out.svg
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/internal/bench/server"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	var (
		npmDir   = flag.String("npm", "", "folder with the npm packages, after npm ci; empty leaves them out")
		address  = flag.String("url", "", "measure this server instead of an own one")
		topology = flag.String("topology", "standalone,cluster,postgres", "what to start: standalone, cluster and postgres, or some of them")
		ops      = flag.String("ops", strings.Join(operations, ","), "operations")
		counts   = flag.String("callers", "1,64,256", "numbers of callers")
		only     = flag.String("only", "", "subjects whose name contains this")
		window   = flag.Duration("window", 300*time.Millisecond, "time of one measurement")
		rounds   = flag.Int("rounds", 5, "measurements of each cell")
		markdown = flag.String("markdown", "", "write the tables to this file, too")
		svg      = flag.String("svg", "", "draw the chart of the standalone server to this file")
		profile  = flag.String("cpuprofile", "", "write a CPU profile")
	)
	flag.Parse()
	callers, err := numbers(*counts)
	if err != nil {
		return err
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	var report strings.Builder
	for kind := range strings.SplitSeq(*topology, ",") {
		at, end, err := server.Start(kind, *address)
		if err != nil {
			return err
		}
		t, err := measure(at, kind, *npmDir, *only, strings.Split(*ops, ","), callers, *window, *rounds)
		end()
		if err != nil {
			return err
		}
		t.write(&report)
		if *svg != "" && kind == "standalone" {
			if err := os.WriteFile(*svg, t.chart(), 0o644); err != nil { //nolint:gosec // a public file
				return err
			}
		}
	}
	fmt.Print(report.String())
	if *markdown == "" {
		return nil
	}
	return os.WriteFile(*markdown, []byte(report.String()), 0o644) //nolint:gosec // a public file
}

// measure fills a table, each cell in so many rounds, all subjects in turns.
func measure(url, kind, npmDir, only string, ops []string, callers []int, window time.Duration, rounds int) (*table, error) {
	subjects, err := subjectsOn(url, npmDir, only)
	for _, s := range subjects {
		defer s.close()
	}
	if err != nil {
		return nil, err
	}
	flush, end, err := newFlush(url)
	if err != nil {
		return nil, err
	}
	defer end()
	if kind == "postgres" {
		ops = append(slices.Clone(ops), messageOp)
	}
	t := newTable(kind, ops, callers, subjects)
	for round := range rounds {
		for _, op := range ops {
			for _, n := range callers {
				for i := range subjects {
					s := subjects[(i+round)%len(subjects)]
					rate, err := s.measure(op, n, window)
					if err != nil {
						return nil, fmt.Errorf("%s, %s, %d callers: %w", s.name(), op, n, err)
					}
					t.add(s.name(), op, n, rate)
				}
				if err := flush(); err != nil {
					return nil, err
				}
			}
		}
	}
	return t, nil
}

func subjectsOn(url, npmDir, only string) (subjects []subject, err error) {
	add := func(label string, open func() (subject, error)) {
		if err != nil || !strings.Contains(label, only) {
			return
		}
		var s subject
		if s, err = open(); err == nil {
			subjects = append(subjects, s)
		}
	}
	if strings.HasPrefix(url, "postgres://") {
		add("pgstate", func() (subject, error) { return oursOnPostgres(url) })
		if npmDir != "" {
			add("npm state-pg", func() (subject, error) { return npm(npmDir, "pg", url) })
		}
		return subjects, err
	}
	add("redisstate", func() (subject, error) { return ours(url) })
	add("go-redis, auto pipelining", func() (subject, error) { return raw(url, true) })
	add("redsync on go-redis, auto pipelining", func() (subject, error) { return redsyncRaw(url) })
	add("go-redis", func() (subject, error) { return raw(url, false) })
	if strings.HasPrefix(url, "redis://") { // it knows one server
		add("the barest client", func() (subject, error) { return newBarest(url) })
	}
	if npmDir != "" && strings.HasPrefix(url, "redis://") { // they take no Cluster's URL
		add("npm state-ioredis", func() (subject, error) { return npm(npmDir, "ioredis", url) })
		add("npm state-redis", func() (subject, error) { return npm(npmDir, "redis", url) })
	}
	return subjects, err
}

func newClient(url string) (redis.UniversalClient, error) {
	if hosts, ok := strings.CutPrefix(url, "redis+cluster://"); ok {
		return redis.NewClusterClient(&redis.ClusterOptions{Addrs: strings.Split(hosts, ",")}), nil
	}
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	return redis.NewClient(o), nil
}

// newFlush returns a function that empties the servers between measurements.
func newFlush(url string) (flush func() error, end func(), err error) {
	if strings.HasPrefix(url, "postgres://") {
		return func() error { return truncate(url) }, func() {}, nil
	}
	c, err := newClient(url)
	if err != nil {
		return nil, nil, err
	}
	return func() error { return flushRedis(c) }, func() { _ = c.Close() }, nil
}

func flushRedis(c redis.UniversalClient) error {
	ctx := context.Background()
	if cluster, ok := c.(*redis.ClusterClient); ok {
		return cluster.ForEachMaster(ctx, func(ctx context.Context, m *redis.Client) error { return m.FlushAll(ctx).Err() })
	}
	return c.FlushAll(ctx).Err()
}

func numbers(list string) ([]int, error) {
	var all []int
	for part := range strings.SplitSeq(list, ",") {
		var n int
		if _, err := fmt.Sscanf(part, "%d", &n); err != nil || n < 1 {
			return nil, fmt.Errorf("-callers: %q is no number of callers", part)
		}
		all = append(all, n)
	}
	slices.Sort(all)
	return all, nil
}
