package slack

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
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

// mention returns the mention that "@name" begins with, and the length of what it
// stands for.
func (find findUser) mention(name string) (string, int) {
	id, size := find.named(name)
	return "<@" + id + ">", size
}

// inText makes mentions of the names in a plain text.
func (find findUser) inText(text string) string {
	if find == nil {
		return text
	}
	return format.ReplaceNames(text, find.mention)
}
