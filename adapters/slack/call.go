package slack

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 32 << 20

// call calls a method of the Web API and decodes the answer. It is for methods
// whose answer must be kept as Slack sent it.
func (a *Adapter) call(ctx context.Context, o origin, method string, args url.Values, into any) error {
	i, err := a.installation(ctx, o)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.config.APIURL+method, strings.NewReader(args.Encode()))
	if err != nil {
		return apiError(method, err)
	}
	req.Header.Set("Content-Type", webhook.Form)
	req.Header.Set("Authorization", "Bearer "+i.BotToken)
	resp, err := (&tokenClient{a, o.Installation, i.BotToken}).Do(req)
	if err != nil {
		return apiError(method, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return apiError(method, slackapi.StatusCodeError{Code: resp.StatusCode, Status: resp.Status})
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return apiError(method, err)
	}
	var outcome slackapi.SlackResponse
	if err := json.Unmarshal(data, &outcome); err != nil {
		return apiError(method, err)
	}
	if err := outcome.Err(); err != nil {
		return apiError(method, err)
	}
	return apiError(method, json.Unmarshal(data, into))
}
