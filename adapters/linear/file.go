package linear

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

const (
	fileUpload = `mutation FileUpload($contentType: String!, $filename: String!, $size: Int!) { fileUpload(contentType: $contentType, filename: $filename, size: $size) { success uploadFile { uploadUrl assetUrl headers { key value } } } }`
	// addressKey is the key of a file's address in FetchMetadata.
	addressKey = "url"
	// maxUpload is the largest file, in bytes. A file is read into memory, because Linear
	// must know its size before.
	maxUpload = 100 << 20
)

// upload uploads files and returns Markdown that shows or links them.
// https://linear.app/developers/how-to-upload-a-file-to-linear
func (a *Adapter) upload(ctx context.Context, workspace string, files []chat.File) ([]string, error) {
	var shown []string
	for i := range files {
		f := &files[i]
		if f.Content == nil || f.Name == "" {
			return nil, fmt.Errorf("%w: linear: Files[%d] has no Content or no Name", chat.ErrInvalidArgument, i)
		}
		data, err := io.ReadAll(io.LimitReader(f.Content, maxUpload+1))
		if err != nil {
			return nil, fmt.Errorf("linear: Files[%d].Content: %w", i, err)
		}
		if len(data) > maxUpload {
			return nil, fmt.Errorf("%w: linear: Files[%d] has more than %d bytes", chat.ErrInvalidArgument, i, maxUpload)
		}
		kind := platform.MediaTypeOf(f.MIMEType, f.Name)
		address, err := a.uploadOne(ctx, workspace, f.Name, kind, data)
		if err != nil {
			return nil, err
		}
		var n markdown.Node = markdown.NewLink(address, markdown.NewText(f.Name))
		if strings.HasPrefix(kind, "image/") {
			n = markdown.NewImage(address, f.Name)
		}
		shown = append(shown, strings.TrimSpace(markdown.Print(markdown.NewRoot(markdown.NewParagraph(n)))))
	}
	return shown, nil
}

func (a *Adapter) uploadOne(ctx context.Context, workspace, name, kind string, data []byte) (string, error) {
	var got struct {
		FileUpload struct {
			UploadFile *struct {
				UploadURL, AssetURL string
				Headers             []struct{ Key, Value string }
			}
		}
	}
	if err := a.query(ctx, workspace, "fileUpload", fileUpload, vars{"contentType": kind, "filename": name, "size": len(data)}, &got); err != nil {
		return "", err
	}
	to := got.FileUpload.UploadFile
	if to == nil || to.AssetURL == "" {
		return "", failure("fileUpload", chat.CodeTemporary, "the answer has no address for the upload")
	}
	client, path, err := a.uploadClient(to.UploadURL)
	if err != nil {
		return "", err
	}
	header := http.Header{"Content-Type": {kind}, "Cache-Control": {"public, max-age=31536000"}}
	for _, h := range to.Headers {
		header.Set(h.Key, h.Value)
	}
	if _, err := client.Do(ctx, platform.Call{Op: "upload", Method: http.MethodPut, Path: path, Header: header, Body: data}); err != nil {
		return "", err
	}
	return to.AssetURL, nil
}

// uploadClient returns a client and a path for an upload to an address from Linear. It must
// be an https address, or one of the server in Config.APIURL.
func (a *Adapter) uploadClient(address string) (*platform.Client, string, error) {
	u, err := url.Parse(address)
	api, _ := url.Parse(a.config.APIURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != api.Scheme || u.Host != api.Host) {
		return nil, "", failure("upload", chat.CodeInvalid, "the address for the upload is not an https address")
	}
	client, err := platform.NewClient(platform.ClientConfig{
		Adapter: adapterName, BaseURL: u.Scheme + "://" + u.Host + "/", HTTPClient: a.config.HTTPClient, Timeout: uploadTimeout, Secrets: []string{address},
	})
	return client, strings.TrimPrefix(u.RequestURI(), "/"), err
}

// isUpload reports whether an address is one of an uploaded file at Linear.
func isUpload(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host == uploadHost
}

var errNoFile = errors.New("the attachment has no address at Linear")

// FetchAttachment fetches a file of a comment. limit is in bytes; a larger file is
// [chat.ErrInvalid], returned here or by Read. With Config.OAuth the workspace is that of
// [WithWorkspace], or of the conversation that is being handled. The caller closes the
// reader.
// https://linear.app/developers/file-storage-authentication
func (a *Adapter) FetchAttachment(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if at == nil {
		return nil, fmt.Errorf("%w: linear: the attachment is nil", chat.ErrInvalidArgument)
	}
	address := at.FetchMetadata[addressKey]
	if !isUpload(address) {
		return nil, &chat.PlatformError{Adapter: adapterName, Op: "download", Code: chat.CodeNotFound, Err: errNoFile}
	}
	workspace, err := a.currentWorkspace(ctx)
	if err != nil {
		return nil, err
	}
	token, err := a.token(ctx, workspace)
	if err != nil {
		return nil, err
	}
	return a.files.Open(ctx, platform.Download{URL: address, Limit: limit, Authorize: func(r *http.Request) {
		if r.URL.Host == uploadHost || r.URL.Scheme == "http" {
			r.Header.Set("Authorization", a.authorization(token))
		}
	}})
}
