package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/adapters/github"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// approval is the kind of the request that the bot makes before it approves.
const approval = "review"

// reviewer is the bot.
type reviewer struct {
	github    *github.Adapter
	bot       *chat.Chat
	model     *model
	approvals chat.ThreadID // where people are asked; empty: nobody is
}

// reviewed is what the bot remembers of a pull request.
type reviewed struct {
	Commit string `json:"commit,omitempty"`
}

// mentioned reviews a pull request, or answers in a thread of its review.
func (r *reviewer) mentioned(ctx context.Context, ev *chat.MessageEvent) error {
	if !mayAsk(ev.Message) {
		return nil // everybody can write to a public repository, and the model costs money
	}
	subject, err := ev.Thread.Subject(ctx, ev.Message.ID)
	switch {
	case errors.Is(err, errors.ErrUnsupported), err == nil && subject.Type != github.SubjectPullRequest:
		_, err = ev.Thread.Post(ctx, chat.Text("I review pull requests. Mention me in one."))
		return err
	case err != nil:
		return err
	}
	pr, err := github.ReadPullRequest(subject)
	if err != nil {
		return err
	}
	if strings.Contains(string(ev.Thread.ID()), ":rc:") {
		return r.answer(ctx, ev.Thread, pr)
	}
	return r.review(ctx, ev.Thread, subject, pr)
}

// mayAsk reports whether the author of a message has to do with the repository.
// https://docs.github.com/en/graphql/reference/enums#commentauthorassociation
func mayAsk(m *chat.Message) bool {
	var raw struct {
		Association string `json:"author_association"`
	}
	return json.Unmarshal(m.Raw, &raw) == nil && slices.Contains([]string{"OWNER", "MEMBER", "COLLABORATOR", "CONTRIBUTOR"}, raw.Association)
}

// review posts a review with its comments, a card with the verdict, and asks people.
func (r *reviewer) review(ctx context.Context, thread *chat.Thread, subject *chat.Subject, pr *github.PullRequest) error {
	memory := chat.ThreadData[reviewed](thread)
	seen, err := memory.Get(ctx)
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		return err
	}
	if seen.Commit == pr.Head.SHA {
		_, err := thread.Post(ctx, chat.Text("I have reviewed "+pr.Head.SHA+" already. Push something, and mention me again."))
		return err
	}
	got, err := r.model.review(ctx, pr)
	if err != nil {
		return err
	}
	if err := r.post(ctx, thread.ID(), got); err != nil {
		return err
	}
	// A handler that is run again after a failure reviews no commit twice.
	if err := memory.Set(ctx, reviewed{Commit: pr.Head.SHA}); err != nil {
		return err
	}
	_, err = thread.Post(ctx, chat.Card(card.New("Verdict: "+got.Verdict,
		card.NewFields(
			card.NewField("Files", fmt.Sprint(pr.ChangedFiles)), card.NewField("Lines", fmt.Sprintf("+%d −%d", pr.Additions, pr.Deletions)),
			card.NewField("Comments", fmt.Sprint(len(got.Comments))),
		),
		card.NewActions(card.NewLinkButton("The changes", subject.URL+"/files")),
	)))
	if err != nil || got.Verdict != "approve" || r.approvals == "" {
		return err
	}
	people, err := r.bot.Thread(r.approvals)
	if err != nil {
		return err
	}
	_, err = people.RequestApproval(ctx, chat.Approval{
		ID: subject.ID + "@" + pr.Head.SHA, Name: approval, Title: "Approve " + subject.ID + "?",
		Description: fmt.Sprintf("[%s](%s)\n\n%s", subject.Title, subject.URL, got.Summary), Metadata: string(thread.ID()),
	})
	return err
}

// post posts the review. Where a comment is on a line that the diff does not show, all
// of them stand in the text.
func (r *reviewer) post(ctx context.Context, thread chat.ThreadID, got *verdict) error {
	review := &github.Review{Body: got.Summary}
	for _, c := range got.Comments {
		review.Comments = append(review.Comments, github.LineComment{Path: c.Path, Line: c.Line, Body: c.Body})
	}
	_, err := r.github.PostReview(ctx, thread, review)
	if !errors.Is(err, chat.ErrInvalid) && !errors.Is(err, chat.ErrInvalidArgument) {
		return err
	}
	for _, c := range got.Comments {
		review.Body += fmt.Sprintf("\n\n`%s:%d` %s", c.Path, c.Line, c.Body)
	}
	review.Comments = nil
	_, err = r.github.PostReview(ctx, thread, review)
	return err
}

// answer answers in a thread of a review.
func (r *reviewer) answer(ctx context.Context, thread *chat.Thread, pr *github.PullRequest) error {
	messages, err := chat.Take(thread.Messages(ctx), 30)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, modelTime)
	defer cancel()
	answer, err := r.model.answer(ctx, pr, messages)
	if err != nil {
		return err
	}
	_, err = thread.Post(ctx, answer)
	return err
}

// decided approves the pull request, or says who does not want that.
func (r *reviewer) decided(ctx context.Context, ev *chat.ApprovalEvent) error {
	thread, who := chat.ThreadID(ev.Approval.Metadata), ev.Outcome.By.FullName
	if ev.Outcome.Approved {
		_, err := r.github.PostReview(ctx, thread, &github.Review{Verdict: github.ReviewApprove, Body: "Approved by " + who + "."})
		return err
	}
	pull, err := r.bot.Thread(thread)
	if err != nil {
		return err
	}
	text := "Nobody has approved this in time."
	if !ev.Outcome.TimedOut {
		text = who + " does not approve this."
	}
	_, err = pull.Post(ctx, chat.Text(text))
	return err
}
