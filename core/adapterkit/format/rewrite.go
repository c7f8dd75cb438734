package format

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// Rewrites say how emoji, mentions and angle brackets are replaced in Markdown, for a platform
// that reads Markdown. Code is not changed.
type Rewrites struct {
	// Emoji returns the text for an emoji placeholder. Default: its Unicode characters.
	Emoji func(e emoji.Emoji) string
	// Mention returns the text for "<@id>". Default: "@" and the id.
	Mention func(user chat.UserID) string
	// Angle gets the rest of a text from a "<" on. It returns the text to write for the
	// construct at the beginning, and the length of the construct in bytes, or 0 for
	// text. It replaces Mention. Default: Mention.
	Angle func(text string) (out string, size int)
	// Name gets the text after an "@" that may be a name: all characters that can be part
	// of one, with the punctuation at the end. If it begins with the name of a user, Name
	// returns the text to write, and the length of the name with its "@" in bytes;
	// otherwise 0. Default: names are text.
	Name func(name string) (out string, size int)
	// Less replaces a "<" that begins neither a link nor a mention, such as by "&lt;" on
	// a platform that would read it as HTML. Default: "<".
	Less string
}

// RewriteMarkdown returns the Markdown with its emoji, mentions and angle brackets replaced.
func RewriteMarkdown(source string, how Rewrites) string {
	w := MarkdownWriter{Rewrites: how}
	return w.Write(source) + w.Close()
}

// MarkdownWriter is RewriteMarkdown for Markdown that comes in pieces. It holds back text that
// following text may change. The zero value is ready. It is not safe for concurrent use.
type MarkdownWriter struct {
	// Rewrites says how emoji, mentions and angle brackets are replaced.
	Rewrites Rewrites

	held string
	// lines has read the lines before. line is the beginning of the current line.
	// decided says that code is known: whether the line is code, or opens or closes a
	// code block.
	lines         lineScanner
	line          []byte
	decided, code bool
	// last has the last bytes that were written.
	last [2]byte
	out  strings.Builder
}

// maxHeld is how many bytes are held back at most.
const maxHeld = 4 << 10

// Write adds a piece of text, which may end anywhere, and returns the text that can be sent.
func (w *MarkdownWriter) Write(piece string) string {
	w.held += piece
	w.advance(false)
	return w.take()
}

// Close returns the text that was held back.
func (w *MarkdownWriter) Close() string {
	w.advance(true)
	return w.take()
}

func (w *MarkdownWriter) take() string {
	s := validUTF8(w.out.String())
	w.out.Reset()
	return s
}

func (w *MarkdownWriter) advance(final bool) {
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

// emit writes out in place of a part of the source.
func (w *MarkdownWriter) emit(source, out string) {
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

func (w *MarkdownWriter) endLine() {
	w.lines.next(string(w.line))
	w.line, w.decided = w.line[:0], false
}

// decide determines whether the line that continues with the text is code. It returns false if
// more text is needed for that.
func (w *MarkdownWriter) decide(text string, final bool) bool {
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

// next returns how many bytes of the text to read, and the text to write for them. enough is
// false if more text is needed for that.
func (w *MarkdownWriter) next(text string, final bool) (size int, out string, enough bool) {
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
		case text[1] == '<' && w.Rewrites.Less != "":
			return 2, w.Rewrites.Less, true
		}
		_, n := utf8.DecodeRuneInString(text[1:])
		return whole(text, 1+n, final)
	case '<':
		return w.angle(text, final)
	case '@':
		return w.at(text, final)
	}
	if s := segmentAt(text); s.Emoji != "" {
		return len(s.Text), spellEmoji(w.Rewrites.Emoji, s.Emoji), true
	}
	if !final && mayBeginEmoji(text) {
		return 0, "", false
	}
	return 1, "{", true
}

// whole returns size bytes unchanged, without an incomplete character at the end of the text.
// It stops after a line.
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

// backticks reads a code span, or a run of backticks that does not begin one.
func (w *MarkdownWriter) backticks(text string, final bool) (int, string, bool) {
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

// at reads a name that may be a user's, or only the "@".
func (w *MarkdownWriter) at(text string, final bool) (int, string, bool) {
	if w.Rewrites.Name != nil && isBeforeName(w.last[1]) {
		name, open := nameAfterAt(text)
		if open && !final {
			return 0, "", false
		}
		if out, size := w.Rewrites.Name(name); size > 0 {
			return size, out, true
		}
	}
	return 1, "@", true
}

// angle reads a construct that begins with "<".
func (w *MarkdownWriter) angle(text string, final bool) (int, string, bool) {
	if out, size := w.Rewrites.angle(text); size > 0 {
		return size, out, true
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
	if w.Rewrites.Less == "" {
		return 1, "<", true
	}
	return 1, w.Rewrites.Less, true
}

func (r Rewrites) angle(text string) (out string, size int) {
	if r.Angle != nil {
		return r.Angle(text)
	}
	if s := segmentAt(text); s.User != "" {
		return writeMention(r.Mention, s.User), len(s.Text)
	}
	return "", 0
}

// longestName is the length of a name in bytes.
const longestName = 80

// nameAfterAt returns the name after the "@" at the beginning of a text. open says that
// following text may continue the name.
func nameAfterAt(text string) (name string, open bool) {
	for i, r := range text[1:] {
		if r != '_' && r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			if r == utf8.RuneError && !utf8.FullRuneInString(text[1+i:]) {
				return text[1 : 1+i], true
			}
			return text[1 : 1+i], false
		}
		if i > longestName {
			return "", false
		}
	}
	return text[1:], true
}

// isBeforeName reports whether an "@" after the byte can begin a name, and is not part of an
// address.
func isBeforeName(b byte) bool {
	return b < utf8.RuneSelf && b != '_' && !unicode.IsLetter(rune(b)) && !unicode.IsDigit(rune(b)) && strings.IndexByte("/.-+<@=:&%\\", b) < 0
}

// ReplaceNames replaces names of users after "@" in plain text. find is called as Rewrites.Name
// is.
func ReplaceNames(text string, find func(name string) (out string, size int)) string {
	if !strings.Contains(text, "@") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		if text[i] == '@' && (i == 0 || isBeforeName(text[i-1])) {
			name, _ := nameAfterAt(text[i:])
			if out, size := find(name); size > 0 {
				b.WriteString(out)
				i += size
				continue
			}
		}
		b.WriteByte(text[i])
		i++
	}
	return b.String()
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
