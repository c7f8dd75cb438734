package teams

import (
	"encoding/json"
	"mime"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// Media types of attachments with a special meaning.
const (
	htmlType     = "text/html"
	adaptiveType = "application/vnd.microsoft.card.adaptive"
	// downloadType is a file that a user has sent in a personal chat.
	// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4#receive-files-in-personal-chat
	downloadType = "application/vnd.microsoft.teams.file.download.info"
)

// Keys of an attachment's FetchMetadata.
const (
	addressKey = "url"
	serviceKey = "serviceUrl" // the service URL for whose token the address asks
)

// message converts an activity to a message of package chat.
func (a *Adapter) message(act *activity) *chat.Message {
	m := &chat.Message{
		ID: act.at.messageID(act.ID), ThreadID: act.at.threadID(), Author: a.author(act.From), SentAt: timeOf(act.Timestamp), Raw: act.raw,
		Formatted: act.tree(), Attachments: act.files(),
	}
	m.Text = strings.TrimSpace(markdown.PlainText(m.Formatted))
	for link := range markdown.FindAll[*markdown.Link](m.Formatted) {
		m.Links = append(m.Links, chat.Link{URL: link.URL})
	}
	if !act.at.isPersonal() {
		m.Mention = new(a.mentioned(act))
	}
	return m
}

// mentioned reports whether a message mentions the bot.
func (a *Adapter) mentioned(act *activity) bool {
	for _, e := range act.Entities {
		if e.Type == "mention" && e.Mentioned != nil && a.isMe(e.Mentioned.ID) {
			return true
		}
	}
	return false
}

// tree returns the text of a message. Teams adds formatted text as HTML.
func (act *activity) tree() *markdown.Root {
	for i := range act.Attachments {
		at := &act.Attachments[i]
		var source string
		if at.ContentType == htmlType && at.ContentURL == "" && json.Unmarshal(at.Content, &source) == nil && source != "" {
			if root, ok := readHTML(source); ok {
				return root
			}
		}
	}
	switch act.TextFormat {
	case "markdown", "extendedmarkdown":
		return format.Parse(withNames(act.Text))
	case "xml":
		if root, ok := readHTML(act.Text); ok {
			return root
		}
	}
	return paragraphs(withNames(act.Text))
}

// paragraphs returns plain text as a tree.
func paragraphs(text string) *markdown.Root {
	var line []markdown.Node
	for i, part := range strings.Split(strings.TrimSpace(text), "\n") {
		if i > 0 {
			line = append(line, &markdown.Break{})
		}
		if part = strings.TrimSuffix(part, "\r"); part != "" {
			line = append(line, markdown.NewText(part))
		}
	}
	return markdown.NewRoot(format.Paragraphs(line)...)
}

// withNames replaces mentions, "<at>Name</at>", by "@Name".
func withNames(text string) string {
	var b strings.Builder
	for {
		begin := strings.Index(text, "<at")
		if begin < 0 {
			break
		}
		end := strings.IndexByte(text[begin:], '>')
		if end < 0 || end > len("<at") && text[begin+len("<at")] != ' ' {
			b.WriteString(text[:begin+len("<at")])
			text = text[begin+len("<at"):]
			continue
		}
		name, rest, closed := strings.Cut(text[begin+end+1:], "</at>")
		if !closed {
			break
		}
		b.WriteString(text[:begin] + "@" + strings.ReplaceAll(name, "&nbsp;", " "))
		text = rest
	}
	b.WriteString(text)
	return strings.ReplaceAll(b.String(), "&nbsp;", " ")
}

// files returns the files of a message.
func (act *activity) files() []chat.Attachment {
	var all []chat.Attachment
	for i := range act.Attachments {
		at := &act.Attachments[i]
		switch {
		case at.ContentURL == "", at.ContentType == adaptiveType, strings.HasPrefix(at.ContentType, "application/vnd.microsoft.card."):
			continue
		case at.ContentType == downloadType:
			var file struct {
				DownloadURL string `json:"downloadUrl"`
				FileType    string `json:"fileType"`
			}
			_ = json.Unmarshal(at.Content, &file) // without it the file has no address
			out := chat.Attachment{Type: "file", URL: at.ContentURL, Name: at.Name, MIMEType: mime.TypeByExtension("." + file.FileType)}
			if file.DownloadURL != "" {
				out.FetchMetadata = map[string]string{addressKey: file.DownloadURL}
			}
			all = append(all, out)
		default:
			kind, _, _ := strings.Cut(at.ContentType, "/")
			if kind != "image" && kind != "video" && kind != "audio" {
				kind = "file"
			}
			out := chat.Attachment{Type: kind, URL: at.ContentURL, Name: at.Name, MIMEType: at.ContentType}
			if strings.HasSuffix(out.MIMEType, "/*") {
				out.MIMEType = ""
			}
			if !strings.HasPrefix(at.ContentURL, "data:") {
				out.FetchMetadata = map[string]string{addressKey: at.ContentURL, serviceKey: act.ServiceURL}
			}
			all = append(all, out)
		}
	}
	return all
}
