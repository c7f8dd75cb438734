package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// fullChat has the fields of a chat that the adapter reads.
// https://core.telegram.org/bots/api#chatfullinfo
type fullChat struct {
	ID          int64  `json:"id"`
	Type        string `json:"type"`
	Title       string `json:"title"`
	UserName    string `json:"username"`
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name"`
	Description string `json:"description"`
	Members     int    `json:"members"` // from getChatMemberCount
}

// OpenDM returns the thread of the private chat with a user, whose number is the user's.
// It makes no call. Telegram refuses a post there until the user has written to the bot.
func (a *Adapter) OpenDM(_ context.Context, id chat.UserID) (chat.ThreadID, error) {
	if !a.IsUserID(id) {
		return "", fmt.Errorf("%w: telegram: user id %q, want digits", chat.ErrInvalidArgument, id)
	}
	return place{chat: string(id)}.threadID(), nil
}

// FetchUser returns the name of a user who has written to the bot. Telegram knows no
// others for the bot: they are [chat.ErrNotFound]. The result is cached for a day.
func (a *Adapter) FetchUser(ctx context.Context, id chat.UserID) (*chat.User, error) {
	if !a.IsUserID(id) {
		return nil, fmt.Errorf("%w: telegram: user id %q, want digits", chat.ErrInvalidArgument, id)
	}
	c, err := a.chat(ctx, string(id))
	if err != nil {
		return nil, err
	}
	u := &chat.User{ID: id, UserName: c.UserName, FullName: joinName(c.FirstName, c.LastName)}
	if u.UserName == "" {
		u.UserName = u.FullName
	}
	return u, nil
}

// FetchChannel returns the name, topic and number of members of a chat that the bot is
// in. A chat with a public name has [chat.VisibilityExternal]. The result is cached for
// a day.
func (a *Adapter) FetchChannel(ctx context.Context, id chat.ChannelID) (*chat.ChannelInfo, error) {
	at, err := channelOf(id)
	if err != nil {
		return nil, err
	}
	c, err := a.chat(ctx, at.chat)
	if err != nil {
		return nil, err
	}
	info := &chat.ChannelInfo{ID: id, Name: c.Title, Topic: c.Description, DM: c.Type == "private", Visibility: chat.VisibilityPrivate, Members: c.Members}
	if info.Name == "" {
		info.Name = joinName(c.FirstName, c.LastName)
	}
	if c.UserName != "" && !info.DM {
		info.Visibility = chat.VisibilityExternal // everybody can find it by its name
	}
	return info, nil
}

func (a *Adapter) chat(ctx context.Context, chatID string) (fullChat, error) {
	if err := ctx.Err(); err != nil {
		return fullChat{}, err
	}
	return a.chats.Get(ctx, chatID, func(ctx context.Context) (fullChat, error) {
		var c fullChat
		at := place{chat: chatID}
		if err := a.call(ctx, "getChat", at, nil, &c); err != nil {
			return fullChat{}, err
		}
		if c.Type != "private" {
			if err := a.call(ctx, "getChatMemberCount", at, nil, &c.Members); err != nil {
				a.log.DebugContext(ctx, "the members of a chat cannot be counted", "error", err) // the rest is known
			}
		}
		return c, nil
	})
}

// Permalink returns the address of a message of a supergroup or channel. Its members can
// open it. Messages of other chats have no address: [errors.ErrUnsupported]. It makes no
// call.
// https://core.telegram.org/api/links#message-links
func (a *Adapter) Permalink(_ context.Context, thread chat.ThreadID, id chat.MessageID) (string, error) {
	p, message, err := whereIs(thread, id)
	if err != nil {
		return "", err
	}
	internal, ok := strings.CutPrefix(p.chat, "-100")
	if !ok || internal == "" {
		return "", fmt.Errorf("telegram: a private chat or small group has no links to messages: %w", errors.ErrUnsupported)
	}
	address := "https://t.me/c/" + internal + "/"
	if p.topic != "" {
		address += p.topic + "/"
	}
	return address + number(message), nil
}

// ResolveLink returns the thread and the message of an address that [Adapter.Permalink]
// made. Any other address is [chat.ErrNotFound], also one with the name of a public
// group. It makes no call.
func (a *Adapter) ResolveLink(_ context.Context, address string) (chat.ThreadID, chat.MessageID, error) {
	parts, ok := linkParts(address)
	if !ok || len(parts) < 2 || len(parts) > 3 {
		return "", "", &chat.PlatformError{Adapter: adapterName, Op: "link", Code: chat.CodeNotFound}
	}
	p := place{chat: "-100" + parts[0]}
	if len(parts) == 3 {
		p.topic = parts[1]
	}
	thread, id := p.threadID(), chat.MessageID(p.channel()+":"+parts[len(parts)-1])
	if _, _, err := whereIs(thread, id); err != nil {
		return "", "", &chat.PlatformError{Adapter: adapterName, Op: "link", Code: chat.CodeNotFound, Err: err}
	}
	return thread, id, nil
}

// linkParts returns the numbers in "https://t.me/c/{chat}[/{topic}]/{message}".
func linkParts(address string) ([]string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || !strings.EqualFold(u.Host, "t.me") {
		return nil, false
	}
	path, ok := strings.CutPrefix(u.Path, "/c/")
	return strings.Split(path, "/"), ok
}
