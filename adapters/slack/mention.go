package slack

import (
	"context"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// findUser returns the id of the one user with a name, or "".
type findUser func(name string) string

// userFinder finds users by the names under which messages of theirs came, as the
// TypeScript SDK does. A name that several have stays text.
func (a *Adapter) userFinder(ctx context.Context, channel string) findUser {
	found := map[string]string{}
	return func(name string) string {
		if len(name) >= 9 && (name[0] == 'U' || name[0] == 'W') && strings.ToUpper(name) == name && isID(name) {
			return name
		}
		name = strings.ToLower(name)
		id, ok := found[name]
		if !ok {
			id = a.userNamed(ctx, channel, name)
			found[name] = id
		}
		return id
	}
}

func (a *Adapter) userNamed(ctx context.Context, channel, name string) string {
	o, err := a.workspaceOf(ctx, channel)
	if err != nil {
		return ""
	}
	list, err := a.host.State().GetList(ctx, byNamePrefix+o.scope()+name)
	if err != nil {
		a.log.DebugContext(ctx, "name-unknown", "error", err)
		return ""
	}
	only := ""
	for _, value := range list {
		var id string
		if json.Unmarshal(value, &id) != nil || !isID(id) || only != "" && id != only {
			return ""
		}
		only = id
	}
	return only
}

// longestName bounds names, in bytes.
const longestName = 80

// mentionedName returns the name after the "@" that a text begins with, and
// whether more text could make it longer.
func mentionedName(text string) (name string, open bool) {
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

// named returns the user whom the name at the beginning of a text names, without
// the punctuation after it, and the length of "@name".
func (find findUser) named(name string) (id string, size int) {
	for name != "" {
		if id := find(name); id != "" {
			return id, 1 + len(name)
		}
		shorter := strings.TrimRight(name, ".-_")
		if shorter == name {
			return "", 0
		}
		name = shorter
	}
	return "", 0
}

// isBeforeMention reports whether an "@" after the byte can begin a mention, and
// is no part of an address.
func isBeforeMention(b byte) bool {
	return b < utf8.RuneSelf && b != '_' && !unicode.IsLetter(rune(b)) && !unicode.IsDigit(rune(b)) && strings.IndexByte("/.-+<@=:&%\\", b) < 0
}

// inText makes mentions of the names in a plain text.
func (find findUser) inText(text string) string {
	if find == nil || !strings.Contains(text, "@") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		if text[i] == '@' && (i == 0 || isBeforeMention(text[i-1])) {
			name, _ := mentionedName(text[i:])
			if id, size := find.named(name); size > 0 {
				b.WriteString("<@" + id + ">")
				i += size
				continue
			}
		}
		b.WriteByte(text[i])
		i++
	}
	return b.String()
}
