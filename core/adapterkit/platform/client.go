package platform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// ClientConfig configures a [Client].
type ClientConfig struct {
	// Adapter is the adapter's name, for errors. Required.
	Adapter string
	// BaseURL is what the paths of calls are appended to, with a slash at its end.
	// It may hold a token, as Telegram's does. Required.
	BaseURL string
	// HTTPClient makes the requests. It follows no redirect, which could carry a
	// token away. Default: a client of its own.
	HTTPClient *http.Client
	// Timeout bounds one call with its answer. Default: 30 s.
	Timeout time.Duration
	// MaxAnswer bounds an answer, in bytes. Default: 16 MiB.
	MaxAnswer int64
	// Authorization is the header of that name in each request, such as "Bearer " and
	// the bot's token. No error has what stands after its first space. Default: there
	// is none, as where the token is in BaseURL.
	Authorization string
	// Authorize adds credentials that are not the same for each request. Its error is
	// the call's. Default: there are none.
	Authorize func(r *http.Request) error
	// Secrets are texts that no error may have. Default none.
	Secrets []string
	// Refused says what an answer means in the platform's own terms. It sees every
	// answer and returns nil for those that it has nothing to say about: the status
	// decides then. Default: the status decides.
	Refused func(a *Answer) *Refusal
}

// Client calls a platform's methods. It is safe for concurrent use.
type Client struct {
	cfg  ClientConfig
	http http.Client
}

// NewClient returns a client. Its errors are [chat.ErrInvalidConfig].
func NewClient(cfg ClientConfig) (*Client, error) {
	if cfg.Adapter == "" {
		return nil, fmt.Errorf("%w: platform: Adapter is empty", chat.ErrInvalidConfig)
	}
	base, err := url.Parse(cfg.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" || !strings.HasSuffix(base.Path, "/") {
		return nil, fmt.Errorf("%w: %s: BaseURL must be an absolute http or https URL that ends in a slash", chat.ErrInvalidConfig, cfg.Adapter)
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 30 * time.Second
	}
	if cfg.MaxAnswer <= 0 {
		cfg.MaxAnswer = 16 << 20
	}
	if _, token, ok := strings.Cut(cfg.Authorization, " "); ok && token != "" {
		cfg.Secrets = append(slices.Clip(cfg.Secrets), token)
	}
	c := &Client{cfg: cfg}
	if cfg.HTTPClient != nil {
		c.http = *cfg.HTTPClient
	}
	c.http.CheckRedirect = noRedirect
	return c, nil
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Call is one call of a method.
type Call struct {
	// Op is what is asked, in the platform's words, for errors. Default: Path
	// without its query.
	Op string
	// Method is the HTTP method. Default: POST with a Body, GET without one.
	Method string
	// Path is appended to the client's BaseURL. It does not begin with a slash.
	Path string
	// Query is added to the address. Default none.
	Query url.Values
	// Header is added to the request. Default none.
	Header http.Header
	// Body is sent: url.Values as a form, a [Multipart] as one, a []byte as it is,
	// with a Content-Type in Header, and anything else as JSON. Default none.
	Body any
	// Into is what the answer's JSON is decoded into. Default: the answer is only
	// returned.
	Into any
}

// Answer is what a platform answered.
type Answer struct {
	Status int
	Header http.Header
	// Body is the whole body. It may hold message text.
	Body []byte
}

// OK reports whether the status is a success.
func (a *Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Refusal is a platform's reason for not doing what a call asked for.
type Refusal struct {
	// Code classifies it. Default: as the status says.
	Code chat.Code
	// RetryAfter is how long to wait. Default: as the headers say.
	RetryAfter time.Duration
	// Err is the reason, without message text. One that is
	// [errors.ErrUnsupported] makes the call's error no *[chat.PlatformError].
	// Default: the status.
	Err error
}

// Do makes the call. It returns the answer together with an error where the platform
// has answered at all. The error is a *[chat.PlatformError], or ctx's where that has
// ended, or [chat.ErrInvalidArgument] for a body that cannot be sent. A Refusal with
// [errors.ErrUnsupported] is returned as that error.
func (c *Client) Do(ctx context.Context, call Call) (*Answer, error) {
	if call.Op == "" {
		call.Op, _, _ = strings.Cut(call.Path, "?")
	}
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	request, err := c.request(ctx, &call)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %s: %w", chat.ErrInvalidArgument, c.cfg.Adapter, call.Op, c.hide(err))
	}
	if c.cfg.Authorize != nil {
		if err := c.cfg.Authorize(request); err != nil {
			closeBody(request)
			return nil, c.hide(err)
		}
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, TransportError(outer, c.cfg.Adapter, call.Op, c.hide(WithoutURL(err)))
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, c.cfg.MaxAnswer+1))
	if err != nil {
		return nil, TransportError(outer, c.cfg.Adapter, call.Op, c.hide(WithoutURL(err)))
	}
	a := &Answer{Status: response.StatusCode, Header: response.Header, Body: body}
	if int64(len(body)) > c.cfg.MaxAnswer {
		a.Body = body[:c.cfg.MaxAnswer]
		return a, c.failure(call.Op, chat.CodeInvalid, 0, fmt.Errorf("the answer is longer than %d bytes", c.cfg.MaxAnswer))
	}
	if err := c.refusal(call.Op, a); err != nil {
		return a, err
	}
	if call.Into != nil {
		if err := json.Unmarshal(a.Body, call.Into); err != nil {
			return a, c.failure(call.Op, chat.CodeTemporary, 0, fmt.Errorf("the answer is not what was expected: %s", webhook.JSONFault(err)))
		}
	}
	return a, nil
}

