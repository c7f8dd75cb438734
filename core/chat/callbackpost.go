package chat

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/publicnet"
)

// What a callback may take: the whole request, and what is read of its answer.
const (
	callbackTimeout = 10 * time.Second
	callbackAnswer  = 64 << 10
)

// callbackPost is one request to a callback URL, as it is stored.
type callbackPost struct {
	// ID is the same each time the request is made.
	ID   string          `json:"id"`
	URL  string          `json:"url"`
	Body json.RawMessage `json:"body"`
	// Token is the button's. Empty for a modal.
	Token string `json:"token,omitempty"`
}

// clickBody is what is posted for a click, as by the TypeScript SDK.
type clickBody struct {
	Type      string       `json:"type"`
	ActionID  string       `json:"actionId"`
	Value     *string      `json:"value,omitempty"`
	User      callbackUser `json:"user"`
	ThreadID  ThreadID     `json:"threadId,omitempty"`
	MessageID MessageID    `json:"messageId,omitempty"`
}

// submitBody is what is posted for a modal, as by the TypeScript SDK.
type submitBody struct {
	Type       string       `json:"type"`
	CallbackID string       `json:"callbackId"`
	Values     ModalValues  `json:"values"`
	User       callbackUser `json:"user"`
}

type callbackUser struct {
	ID   UserID `json:"id"`
	Name string `json:"name"`
}

// postCallback makes the request of a task, and notes that a button's has been
// made.
func (c *Chat) postCallback(ctx context.Context, task *taskEvent) error {
	var post callbackPost
	if err := json.Unmarshal(task.Data, &post); err != nil {
		return fmt.Errorf("chat: callback: %w", err)
	}
	if !task.done {
		if err := c.callbacks.post(ctx, post); err != nil {
			return err
		}
		task.done = true
	}
	if post.Token == "" {
		return nil
	}
	_, err := c.callbackRecord(post.Token).Update(ctx, func(r callbackRecord) (callbackRecord, error) {
		if r.Clicked == nil || r.Posted {
			return r, errUnchanged
		}
		r.Posted = true
		return r, nil
	})
	if err != nil && !errors.Is(err, errUnchanged) {
		return fmt.Errorf("chat: noting that a callback was posted: %w", err)
	}
	return nil
}

// callbackClient posts to callback URLs. They may come from whoever can have the
// bot post a card, so they lead to public addresses only, over TLS, unless the
// configuration names their host.
type callbackClient struct {
	hosts   []string
	keys    [][]byte // of the signatures; none: requests are not signed
	guarded *http.Client
	trusted *http.Client
}

func newCallbackClient(cfg Config) (*callbackClient, error) {
	keys, err := callbackKeys(cfg.Callbacks.Secret)
	if err != nil {
		return nil, err
	}
	cc := &callbackClient{keys: keys}
	for _, host := range cfg.Callbacks.Hosts {
		cc.hosts = append(cc.hosts, strings.ToLower(host))
	}
	dialer := &net.Dialer{Timeout: callbackTimeout}
	cc.trusted = newHTTPClient(dialer)
	public := *dialer
	public.Control = dialPublic
	cc.guarded = newHTTPClient(&public)
	return cc, nil
}

// newHTTPClient returns a client that goes exactly where it is sent: through no
// proxy, which would look names up itself, and after no redirect.
func newHTTPClient(dialer *net.Dialer) *http.Client {
	return &http.Client{
		Timeout: callbackTimeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, DisableKeepAlives: true, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: callbackAnswer,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func dialPublic(network, address string, c syscall.RawConn) error {
	if err := publicnet.Control(network, address, c); err != nil {
		return fmt.Errorf("%w; private hosts must be in Config.Callbacks.Hosts", err)
	}
	return nil
}

const secretPrefix = "whsec_"

// callbackKeys reads Config.Callbacks.Secret.
func callbackKeys(secret string) ([][]byte, error) {
	var keys [][]byte
	for part := range strings.FieldsSeq(secret) {
		encoded, ok := strings.CutPrefix(part, secretPrefix)
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(key) < 24 || len(key) > 64 {
			return nil, errors.New("want whsec_ and the base64 of 24 to 64 bytes")
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// check returns what is wrong with a callback URL, as far as it can be seen
// before its host is looked up.
func (cc *callbackClient) check(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return errors.New("is not an absolute URL")
	}
	if cc.trusts(u) {
		return nil
	}
	if u.Scheme != "https" {
		return fmt.Errorf("has the scheme %q, want https, or a host of Config.Callbacks.Hosts", u.Scheme)
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !publicnet.IsPublic(ip) {
		return errors.New("is not a public address; private ones must be in Config.Callbacks.Hosts")
	}
	return nil
}

// trusts reports whether the configuration names the URL's host.
func (cc *callbackClient) trusts(u *url.URL) bool {
	return slices.Contains(cc.hosts, strings.ToLower(u.Host)) || slices.Contains(cc.hosts, strings.ToLower(u.Hostname()))
}

// post makes the request. Anything but a 2xx is an error. No error holds the URL
// beyond its host: the rest may be a secret.
func (cc *callbackClient) post(ctx context.Context, p callbackPost) error {
	if err := cc.check(p.URL); err != nil {
		return fmt.Errorf("chat: callback URL %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader(p.Body))
	if err != nil {
		return errors.New("chat: callback URL is not valid")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "chat-go")
	cc.sign(req.Header, p.ID, time.Now(), p.Body)
	client := cc.guarded
	if cc.trusts(req.URL) {
		client = cc.trusted
	}
	resp, err := client.Do(req)
	if err != nil {
		if outer, ok := errors.AsType[*url.Error](err); ok {
			err = outer.Err // without the URL
		}
		return fmt.Errorf("chat: posting to the callback host %q: %w", req.URL.Host, err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, callbackAnswer)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("chat: the callback host %q answered %d", req.URL.Host, resp.StatusCode)
	}
	return nil
}

// sign adds the headers of Standard Webhooks
// (https://github.com/standard-webhooks/standard-webhooks).
func (cc *callbackClient) sign(h http.Header, id string, at time.Time, body []byte) {
	seconds := strconv.FormatInt(at.Unix(), 10)
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", seconds)
	signatures := make([]string, len(cc.keys))
	for i, key := range cc.keys {
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.%s", id, seconds, body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	if len(signatures) > 0 {
		h.Set("webhook-signature", strings.Join(signatures, " "))
	}
}
