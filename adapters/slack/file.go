package slack

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	opUpload        = "files.completeUploadExternal"
	opUploadContent = "files.upload"
)

// shareFiles uploads files and shares them in the thread, as one message, whose
// ts Slack does not tell. It returns their ids.
// https://docs.slack.dev/messaging/working-with-files#uploading_files
func (a *Adapter) shareFiles(ctx context.Context, client *slackapi.Client, channel, threadTS string, files []chat.File) ([]string, error) {
	var ids []string
	var uploaded []slackapi.FileSummary
	for i, f := range files {
		content, err := io.ReadAll(f.Content)
		if err != nil {
			return nil, fmt.Errorf("slack: Files[%d]: %w", i, err)
		}
		if f.Name == "" || len(content) == 0 {
			return nil, fmt.Errorf("%w: slack: Files[%d] has an empty Name or Content, which Slack does not take", chat.ErrInvalidArgument, i)
		}
		target, err := client.GetUploadURLExternalContext(ctx, slackapi.GetUploadURLExternalParameters{FileName: f.Name, FileSize: len(content)})
		if err != nil {
			return nil, apiError("files.getUploadURLExternal", err)
		}
		if err := a.uploadContent(ctx, target.UploadURL, f.Name, content); err != nil {
			return nil, err
		}
		ids = append(ids, target.FileID)
		uploaded = append(uploaded, slackapi.FileSummary{ID: target.FileID, Title: f.Name})
	}
	_, err := client.CompleteUploadExternalContext(ctx, slackapi.CompleteUploadExternalParameters{
		Files: uploaded, Channel: channel, ThreadTimestamp: threadTS,
	})
	return ids, apiError(opUpload, err)
}

// uploadContent sends a file to the address that Slack has named for it, which is
// the permission to do so: no token goes there.
func (a *Adapter) uploadContent(ctx context.Context, address, name string, content []byte) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return fmt.Errorf("slack: %s: %w", opUploadContent, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, &body)
	if err != nil {
		return apiError(opUploadContent, platform.WithoutURL(err))
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	resp, err := a.config.HTTPClient.Do(req)
	if err != nil {
		return apiError(opUploadContent, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return platform.StatusError(adapterName, opUploadContent, resp.StatusCode, resp.Header)
	}
	return nil
}

// filesPrefix begins the id of a message of files alone.
const filesPrefix = "file:"

// filesID returns "file:{id},{id}", or "" without files.
func filesID(files []string) chat.MessageID {
	if len(files) == 0 {
		return ""
	}
	return chat.MessageID(filesPrefix + strings.Join(files, ","))
}

// splitFilesID is the inverse of filesID.
func splitFilesID(id chat.MessageID) ([]string, bool) {
	rest, ok := strings.CutPrefix(string(id), filesPrefix)
	if !ok {
		return nil, false
	}
	files := strings.Split(rest, ",")
	for _, f := range files {
		if !isID(f) {
			return nil, false
		}
	}
	return files, true
}

func deleteFiles(ctx context.Context, client *slackapi.Client, files []string) error {
	for _, f := range files {
		if err := apiError("files.delete", client.DeleteFileContext(ctx, f)); err != nil {
			return err
		}
	}
	return nil
}
