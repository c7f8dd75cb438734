package chat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"unicode/utf8"
)

// maxPromptFile bounds a file for a language model, in bytes: the least of what the
// providers take for a picture.
// https://platform.claude.com/docs/en/build-with-claude/vision
const maxPromptFile = 5 << 20

// promptPictures are the media types of pictures that every provider takes.
var promptPictures = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// PromptContent is a part as it is handed to a language model: text, or a picture.
type PromptContent struct {
	// Text is the text of what is no picture.
	Text string
	// Picture is the content of a PNG, JPEG, GIF or WebP picture, of at most 5 MiB, and
	// MIMEType which of them it is by its first bytes. Nil for text.
	Picture  []byte
	MIMEType string
}

// Content fetches the part if it is a file. Text files become text, marked as untrusted.
// A file that no model would take, such as one that is gone, too large, or neither a
// picture nor text, becomes text that says so: the conversation goes on without it. The
// only error is the one of a context that has ended.
func (p PromptPart) Content(ctx context.Context) (PromptContent, error) {
	if p.File == nil {
		return PromptContent{Text: p.Text}, nil
	}
	data, err := p.File.read(ctx)
	if ctx.Err() != nil {
		return PromptContent{}, context.Cause(ctx)
	}
	name := "File: " + untrusted(p.File.Name, maxPromptFileName)
	if err != nil {
		return PromptContent{Text: marked("Attachment", "file", []string{name, "(" + whyUnread(err) + ")"})}, nil
	}
	if kind := http.DetectContentType(data); slices.Contains(promptPictures, kind) {
		return PromptContent{Picture: data, MIMEType: kind}, nil
	}
	if !isText(p.File.MIMEType) || !utf8.Valid(data) {
		return PromptContent{Text: marked("Attachment", "file", []string{name, "(of a kind that cannot be shown)"})}, nil
	}
	// The content stays as it is, such as the angle brackets of code, but for the mark.
	text := fileMark.ReplaceAllLiteralString(string(data), "untrusted file")
	return PromptContent{Text: marked("Attachment", "file", []string{name, text})}, nil
}

var fileMark = regexp.MustCompile("(?i)untrusted-file")

var errPromptFileSize = errors.New("chat: a file for a language model is too large")

// whyUnread says to a model why it does not see a file. What the platform has said may
// hold addresses that a model should not know.
func whyUnread(err error) string {
	if errors.Is(err, errPromptFileSize) {
		return fmt.Sprintf("larger than %d MiB, so it is not shown", maxPromptFile>>20)
	}
	return "it cannot be read"
}

func (f *PromptFile) read(ctx context.Context) ([]byte, error) {
	if f.Size > maxPromptFile {
		return nil, errPromptFileSize
	}
	r, err := f.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	data, err := io.ReadAll(io.LimitReader(r, maxPromptFile+1))
	if err == nil && len(data) > maxPromptFile {
		err = errPromptFileSize
	}
	return data, err
}
