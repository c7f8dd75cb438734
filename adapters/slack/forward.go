package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// An instance with Config.ForwardURLs receives over Socket Mode for others, which
// take webhooks: it posts each envelope as Slack would, signed as Slack signs.

const opForward = "forward"

var forwardSeed = maphash.MakeSeed()

// maxForwardAnswer bounds what is read of an instance's answer, in bytes.
const maxForwardAnswer = 1 << 20

// forward posts an envelope to the instances, one after the other until one has
// taken it, and returns what it answered. What belongs to one channel goes to the
// same one first, which keeps its order.
func (a *Adapter) forward(ctx context.Context, f *frame) (answer, error) {
	contentType, body, err := f.request()
	if err != nil || body == nil {
		return nil, err
	}
	urls := a.config.ForwardURLs
	first := 0
	if lane := f.lane(); lane != "" {
		first = int(maphash.String(forwardSeed, lane) % uint64(len(urls))) //nolint:gosec // Reason: it is smaller than len(urls).
	}
	var failed []error
	for i := range urls {
		out, err := a.post(ctx, urls[(first+i)%len(urls)], contentType, body, f.Retry)
		if err == nil || errors.Is(err, chat.ErrInvalidArgument) {
			return out, err
		}
		failed = append(failed, err)
	}
	return nil, errors.Join(failed...)
}

// request returns the webhook that Slack would send for the envelope; no body if
// it would send none.
func (f *frame) request() (contentType string, body []byte, err error) {
	switch f.Type {
	case "events_api":
		return webhook.JSON, f.Payload, nil
	case "interactive":
		return webhook.Form, []byte(url.Values{"payload": {string(f.Payload)}}.Encode()), nil
	case "slash_commands":
		form, err := f.form()
		if err != nil {
			return "", nil, err
		}
		return webhook.Form, []byte(form.Encode()), nil
	}
	return "", nil, nil
}

// post posts a webhook. It returns [chat.ErrInvalidArgument] if sending it again
// would change nothing.
func (a *Adapter) post(ctx context.Context, address, contentType string, body []byte, retry int) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, platformError(opForward, chat.CodeTemporary, platform.WithoutURL(err))
	}
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set(timestampHeader, timestamp)
	req.Header.Set(signatureHeader, hmacWith(a.config.SigningSecret).Sign(signed(timestamp, body)...))
	if retry > 0 {
		req.Header.Set(retryHeader, strconv.Itoa(retry))
	}
	client := *a.config.HTTPClient
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // it would lose the body
	response, err := client.Do(req)
	if err != nil {
		return nil, platformError(opForward, chat.CodeTemporary, platform.WithoutURL(err))
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxForwardAnswer))
	switch {
	case err != nil:
		return nil, platformError(opForward, chat.CodeTemporary, err)
	case response.StatusCode == http.StatusBadRequest:
		return nil, fmt.Errorf("%w: slack: %s: the instance answers %s", chat.ErrInvalidArgument, opForward, response.Status)
	case response.StatusCode != http.StatusOK:
		return nil, platformError(opForward, chat.CodeTemporary, fmt.Errorf("the instance answers %s", response.Status))
	case !json.Valid(data): // nothing, or a text for people
		return nil, nil
	}
	return data, nil
}
