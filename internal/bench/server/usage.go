package server

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Usage is what a server did: commands that clients sent, how many of them were
// scripts, and the time that it took to execute them all, in microseconds.
type Usage struct {
	Commands float64 `json:"commands"`
	Scripts  float64 `json:"scripts"`
	Micros   float64 `json:"serverMicros"`
}

// Per divides the usage by a number of messages.
func (u Usage) Per(n int) Usage {
	return Usage{u.Commands / float64(n), u.Scripts / float64(n), u.Micros / float64(n)}
}

// Meter measures what a server at one address does.
type Meter struct {
	client  *redis.Client
	address string
	// direct is which share of each command's calls clients send: the others are a
	// script's, whose own time includes theirs.
	direct map[string]float64
}

// NewMeter makes a meter of the client's server. Close releases nothing: the client is
// the caller's.
func NewMeter(client *redis.Client) *Meter {
	return &Meter{client: client, address: client.Options().Addr}
}

// monitored is a line of MONITOR, as https://redis.io/docs/latest/commands/monitor/
// shows it.
var monitored = regexp.MustCompile(`^\+\d+\.\d+ \[\d+ (\S+)\] "([^"]*)"`)

// Learn finds out which commands scripts call, while run does a little of what is to be
// measured.
func (m *Meter) Learn(run func() error) error {
	conn, err := net.Dial("tcp", m.address)
	if err != nil {
		return err
	}
	if _, err := conn.Write([]byte("MONITOR\r\n")); err != nil {
		return err
	}
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() { // OK
		return lines.Err()
	}
	all, direct := map[string]float64{}, map[string]float64{}
	var reading sync.WaitGroup
	reading.Go(func() {
		for lines.Scan() {
			if found := monitored.FindStringSubmatch(lines.Text()); found != nil {
				name := strings.ToLower(found[2])
				all[name]++
				if found[1] != "lua" {
					direct[name]++
				}
			}
		}
	})
	err = run()
	_ = conn.Close()
	reading.Wait()
	m.direct = map[string]float64{}
	for name, n := range all {
		m.direct[name] = direct[name] / n
	}
	return err
}

// statistic is a line of INFO commandstats.
var statistic = regexp.MustCompile(`cmdstat_([^:|]+)[^:]*:calls=(\d+),usec=(\d+)`)

// Measure returns what the server does while run runs.
func (m *Meter) Measure(ctx context.Context, run func() error) (u Usage, err error) {
	if err := m.client.ConfigResetStat(ctx).Err(); err != nil {
		return u, err
	}
	if err := run(); err != nil {
		return u, err
	}
	info, err := m.client.Info(ctx, "commandstats").Result()
	if err != nil {
		return u, err
	}
	for _, found := range statistic.FindAllStringSubmatch(info, -1) {
		name := found[1]
		share, known := m.direct[name]
		if !known || name == "info" || name == "config" {
			continue
		}
		calls, err1 := strconv.ParseFloat(found[2], 64)
		micros, err2 := strconv.ParseFloat(found[3], 64)
		if err1 != nil || err2 != nil {
			return u, fmt.Errorf("INFO commandstats: %q", found[0])
		}
		u.Commands += share * calls
		u.Micros += share * micros
		if strings.HasPrefix(name, "eval") {
			u.Scripts += calls
		}
	}
	return u, nil
}
