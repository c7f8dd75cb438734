package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// The content of a posted file is the cache value "web:file:{threadId}:{fileId}".
const (
	fileKey  = "web:file:"
	fileTTL  = 30 * 24 * time.Hour
	filePath = "/files/"
	maxFiles = 10 // of one message
)

// file is a file of a message.
type file struct {
	// ID names the content in the state. Empty for a file that is elsewhere.
	ID       string `json:"id,omitempty"`
	Name     string `json:"name,omitempty"`
	MIMEType string `json:"mimeType"`
	// Size is in bytes; 0 means unknown.
	Size int64 `json:"size,omitempty"`
	// URL is relative to the page's for a file that the bot posted.
	URL string `json:"url"`
}

// storedFile is a file's content.
type storedFile struct {
	Name     string `json:"name"`
	MIMEType string `json:"mimeType"`
	Content  []byte `json:"content"`
}

// takeFiles stores the files of a post and returns how the page names them.
func (a *Adapter) takeFiles(ctx context.Context, op string, thread chat.ThreadID, post *chat.Post) ([]file, error) {
	if n := len(post.Files) + len(post.Attachments); n > maxFiles {
		return nil, platformError(op, chat.CodeInvalid, fmt.Errorf("the post has %d files, want at most %d", n, maxFiles))
	}
	// All are read before one is stored: a post with a file too large leaves nothing.
	contents := make([]storedFile, len(post.Files))
	for i, f := range post.Files {
		data, err := io.ReadAll(io.LimitReader(f.Content, int64(a.config.MaxFile)+1))
		if err != nil {
			return nil, fmt.Errorf("web: reading Files[%d]: %w", i, err)
		}
		if len(data) > a.config.MaxFile {
			return nil, platformError(op, chat.CodeInvalid, fmt.Errorf("Files[%d] has more than %d bytes, which is Config.MaxFile: attach its URL instead", i, a.config.MaxFile))
		}
		contents[i] = storedFile{Name: f.Name, MIMEType: platform.MediaTypeOf(f.MIMEType, f.Name), Content: data}
	}
	var files []file
	for _, content := range contents {
		id := rand.Text()
		data, err := json.Marshal(content)
		if err != nil {
			return nil, err
		}
		if err := a.host.State().Set(ctx, fileID(thread, id), data, fileTTL); err != nil {
			return nil, err
		}
		files = append(files, file{
			ID: id, Name: content.Name, MIMEType: content.MIMEType, Size: int64(len(content.Content)), URL: fileURL(thread, id),
		})
	}
	for i, at := range post.Attachments {
		if at.URL == "" {
			return nil, platformError(op, chat.CodeInvalid, fmt.Errorf("Attachments[%d].URL is empty", i))
		}
		files = append(files, file{Name: at.Name, MIMEType: platform.MediaTypeOf(at.MIMEType, at.Name), Size: at.Size, URL: at.URL})
	}
	return files, nil
}

// dropFiles removes the content of a message's files.
func (a *Adapter) dropFiles(ctx context.Context, thread chat.ThreadID, files []file) error {
	for _, f := range files {
		if f.ID == "" {
			continue
		}
		if err := a.host.State().Delete(ctx, fileID(thread, f.ID)); err != nil {
			return err
		}
	}
	return nil
}

func fileID(thread chat.ThreadID, id string) string { return fileKey + string(thread) + ":" + id }

func fileURL(thread chat.ThreadID, id string) string {
	_, conversation, _ := splitThreadID(thread)
	return strings.TrimPrefix(filePath, "/") + id + "?conversation=" + url.QueryEscape(conversation)
}

// serveFile answers a posted file, for its user only. A browser keeps it as a
// file and never shows it as a page.
func (a *Adapter) serveFile(w http.ResponseWriter, r *http.Request, user chat.Author) {
	thread, ok := conversationThread(w, r, user)
	if !ok {
		return
	}
	id := strings.TrimPrefix(r.URL.Path, filePath)
	data, err := a.host.State().Get(r.Context(), fileID(thread, id))
	if errors.Is(err, state.ErrNotFound) {
		writeError(w, http.StatusNotFound, "there is no such file any more")
		return
	}
	if err != nil {
		a.unavailable(w, r, "file-unreadable", err)
		return
	}
	var f storedFile
	if err := json.Unmarshal(data, &f); err != nil {
		a.unavailable(w, r, "file-unreadable", err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.MIMEType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, max-age=86400, immutable")
	_, _ = w.Write(f.Content) // a reader that is gone needs no answer
}
