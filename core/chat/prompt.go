package chat

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"mime"
	"slices"
	"strings"
	"unicode/utf8"
)

// PromptMessage is a message for a language model.
type PromptMessage struct {
	// Role says who speaks.
	Role Role
	// Name is the author's handle, for models that take it as a field. Empty
	// unless PromptOptions.Names is set.
	Name string
	// Parts are the content: at least one, text first.
	Parts []PromptPart
	// Source is the message that it was made of. Nil if it was made of none.
	Source *Message
}

// Text returns the text of all parts, for models that take nothing else.
func (m *PromptMessage) Text() string {
	var texts []string
	for _, p := range m.Parts {
		if p.File == nil {
			texts = append(texts, p.Text)
		}
	}
	return strings.Join(texts, "\n\n")
}

// PromptPart is a part of a message for a language model: text, or a file, which
// [PromptPart.Content] fetches.
type PromptPart struct {
	// Text is the text of a part that is no file.
	Text string
	// File is a picture or a text file. Nil for text.
	File *PromptFile
}

// PromptFile is a picture or a text file for a language model.
type PromptFile struct {
	// Name is the file's name, as its sender gave it: not to be trusted.
	Name string
	// MIMEType is "image/…" or that of a text file.
	MIMEType string
	// Size is in bytes; 0 means unknown.
	Size int64

	attachment *Attachment
}

// Open fetches the content, as [Attachment.Open] does.
func (f *PromptFile) Open(ctx context.Context) (io.ReadCloser, error) { return f.attachment.Open(ctx) }

// PromptOptions say how messages are put to a language model.
type PromptOptions struct {
	// Names says who wrote each message of a person: as "[name]: " before the text,
	// and in PromptMessage.Name. Default false.
	Names bool
	// MaxMessages is how many of the newest messages are taken. Default 100.
	MaxMessages int
	// MaxCharacters is how many characters all texts together may have. Older
	// messages are left out first; if the newest alone has more, its end is cut
	// off. The content of files does not count. Default 100,000.
	MaxCharacters int
}

// ToPrompt turns messages, in whatever order, into what a language model takes,
// oldest first: the bot's own messages are the assistant's, all others a user's.
// Messages without any content are left out, and those that are nil. Those of the same
// time, which many platforms tell in seconds, stay as they stand in a list that begins
// with the newest, as that of [Thread.Messages] does, or with the oldest; if all are of
// one time, the first is the oldest. Any iter.Seq2[string, error] that the model answers
// with can be posted as a [Stream].
//
// What others than the author have written is marked as untrusted:
// previews of links, quoted messages, and the names of files. The marks cannot be
// closed from within. That keeps a model from taking such text for the author's,
// if it heeds the marks; what an author writes may still be an attack.
func ToPrompt(messages []*Message, opts PromptOptions) []PromptMessage {
	messages = slices.DeleteFunc(slices.Clone(messages), func(m *Message) bool { return m == nil })
	if n := len(messages); n > 0 && messages[0].SentAt.After(messages[n-1].SentAt) {
		slices.Reverse(messages)
	}
	slices.SortStableFunc(messages, func(a, b *Message) int { return a.SentAt.Compare(b.SentAt) })
	return newestPrompt(len(messages), opts, func(i, limit int) PromptMessage {
		return promptOf(messages[i], opts.Names, limit)
	})
}

// TranscriptPrompt turns a transcript into what a language model takes, within the
// bounds of the options. Names are not known to a transcript.
func TranscriptPrompt(entries []TranscriptEntry, opts PromptOptions) []PromptMessage {
	return newestPrompt(len(entries), opts, func(i, limit int) PromptMessage {
		m := PromptMessage{Role: entries[i].Role}
		if text := strings.TrimSpace(entries[i].Text); text != "" {
			m.Parts = []PromptPart{{Text: cutText(text, limit)}}
		}
		return m
	})
}

// newestPrompt returns the newest of n messages that fit the bounds, oldest first.
// message makes the one with the index, of at most limit characters.
func newestPrompt(n int, opts PromptOptions, message func(i, limit int) PromptMessage) []PromptMessage {
	setDefault(&opts.MaxMessages, 100)
	setDefault(&opts.MaxCharacters, 100_000)
	var prompt []PromptMessage
	left := opts.MaxCharacters
	for i := n - 1; i >= 0 && len(prompt) < opts.MaxMessages; i-- {
		limit := math.MaxInt
		if len(prompt) == 0 {
			limit = left
		}
		m := message(i, limit)
		if len(m.Parts) == 0 {
			continue
		}
		size := 0
		for _, p := range m.Parts {
			size += utf8.RuneCountInString(p.Text)
		}
		if left -= size; left < 0 {
			break
		}
		prompt = append(prompt, m)
	}
	slices.Reverse(prompt)
	return prompt
}

