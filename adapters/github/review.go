package github

import (
	"context"
	"fmt"
	"strings"

	gh "github.com/google/go-github/v92/github"

	"github.com/chat-adapter/chat-go/core/chat"
)

// ReviewVerdict is the result of a review.
type ReviewVerdict string

// The results of reviews. https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request
const (
	ReviewComment        ReviewVerdict = "COMMENT"
	ReviewApprove        ReviewVerdict = "APPROVE"
	ReviewRequestChanges ReviewVerdict = "REQUEST_CHANGES"
)

// Review is a review of a pull request.
type Review struct {
	// Verdict is the result of the review. Default: [ReviewComment].
	Verdict ReviewVerdict
	// Body is the text of the review, in Markdown. Required, unless Verdict is
	// [ReviewApprove].
	Body string
	// Comments are comments on lines. Each begins a review thread. Default none.
	Comments []LineComment
}

// LineComment is a comment on a line of the diff.
type LineComment struct {
	// Path is the name of the file, from the root of the repository. Required.
	Path string
	// Line is the number of a line that the diff shows, from 1: in the new version of the
	// file, or with Old in the old version. Required.
	Line int
	// Old says that Line is a line of the old version, such as one that was deleted.
	// Default false.
	Old bool
	// Body is the text of the comment, in Markdown. Required.
	Body string
}

// PostReview reviews the pull request of a thread, and returns the id of the review.
// Either the review is posted with all its comments, or nothing: if the diff does not show
// a line, the error is [chat.ErrInvalid]. A missing or wrong field of the review is
// [chat.ErrInvalidArgument]. Answers to a comment come in the review thread that the
// comment begins.
func (a *Adapter) PostReview(ctx context.Context, thread chat.ThreadID, r *Review) (chat.MessageID, error) {
	p, err := where(thread)
	if err != nil {
		return "", err
	}
	request, err := a.reviewRequest(ctx, p, r)
	if err != nil {
		return "", err
	}
	const op = "pulls/create-review"
	sent, err := call(ctx, a, op, p, func(c *gh.Client) (*gh.PullRequestReview, *gh.Response, error) {
		return c.PullRequests.CreateReview(ctx, p.owner, p.repo, p.number, request)
	})
	made, err := checkedID(op, sent.GetID(), err)
	if err != nil {
		return "", err
	}
	return place{owner: p.owner, repo: p.repo, kind: pull, number: p.number}.messageID(remark{review, made}), nil
}

func (a *Adapter) reviewRequest(ctx context.Context, p place, r *Review) (*gh.PullRequestReviewRequest, error) {
	refuse := func(format string, args ...any) (*gh.PullRequestReviewRequest, error) {
		return nil, fmt.Errorf("%w: github: "+format, append([]any{chat.ErrInvalidArgument}, args...)...)
	}
	if p.kind != pull {
		return refuse("the thread %q is not one of a pull request", p.thread())
	}
	if r == nil {
		return refuse("the review is nil")
	}
	verdict := r.Verdict
	switch verdict {
	case "":
		verdict = ReviewComment
	case ReviewComment, ReviewApprove, ReviewRequestChanges:
	default:
		return refuse("Review.Verdict is %q, want ReviewComment, ReviewApprove or ReviewRequestChanges", verdict)
	}
	if strings.TrimSpace(r.Body) == "" && verdict != ReviewApprove {
		return refuse("Review.Body is empty, which only an approval may be")
	}
	request := &gh.PullRequestReviewRequest{Event: new(string(verdict))}
	if r.Body != "" {
		request.Body = new(a.rewritten(ctx, r.Body))
	}
	for i, c := range r.Comments {
		if c.Path == "" || c.Line <= 0 || strings.TrimSpace(c.Body) == "" {
			return refuse("Review.Comments[%d] needs a Path, a Line above 0 and a Body", i)
		}
		side := "RIGHT"
		if c.Old {
			side = "LEFT"
		}
		request.Comments = append(request.Comments, &gh.DraftReviewComment{
			Path: new(c.Path), Line: new(c.Line), Side: new(side), Body: new(a.rewritten(ctx, c.Body)),
		})
	}
	return request, nil
}
