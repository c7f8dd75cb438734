package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// fileOrigins are where Slack keeps files. The token goes nowhere else. They are
// the TypeScript SDK's.
var fileOrigins = map[string]bool{
	"https://files.slack.com":     true,
	"https://files.slack-gov.com": true,
	"https://slack-files.com":     true,
	"https://slack-files-gov.com": true,
	"https://slack.com":           true,
	"https://slack-gov.com":       true,
}

const maxRedirects = 5

var (
	errNotSlacks = errors.New("the file is not at an address of Slack's")
	errRedirects = errors.New("too many redirects")
	errTooLarge  = errors.New("the file is larger than the limit")
	errLoginPage = errors.New("Slack answered with a page to sign in: the token needs the scope files:read and the bot access to the file")
	errNoFile    = errors.New("the attachment has no address")
)

const opFile = "files.download"

// FetchAttachment returns the content of a file that came with a message. It
// returns [chat.ErrInvalid] for a file that is larger than the limit or not
// Slack's, and [chat.ErrPermission] if the bot may not read it.
// https://docs.slack.dev/messaging/working-with-files
func (a *Adapter) FetchAttachment(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
	if at == nil {
		return nil, fmt.Errorf("%w: slack: attachment is nil", chat.ErrInvalidArgument)
	}
	o, err := a.fileOrigin(ctx, at.FetchMetadata)
	if err != nil {
		return nil, err
	}
	i, err := a.installation(ctx, o)
	if err != nil {
		return nil, err
	}
	address := firstOf(at.FetchMetadata[metaURL], at.URL)
	if id := at.FetchMetadata[metaFile]; address == "" && id != "" {
		info, _, _, err := a.apiClient(o.Installation, i.BotToken).GetFileInfoContext(ctx, id, 1, 1)
		if err != nil {
			return nil, apiError("files.info", err)
		}
		address = info.URLPrivate
	}
	if address == "" {
		return nil, platformError(opFile, chat.CodeInvalid, errNoFile)
	}
	response, err := a.download(ctx, address, i.BotToken)
	if err != nil {
		return nil, err
	}
	if err := checkFile(response, at.MIMEType, limit); err != nil {
		_ = response.Body.Close() // nothing of it was read
		return nil, err
	}
	return &limited{body: response.Body, left: limit}, nil
}

// fileOrigin returns the workspace that the file came from.
func (a *Adapter) fileOrigin(ctx context.Context, meta map[string]string) (origin, error) {
	if a.config.isOneWorkspace() {
		return origin{}, nil
	}
	o, explicit := ctx.Value(installationKey{}).(origin)
	if !explicit {
		o = originOf(meta[metaTeam], meta[metaEnterprise], meta[metaIsEnterprise] == "true")
	}
	if o.Installation == "" {
		return origin{}, platformError(opFile, chat.CodeAuthentication, errNoWorkspace)
	}
	return o, nil
}

// download follows redirects by itself: each address is checked before the token
// is sent there.
func (a *Adapter) download(ctx context.Context, address, token string) (*http.Response, error) {
	client := *a.config.HTTPClient
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for range maxRedirects {
		u, err := url.Parse(address)
		if err != nil || !a.isFileAddress(u) {
			return nil, platformError(opFile, chat.CodeInvalid, errNotSlacks)
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			return nil, platformError(opFile, chat.CodeInvalid, errNotSlacks)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := client.Do(request)
		if err != nil {
			return nil, platformError(opFile, chat.CodeTemporary, err)
		}
		if response.StatusCode < 300 || response.StatusCode > 399 {
			return response, nil
		}
		next, err := response.Location()
		_ = response.Body.Close() // a redirect's body says nothing
		if err != nil {
			return nil, platformError(opFile, chat.CodeInvalid, err)
		}
		if !a.isFileAddress(next) && strings.HasSuffix(next.Host, ".slack.com") {
			return nil, platformError(opFile, chat.CodePermission, errLoginPage)
		}
		address = next.String()
	}
	return nil, platformError(opFile, chat.CodeInvalid, errRedirects)
}

// isFileAddress reports whether the token may be sent there: to Slack, or to
// where Config.APIURL is.
func (a *Adapter) isFileAddress(u *url.URL) bool {
	where := u.Scheme + "://" + u.Host
	if fileOrigins[where] {
		return true
	}
	api, err := url.Parse(a.config.APIURL)
	return err == nil && where == api.Scheme+"://"+api.Host
}

// checkFile returns why the answer is not the file.
func checkFile(response *http.Response, mimeType string, limit int64) error {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch {
	case response.StatusCode == http.StatusNotFound, response.StatusCode == http.StatusGone:
		return platformError(opFile, chat.CodeNotFound, nil)
	case response.StatusCode == http.StatusUnauthorized, response.StatusCode == http.StatusForbidden:
		return platformError(opFile, chat.CodePermission, nil)
	case response.StatusCode == http.StatusTooManyRequests:
		return platformError(opFile, chat.CodeRateLimited, nil)
	case response.StatusCode != http.StatusOK:
		return platformError(opFile, chat.CodeTemporary, fmt.Errorf("the answer's status is %d", response.StatusCode))
	case kind == "text/html" && mimeType != "" && mimeType != kind:
		return platformError(opFile, chat.CodePermission, errLoginPage)
	case response.ContentLength > limit:
		return platformError(opFile, chat.CodeInvalid, errTooLarge)
	}
	return nil
}

// limited reads a body that must not be longer than what is left.
type limited struct {
	body io.ReadCloser
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		var more [1]byte
		if n, err := l.body.Read(more[:]); n == 0 {
			return 0, err
		}
		return 0, platformError(opFile, chat.CodeInvalid, errTooLarge)
	}
	n, err := l.body.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

func (l *limited) Close() error { return l.body.Close() }