const cutMark = "… [cut off]"

// cutText returns a text of at most n characters. It says so if it is cut off.
func cutText(text string, n int) string {
	if len(text) <= n || utf8.RuneCountInString(text) <= n {
		return text
	}
	return firstRunes(text, max(0, n-utf8.RuneCountInString(cutMark))) + firstRunes(cutMark, n)
}

// firstRunes returns the first n characters.
func firstRunes(s string, n int) string {
	for i := range s {
		if n <= 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// promptOf makes of a message what a language model takes, of at most limit
// characters. It has no parts if the message has no content.
func promptOf(m *Message, names bool, limit int) PromptMessage {
	p := PromptMessage{Role: RoleUser, Source: m}
	if m.Author.Me {
		p.Role = RoleAssistant
	}
	text := strings.TrimSpace(m.Text)
	if names && p.Role == RoleUser {
		if p.Name = promptName(m.Author); text != "" {
			text = "[" + p.Name + "]: " + text
		}
	}
	// What is marked is taken whole or not at all, so that its marks are closed, and
	// takes no more than half of the room.
	sections := []string{""}
	room := limit / 2
	for _, s := range []string{promptQuote(m.ReplyTo), promptLinks(m.Links), promptAttachments(m.Attachments)} {
		if size := utf8.RuneCountInString(s) + len("\n\n"); s != "" && size <= room {
			sections = append(sections, s)
			room, limit = room-size, limit-size
		}
	}
	if sections[0] = cutText(text, limit); sections[0] == "" {
		sections = sections[1:]
	}
	if len(sections) == 0 {
		return p
	}
	p.Parts = []PromptPart{{Text: strings.Join(sections, "\n\n")}}
	if p.Role == RoleUser {
		for i := range m.Attachments {
			if f := promptFile(&m.Attachments[i]); f != nil {
				p.Parts = append(p.Parts, PromptPart{File: f})
			}
		}
	}
	return p
}

// promptName returns a name that cannot be taken for anything else.
func promptName(a Author) string {
	name := cmp.Or(a.UserName, a.FullName, string(a.UserID))
	name = oneLine(strings.NewReplacer("[", "(", "]", ")").Replace(name))
	return cmp.Or(firstRunes(name, maxPromptName), "unknown")
}

// promptFile returns the attachment as a part of its own if a language model
// can take it: a picture or a text file that can be fetched.
func promptFile(a *Attachment) *PromptFile {
	if a.source == nil {
		return nil
	}
	if _, ok := a.source.adapter.(AttachmentFetcher); !ok {
		return nil
	}
	kind, _, err := mime.ParseMediaType(a.MIMEType)
	switch {
	case a.MIMEType == "" && a.Type == "image":
		kind = "image/png"
	case err != nil, !strings.HasPrefix(kind, "image/") && !isText(kind):
		return nil
	}
	return &PromptFile{Name: a.Name, MIMEType: kind, Size: a.Size, attachment: a}
}

// isText reports whether a media type is one of text, as the TypeScript SDK
// decides it.
func isText(kind string) bool {
	if strings.HasPrefix(kind, "text/") {
		return true
	}
	switch kind {
	case "application/json", "application/xml", "application/javascript", "application/typescript",
		"application/yaml", "application/x-yaml", "application/toml":
		return true
	}
	return false
}

func promptAttachments(list []Attachment) string {
	if len(list) == 0 {
		return ""
	}
	lines := make([]string, 0, len(list))
	for i := range min(len(list), maxPromptItems) {
		a := &list[i]
		line := cmp.Or(untrusted(a.Name, maxPromptFileName), "(no name)") + " (" + untrusted(cmp.Or(a.MIMEType, a.Type, "file"), maxPromptName)
		if a.Size > 0 {
			line += fmt.Sprintf(", %d bytes", a.Size)
		}
		lines = append(lines, "File: "+line+")")
	}
	return marked("Attachments", "attachment-names", append(lines, more(len(list))...))
}
