package live

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/redistest"
	"github.com/chat-adapter/chat-go/internal/slacktest/fakeslack"
)

// settings are what both sides share.
type settings struct {
	Driver  string   `json:"driver"` // of the npm packages: ioredis or redis
	Addrs   []string `json:"addrs"`
	Cluster bool     `json:"cluster"`
	Prefix  string   `json:"prefix"`

	LockScope string `json:"lockScope"` // thread or channel

	SlackURL      string `json:"slackURL"`
	SlackToken    string `json:"slackToken"`
	SigningSecret string `json:"signingSecret"`
	EncryptionKey string `json:"encryptionKey"`

	URL          string `json:"-"` // for this SDK
	callbackHost string
}

// pair is both sides on one Redis.
type pair struct {
	settings
	redis redis.UniversalClient
	slack *fakeslack.Server
	url   string      // of callbacks
	posts chan string // to url
}

// servers are the topologies. The adapter @chat-adapter/state-redis has no client of a
// Cluster: connect waits for ever for an event that node-redis's client of a Cluster
// does not have.
var servers = []struct {
	name, driver string
	start        func(*testing.T) (settings, redis.UniversalClient)
}{
	{"server, state-ioredis", "ioredis", standalone},
	{"server, state-redis", "redis", standalone},
	{"Cluster, state-ioredis", "ioredis", func(t *testing.T) (settings, redis.UniversalClient) {
		c := redistest.Cluster(t, redistest.Options{NoReplicas: true, Volatile: true})
		return settings{URL: c.URL(), Addrs: c.Addrs(), Cluster: true, Prefix: "chat-sdk"}, c.Client(t)
	}},
}

func standalone(t *testing.T) (settings, redis.UniversalClient) {
	s := redistest.Shared(t)
	return settings{URL: s.URL(), Addrs: []string{s.Addr()}, Prefix: s.Prefix()}, s.Client(t)
}

// newPair starts both sides, with locks on threads or on channels.
func newPair(t *testing.T, scope, driver string, start func(*testing.T) (settings, redis.UniversalClient)) (p *pair, there *program, here *bot) {
	t.Helper()
	p = &pair{slack: fakeslack.New(t), posts: make(chan string, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.posts <- string(body)
	}))
	t.Cleanup(server.Close)
	p.url = server.URL + "/hook"
	p.settings, p.redis = start(t)
	p.LockScope, p.Driver, p.callbackHost = scope, driver, strings.TrimPrefix(server.URL, "http://")
	p.SlackURL, p.SlackToken, p.SigningSecret, p.EncryptionKey = p.slack.APIURL, fakeslack.Token, signingSecret, strings.Repeat("0123456789abcdef", 4)
	ofNPM := p.settings
	ofNPM.SlackURL = withTokenInHeader(t, p.slack)
	return p, startProgram(t, ofNPM), startBot(t, p.settings)
}

// withTokenInHeader returns an address of the server for the npm package, which sends
// its token among the arguments: Slack takes that, too.
// https://docs.slack.dev/apis/web-api/
func withTokenInHeader(t *testing.T, slack *fakeslack.Server) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if token := r.Form.Get("token"); token != "" {
			r.Form.Del("token")
			r.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := slack.RoundTrip(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/api/"
}

// shape is something that a bot stores. Its check has one side write and the other read.
type shape struct {
	name  string
	check func(t *testing.T, x *exchange)
}

// exchange is one check of a shape.
type exchange struct {
	*pair
	writer, reader side
	id             string // letters and digits, unique to the exchange
}

func (x *exchange) thread() string { return "fake:c" + x.id + ":t" }

// directions are who writes.
var directions = []string{"TypeScript to Go", "Go to TypeScript"}

// TestShapes checks that either side reads what the other has stored, and prints the
// findings.
func TestShapes(t *testing.T) {
	t.Parallel()
	shapes := append(append(append([]shape(nil), stateShapes...), chatShapes...), slackShapes...)
	found := make(map[string]map[string]string) // by shape, by topology and direction
	for _, s := range shapes {
		found[s.name] = map[string]string{}
	}
	for n, server := range servers {
		t.Run(server.name, func(t *testing.T) {
			p, there, here := newPair(t, "thread", server.driver, server.start)
			for i, s := range shapes {
				for d, direction := range directions {
					x := &exchange{pair: p, writer: there, reader: here, id: fmt.Sprintf("%dX%dX%d", n, i, d)}
					if d == 1 {
						x.writer, x.reader = here, there
					}
					t.Run(s.name+"/"+direction, func(t *testing.T) {
						found[s.name][server.name+direction] = "differs"
						s.check(t, x)
						found[s.name][server.name+direction] = "equal"
					})
				}
			}
		})
	}

	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, heading := range []string{"written by", "on a"} {
		_, _ = fmt.Fprint(table, heading)
		for _, server := range servers {
			for _, direction := range directions {
				writer, _, _ := strings.Cut(direction, " ")
				_, _ = fmt.Fprint(table, "\t", map[string]string{"written by": writer, "on a": server.name}[heading])
			}
		}
		_, _ = fmt.Fprintln(table)
	}
	for _, s := range shapes {
		_, _ = fmt.Fprint(table, s.name)
		for _, server := range servers {
			for _, direction := range directions {
				_, _ = fmt.Fprint(table, "\t", found[s.name][server.name+direction])
			}
		}
		_, _ = fmt.Fprintln(table)
	}
	require.NoError(t, table.Flush())
	t.Logf("what either side reads of the other's:\n%s", &text)
}

// requireSame checks that two lists of JSON are the same.
func requireSame(t *testing.T, want, got []json.RawMessage) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.JSONEq(t, string(want[i]), string(got[i]))
	}
}

// posted returns what was posted to the callback URL next.
func (x *exchange) posted(t *testing.T) string {
	t.Helper()
	select {
	case body := <-x.posts:
		return body
	case <-time.After(patience):
		require.Fail(t, "nothing was posted to the callback URL")
		panic("not reached")
	}
}
