package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// A program that uses the page says who sends a request: here by a token.
const adasToken = "Bearer 5cc1f43bd1a0e5a2"

func userByToken(r *http.Request) (chat.Author, error) {
	if r.Header.Get("Authorization") != adasToken {
		return chat.Author{}, errors.New("no such token")
	}
	return chat.Author{UserID: "ada:1", FullName: "Ada"}, nil
}

func asAda(r *http.Request, _ []byte, _ time.Time) { r.Header.Set("Authorization", adasToken) }

func openWeb(t *testing.T) adaptertest.Harness {
	t.Helper()
	open := func() (*web.Adapter, error) {
		return web.New(web.Config{User: userByToken, PollInterval: 10 * time.Millisecond, UserFiles: true})
	}
	page, err := open()
	require.NoError(t, err)
	tape := &tapedPage{Adapter: page}
	return adaptertest.Harness{
		Adapter: tape, State: newState(t), Restart: func() (chat.Adapter, error) { return open() },
		Click: tape.click, Modals: tape.modals, Submit: tape.submit,
		Posts: func(ctx context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
			return pagePosts(ctx, page, thread, false)
		},
		Ephemeral: func(ctx context.Context, thread chat.ThreadID, _ chat.UserID) ([]chattest.Posted, error) {
			return pagePosts(ctx, page, thread, true)
		},
	}
}

// tapedPage notes the modals that a page is told to show: they come in the answer
// to a click.
type tapedPage struct {
	*web.Adapter
	mu     sync.Mutex
	clicks int
	shown  []shownModal
}

type shownModal struct {
	ID    string
	Modal *card.Modal
}

func (p *tapedPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/actions" {
		p.Adapter.ServeHTTP(w, r)
		return
	}
	tape := &tapedWriter{ResponseWriter: w}
	p.Adapter.ServeHTTP(tape, r)
	for event := range strings.SplitSeq(tape.text.String(), "\n\n") {
		if data, ok := strings.CutPrefix(event, "event: modal\ndata: "); ok {
			var m shownModal
			if json.Unmarshal([]byte(data), &m) == nil {
				p.mu.Lock()
				p.shown = append(p.shown, m)
				p.mu.Unlock()
			}
		}
	}
}

type tapedWriter struct {
	http.ResponseWriter
	text strings.Builder
}

func (w *tapedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *tapedWriter) Write(p []byte) (int, error) {
	w.text.Write(p)
	return w.ResponseWriter.Write(p)
}

// request is what the page sends.
func (p *tapedPage) request(path, conversation string, fields map[string]any) (*adaptertest.Sample, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clicks++
	fields["id"], fields["conversation"] = fmt.Sprint("request", p.clicks), conversation
	body, err := json.Marshal(fields)
	return &adaptertest.Sample{Path: path, Body: string(body)}, err
}

func (p *tapedPage) click(_ context.Context, post chattest.Posted, label string) (*adaptertest.Sample, error) {
	id, value, err := actionOf(post, label)
	if err != nil {
		return nil, err
	}
	return p.request("/actions", conversationOf(post.Thread), map[string]any{"message": post.ID, "action": id, "value": value})
}

func (p *tapedPage) modals(context.Context) ([]chattest.OpenedModal, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []chattest.OpenedModal
	for _, m := range p.shown {
		all = append(all, chattest.OpenedModal{Modal: m.Modal, ContextID: m.ID})
	}
	return all, nil
}

func (p *tapedPage) submit(_ context.Context, m chattest.OpenedModal, values chat.ModalValues) (*adaptertest.Sample, error) {
	return p.request("/modals", "c1", map[string]any{"view": m.ContextID, "values": values})
}

func conversationOf(thread chat.ThreadID) string {
	return strings.ReplaceAll(string(thread[strings.LastIndex(string(thread), ":")+1:]), "%3A", ":")
}

