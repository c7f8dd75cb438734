package slack

import (
	"strings"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// Markdown goes to Slack as it is, as markdown_text: Slack itself renders
// headings, lists, tables and code, on all its clients, and shows an answer that
// was streamed the same. mrkdwn has no headings, tables or numbered lists, and
// rich text no headings and tables.
// https://docs.slack.dev/reference/block-kit/blocks/markdown-block

// markdownText returns Markdown for markdown_text.
func markdownText(source string, find findUser) string {
	w := markdownWriter{find: find}
	return w.write(source) + w.close()
}

// markdownWriter turns Markdown that comes in pieces into Markdown for Slack:
// outside of code, emoji become Slack's, mentions pass, and any other "<" that
// begins no link is escaped, so that nothing in a text becomes a broadcast or is
// lost as HTML. It holds back what more text may change. The zero value is ready.
type markdownWriter struct {
	// find finds the users of "@name". Default: such names are text.
	find findUser
	held string
	// lines knows the lines before, line is the beginning of the one that is being
	// written. decided says that code says what it is: code, or the line that opens
	// or closes a code block.
	lines         lineScanner
	line          []byte
	decided, code bool
	// last are the last bytes that were written.
	last [2]byte
	out  strings.Builder
}

// maxHeld bounds what is held back, in bytes.
const maxHeld = 4 << 10

// write takes a piece, which may end anywhere, and returns what can be sent.
func (w *markdownWriter) write(piece string) string {
	w.held += piece
	w.advance(false)
	return w.take()
}

// close returns the rest.
func (w *markdownWriter) close() string {
	w.advance(true)
	return w.take()
}

func (w *markdownWriter) take() string {
	s := w.out.String()
	w.out.Reset()
	return s
}

func (w *markdownWriter) advance(final bool) {
	if final {
		w.held = strings.ToValidUTF8(w.held, "\uFFFD")
	}
	text := w.held
	for text != "" {
		size, out, enough := w.next(text, final || len(text) > maxHeld)
		if !enough {
			break
		}
		w.emit(text[:size], out)
		text = text[size:]
	}
	w.held = text
}

// emit writes out, which stands for a part of the source.
func (w *markdownWriter) emit(source, out string) {
	w.out.WriteString(out)
	for i := range len(out) {
		w.last[0], w.last[1] = w.last[1], out[i]
	}
	for i := range len(source) {
		if source[i] == '\n' {
			w.endLine()
		} else if len(w.line) < maxHeld {
			w.line = append(w.line, source[i])
		}
	}
}

func (w *markdownWriter) endLine() {
	w.lines.next(string(w.line))
	w.line, w.decided = w.line[:0], false
}

// decide finds out whether the line that goes on with the text is code, and
// reports whether that is known. Without the rest of the text it may not be.
func (w *markdownWriter) decide(text string, final bool) bool {
	if w.decided {
		return true
	}
	text, _, whole := strings.Cut(text, "\n")
	l := w.lines.look(string(w.line) + text)
	content := strings.TrimLeft(l.content, " \t")
	fence := strings.HasPrefix(content, "```") || strings.HasPrefix(content, "~~~")
	switch n := len(content); {
	case whole, final, w.lines.fence != "" && len(w.lines.containers) == 0:
	case n == 0, fence && !l.fenced, // a list marker may follow, or more of the fence
		n < 2 && strings.Contains("-+*`~", content), n < len("123456789. ") && content[0] >= '0' && content[0] <= '9',
		n < 3 && strings.Trim(content, "`") == "", n < 3 && strings.Trim(content, "~") == "":
		return false
	}
	w.decided, w.code = true, l.code || !l.continues && fenceOf(l.content) != ""
	return true
}

// next returns how much of the text to take and what to write for it. Without
// the rest of the text that may not be known.
func (w *markdownWriter) next(text string, final bool) (size int, out string, enough bool) {
	if !w.decide(text, final) {
		return 0, "", false
	}
	if w.code {
		return whole(text, len(text), final)
	}
	i := strings.IndexAny(text, "`\\<{@\n")
	switch {
	case i < 0:
		return whole(text, len(text), final)
	case i > 0:
		return i, text[:i], true
	}
	switch text[0] {
	case '\n':
		return 1, "\n", true
	case '`':
		return w.backticks(text, final)
	case '\\':
		switch {
		case len(text) == 1 && !final:
			return 0, "", false
		case len(text) == 1:
			return 1, "\\", true
		case text[1] == '<':
			return 2, "&lt;", true
		}
		_, n := utf8.DecodeRuneInString(text[1:])
		return whole(text, 1+n, final)
	case '<':
		return w.angle(text, final)
	case '@':
		return w.at(text, final)
	}
	if e, size := placeholder(text); size > 0 {
		return size, emoji.Spell(e, emoji.Slack), true
	}
	if !final && mayBecomePlaceholder(text) {
		return 0, "", false
	}
	return 1, "{", true
}

// whole takes so many bytes as they are, without the beginning of a character at
// the end of the text. It stops after a line.
func whole(text string, size int, final bool) (int, string, bool) {
	if i := strings.IndexByte(text[:size], '\n'); i >= 0 {
		return i + 1, text[:i+1], true
	}
	if !final && size == len(text) {
		for i := 1; i < utf8.UTFMax && i <= size; i++ {
			if utf8.RuneStart(text[size-i]) {
				if !utf8.FullRuneInString(text[size-i:]) {
					size -= i
				}
				break
			}
		}
	}
	return size, text[:size], size > 0
}

// backticks takes a code span, or a run of backticks that begins none.
func (w *markdownWriter) backticks(text string, final bool) (int, string, bool) {
	n := run(text)
	if n == len(text) && !final {
		return 0, "", false
	}
	for at := n; at < len(text); {
		i := strings.IndexAny(text[at:], "`\n")
		if i < 0 {
			break
		}
		at += i
		if text[at] == '\n' {
			if rest := strings.TrimLeft(text[at+1:], " \t"); strings.HasPrefix(rest, "\n") {
				return n, text[:n], true // the paragraph ends
			}
			at++
			continue
		}
		m := run(text[at:])
		if at+m == len(text) && !final {
			return 0, "", false
		}
		if at += m; m == n {
			return at, text[:at], true
		}
	}
	if !final {
		return 0, "", false
	}
	return n, text[:n], true
}

// at takes a name that may be a user's, or the "@" alone.
func (w *markdownWriter) at(text string, final bool) (int, string, bool) {
	if w.find != nil && isBeforeMention(w.last[1]) {
		name, open := mentionedName(text)
		if open && !final {
			return 0, "", false
		}
		if id, size := w.find.named(name); size > 0 {
			return size, "<@" + id + ">", true
		}
	}
	return 1, "@", true
}

// angle takes what begins with "<".
func (w *markdownWriter) angle(text string, final bool) (int, string, bool) {
	if kind, id, size := mention(text); size > 0 {
		return size, "<" + string(kind) + id + ">", true
	}
	if w.last == [2]byte{']', '('} { // [text](<address>)
		if end := strings.IndexAny(text[1:], "<>\n") + 1; end > 0 && text[end] == '>' {
			return end + 1, text[:end+1], true
		} else if end == 0 && !final {
			return 0, "", false
		}
	}
	stop := "<>\n \t"
	if len(text) > 1 && (text[1] == '@' || text[1] == '#') {
		stop = "<>\n" // a name after "|" may have spaces
	}
	end := strings.IndexAny(text[1:], stop) + 1
	if end == 0 && !final {
		return 0, "", false
	}
	if end > 0 && text[end] == '>' && isAutolink(text[1:end]) {
		return end + 1, text[:end+1], true
	}
	return 1, "&lt;", true
}

// isAutolink reports whether a text between < and > is a link.
// https://spec.commonmark.org/0.31.2/#autolinks
func isAutolink(s string) bool {
	if name, domain, ok := strings.Cut(s, "@"); ok && name != "" && domain != "" && !strings.ContainsAny(s, ":/<>\\ ") {
		return true
	}
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || rest == "" || len(scheme) < 2 || len(scheme) > 32 || strings.ContainsRune(s, '|') {
		return false
	}
	return strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789+.-") == ""
}

// markdownOf returns the Markdown of a post, for Slack.
func markdownOf(post *chat.Post, find findUser) string {
	return strings.TrimRight(markdownText(post.AsMarkdown(), find), "\n")
}
