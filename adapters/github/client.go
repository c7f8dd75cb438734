package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/bradleyfalzon/ghinstallation/v2"
	gh "github.com/google/go-github/v92/github"

	"github.com/chat-adapter/chat-go/core/chat"
)

// newRoot returns the client for the token, or for the App itself, which may ask about
// the App and its installations.
func (a *Adapter) newRoot() (*gh.Client, error) {
	if a.config.key != nil {
		return a.newClient(a.appTransport())
	}
	return a.newClient(a.transport, gh.WithAuthToken(a.config.Token))
}

// appTransport returns a new transport for each client, because ghinstallation changes
// the one that it gets.
func (a *Adapter) appTransport() *ghinstallation.AppsTransport {
	t := ghinstallation.NewAppsTransportFromPrivateKey(a.transport, a.config.AppID, a.config.key)
	t.BaseURL = a.config.APIURL
	return t
}

func (a *Adapter) newClient(transport http.RoundTripper, opts ...gh.ClientOptionsFunc) (*gh.Client, error) {
	base := a.config.APIURL + "/"
	client, err := gh.NewClient(append(opts, gh.WithHTTPClient(&http.Client{Transport: transport, Timeout: a.timeout, CheckRedirect: sameHost}),
		gh.WithURLs(&base, &base), gh.WithUserAgent("chat-go"))...)
	if err != nil {
		return nil, invalidConfig(err.Error())
	}
	return client, nil
}

// fullAnswers turns successful answers without content into errors. The client libraries
// would take them for empty values, or panic.
type fullAnswers struct{ http.RoundTripper }

var errEmptyAnswer = errors.New("the answer has no content")

func (t fullAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.RoundTripper.RoundTrip(r)
	if err != nil || answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusCreated {
		return answer, err
	}
	begin, err := io.ReadAll(io.LimitReader(answer.Body, int64(len("null"))))
	if err == nil && (len(begin) == 0 || string(begin) == "null") {
		_ = answer.Body.Close()
		return nil, errEmptyAnswer
	}
	body := io.MultiReader(bytes.NewReader(begin), answer.Body) // an error of ReadAll occurs again
	answer.Body = struct {
		io.Reader
		io.Closer
	}{body, answer.Body}
	return answer, nil
}

// checkedID returns the id of what a call has created or fetched, or an error if it is 0.
func checkedID(op string, id int64, err error) (int64, error) {
	if err == nil && id == 0 {
		err = platformError(op, chat.CodeTemporary, errors.New("the answer has no id"))
	}
	return id, err
}

var errOtherHost = errors.New("the redirect leads to another host")

// sameHost refuses redirects to other hosts, because the transports add the credentials
// to each request.
func sameHost(r *http.Request, via []*http.Request) error {
	if first := via[0].URL; r.URL.Host != first.Host || r.URL.Scheme != first.Scheme {
		return errOtherHost
	}
	if len(via) > 5 {
		return errors.New("too many redirects")
	}
	return nil
}

// client returns the client for a repository.
func (a *Adapter) client(ctx context.Context, owner, repo string) (*gh.Client, error) {
	if a.config.key == nil {
		return a.root, nil
	}
	id := a.config.InstallationID
	if id == 0 {
		var err error
		id, err = a.installations.Get(ctx, owner+"/"+repo, func(ctx context.Context) (int64, error) {
			const op = "apps/get-repo-installation"
			found, _, err := a.root.Apps.GetRepositoryInstallation(ctx, owner, repo)
			return found.GetID(), a.failure(ctx, op, err)
		})
		if err != nil {
			return nil, err
		}
	}
	return a.ofInstallation(id)
}

func (a *Adapter) ofInstallation(id int64) (*gh.Client, error) {
	key := formatID(id)
	if client, ok := a.clients.Get(key); ok {
		return client, nil
	}
	client, err := a.newClient(ghinstallation.NewFromAppsTransport(a.appTransport(), id))
	if err == nil {
		a.clients.Set(key, client)
	}
	return client, err
}

// anyClient returns a client for calls that concern no repository.
func (a *Adapter) anyClient(ctx context.Context) (*gh.Client, error) {
	if a.config.key == nil {
		return a.root, nil
	}
	if a.config.InstallationID != 0 {
		return a.ofInstallation(a.config.InstallationID)
	}
	const op = "apps/list-installations"
	found, _, err := a.root.Apps.ListInstallations(ctx, &gh.ListOptions{PerPage: 1})
	if err != nil {
		return nil, a.failure(ctx, op, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("github: %s: %w", op, errNotInstalled)
	}
	return a.ofInstallation(found[0].GetID())
}

var errNotInstalled = errors.New("the App is not installed anywhere")

// learnInstallation remembers the installation that a webhook names.
func (a *Adapter) learnInstallation(ctx context.Context, name string, id int64) {
	if a.config.key == nil || a.config.InstallationID != 0 || id == 0 {
		return
	}
	known, _ := a.installations.Get(ctx, name, func(context.Context) (int64, error) { return id, nil })
	if known != id {
		a.installations.Learn(ctx, name, id)
	}
}

// call makes a call for a repository. If the known installation no longer exists, it asks
// for the current one and makes the call once more.
func call[T any](ctx context.Context, a *Adapter, op string, p place, do func(*gh.Client) (T, *gh.Response, error)) (T, error) {
	var none T
	for again := false; ; again = true {
		if err := ctx.Err(); err != nil {
			return none, err
		}
		client, err := a.client(ctx, p.owner, p.repo)
		if err != nil {
			return none, err
		}
		got, _, err := do(client)
		if err == nil {
			return got, nil
		}
		if again || a.config.InstallationID != 0 || !isInstallationGone(err) {
			return none, a.failure(ctx, op, err)
		}
		closeAnswer(err)
		if err := a.installations.Forget(ctx, p.name()); err != nil {
			return none, err
		}
	}
}

// isInstallationGone reports whether the App got no token because its installation no
// longer exists.
func isInstallationGone(err error) bool {
	refused, ok := errors.AsType[*ghinstallation.HTTPError](err)
	return ok && refused.Response != nil && refused.Response.StatusCode == http.StatusNotFound
}
