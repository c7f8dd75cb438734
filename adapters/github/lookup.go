package github

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v92/github"

	"github.com/chat-adapter/chat-go/core/chat"
)

func badUser(id chat.UserID) error {
	return fmt.Errorf("%w: github: user id %q, want digits", chat.ErrInvalidArgument, id)
}

// FetchChannel returns the name, the description and the visibility of a repository. It
// calls GitHub each time.
func (a *Adapter) FetchChannel(ctx context.Context, id chat.ChannelID) (*chat.ChannelInfo, error) {
	owner, repo, err := channelOf(id)
	if err != nil {
		return nil, err
	}
	found, err := call(ctx, a, "repos/get", place{owner: owner, repo: repo}, func(c *gh.Client) (*gh.Repository, *gh.Response, error) {
		return c.Repositories.Get(ctx, owner, repo)
	})
	if err != nil {
		return nil, err
	}
	info := &chat.ChannelInfo{ID: id, Name: found.GetFullName(), Topic: found.GetDescription(), Visibility: chat.VisibilityPrivate}
	switch found.GetVisibility() {
	case "public":
		info.Visibility = chat.VisibilityExternal
	case "internal":
		info.Visibility = chat.VisibilityWorkspace
	}
	return info, nil
}

// Permalink returns the address of a message. It makes no call, so the message may not
// exist.
func (a *Adapter) Permalink(_ context.Context, thread chat.ThreadID, id chat.MessageID) (string, error) {
	p, err := where(thread)
	if err != nil {
		return "", err
	}
	r, err := p.remarkOf("permalink", id)
	if err != nil {
		return "", err
	}
	address := a.webURL() + "/" + p.name() + "/" + pathOf[p.kind] + "/" + strconv.Itoa(p.number)
	if r.kind != body {
		address += "#" + string(p.messageID(r))
	}
	return address, nil
}

var pathOf = map[kind]string{issue: "issues", pull: "pull", discussion: "discussions"}

// webURL returns the address of GitHub's pages: "https://github.com" for
// "https://api.github.com", and on Enterprise Server the address of the API without
// "/api/v3".
func (a *Adapter) webURL() string {
	u, err := url.Parse(a.config.APIURL)
	if err != nil { // New has checked it
		return ""
	}
	return u.Scheme + "://" + strings.TrimPrefix(u.Host, "api.") + strings.TrimSuffix(u.Path, "/api/v3")
}
