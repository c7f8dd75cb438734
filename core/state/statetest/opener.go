package statetest

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/suite"
	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleParameters = "Unknown query parameters are errors, and no error shows a password."
	rulePrefix     = "Every opener takes the query parameter prefix, for the names that it stores, so that one template serves all backends;"
	ruleNoConnect  = "Opener makes an adapter from a URL, without connecting it."
	ruleURL        = "It returns [ErrInvalidConfig] for a URL that cannot be read."
)

// opener is a registered opener under test.
type opener struct {
	scheme, goodURL string
}

// openerCase is one check of an opener.
type openerCase struct {
	name, rule string
	run        func(t TB, o opener)
}

// RunOpener checks the [state.Opener] that is registered for the scheme, each case
// in a subtest. goodURL is a URL of this scheme whose backend can be reached.
func RunOpener(t *testing.T, scheme, goodURL string) {
	t.Helper()
	for _, c := range openerCases {
		t.Run(c.name, func(t *testing.T) { c.check(t, opener{scheme, goodURL}) })
	}
}

func (c openerCase) check(t TB, o opener) {
	t.Helper()
	limits := suite.Limits{Case: time.Minute, End: realPace.prompt}
	suite.Check(t, contract, c.rule, limits, func() {}, func(t suite.TB) { c.run(t, o) })
}

var openerCases = []openerCase{
	{"Opens", ruleNoConnect, func(t TB, o opener) {
		a, err := state.Open(context.Background(), o.goodURL)
		must(t, "Open of the good URL", err)
		defer func() { _ = a.Close(context.Background()) }()
		isError(t, "Subscribe before Connect", a.Subscribe(context.Background(), "thread"), state.ErrNotConnected)
		must(t, "Connect", a.Connect(context.Background()))
	}},
	{"Prefix", rulePrefix, func(t TB, o opener) {
		a, err := state.Open(context.Background(), o.with("prefix", "statetest"))
		must(t, "Open of the good URL with a prefix", err)
		must(t, "Close", a.Close(context.Background()))
	}},
	{"UnknownParameter", ruleParameters, func(t TB, o opener) {
		for _, name := range []string{"no-such-parameter", "Prefix", "prefix ", ""} {
			a, err := state.Open(context.Background(), o.with(name, "1"))
			isError(t, "Open with the query parameter "+show(name), err, state.ErrInvalidConfig)
			if err == nil {
				_ = a.Close(context.Background())
			} else if !strings.Contains(err.Error(), strings.TrimSpace(name)) {
				t.Errorf("Open with the query parameter %s\n    seen: %s\n    want: an error that names the parameter", show(name), describe(err))
			}
		}
	}},
	{"Password", ruleParameters, func(t TB, o opener) {
		for _, between := range []string{"", "/", "@", "#", "?", ":", "%", "%zz", "[", "]", " ", "\\", "\"", "\x7f", "\n", "é", "&a=", "%2F", "%40"} {
			o.hidesPassword(t, firstPart+between+secondPart)
		}
	}},
	{"NothingBeforeConnect", ruleNoConnect, func(t TB, o opener) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, "listening", err)
		defer func() { _ = listener.Close() }()
		called := make(chan struct{}, 100)
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				called <- struct{}{}
				_ = conn.Close()
			}
		}()
		u, err := url.Parse(o.goodURL)
		if err != nil || u.Port() == "" {
			return // there is no one address to listen on
		}
		u.Host = listener.Addr().String()
		a, err := state.Open(context.Background(), u.String())
		must(t, "Open of the good URL with another address", err)
		must(t, "Close", a.Close(context.Background()))
		equal(t, "connections made by Open", len(called), 0)
	}},
	{"Unreadable", ruleURL, func(t TB, o opener) {
		a, err := state.Open(context.Background(), o.with("prefix", "%zz"))
		if err == nil {
			_ = a.Close(context.Background())
		}
		isError(t, "Open of a URL whose query has an escape that is none", err, state.ErrInvalidConfig)
	}},
}

// The parts of the password that no error may show.
const firstPart, secondPart = "Zq7first", "Zq7second"

// hidesPassword checks the errors of a URL with the password, as it is and
// escaped.
func (o opener) hidesPassword(t TB, password string) {
	t.Helper()
	scheme, rest, _ := strings.Cut(o.goodURL, "://")
	if end := strings.IndexAny(rest, "/?#"); end != 0 {
		authority := rest
		if end > 0 {
			authority = rest[:end]
		}
		if at := strings.LastIndexByte(authority, '@'); at >= 0 {
			rest = rest[at+1:]
		}
	}
	for _, written := range []string{password, url.QueryEscape(password)} {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		a, err := state.Open(ctx, scheme+"://user:"+written+"@"+rest)
		call := "Open"
		if err == nil {
			call, err = "Connect", a.Connect(ctx)
			err = errors.Join(err, a.Close(ctx))
		}
		cancel()
		if err == nil {
			continue
		}
		if text := err.Error(); strings.Contains(text, firstPart) || strings.Contains(text, secondPart) {
			t.Errorf("%s of a URL with the password %s\n    seen: %v\n    want: an error without any part of the password", call, show(written), err)
		}
	}
}

// with returns the good URL with one more query parameter, as it is written.
func (o opener) with(name, value string) string {
	mark := "?"
	if strings.Contains(o.goodURL, "?") {
		mark = "&"
	}
	return o.goodURL + mark + url.QueryEscape(name) + "=" + value
}
