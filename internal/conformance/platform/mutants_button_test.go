package platform

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"strings"
	"sync"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

type (
	postedFile = chattest.PostedFile
	streamOf   = iter.Seq2[chat.Chunk, error]
)

// packing changes what stands on buttons.
func packing(change func(id, value string) (string, string)) func(*acme) chat.Adapter {
	return planted(func(a *acme) {
		a.pack = func(ctx context.Context, id, value string) (string, error) {
			id, value = change(id, value)
			return a.buttons.Pack(ctx, id, value)
		}
	})
}

func head(text string) string { return text[:min(len(text), 64)] }

var buttonMutants = []mutant{
	{"the ids of buttons cut", "Buttons/Click", packing(func(id, value string) (string, string) { return head(id), value })},
	{"the values of buttons cut", "Buttons/Click", packing(func(id, value string) (string, string) { return id, head(value) })},
	{"values cut at a line ending", "Buttons/Click", packing(func(id, value string) (string, string) {
		value, _, _ = strings.Cut(value, `\n`)
		return id, value
	})},
	{"buttons that begin alike are one", "Buttons/Click", planted(func(a *acme) {
		var mu sync.Mutex
		known := map[string]string{}
		a.pack = func(ctx context.Context, id, value string) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			if data := known[head(id)]; data != "" {
				return data, nil
			}
			data, err := a.buttons.Pack(ctx, id, value)
			known[head(id)] = data
			return data, err
		}
	})},
	{"options without their values", "Buttons/Select", packing(func(id, value string) (string, string) {
		if strings.HasSuffix(id, "menu") {
			value = ""
		}
		return id, value
	})},
	{"buttons lost by an edit", "Buttons/Edited", with(func(m *callMutant) {
		m.edit = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
			if post.Card != nil {
				post = &chat.Post{Markdown: post.AsMarkdown()}
			}
			return m.acme.EditMessage(ctx, thread, id, post)
		}
	})},
	{"buttons kept in memory", "Buttons/Restart", planted(func(a *acme) {
		var mu sync.Mutex
		var kept [][2]string
		a.pack = func(_ context.Context, id, value string) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			kept = append(kept, [2]string{id, value})
			return strconv.Itoa(len(kept) - 1), nil
		}
		a.unpack = func(_ context.Context, data string) (string, string, error) {
			mu.Lock()
			defer mu.Unlock()
			i, err := strconv.Atoi(data)
			if err != nil || i >= len(kept) {
				return "", "", errNotHere
			}
			return kept[i][0], kept[i][1], nil
		}
	})},

	{"a limited edit is called a failure", "Limits/Edit", with(func(m *callMutant) {
		m.edit = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
			return unlimited(m.acme.EditMessage(ctx, thread, id, post))
		}
	})},
	{"a limited edit is called done", "Limits/Edit", with(func(m *callMutant) {
		m.edit = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
			return silent(m.acme.EditMessage(ctx, thread, id, post))
		}
	})},
	{"a limited deletion is called done", "Limits/Delete", with(func(m *callMutant) {
		m.del = func(_ context.Context, thread chat.ThreadID, id chat.MessageID) error {
			return silent(m.platform.Delete(thread, id))
		}
	})},
	{"a limited reaction is called done", "Limits/React", with(func(m *callMutant) {
		m.react = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error {
			return silent(m.acme.AddReaction(ctx, thread, id, emoji))
		}
	})},
	{"a limited indicator is called a failure", "Limits/Typing", with(func(m *callMutant) {
		m.typing = func(ctx context.Context, thread chat.ThreadID) error {
			return unlimited(m.acme.StartTyping(ctx, thread, ""))
		}
	})},
	{"half a long post is called nothing", "Limits/Long", with(func(m *callMutant) {
		m.post = func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			parts, err := m.render(ctx, post)
			if err != nil {
				return "", err
			}
			var first chat.MessageID
			for i := range parts {
				id, err := m.calls(thread, parts).Send(ctx, i, first)
				if err != nil {
					return "", err
				}
				if i == 0 {
					first = id
				}
			}
			return first, nil
		}
	})},
	{"a file is empty when it is posted again", "Limits/Files", planted(func(a *acme) {
		seen := map[string]bool{}
		a.files = func(files []chat.File) ([]postedFile, error) {
			all, err := readFiles(files)
			for i := range all {
				if seen[all[i].Name] {
					all[i].Content = nil
				}
				seen[all[i].Name] = true
			}
			return all, err
		}
	})},

	{"errors with the address of the request", "Secrets/Errors", failing(func(err error, _ *chat.Post) error {
		return errors.Join(err, errors.New("https://acme.example/bot"+acmeSecret+"/post"))
	})},
	{"errors with what was posted", "Secrets/Errors", failing(func(err error, post *chat.Post) error {
		return errors.Join(err, errors.New("cannot post "+post.AsText()))
	})},
}

// failing changes the errors of posts.
func failing(change func(err error, post *chat.Post) error) func(*acme) chat.Adapter {
	return with(func(m *callMutant) {
		m.post = func(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
			id, err := m.acme.PostMessage(ctx, thread, post)
			if err != nil {
				err = change(err, post)
			}
			return id, err
		}
	})
}

// unlimited is the error of an adapter that does not know about rate limits.
func unlimited(err error) error {
	if errors.Is(err, chat.ErrRateLimited) {
		return &chat.PlatformError{Adapter: "acme", Op: "call", Code: chat.CodeTemporary}
	}
	return err
}

// silent hides that the rate limit has refused a call.
func silent(err error) error {
	if errors.Is(err, chat.ErrRateLimited) {
		return nil
	}
	return err
}
