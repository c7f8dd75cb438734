package teams

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

const (
	// maxPicture is the largest picture in a message, in bytes.
	// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages#picture-messages
	maxPicture = 1 << 20
	// maxFile is the largest other file, in bytes. It is kept in the state until the user
	// accepts it.
	maxFile = 4 << 20
	// fileTTL is how long a user can accept a file.
	fileTTL = 24 * time.Hour

	consentType  = "application/vnd.microsoft.teams.card.file.consent"
	fileInfoType = "application/vnd.microsoft.teams.card.file.info"
)

// fileHosts are the hosts of shared files.
var fileHosts = []string{".sharepoint.com", ".sharepoint.us", ".sharepoint-mil.us"}

func (a *Adapter) newDownloader() (*platform.Downloader, error) {
	origins := []string{}
	if u, err := url.Parse(a.config.APIURL); err == nil && !slices.Contains(a.cloud.hosts, u.Host) {
		origins = append(origins, u.Scheme+"://"+u.Host)
	}
	return platform.NewDownloader(platform.DownloaderConfig{
		Adapter: adapterName, Hosts: slices.Concat(a.cloud.hosts, fileHosts), Origins: origins, HTTPClient: a.config.HTTPClient,
	})
}

// FetchAttachment fetches a file that a user sent in a personal chat, or a picture in a
// message. limit is in bytes; a larger file is [chat.ErrInvalid], returned here or by Read.
// Files in channels and group chats stay in SharePoint, and Teams gives bots no address for
// them: [errors.ErrUnsupported]. The caller closes the reader.
func (a *Adapter) FetchAttachment(ctx context.Context, file *chat.Attachment, limit int64) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if file == nil {
		return nil, fmt.Errorf("%w: teams: the attachment is nil", chat.ErrInvalidArgument)
	}
	address := file.FetchMetadata[addressKey]
	if address == "" {
		return nil, fmt.Errorf("teams: Teams gives no address for the attachment: %w", errors.ErrUnsupported)
	}
	if service := file.FetchMetadata[serviceKey]; service == "" || !a.trusts(service) {
		return a.files.Open(ctx, platform.Download{URL: address, Limit: limit})
	}
	var content io.ReadCloser
	err := a.authorized(ctx, a.botGrant(), func(token string) (err error) {
		content, err = a.files.Open(ctx, platform.Download{URL: address, Limit: limit, Authorize: func(r *http.Request) {
			// The bot's token may go only to the Bot Connector.
			if a.trusts(r.URL.Scheme + "://" + r.URL.Host + "/") {
				r.Header.Set("Authorization", "Bearer "+token)
			}
		}})
		return err
	})
	return content, err
}

// isPicture reports whether Teams shows files of the type in a message.
func isPicture(mediaType string) bool {
	return mediaType == "image/png" || mediaType == "image/jpeg" || mediaType == "image/gif"
}

