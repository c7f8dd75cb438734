package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// fileHosts are where Slack keeps files, besides where Config.APIURL is. The token
// goes nowhere else. They are the TypeScript SDK's.
var fileHosts = []string{"files.slack.com", "files.slack-gov.com", "slack-files.com", "slack-files-gov.com", "slack.com", "slack-gov.com"}

var (
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
	content, err := a.files.Open(ctx, platform.Download{
		URL: address, Limit: limit,
		Authorize: func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+i.BotToken) },
		Check: func(answer *http.Response) error {
			if kind := webhook.MediaType(answer.Header); kind == "text/html" && at.MIMEType != "" && at.MIMEType != kind {
				return platformError(opFile, chat.CodePermission, errLoginPage)
			}
			return nil
		},
	})
	if elsewhere, ok := errors.AsType[*platform.HostError](err); ok && isWorkspaceHost(elsewhere.Host) {
		return nil, platformError(opFile, chat.CodePermission, errLoginPage)
	}
	return content, err
}

// isWorkspaceHost reports whether a host has a workspace's page, to which Slack sends
// those who may not see a file.
func isWorkspaceHost(host string) bool {
	return strings.HasSuffix(host, ".slack.com") && !slices.Contains(fileHosts, host)
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
