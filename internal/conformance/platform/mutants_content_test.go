package platform

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// planted replaces steps of the adapter.
func planted(change func(a *acme)) func(*acme) chat.Adapter {
	return func(a *acme) chat.Adapter {
		change(a)
		return a
	}
}

// posting changes what is posted and edited.
func posting(change func(post *chat.Post) *chat.Post) func(*acme) chat.Adapter {
	return with(func(m *callMutant) {
		m.post = func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			return m.acme.PostMessage(ctx, thread, change(post))
		}
		m.edit = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
			return m.acme.EditMessage(ctx, thread, id, change(post))
		}
	})
}

var (
	nestedItem  = regexp.MustCompile(`(?m)^ +•.*$`)
	openBold    = regexp.MustCompile(`<b>([^<])`)
	mentionMark = regexp.MustCompile(`&lt;@([^&]+)&gt;`)
)

var contentMutants = []mutant{
	{"bold lost", "Content/Formats", planted(func(a *acme) { a.markup.Strong = format.Markers{} })},
	{"italic shown as bold", "Content/Formats", planted(func(a *acme) { a.markup.Emphasis = a.markup.Strong })},
	{"strikethrough lost", "Content/Formats", planted(func(a *acme) { a.markup.Delete = format.Markers{} })},
	{"code shown as text", "Content/Formats", planted(func(a *acme) { a.markup.Code = nil })},
	{"code without what looks like markup", "Content/Formats", planted(func(a *acme) {
		a.markup.Code = func(code string) string {
			return "<code>" + format.EscapeHTML(strings.ReplaceAll(code, "*", "")) + "</code>"
		}
	})},
	{"code blocks without their indents", "Content/Formats", planted(func(a *acme) {
		a.markup.CodeBlock = func(_, code string) string {
			return "<pre>" + format.EscapeHTML(strings.ReplaceAll(code, "\t", "")) + "</pre>"
		}
	})},
	{"code blocks without their blank lines", "Content/Formats", planted(func(a *acme) {
		a.markup.CodeBlock = func(_, code string) string {
			return "<pre>" + format.EscapeHTML(strings.ReplaceAll(code, "\n\n", "\n")) + "</pre>"
		}
	})},
	{"quotes shown as text", "Content/Formats", planted(func(a *acme) { a.markup.Quote, a.markup.QuotePrefix = format.Markers{}, "| " })},
	{"bold one character late", "Content/Formats", planted(func(a *acme) {
		a.finish = func(markup string) string {
			if !strings.Contains(markup, "👩") {
				return markup
			}
			return openBold.ReplaceAllString(markup, "$1<b>")
		}
	})},
	{"lists in lists lost", "Content/Formats", planted(func(a *acme) {
		a.finish = func(markup string) string { return nestedItem.ReplaceAllString(markup, "") }
	})},
	{"tables without their last column", "Content/Formats", planted(func(a *acme) {
		a.markup.CodeBlock = func(_, code string) string {
			lines := strings.Split(code, "\n")
			if strings.Contains(code, "apples") {
				for i, line := range lines {
					lines[i] = line[:min(len(line), 8)]
				}
			}
			return "<pre>" + format.EscapeHTML(strings.Join(lines, "\n")) + "</pre>"
		}
	})},
	{"trees without formatting", "Content/Formats", posting(func(post *chat.Post) *chat.Post {
		if post.Tree != nil {
			return &chat.Post{Text: markdown.PlainText(post.Tree)}
		}
		return post
	})},
	{"edits without formatting", "Content/Edited", with(func(m *callMutant) {
		m.edit = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
			return m.acme.EditMessage(ctx, thread, id, &chat.Post{Text: post.AsText()})
		}
	})},
	{"links without their addresses", "Content/Links", planted(func(a *acme) {
		a.markup.Link = func(label, _ string) string { return label }
	})},
	{"links with their addresses alone", "Content/Links", planted(func(a *acme) {
		a.markup.Link = func(_, address string) string { return format.EscapeHTML(address) }
	})},
	{"addresses escaped twice", "Content/Links", planted(func(a *acme) {
		link := a.markup.Link
		a.markup.Link = func(label, address string) string { return link(label, format.EscapeHTML(address)) }
	})},
	{"links by reference left as they are", "Content/Links", planted(func(a *acme) {
		link := a.markup.Link
		a.markup.Link = func(label, address string) string {
			if strings.HasSuffix(address, "/reference") {
				return "[" + label + "][1]"
			}
			return link(label, address)
		}
	})},
	{"pictures lost", "Content/Links", posting(func(post *chat.Post) *chat.Post {
		if tree := post.AsTree(); post.Card == nil && post.Raw == "" {
			return &chat.Post{Files: post.Files, Tree: markdown.Map(tree, func(n markdown.Node) markdown.Node {
				if _, picture := n.(*markdown.Image); picture {
					return nil
				}
				return n
			}).(*markdown.Root)}
		}
		return post
	})},
	{"plain text read as Markdown", "Content/Literal", posting(func(post *chat.Post) *chat.Post {
		if post.Text != "" {
			return &chat.Post{Markdown: post.Text, Files: post.Files, Attachments: post.Attachments}
		}
		return post
	})},
	{"the platform's markup not escaped", "Content/Literal", planted(func(a *acme) {
		a.markup.Escape = func(text string) string {
			return strings.NewReplacer("&lt;b&gt;", "<b>", "&lt;/b&gt;", "</b>").Replace(format.EscapeHTML(text))
		}
	})},
	{"text escaped twice", "Content/Literal", planted(func(a *acme) {
		a.markup.Escape = func(text string) string { return format.EscapeHTML(format.EscapeHTML(text)) }
	})},
	{"backslashes eaten", "Content/Literal", planted(func(a *acme) {
		a.finish = func(markup string) string { return strings.ReplaceAll(markup, `\`, "") }
	})},
	{"lines run together", "Content/Literal", planted(func(a *acme) {
		a.finish = func(markup string) string { return strings.ReplaceAll(markup, "\n", " ") }
	})},
	{"mentions shown as text", "Content/Mentions", planted(func(a *acme) {
		a.markup.Mention = func(user chat.UserID) string { return "@" + string(user) }
	})},
	{"mentions left as they are", "Content/Mentions", planted(func(a *acme) {
		a.markup.Mention = func(user chat.UserID) string { return "&lt;@" + string(user) + "&gt;" }
	})},
	{"mentions in code", "Content/Mentions", planted(func(a *acme) {
		a.markup.Code = func(code string) string {
			return mentionMark.ReplaceAllString("<code>"+format.EscapeHTML(code)+"</code>", `<a href="`+acmeUserLink+`$1">@$1</a>`)
		}
	})},

	{"the second file lost", "Posts/Files", planted(func(a *acme) {
		a.files = func(files []chat.File) ([]postedFile, error) { return readFiles(files[:min(len(files), 1)]) }
	})},
	{"files with the first one's name", "Posts/Files", planted(func(a *acme) {
		a.files = func(files []chat.File) ([]postedFile, error) {
			all, err := readFiles(files)
			for i := range all {
				all[i].Name = all[0].Name
			}
			return all, err
		}
	})},
	{"files with other line endings", "Posts/Files", planted(func(a *acme) {
		a.files = func(files []chat.File) ([]postedFile, error) {
			all, err := readFiles(files)
			for i := range all {
				all[i].Content = []byte(strings.ReplaceAll(string(all[i].Content), "\r\n", "\n"))
			}
			return all, err
		}
	})},
	{"files read once and not to their end", "Posts/Files", planted(func(a *acme) {
		a.files = func(files []chat.File) ([]postedFile, error) {
			var all []postedFile
			for _, f := range files {
				buffer := make([]byte, 1<<20)
				n, _ := f.Content.Read(buffer)
				all = append(all, postedFile{Name: f.Name, Content: buffer[:n], MIMEType: f.MIMEType})
			}
			return all, nil
		}
	})},
	{"all files text", "Posts/Files", planted(func(a *acme) {
		a.files = func(files []chat.File) ([]postedFile, error) {
			all, err := readFiles(files)
			for i := range all {
				all[i].MIMEType = "text/plain"
			}
			return all, err
		}
	})},
	{"files without their text", "Posts/Files", posting(func(post *chat.Post) *chat.Post {
		if len(post.Files) > 0 {
			return &chat.Post{Text: "file", Files: post.Files}
		}
		return post
	})},
	{"attachments lost", "Posts/Attachments", posting(func(post *chat.Post) *chat.Post {
		bare := *post
		bare.Attachments = nil
		return &bare
	})},
	{"the attachments of a raw post lost", "Posts/Attachments", posting(func(post *chat.Post) *chat.Post {
		if post.Raw == "" {
			return post
		}
		return &chat.Post{Raw: post.Raw, Files: post.Files}
	})},
}

var lengthMutants = []mutant{
	{"cut at the limit", "Lengths/Text", splitting(func(parts []string) []string { return parts[:1] })},
	{"parts the other way round", "Lengths/Text", splitting(func(parts []string) []string {
		slices.Reverse(parts)
		return parts
	})},
	{"the last line of each part lost", "Lengths/Text", splitting(func(parts []string) []string {
		for i, part := range parts[:len(parts)-1] {
			parts[i] = part[:max(0, strings.LastIndex(part, "\n"))]
		}
		return parts
	})},
	{"the last line of each part twice", "Lengths/Text", splitting(func(parts []string) []string {
		for i := len(parts) - 1; i > 0; i-- {
			parts[i] = parts[i-1][strings.LastIndex(parts[i-1], "\n")+1:] + "\n" + parts[i]
		}
		return parts
	})},
	{"a long post has the id of its last part", "Lengths/Text", with(func(m *callMutant) {
		m.post = func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			id, err := m.acme.PostMessage(ctx, thread, post)
			if all := m.platform.All(); err == nil {
				id = all[len(all)-1].ID
			}
			return id, err
		}
	})},
	{"code split without its fences", "Lengths/Markdown", planted(func(a *acme) {
		a.split = func(text string) []string { return format.SplitText(text, acmeLimit, format.UTF16) }
	})},
	{"an edit changes the first part alone", "Lengths/Edit", with(func(m *callMutant) {
		m.edit = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
			parts, err := m.render(ctx, post)
			if err != nil {
				return err
			}
			return m.calls(thread, parts).Edit(ctx, 0, id)
		}
	})},
	{"an edit to less leaves the rest", "Lengths/Edit", with(func(m *callMutant) {
		m.edit = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
			parts, err := m.render(ctx, post)
			if err != nil {
				return err
			}
			calls := m.calls(thread, parts)
			calls.Delete = func(context.Context, chat.MessageID) error { return nil }
			return m.parts.Edit(ctx, id, len(parts), calls)
		}
	})},
	{"a deletion leaves the rest", "Lengths/Delete", with(func(m *callMutant) {
		m.del = func(_ context.Context, thread chat.ThreadID, id chat.MessageID) error {
			return m.platform.Delete(thread, id)
		}
	})},
	{"a stream that ends at the limit", "Lengths/Stream", with(func(m *callMutant) {
		m.stream = func(ctx context.Context, thread chat.ThreadID, chunks streamOf, opts chat.StreamOptions) (chat.MessageID, string, error) {
			shown := 0
			return m.acme.StreamMessage(ctx, thread, func(yield func(chat.Chunk, error) bool) {
				for chunk, err := range chunks {
					if shown += len(chunk.Text); shown > acmeLimit {
						chunk.Text = ""
					}
					if !yield(chunk, err) {
						return
					}
				}
			}, opts)
		}
	})},
}

// splitting changes the parts of long texts.
func splitting(change func(parts []string) []string) func(*acme) chat.Adapter {
	return planted(func(a *acme) {
		split := a.split
		a.split = func(text string) []string {
			if parts := split(text); len(parts) > 1 {
				return change(parts)
			}
			return split(text)
		}
	})
}
