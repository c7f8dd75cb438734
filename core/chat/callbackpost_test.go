package chat

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func newTestCallbacks(t *testing.T, hosts ...string) *callbackClient {
	t.Helper()
	cc, err := newCallbackClient(Config{Callbacks: CallbackConfig{Hosts: hosts}})
	require.NoError(t, err)
	return cc
}

// The vector of the reference implementations of Standard Webhooks.
func TestCallbackSignature(t *testing.T) {
	cc, err := newCallbackClient(Config{Callbacks: CallbackConfig{Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}})
	require.NoError(t, err)
	h := http.Header{}
	cc.sign(h, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	require.Equal(t, "msg_p5jXN8AQM9LWM0D4loKWxJek", h.Get("webhook-id"))
	require.Equal(t, "1614265330", h.Get("webhook-timestamp"))
	require.Equal(t, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", h.Get("webhook-signature"))
}

// nameServer answers every question for an address with this one.
func nameServer(address netip.Addr) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer func() { _ = server.Close() }()
			for {
				// RFC 1035, 4.2.2: a length before each message.
				var size [2]byte
				if _, err := io.ReadFull(server, size[:]); err != nil {
					return
				}
				query := make([]byte, binary.BigEndian.Uint16(size[:]))
				if _, err := io.ReadFull(server, query); err != nil {
					return
				}
				if _, err := server.Write(nameAnswer(query, address)); err != nil {
					return
				}
			}
		}()
		return client, nil
	}}
}

func nameAnswer(query []byte, address netip.Addr) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	kind := binary.BigEndian.Uint16(query[end+1:])
	answer := append([]byte{0, 0}, query[:end+5]...)
	copy(answer[4:14], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
	if kind == 1 && address.Is4() || kind == 28 && !address.Is4() {
		answer[9] = 1
		data := address.AsSlice()
		answer = append(answer, 0xc0, 12)
		answer = binary.BigEndian.AppendUint16(answer, kind)
		answer = append(answer, 0, 1, 0, 0, 0, 0, 0, byte(len(data)))
		answer = append(answer, data...)
	}
	binary.BigEndian.PutUint16(answer, uint16(len(answer)-2))
	return answer
}

// What a name leads to is judged when the connection is made.
func TestCallbackNamesLeadToPublicAddressesOnly(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the request has reached a private address")
	}))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	post := func(host string, address string) error {
		cc := newTestCallbacks(t)
		dialer := &net.Dialer{Control: dialPublic, Timeout: 5 * time.Second}
		if address != "" {
			dialer.Resolver = nameServer(netip.MustParseAddr(address))
		}
		cc.guarded = newHTTPClient(dialer)
		return cc.post(t.Context(), callbackPost{ID: "1", URL: "https://" + host + ":" + port + "/secret", Body: json.RawMessage(`{}`)})
	}
	for _, address := range []string{"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00:ec2::254"} {
		err := post("hooks.example", address)
		require.ErrorContains(t, err, "is not public", address)
		require.NotContains(t, err.Error(), "secret")
	}
	require.ErrorContains(t, post("localhost", ""), "is not public")
	// Other spellings of 127.0.0.1 are names. Some resolvers refuse them, and what
	// others make of them is judged like any other address.
	for _, host := range []string{"2130706433", "0x7f000001", "017700000001", "127.1", "0"} {
		require.Error(t, post(host, "127.0.0.1"), host)
		require.Error(t, post(host, ""), host)
	}
}

func TestCallbackFollowsNoRedirect(t *testing.T) {
	reached := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			reached = true
			return
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	cc := newTestCallbacks(t, strings.TrimPrefix(server.URL, "http://"))
	err := cc.post(t.Context(), callbackPost{ID: "1", URL: server.URL, Body: json.RawMessage(`{}`)})
	require.ErrorContains(t, err, "answered 307")
	require.False(t, reached)
}

func TestCallbackGoesThroughNoProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	for _, c := range []*http.Client{newTestCallbacks(t).guarded, newTestCallbacks(t).trusted} {
		require.Nil(t, c.Transport.(*http.Transport).Proxy)
	}
}

// An answer that never ends, or never begins, is not waited for.
func TestCallbackAnswersAreBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for r.URL.Path == "/endless" {
			if _, err := w.Write(make([]byte, 1<<12)); err != nil {
				return
			}
		}
		<-r.Context().Done()
	}))
	defer server.Close()
	cc := newTestCallbacks(t, strings.TrimPrefix(server.URL, "http://"))
	require.NoError(t, cc.post(t.Context(), callbackPost{ID: "1", URL: server.URL + "/endless", Body: json.RawMessage(`{}`)}))
	require.Equal(t, callbackTimeout, cc.trusted.Timeout)
	require.Equal(t, callbackTimeout, cc.guarded.Timeout)
	cc.trusted.Timeout = 50 * time.Millisecond
	err := cc.post(t.Context(), callbackPost{ID: "1", URL: server.URL + "/silent?secret", Body: json.RawMessage(`{}`)})
	require.ErrorContains(t, err, "Timeout")
	require.NotContains(t, err.Error(), "secret")
}
