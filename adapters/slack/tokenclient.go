package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// tokenClient makes calls with the token of an installation. A call that Slack
// refuses because of the token, which has changed nothing, is made once more if
// there is another token by now.
type tokenClient struct {
	a            *Adapter
	installation string
	token        string
}

// Do makes a call.
func (c *tokenClient) Do(req *http.Request) (*http.Response, error) {
	response, err := c.a.config.HTTPClient.Do(req)
	if err != nil || c.installation == "" || !refusesToken(response) {
		return response, err
	}
	token := c.a.renew(req.Context(), c.installation, c.token)
	if token == "" {
		return response, nil
	}
	again, err := withToken(req, c.token, token)
	if err != nil {
		return response, nil //nolint:nilerr // Reason: what Slack has answered says more.
	}
	_ = response.Body.Close() // it was a refusal
	return c.a.config.HTTPClient.Do(again)
}

// longestRefusal bounds a refusal, in bytes: it is a code and little else.
const longestRefusal = 4 << 10

// refusesToken looks at the beginning of an answer.
func refusesToken(response *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if response.StatusCode != http.StatusOK || kind != "application/json" {
		return false
	}
	start, err := io.ReadAll(io.LimitReader(response.Body, longestRefusal))
	rest := io.Reader(response.Body)
	if err != nil {
		rest = failingReader{err}
	}
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(start), rest), response.Body}
	var outcome struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	if json.Unmarshal(start, &outcome) != nil || outcome.OK {
		return false
	}
	switch outcome.Error {
	case "token_expired", "token_revoked", "invalid_auth":
		return true
	}
	return false
}

// failingReader returns an error that was seen before.
type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

var errBodyGone = errors.New("the request cannot be sent again")

// withToken returns the request with another token: it stands in the header, or
// among the fields of a form.
func withToken(req *http.Request, old, token string) (*http.Request, error) {
	again := req.Clone(req.Context())
	if again.Header.Get("Authorization") == "Bearer "+old {
		again.Header.Set("Authorization", "Bearer "+token)
	}
	if req.Body == nil || req.Body == http.NoBody {
		return again, nil
	}
	if req.GetBody == nil {
		return nil, errBodyGone
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	again.Body = body
	if kind, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return again, nil
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, err
	}
	if form.Get("token") == old {
		form.Set("token", token)
	}
	encoded := form.Encode()
	again.Body, again.ContentLength = io.NopCloser(strings.NewReader(encoded)), int64(len(encoded))
	again.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(encoded)), nil }
	return again, nil
}
