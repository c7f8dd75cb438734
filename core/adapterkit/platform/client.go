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
	// BaseURL is the address before the paths of calls. It ends in a slash. It may
	// contain a token, as Telegram's does. Required.
	BaseURL string
	// HTTPClient makes the requests. Redirects are not followed, because they could send a
	// token to another host. Default: a client with http.DefaultTransport.
	HTTPClient *http.Client
	// Timeout is the limit for a call with its answer. Default: 30 s.
	Timeout time.Duration
	// MaxAnswer is the size of the largest answer, in bytes. Default: 16 MiB.
	MaxAnswer int64
	// Authorization is the header of that name in each request, such as "Bearer " and
	// the bot's token. What follows its first space is a secret, as in Secrets. Default
	// none.
	Authorization string
	// Authorize adds credentials that differ between requests. Its error becomes the
	// error of the call. It is called concurrently. Default none.
	Authorize func(r *http.Request) error
	// Secrets are texts that are replaced in errors by "REDACTED". Default none.
	Secrets []string
	// Refused classifies an answer in the terms of the platform. It gets every answer,
	// also a successful one. If it returns nil, the status decides. It is called
	// concurrently. Default: the status decides.
	Refused func(a *Answer) *Refusal
}

// Client calls the methods of a platform. It is safe for concurrent use.
type Client struct {
	cfg  ClientConfig
	http http.Client
}

// NewClient returns a client. Its errors are [chat.ErrInvalidConfig] and name the field.
func NewClient(cfg ClientConfig) (*Client, error) {
	if cfg.Adapter == "" {
		return nil, fmt.Errorf("%w: platform: Adapter is empty, want the adapter's name", chat.ErrInvalidConfig)
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
	// Op is the name of the operation in errors, in the platform's terms. Default: Path
	// without its query.
	Op string
	// Method is the HTTP method. Default: POST with a Body, GET without one.
	Method string
	// Path is appended to the client's BaseURL. It does not begin with a slash. Default
	// empty.
	Path string
	// Query is added to the address. Default none.
	Query url.Values
	// Header is added to the request. Default none.
	Header http.Header
	// Body is the body: url.Values are sent as a form, a [Multipart] as a form with files,
	// and a []byte as it is, with the Content-Type in Header. Any other value is sent as
	// JSON. Default none.
	Body any
	// Into is a pointer to which the JSON of the answer is decoded. Default: the answer
	// is not decoded.
	Into any
}

// Answer is an answer of a platform.
type Answer struct {
	// Status is the HTTP status.
	Status int
	// Header has the HTTP headers.
	Header http.Header
	// Body is the whole body. It may contain message text.
	Body []byte
}

// OK reports whether the status is 2xx.
func (a *Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Refusal says why a platform has refused a call.
type Refusal struct {
	// Code classifies the refusal. Default: [CodeOf] the status.
	Code chat.Code
	// RetryAfter is how long to wait before the call is repeated. Default: [RetryAfter]
	// of the headers.
	RetryAfter time.Duration
	// Err is the reason, without message text. If it is [errors.ErrUnsupported], the
	// error of the call wraps it and is not a *[chat.PlatformError]. Default: a text with
	// the status.
	Err error
}

// Do makes a call. If the platform has answered, it returns the answer, also together with
// an error. The error is a *[chat.PlatformError]; it is ctx's if that has ended,
// [chat.ErrInvalidArgument] for a body that cannot be sent, and the one of
// ClientConfig.Authorize if that fails. A Refusal with [errors.ErrUnsupported] is returned
// as that error.
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

// refusal returns the error of an answer that is not a success.
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

// request returns the call as a request. Its errors contain no address.
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

// encode returns a reader of the body, and its media type.
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