// pagePosts returns the bot's messages that a page is shown, those that are kept
// or those that are not.
func pagePosts(ctx context.Context, page http.Handler, thread chat.ThreadID, ephemeral bool) ([]chattest.Posted, error) {
	body, err := pageGet(ctx, page, "/messages?conversation="+url.QueryEscape(conversationOf(thread)))
	if err != nil {
		return nil, err
	}
	var answer struct {
		Messages []struct {
			ID, Role string
			Parts    []struct {
				Type, Text, URL, Filename, MediaType string
				Data                                 json.RawMessage
			}
			Metadata struct {
				Version   int64
				Ephemeral bool
				Reactions []string
			}
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	var posts []chattest.Posted
	for _, m := range answer.Messages {
		if m.Role != "assistant" || m.Metadata.Ephemeral != ephemeral {
			continue
		}
		p := chattest.Posted{ID: chat.MessageID(m.ID), Thread: thread, Reactions: m.Metadata.Reactions, Edits: int(min(m.Metadata.Version, 1))}
		for _, part := range m.Parts {
			switch part.Type {
			case "text":
				p.Text = part.Text
			case "data-card":
				p.Card = new(card.Card)
				if err := json.Unmarshal(part.Data, p.Card); err != nil {
					return nil, err
				}
			case "data-tasks":
				p.Plan = new(chat.PlanState)
				if err := json.Unmarshal(part.Data, p.Plan); err != nil {
					return nil, err
				}
			case "file":
				if strings.Contains(part.URL, "://") {
					p.Attachments = append(p.Attachments, chat.Attachment{URL: part.URL, Name: part.Filename})
					continue
				}
				content, err := pageGet(ctx, page, "/"+part.URL)
				if err != nil {
					return nil, err
				}
				p.Files = append(p.Files, chattest.PostedFile{Name: part.Filename, Content: content, MIMEType: part.MediaType})
			}
		}
		posts = append(posts, p)
	}
	return readMarkdown(posts), nil
}

func pageGet(ctx context.Context, page http.Handler, target string) ([]byte, error) {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	asAda(r, nil, time.Now())
	w := httptest.NewRecorder()
	page.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d: %s", target, w.Code, w.Body)
	}
	return w.Body.Bytes(), nil
}

func webTurn(conversation, id, text string) string {
	return fmt.Sprintf(`{"id":%q,"trigger":"submit-message","messages":[{"id":%q,"role":"user","parts":[{"type":"text","text":%q}]}]}`, conversation, id, text)
}

func webMessage(conversation, id, text string) []chat.Inbound {
	return []chat.Inbound{&chat.Message{
		ID: chat.MessageID("ada%3A1:" + conversation + ":" + id), ThreadID: chat.ThreadID("web:ada%3A1:" + conversation), Text: text,
		Author: chat.Author{UserID: "ada:1", UserName: "ada:1", FullName: "Ada", Bot: new(false)},
	}}
}

func webFeatures() adaptertest.Features {
	return adaptertest.Features{
		Sign: asAda, BodyUnsigned: true, User: "ada:1", Secrets: []string{adasToken},
		Formats: adaptertest.AllFormats &^ adaptertest.Mentions,
		// The page shows what the bot posts and sends none of it back.
		NoOwnMessages: true,
		Samples: []adaptertest.Sample{
			{Name: "message", Body: webTurn("c1", "m1", "hello"), Want: webMessage("c1", "m1", "hello")},
			{Name: "another conversation", Body: webTurn("c:2", "m2", "**there**"), Want: webMessage("c%3A2", "m2", "**there**")},
			{
				Name: "a picture and a file", Files: []string{"a picture", "some notes"},
				Body: `{"id":"c1","messages":[{"id":"m4","role":"user","parts":[{"type":"text","text":"look"},
					{"type":"file","mediaType":"image/png","filename":"cat.png","url":"data:image/png;base64,YSBwaWN0dXJl"},
					{"type":"file","mediaType":"text/plain","filename":"notes.txt","url":"data:text/plain;base64,c29tZSBub3Rlcw=="}]}]}`,
				Want: webMessage("c1", "m4", "look"),
			},
			{Name: "with a slash", Path: "/", Body: webTurn("c1", "m3", "again"), Want: webMessage("c1", "m3", "again")},
		},
		Twins: []adaptertest.Sample{
			{Name: "first twin", Body: webTurn("c1", "m1", "hello"), Want: webMessage("c1", "m1", "hello")},
			{Name: "second twin", Body: webTurn("c2", "m1", "hello"), Want: webMessage("c2", "m1", "hello")},
		},
		Foreign: []chat.ThreadID{"web:ada", "web::c1", "web:ada:c1:x", "web:ada%3a1:c1", "web:a%20b:%"},
	}
}

func TestWeb(t *testing.T) {
	adaptertest.Run(t, openWeb, webFeatures())
}

func FuzzWeb(f *testing.F) {
	adaptertest.Fuzz(f, openWeb, webFeatures())
}