// withFiles adds the files: pictures to the last message, other files in personal chats as
// cards that offer them to the user, and in channels as files of the team.
func (a *Adapter) withFiles(ctx context.Context, at place, parts []part, files []chat.File) ([]part, error) {
	for i := range files {
		f := &files[i]
		if f.Content == nil || f.Name == "" {
			return nil, fmt.Errorf("%w: teams: Files[%d] has no Content or no Name", chat.ErrInvalidArgument, i)
		}
		kind := platform.MediaTypeOf(f.MIMEType, f.Name)
		if !isPicture(kind) && !at.isPersonal() && !at.isChannel() {
			return nil, fmt.Errorf("teams: Files[%d] is %s, and only pictures can be sent to a group chat: %w", i, kind, errors.ErrUnsupported)
		}
		most := maxFile
		if isPicture(kind) {
			most = maxPicture
		}
		data, err := io.ReadAll(io.LimitReader(f.Content, int64(most)+1))
		switch {
		case err != nil:
			return nil, fmt.Errorf("teams: Files[%d].Content: %w", i, err)
		case len(data) > most:
			return nil, fmt.Errorf("%w: teams: Files[%d] has more than %d bytes", chat.ErrInvalidArgument, i, most)
		}
		var shown params
		switch {
		case isPicture(kind):
			shown = params{"contentType": kind, "name": f.Name, "contentUrl": "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data)}
		case at.isPersonal():
			shown, err = a.offer(ctx, f.Name, data)
		default:
			shown, err = a.upload(ctx, at, f.Name, data)
		}
		if err != nil {
			return nil, err
		}
		if len(parts) == 0 || shown["contentType"] == consentType { // an offer is a message of its own
			parts = append(parts, part{})
		}
		last := &parts[len(parts)-1]
		last.attachments = append(last.attachments, shown)
	}
	return parts, nil
}

// offered is a file that was offered to a user. Answered says that the user has accepted or
// declined it; then the content is no longer kept.
type offered struct {
	Name     string `json:"name"`
	Data     []byte `json:"data"`
	Answered bool   `json:"answered,omitempty"`
}

func offerKey(token string) string { return "teams:file:" + token }

// offer stores a file and returns the card that offers it to the user.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4#upload-files-to-personal-chat
func (a *Adapter) offer(ctx context.Context, name string, data []byte) (params, error) {
	kept, err := json.Marshal(offered{Name: name, Data: data})
	if err != nil {
		return nil, err
	}
	token := rand.Text()
	if err := a.host.State().Set(ctx, offerKey(token), kept, fileTTL); err != nil {
		return nil, fmt.Errorf("teams: storing a file: %w", err)
	}
	about := params{"file": token}
	return params{"contentType": consentType, "name": name, "content": params{
		"description": name, "sizeInBytes": len(data), "acceptContext": about, "declineContext": about,
	}}, nil
}

// handleConsent takes a user's answer to the offer of a file. If the user accepts it, it is
// uploaded to the user's OneDrive and shown. The answer to an offer of another program is a
// PlatformEvent.
func (a *Adapter) handleConsent(ctx context.Context, act *activity) (any, error) {
	value, err := decoded[struct {
		Action  string `json:"action"`
		Context struct {
			File string `json:"file"`
		} `json:"context"`
		Upload struct {
			ContentURL string `json:"contentUrl"`
			Name       string `json:"name"`
			UploadURL  string `json:"uploadUrl"`
			UniqueID   string `json:"uniqueId"`
			FileType   string `json:"fileType"`
		} `json:"uploadInfo"`
	}](act)
	if err != nil {
		return nil, err
	}
	token := value.Context.File
	if token == "" {
		return a.otherInvoke(ctx, act)
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	st := a.host.State()
	lock, err := st.AcquireLock(ctx, offerKey(token), replyTimeout) // the answer may come twice
	if errors.Is(err, state.ErrLocked) {
		return nil, failure("fileConsent/invoke", chat.CodeTemporary, "the file is being uploaded")
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = st.ReleaseLock(context.WithoutCancel(ctx), lock) }() // if this fails, the lock expires
	data, err := st.Get(ctx, offerKey(token))
	var file offered
	switch {
	case err != nil && !errors.Is(err, state.ErrNotFound):
		return nil, err
	case err != nil || json.Unmarshal(data, &file) != nil:
		return a.otherInvoke(ctx, act)
	case file.Answered:
		return params{}, nil
	case value.Action == "accept":
		if err := a.put(ctx, value.Upload.UploadURL, file.Data); err != nil {
			return nil, err
		}
		card := params{"contentType": fileInfoType, "contentUrl": value.Upload.ContentURL, "name": value.Upload.Name, "content": params{"uniqueId": value.Upload.UniqueID, "fileType": value.Upload.FileType}}
		if _, err := a.sendActivity(ctx, act.at, params{"type": "message", "attachments": []params{card}}, nil); err != nil {
			return nil, err
		}
		if isActivityID(act.ReplyToID) { // the card that offered the file
			if err := a.change(ctx, act.at, act.at.messageID(act.ReplyToID), platform.Call{Op: "deleteActivity", Method: http.MethodDelete}); err != nil {
				a.log.WarnContext(ctx, "the card that offered a file was not deleted", "error", err)
			}
		}
	}
	answered, _ := json.Marshal(offered{Answered: true}) // this can always be encoded
	return params{}, st.Set(ctx, offerKey(token), answered, fileTTL)
}

// put uploads a file to the address at OneDrive that Teams has sent.
// https://learn.microsoft.com/graph/api/driveitem-createuploadsession#upload-bytes-to-the-upload-session
func (a *Adapter) put(ctx context.Context, address string, data []byte) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || !slices.ContainsFunc(fileHosts, func(host string) bool { return strings.HasSuffix(u.Host, host) }) {
		return webhook.BadRequest("the uploadUrl is not an address at OneDrive")
	}
	client, err := platform.NewClient(platform.ClientConfig{Adapter: adapterName, BaseURL: "https://" + u.Host + "/", HTTPClient: a.config.HTTPClient})
	if err != nil {
		return err
	}
	header := http.Header{"Content-Type": {"application/octet-stream"}, "Content-Range": {fmt.Sprintf("bytes 0-%d/%d", max(len(data)-1, 0), len(data))}}
	_, err = client.Do(ctx, platform.Call{Op: "upload", Method: http.MethodPut, Path: strings.TrimPrefix(u.EscapedPath(), "/"), Query: u.Query(), Header: header, Body: data})
	return err
}

// upload uploads a file to the folder of a channel, and returns the card that shows it.
// https://learn.microsoft.com/graph/api/channel-get-filesfolder
func (a *Adapter) upload(ctx context.Context, at place, name string, data []byte) (params, error) {
	c, err := a.graphOf(ctx, at)
	if err != nil {
		return nil, err
	}
	var folder struct {
		ID     string `json:"id"`
		Parent struct {
			DriveID string `json:"driveId"`
		} `json:"parentReference"`
	}
	if err := a.graph(ctx, c.TenantID, writeFiles, platform.Call{Op: "filesFolder", Path: segments("teams", c.TeamID, "channels", c.ChannelID, "filesFolder"), Into: &folder}); err != nil {
		return nil, err
	}
	if folder.ID == "" || folder.Parent.DriveID == "" {
		return nil, failure("filesFolder", chat.CodeTemporary, "the answer has no folder")
	}
	var made struct {
		ETag   string `json:"eTag"`
		WebURL string `json:"webUrl"`
	}
	// https://learn.microsoft.com/graph/api/driveitem-put-content
	call := platform.Call{
		Op: "upload", Method: http.MethodPut, Path: segments("drives", folder.Parent.DriveID, "items", folder.ID) + ":/" + url.PathEscape(strings.ReplaceAll(name, "/", "_")) + ":/content",
		Query: url.Values{"@microsoft.graph.conflictBehavior": {"rename"}}, Header: http.Header{"Content-Type": {"application/octet-stream"}}, Body: data, Into: &made,
	}
	if err := a.graph(ctx, c.TenantID, writeFiles, call); err != nil {
		return nil, err
	}
	// A card identifies the file by a GUID, which is in the eTag: "{…},1".
	_, id, _ := strings.Cut(made.ETag, "{")
	id, _, _ = strings.Cut(id, "}")
	if id == "" || made.WebURL == "" {
		return nil, failure("upload", chat.CodeTemporary, "the answer has no eTag or no webUrl")
	}
	return params{"contentType": fileInfoType, "contentUrl": made.WebURL, "name": name, "content": params{"uniqueId": id, "fileType": name[strings.LastIndexByte(name, '.')+1:]}}, nil
}
