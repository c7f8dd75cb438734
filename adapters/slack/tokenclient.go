package slack

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// tokenClient makes calls with the token of an installation, in the header, where
// no log of bodies has it. A call that Slack refuses because of the token, which
// has changed nothing, is made once more if there is another token by now.
type tokenClient struct {
	a            *Adapter
	installation string
	token        string
}

// another returns the token that takes the place of one which Slack has refused, or
// "".
func (c *tokenClient) another(ctx context.Context) string {
	if c.installation != "" {
		return c.a.renew(ctx, c.installation, c.token)
	}
	token, err := c.a.configuredToken(ctx)
	if err != nil {
		c.a.log.WarnContext(ctx, "token-unknown", "error", err)
	}
	if token == c.token {
		return ""
	}
	return token
}

// Do makes a call. An answer that asks for a pause is a
// *[slackapi.RateLimitedError].
func (c *tokenClient) Do(req *http.Request) (*http.Response, error) {
	req, err := withTokenInHeader(req)
	if err != nil {
		return nil, err
	}
	response, err := c.send(req)
	if err != nil || c.installation == "" && c.a.config.BotTokenSource == nil || !refusesToken(response) {
		return response, err
	}
	token := c.another(req.Context())
	if token == "" {
		return response, nil
	}
	again := req.Clone(req.Context())
	again.Header.Set("Authorization", "Bearer "+token)
	if req.GetBody != nil {
		if again.Body, err = req.GetBody(); err != nil {
			return response, nil //nolint:nilerr // Reason: what Slack has answered says more.
		}
	} else if req.Body != nil && req.Body != http.NoBody {
		return response, nil // the request cannot be sent again
	}
	_ = response.Body.Close() // it was a refusal
	return c.send(again)
}

// send makes a request. slack-go knows no Retry-After that is a date.
// https://docs.slack.dev/apis/web-api/rate-limits
func (c *tokenClient) send(req *http.Request) (*http.Response, error) {
	response, err := c.a.config.HTTPClient.Do(req)
	if err == nil && response.StatusCode == http.StatusTooManyRequests {
		_ = response.Body.Close()
		return nil, &slackapi.RateLimitedError{RetryAfter: platform.RetryAfter(response.Header, time.Now())}
	}
	return response, err
}

// longestRefusal bounds a refusal, in bytes: it is a code and little else.
const longestRefusal = 4 << 10

// refusesToken looks at the beginning of an answer.
func refusesToken(response *http.Response) bool {
	if response.StatusCode != http.StatusOK || webhook.MediaType(response.Header) != webhook.JSON {
		return false
	}
	body := bufio.NewReaderSize(response.Body, longestRefusal)
	start, _ := body.Peek(longestRefusal) // an error comes again after what was read
	response.Body = struct {
		io.Reader
		io.Closer
	}{body, response.Body}
	var outcome struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	if json.Unmarshal(start, &outcome) != nil || outcome.OK {
		return false
	}
	return slices.Contains([]string{"token_expired", "token_revoked", "invalid_auth"}, outcome.Error)
}

// withTokenInHeader returns the request with the token in its header, which
// slack-go puts among the fields of a form.
// https://docs.slack.dev/authentication/tokens
func withTokenInHeader(req *http.Request) (*http.Request, error) {
	if req.Body == nil || webhook.MediaType(req.Header) != webhook.Form {
		return req, nil
	}
	text, err := io.ReadAll(req.Body)
	_ = req.Body.Close()
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, err
	}
	moved := req.Clone(req.Context())
	if token := form.Get("token"); token != "" {
		moved.Header.Set("Authorization", "Bearer "+token)
		form.Del("token")
		text = []byte(form.Encode())
	}
	moved.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
	moved.Body, _ = moved.GetBody()
	moved.ContentLength = int64(len(text))
	return moved, nil
}
