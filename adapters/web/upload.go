package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// longestName bounds the name of a file that a user sends, in bytes.
const longestName = 255

// The fields of an attachment's FetchMetadata.
const (
	metaThread = "thread"
	metaFile   = "file"
)

// filePart is the FileUIPart of the AI SDK. A page sends the content as a data URL
// (https://ai-sdk.dev/docs/ai-sdk-ui/chatbot#attachments).
type filePart struct {
	MediaType string `json:"mediaType"`
	Filename  string `json:"filename"`
	URL       string `json:"url"`
}

// file returns the content of the part, which an error calls by the name. Without a
// bound no file is taken. No address is ever fetched.
func (p filePart) file(name string, most int) (storedFile, error) {
	if most == 0 {
		return storedFile{}, webhook.BadRequest("%s is a file, want text: files are not supported", name)
	}
	head, data, found := strings.Cut(p.URL, ",")
	if !found || !strings.HasPrefix(head, "data:") || !strings.HasSuffix(head, ";base64") {
		return storedFile{}, webhook.BadRequest("%s.url is no data URL in base64", name)
	}
	if len(p.Filename) > longestName {
		return storedFile{}, webhook.BadRequest("%s.filename has %d bytes, want at most %d", name, len(p.Filename), longestName)
	}
	if base64.StdEncoding.DecodedLen(len(data)) > most+2 { // padding decodes to nothing
		return storedFile{}, tooLarge(name, most)
	}
	content, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return storedFile{}, webhook.BadRequest("%s.url is no data URL in base64", name)
	}
	if len(content) > most {
		return storedFile{}, tooLarge(name, most)
	}
	return storedFile{Name: p.Filename, MIMEType: platform.MediaTypeOf(p.MediaType, p.Filename), Content: content}, nil
}

func tooLarge(name string, most int) error {
	return &webhook.Error{Status: http.StatusRequestEntityTooLarge, Answer: fmt.Sprintf("%s has more than %d bytes", name, most)}
}

// storeUploads stores the files of a user's message and returns how pages name them.
// Their ids follow from the message and what they hold, so that a message that is sent
// again stores nothing new.
func (a *Adapter) storeUploads(ctx context.Context, thread chat.ThreadID, sent *sentMessage) ([]file, error) {
	var files []file
	for i, f := range sent.files {
		id := sent.uploadID(thread, i)
		data, err := json.Marshal(f)
		if err != nil {
			return nil, err
		}
		if err := a.host.State().Set(ctx, fileID(thread, id), data, fileTTL); err != nil {
			return nil, err
		}
		files = append(files, file{ID: id, Name: f.Name, MIMEType: f.MIMEType, Size: int64(len(f.Content)), URL: fileURL(thread, id)})
	}
	return files, nil
}

// uploadID returns the id of the i-th file.
func (m *sentMessage) uploadID(thread chat.ThreadID, i int) string {
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%s\x00%s\x00%d\x00", thread, m.id, i)
	_, _ = sum.Write(m.files[i].Content)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum.Sum(nil)[:16])
}

// wording is what makes the message another one when it changes: its text, and the
// ids of its files.
func (m *sentMessage) wording(thread chat.ThreadID) string {
	ids := make([]string, len(m.files))
	for i := range m.files {
		ids[i] = m.uploadID(thread, i)
	}
	return wordingOf(m.text, ids)
}

// wording returns that of a kept message.
func (m *uiMessage) wording() string {
	var ids []string
	for _, f := range m.Body.Files {
		ids = append(ids, f.ID)
	}
	return wordingOf(m.Body.Text, ids)
}

func wordingOf(text string, files []string) string { return strings.Join(append(files, text), "\x00") }

// withUploads gives a user's message its files. Its payload names them, and does not
// hold their content.
func withUploads(m *chat.Message, sent *sentMessage, files []file, now time.Time) (*chat.Message, error) {
	if len(files) == 0 {
		return m, nil
	}
	for _, f := range files {
		m.Attachments = append(m.Attachments, chat.Attachment{
			Type: attachmentType(f.MIMEType), URL: f.URL, Name: f.Name, MIMEType: f.MIMEType, Size: f.Size,
			FetchMetadata: map[string]string{metaThread: string(m.ThreadID), metaFile: f.ID},
		})
	}
	var err error
	m.Raw, err = json.Marshal(newUIMessage(sent.id, roleUser, &body{Text: sent.text, Files: files}, now))
	return m, err
}

func attachmentType(mediaType string) string {
	switch kind, _, _ := strings.Cut(mediaType, "/"); kind {
	case "image", "video", "audio":
		return kind
	}
	return "file"
}

// uploads returns the files of a kept message of a user.
func uploads(m *chat.Message) []file {
	var files []file
	for _, at := range m.Attachments {
		if id := at.FetchMetadata[metaFile]; id != "" {
			files = append(files, file{ID: id, Name: at.Name, MIMEType: at.MIMEType, Size: at.Size, URL: fileURL(m.ThreadID, id)})
		}
	}
	return files
}

// FetchAttachment returns a file that a user has sent. It is kept for 30 days:
// afterwards it is [chat.ErrNotFound].
func (a *Adapter) FetchAttachment(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
	const op = "FetchAttachment"
	if at == nil {
		return nil, fmt.Errorf("%w: web: the attachment is nil", chat.ErrInvalidArgument)
	}
	thread, id := chat.ThreadID(at.FetchMetadata[metaThread]), at.FetchMetadata[metaFile]
	if id == "" {
		return nil, platformError(op, chat.CodeNotFound, errors.New("the attachment is no file of this adapter"))
	}
	data, err := a.host.State().Get(ctx, fileID(thread, id))
	if errors.Is(err, state.ErrNotFound) {
		return nil, platformError(op, chat.CodeNotFound, errors.New("the file is kept no longer"))
	}
	if err != nil {
		return nil, err
	}
	var f storedFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("web: state value %q: %w", fileID(thread, id), err)
	}
	if int64(len(f.Content)) > limit {
		return nil, platformError(op, chat.CodeInvalid, fmt.Errorf("the file has %d bytes, want at most %d", len(f.Content), limit))
	}
	return io.NopCloser(bytes.NewReader(f.Content)), nil
}
