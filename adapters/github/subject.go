package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Values of chat.Subject.Type: what a thread is about.
const (
	SubjectIssue       = "issue"
	SubjectPullRequest = "pull_request"
	SubjectDiscussion  = "discussion"
)

// PullRequest has fields of a pull request, from chat.Subject.Raw.
// https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
type PullRequest struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	// Body is the description, in Markdown.
	Body string `json:"body"`
	// State is "open" or "closed". A merged pull request is closed.
	State  string `json:"state"`
	Draft  bool   `json:"draft"`
	Merged bool   `json:"merged"`
	// Head is the branch with the changes.
	Head Ref `json:"head"`
	// Base is the branch that the changes are for.
	Base Ref `json:"base"`
	// Commits is the number of commits.
	Commits int `json:"commits"`
	// Additions and Deletions are numbers of lines.
	Additions int `json:"additions"`
	Deletions int `json:"deletions"`
	// ChangedFiles is the number of files.
	ChangedFiles int `json:"changed_files"`
	// Files are the files that it changes. GitHub lists at most 3,000.
	Files []File `json:"files"`
}

// Ref is one of the two branches of a pull request.
type Ref struct {
	// Ref is the name of the branch.
	Ref string `json:"ref"`
	// SHA is the id of its last commit.
	SHA string `json:"sha"`
}

// File is a file that a pull request changes.
// https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
type File struct {
	// Name is the path from the root of the repository.
	Name string `json:"filename"`
	// Previous is the path before the file was renamed, or empty.
	Previous string `json:"previous_filename,omitempty"`
	// Status is "added", "removed", "modified", "renamed", "copied", "changed" or
	// "unchanged".
	Status string `json:"status"`
	// Additions and Deletions are numbers of lines.
	Additions int `json:"additions"`
	Deletions int `json:"deletions"`
	// Patch is the diff. GitHub leaves it out if it is large or the file is binary.
	Patch string `json:"patch,omitempty"`
}

// ReadPullRequest returns the pull request of a subject, such as that of
// chat.Thread.Subject. For another subject the error is [chat.ErrInvalidArgument].
func ReadPullRequest(s *chat.Subject) (*PullRequest, error) {
	if s == nil || s.Type != SubjectPullRequest {
		return nil, fmt.Errorf("%w: github: the subject is not a pull request", chat.ErrInvalidArgument)
	}
	pr := new(PullRequest)
	if err := json.Unmarshal(s.Raw, pr); err != nil {
		return nil, fmt.Errorf("%w: github: the subject's Raw is not a pull request", chat.ErrInvalidArgument)
	}
	return pr, nil
}

// subjectJSON has the fields of a subject, for all three kinds.
type subjectJSON struct {
	Title    string `json:"title"`
	Body     string `json:"body"`
	State    string `json:"state"`
	Draft    bool   `json:"draft"`
	Merged   bool   `json:"merged"`
	HTMLURL  string `json:"html_url"`
	User     *user  `json:"user"`
	Assignee *user  `json:"assignee"`
	Labels   []struct {
		Name string `json:"name"`
	} `json:"labels"`
	Closed bool `json:"closed"` // of a discussion
}

// FetchSubject returns the issue, pull request or discussion of a thread. Its Status is
// "open" or "closed", or for a pull request also "draft" or "merged". The Raw of a pull
// request has its files, too. id must be that of a message in the thread.
func (a *Adapter) FetchSubject(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Subject, error) {
	p, err := where(thread)
	if err != nil {
		return nil, err
	}
	if _, err := p.remarkOf("subject", id); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := &chat.Subject{ID: string(p.messageID(remark{}))}
	switch p.kind {
	case issue:
		out.Type = SubjectIssue
		err = a.get(ctx, "issues/get", p, "issues/"+strconv.Itoa(p.number), &out.Raw)
	case pull:
		out.Type = SubjectPullRequest
		out.Raw, err = a.pullRequest(ctx, p)
	default:
		out.Type = SubjectDiscussion
		out.Raw, err = a.discussionSubject(ctx, p)
	}
	if err != nil {
		return nil, err
	}
	var s subjectJSON
	if err := json.Unmarshal(out.Raw, &s); err != nil {
		return nil, platformError("subject", chat.CodeTemporary, errors.New("the answer has another form than documented"))
	}
	out.Title, out.Description, out.Status, out.URL = s.Title, s.Body, s.status(), s.HTMLURL
	out.Author, out.Assignee = person(s.User), person(s.Assignee)
	for _, label := range s.Labels {
		out.Labels = append(out.Labels, label.Name)
	}
	return out, nil
}

func (s *subjectJSON) status() string {
	switch {
	case s.Merged:
		return "merged"
	case s.State == "open" && s.Draft:
		return "draft"
	case s.State == "" && s.Closed:
		return "closed"
	case s.State == "":
		return "open"
	}
	return s.State
}

func person(u *user) *chat.SubjectPerson {
	if u == nil || u.ID == 0 {
		return nil
	}
	return &chat.SubjectPerson{ID: chat.UserID(formatID(u.ID)), Name: u.Login}
}

// pullRequest returns GitHub's object with the files in "files".
func (a *Adapter) pullRequest(ctx context.Context, p place) (json.RawMessage, error) {
	var fields map[string]json.RawMessage
	path := "pulls/" + strconv.Itoa(p.number)
	if err := a.get(ctx, "pulls/get", p, path, &fields); err != nil {
		return nil, err
	}
	files := []json.RawMessage{}
	for page := 1; page <= most/largestPage; page++ {
		var got []json.RawMessage
		if err := a.get(ctx, "pulls/list-files", p, fmt.Sprintf("%s/files?per_page=%d&page=%d", path, largestPage, page), &got); err != nil {
			return nil, err
		}
		files = append(files, got...)
		if len(got) < largestPage {
			break
		}
	}
	var err error
	if fields["files"], err = json.Marshal(files); err != nil {
		return nil, err
	}
	return json.Marshal(fields)
}

const querySubject = `query Subject($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    discussion(number: $number) {
      number title body closed html_url: url user: author { ...who } tags: labels(first: 100) { nodes { name } }
    }
  }
}` + whoFields

func (a *Adapter) discussionSubject(ctx context.Context, p place) (json.RawMessage, error) {
	got, err := query[struct {
		Repository *struct{ Discussion map[string]json.RawMessage }
	}](ctx, a, "Subject", p, querySubject, p.variables())
	if err != nil {
		return nil, err
	}
	if got.Repository == nil || got.Repository.Discussion == nil {
		return nil, platformError("Subject", chat.CodeNotFound, errNoDiscussion)
	}
	fields := got.Repository.Discussion
	var tags struct{ Nodes json.RawMessage }
	if json.Unmarshal(fields["tags"], &tags) == nil && tags.Nodes != nil {
		fields["labels"] = tags.Nodes
	}
	delete(fields, "tags")
	return json.Marshal(fields)
}