func (c *Client) hide(err error) error { return hide(err, c.cfg.Secrets) }

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}

func (c *Client) failure(op string, code chat.Code, after time.Duration, err error) error {
	return &chat.PlatformError{Adapter: c.cfg.Adapter, Op: op, Code: code, RetryAfter: after, Err: c.hide(err)}
}

// refusal returns what an answer says that is no success.
func (c *Client) refusal(op string, a *Answer) error {
	var r *Refusal
	if c.cfg.Refused != nil {
		r = c.cfg.Refused(a)
	}
	if r == nil {
		if a.OK() {
			return nil
		}
		r = &Refusal{}
	}
	refusal := *r
	if errors.Is(refusal.Err, errors.ErrUnsupported) {
		return fmt.Errorf("%s: %s: %w", c.cfg.Adapter, op, c.hide(refusal.Err))
	}
	if refusal.Code == 0 {
		refusal.Code = CodeOf(a.Status, a.Header)
	}
	if refusal.Err == nil {
		refusal.Err = fmt.Errorf("the answer's status is %d", a.Status)
	}
	if refusal.RetryAfter <= 0 && (refusal.Code == chat.CodeRateLimited || refusal.Code == chat.CodeTemporary) {
		refusal.RetryAfter = RetryAfter(a.Header, time.Now())
	}
	return c.failure(op, refusal.Code, refusal.RetryAfter, refusal.Err)
}

// request returns the call as a request. Its errors hold no address.
func (c *Client) request(ctx context.Context, call *Call) (*http.Request, error) {
	kind, body, err := encode(call.Body)
	if err != nil {
		return nil, err
	}
	method := call.Method
	if method == "" {
		method = http.MethodGet
		if body != nil {
			method = http.MethodPost
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.cfg.BaseURL+call.Path, body)
	if err != nil {
		return nil, errors.New("the path or the method cannot be sent")
	}
	if len(call.Query) > 0 {
		query := request.URL.Query()
		for name, values := range call.Query {
			query[name] = append(query[name], values...)
		}
		request.URL.RawQuery = query.Encode()
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	request.Header.Set("Accept", webhook.JSON)
	request.Header.Set("User-Agent", "chat-go")
	if c.cfg.Authorization != "" {
		request.Header.Set("Authorization", c.cfg.Authorization)
	}
	for name, values := range call.Header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	return request, nil
}

// encode returns a body with its media type.
func encode(body any) (kind string, reader io.Reader, err error) {
	switch body := body.(type) {
	case nil:
		return "", nil, nil
	case url.Values:
		return webhook.Form, strings.NewReader(body.Encode()), nil
	case []byte:
		return "", bytes.NewReader(body), nil
	case Multipart:
		kind, reader := body.open()
		return kind, reader, nil
	}
	data, err := json.Marshal(body)
	if err != nil {
		return "", nil, fmt.Errorf("the body cannot be sent as JSON: %w", err)
	}
	return webhook.JSON, bytes.NewReader(data), nil
}
