package githubtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/github"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/githubtest/fakegithub"
)

func TestSubjects(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	subject, err := r.FetchSubject(t.Context(), issueThread, "issuecomment-71")
	require.NoError(t, err)
	require.Equal(t, []string{"issue", "acme/tea.pot#1", "The pot leaks", "Here is *how*.", "open", "bug", "100", "ada"},
		[]string{subject.Type, subject.ID, subject.Title, subject.Description, subject.Status, subject.Labels[0], string(subject.Author.ID), subject.Author.Name})
	_, err = github.ReadPullRequest(subject)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)

	for range 150 { // more than a page
		r.github.AddThread(fakegithub.Thread{})
	}
	subject, err = r.FetchSubject(t.Context(), reviewThread, "discussion_r9007199254740993")
	require.NoError(t, err)
	require.Equal(t, "pull_request draft", subject.Type+" "+subject.Status)
	pr, err := github.ReadPullRequest(subject)
	require.NoError(t, err)
	require.Equal(t, github.File{Name: "pot.go", Status: "modified", Additions: 3, Deletions: 1, Patch: "@@ -1 +1,3 @@"}, pr.Files[0])
	require.Equal(t, []int{3, 1, 1}, []int{pr.Additions, pr.Deletions, pr.ChangedFiles})
	require.Equal(t, "change main", pr.Head.Ref+" "+pr.Base.Ref)

	subject, err = r.FetchSubject(t.Context(), discussionThread, "discussioncomment-550062")
	require.NoError(t, err)
	require.Equal(t, "discussion open Which tea? tea ada", subject.Type+" "+subject.Status+" "+subject.Title+" "+subject.Labels[0]+" "+subject.Author.Name)

	_, err = r.FetchSubject(t.Context(), "github:acme/tea.pot:issue:99", "issuecomment-71")
	require.ErrorIs(t, err, chat.ErrNotFound)
	_, err = r.FetchSubject(t.Context(), "github:acme/tea.pot:discussion:99", "discussioncomment-71")
	require.ErrorIs(t, err, chat.ErrNotFound)
}

func TestFilesOfALargePullRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var files []map[string]any
	for i := range 250 {
		files = append(files, map[string]any{"filename": fmt.Sprintf("f%d.go", i), "status": "added", "additions": 1, "deletions": 0})
	}
	r.github.AddThread(fakegithub.Thread{Repository: repo, Kind: "pull", Number: 7, Title: "Large", Author: ada, Files: files, Merged: true, State: "closed"})
	subject, err := r.FetchSubject(t.Context(), "github:acme/tea.pot:7", "acme/tea.pot#7")
	require.NoError(t, err)
	require.Equal(t, "merged", subject.Status)
	pr, err := github.ReadPullRequest(subject)
	require.NoError(t, err)
	require.Len(t, pr.Files, 250)
	require.Equal(t, "f249.go", pr.Files[249].Name)
}

// TestHistory reads threads to their ends in both directions, whatever the size of the
// pages.
func TestHistory(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.github
	for i := range 5 {
		s.AddRemark(repo, 1, fakegithub.Remark{Kind: "issuecomment", ID: int64(20 + i), Author: ada, Body: fmt.Sprint("i", i)})
		s.AddRemark(repo, 2, fakegithub.Remark{Kind: []string{"issuecomment", "review"}[i%2], ID: int64(30 + i), Author: ada, Body: fmt.Sprint("p", i)})
		s.AddRemark(repo, 2, fakegithub.Remark{Kind: "review", ID: int64(40 + i), Author: ada}) // without words
		s.AddRemark(repo, 2, fakegithub.Remark{Kind: "reviewcomment", ID: int64(50 + i), Parent: 9007199254740993, Author: ada, Body: fmt.Sprint("r", i)})
		s.AddRemark(repo, 2, fakegithub.Remark{Kind: "reviewcomment", ID: int64(60 + i), Parent: 1, Author: ada, Body: "of another thread"})
		s.AddRemark(repo, 3, fakegithub.Remark{Kind: "discussioncomment", ID: int64(70 + i), Parent: 550062 * int64(i%2), Author: ada, Body: fmt.Sprint("d", i)})
	}
	for thread, want := range map[chat.ThreadID]string{
		issueThread:      "The pot leaks\n\nHere is how. i0 i1 i2 i3 i4",
		pullThread:       "Seal the pot\n\nIt leaked. p0 p1 p2 p3 p4",
		reviewThread:     "Why three? r0 r1 r2 r3 r4",
		discussionThread: "Which tea?\n\nGreen or black? Green. d0 d1 d2 d3 d4",
	} {
		for _, oldest := range []bool{false, true} {
			for _, limit := range []int{1, 2, 3, 5, 6, 7, 100} {
				var texts []string
				req := chat.PageRequest{Limit: limit, Oldest: oldest}
				for pages := 0; ; pages++ {
					require.Less(t, pages, 40)
					page, err := r.FetchMessages(t.Context(), thread, req)
					require.NoError(t, err)
					require.LessOrEqual(t, len(page.Items), limit)
					var got []string
					for _, m := range page.Items {
						require.Equal(t, thread, m.ThreadID)
						require.Equal(t, chat.UserID("100"), m.Author.UserID)
						got = append(got, m.Text)
					}
					if oldest {
						texts = append(texts, got...)
					} else {
						texts = append(got, texts...)
					}
					if req.Cursor = page.Next; page.Next == "" {
						break
					}
				}
				require.Equal(t, want, strings.Join(texts, " "), "%s, oldest %v, limit %d", thread, oldest, limit)
			}
		}
		_, err := r.FetchMessages(t.Context(), thread, chat.PageRequest{Cursor: "nonsense"})
		require.ErrorIs(t, err, chat.ErrInvalidArgument, thread)
	}
}

func TestMessagesOfOtherThreads(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.github.AddRemark(repo, 1, fakegithub.Remark{Kind: "issuecomment", ID: 20, Author: ada, Body: "here"})
	for thread, ids := range map[chat.ThreadID][]chat.MessageID{
		"github:acme/tea.pot:issue:8": {"issuecomment-20"},
		issueThread:                   {"discussion_r20", "pullrequestreview-20", "acme/tea.pot#2", "issuecomment-", "issuecomment-0", "x"},
		reviewThread:                  {"issuecomment-20", "acme/tea.pot#2"},
		"github:acme/tea.pot:2:rc:5":  {"discussion_r9007199254740993"},
		discussionThread:              {"discussioncomment-5"},
	} {
		for _, id := range ids {
			_, err := r.FetchMessage(t.Context(), thread, id)
			require.ErrorIs(t, err, chat.ErrNotFound, "%s %s", thread, id)
		}
	}
	m, err := r.FetchMessage(t.Context(), issueThread, "20")
	require.NoError(t, err, "the TypeScript SDK's id")
	require.Equal(t, "here", m.Text)
}

func TestThreads(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, limit := range []int{1, 2, 10} {
		var got []string
		req := chat.PageRequest{Limit: limit}
		for {
			page, err := r.ListThreads(t.Context(), "github:acme/tea.pot", req)
			require.NoError(t, err)
			for _, thread := range page.Items {
				got = append(got, string(thread.ID)+" "+string(thread.Root.ID))
			}
			if req.Cursor = page.Next; page.Next == "" {
				break
			}
		}
		require.Equal(t, []string{string(pullThread) + " acme/tea.pot#2", string(issueThread) + " acme/tea.pot#1"}, got)
	}
}

func TestPermalinks(t *testing.T) {
	t.Parallel()
	for api, web := range map[string]string{
		"https://api.github.com":             "https://github.com",
		"https://github.example.com/api/v3/": "https://github.example.com",
		"https://api.octo.ghe.com":           "https://octo.ghe.com",
	} {
		a := newAdapter(t, newGitHub(t), func(c *github.Config) { c.APIURL = api })
		for want, c := range map[string]struct {
			thread chat.ThreadID
			id     chat.MessageID
		}{
			"/acme/tea.pot/issues/1#issuecomment-5":           {issueThread, "issuecomment-5"},
			"/acme/tea.pot/pull/2":                            {pullThread, "acme/tea.pot#2"},
			"/acme/tea.pot/pull/2#pullrequestreview-7":        {pullThread, "pullrequestreview-7"},
			"/acme/tea.pot/pull/2#discussion_r8":              {reviewThread, "discussion_r8"},
			"/acme/tea.pot/discussions/3#discussioncomment-9": {discussionThread, "discussioncomment-9"},
		} {
			link, err := a.Permalink(t.Context(), c.thread, c.id)
			require.NoError(t, err)
			require.Equal(t, web+want, link)
		}
	}
}

func TestEnterpriseServer(t *testing.T) {
	t.Parallel()
	s := newGitHub(t)
	enterprise := http.NewServeMux()
	enterprise.Handle("/api/v3/", http.StripPrefix("/api/v3", s.Handler()))
	enterprise.Handle("/api/graphql", http.StripPrefix("/api", s.Handler()))
	r := newRigOn(t, s, botrig.Memory(t), asApp, func(c *github.Config) {
		c.APIURL, c.HTTPClient = "https://github.example.com/api/v3", &http.Client{Transport: served{enterprise}}
	})
	s.Install(repo, 11)
	post(t, r, issueThread, chat.Text("one"))
	post(t, r, discussionThread, chat.Text("two"))
	require.Len(t, s.Calls("POST", "/graphql/AddDiscussionComment"), 1)
}

func TestReactions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.github.AddRemark(repo, 2, fakegithub.Remark{Kind: "review", ID: 7, Author: ada, Body: "Hm."})
	for thread, id := range map[chat.ThreadID]chat.MessageID{issueThread: "acme/tea.pot#1", discussionThread: "acme/tea.pot#3"} {
		require.NoError(t, r.AddReaction(t.Context(), thread, id, "rocket"))
		require.NoError(t, r.RemoveReaction(t.Context(), thread, id, "🚀"))
	}
	require.Len(t, r.github.Calls("DELETE", "/issues/1/reactions/7"), 1)
	sent := post(t, r, pullThread, chat.Text("hello"))
	for _, name := range []string{"+1", "thumbs_up", "hooray", "party", "eyes"} {
		require.NoError(t, r.AddReaction(t.Context(), pullThread, sent.ID(), name))
	}
	posts, err := r.github.Posts(t.Context(), pullThread)
	require.NoError(t, err)
	require.Equal(t, []string{"+1", "hooray", "eyes"}, posts[0].Reactions)
	require.ErrorIs(t, r.AddReaction(t.Context(), pullThread, sent.ID(), "coffee"), errors.ErrUnsupported)
	require.ErrorIs(t, r.AddReaction(t.Context(), pullThread, "issuecomment-1", "eyes"), chat.ErrNotFound)
	require.ErrorIs(t, r.AddReaction(t.Context(), pullThread, "pullrequestreview-1", "eyes"), chat.ErrNotFound)
}

func TestWhatGitHubDoesNotHave(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := t.Context()
	_, err := r.PostMessage(ctx, issueThread, &chat.Post{Text: "see", Files: []chat.File{{Name: "a.txt", Content: strings.NewReader("a")}}})
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = r.ReplyMessage(ctx, issueThread, "issuecomment-1", chat.Text("yes"))
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorIs(t, r.DeleteMessage(ctx, pullThread, "pullrequestreview-1"), errors.ErrUnsupported)
	require.ErrorIs(t, r.EditMessage(ctx, issueThread, "acme/tea.pot#1", chat.Text("x")), errors.ErrUnsupported)
	_, err = r.PostMessage(ctx, issueThread, chat.Markdown(" \n"))
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

func TestAnswersToAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.github.AddRemark(repo, 3, fakegithub.Remark{Kind: "discussioncomment", ID: 70, Parent: 550062, Author: ada, Body: "Why?"})
	id, err := r.ReplyMessage(t.Context(), discussionThread, "discussioncomment-70", chat.Text("Because."))
	require.NoError(t, err, "it stands below the same comment")
	posts, err := r.github.Posts(t.Context(), discussionThread)
	require.NoError(t, err)
	require.Equal(t, chat.MessageID("discussioncomment-550062"), posts[0].ReplyTo)

	restarted := newRigOn(t, r.github, botrig.Memory(t)) // which knows no node ids
	require.NoError(t, restarted.EditMessage(t.Context(), discussionThread, id, chat.Text("Because!")))
	require.NoError(t, restarted.DeleteMessage(t.Context(), discussionThread, id))
	require.ErrorIs(t, restarted.DeleteMessage(t.Context(), discussionThread, id), chat.ErrNotFound)
}

func TestCards(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	post(t, r, issueThread, chat.Card(card.New("Verdict",
		card.NewText("It **leaks** no more."), card.NewFields(card.NewField("Files", "1")),
		card.NewActions(card.NewLinkButton("The run", "https://example.com/run"), card.NewButton("again", "Again")),
	)))
	posts, err := r.github.Posts(t.Context(), issueThread)
	require.NoError(t, err)
	require.Equal(t, "**Verdict**\n\nIt **leaks** no more.\n\n**Files:** 1\n\n[The run](https://example.com/run) · \\[Again]", strings.TrimSpace(posts[0].Text))
}

func TestReviews(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, err := r.PostReview(t.Context(), reviewThread, &github.Review{
		Verdict: github.ReviewRequestChanges, Body: "<@100> please", Comments: []github.LineComment{{Path: "pot.go", Line: 3, Body: "Why **three**?"}, {Path: "pot.go", Line: 1, Old: true, Body: "Gone."}},
	})
	require.NoError(t, err)
	m, err := r.FetchMessage(t.Context(), pullThread, id)
	require.NoError(t, err)
	require.Equal(t, "@ada please", m.Text)
	sent := r.github.Calls("POST", "/pulls/2/reviews")[0].Args
	require.Equal(t, "REQUEST_CHANGES", sent["event"])
	require.Len(t, sent["comments"], 2)

	_, err = r.PostReview(t.Context(), pullThread, &github.Review{Verdict: github.ReviewApprove})
	require.NoError(t, err, "an approval needs no words")
	_, err = r.PostReview(t.Context(), pullThread, &github.Review{Body: "See.", Comments: []github.LineComment{{Path: "cup.go", Line: 3, Body: "?"}}})
	require.ErrorIs(t, err, chat.ErrInvalid, "another file")
	for _, c := range []struct {
		thread chat.ThreadID
		review *github.Review
	}{
		{issueThread, &github.Review{Body: "x"}},
		{pullThread, nil},
		{pullThread, &github.Review{}},
		{pullThread, &github.Review{Body: "x", Verdict: "MAYBE"}},
		{pullThread, &github.Review{Body: "x", Comments: []github.LineComment{{Path: "pot.go", Body: "x"}}}},
	} {
		_, err := r.PostReview(t.Context(), c.thread, c.review)
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
	}
}

func TestStreams(t *testing.T) {
	t.Parallel()
	words := func(yield func(string, error) bool) { _ = yield("one ", nil) && yield("two", nil) }
	r := newRig(t)
	post(t, r, issueThread, chat.Stream(words))
	posts, err := r.github.Posts(t.Context(), issueThread)
	require.NoError(t, err)
	require.Equal(t, "one two", posts[0].Text)
	require.Zero(t, posts[0].Edits, "people are notified of the whole")

	growing := newRig(t, func(c *github.Config) { c.EditStreams = true })
	post(t, growing, issueThread, chat.Stream(words))
	posts, err = growing.github.Posts(t.Context(), issueThread)
	require.NoError(t, err)
	require.Equal(t, "one two", posts[0].Text)
	require.GreaterOrEqual(t, growing.EditInterval(issueThread), time.Minute/80*8)
}

const commentCall = "POST /repos/{owner}/{repo}/issues/{n}/comments"

// TestRefusals maps what GitHub answers. https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
func TestRefusals(t *testing.T) {
	t.Parallel()
	reset := fmt.Sprint(time.Now().Add(time.Hour).Unix())
	for name, c := range map[string]struct {
		failure fakegithub.Failure
		want    error
		wait    time.Duration // at least
	}{
		"bad credentials":                {fakegithub.Failure{Status: 401, Message: "Bad credentials"}, chat.ErrAuthentication, 0},
		"a permission":                   {fakegithub.Failure{Status: 403, Message: "Resource not accessible by integration"}, chat.ErrPermission, 0},
		"a locked issue":                 {fakegithub.Failure{Status: 403, Message: "Unable to create comment because issue is locked."}, chat.ErrPermission, 0},
		"not found":                      {fakegithub.Failure{Status: 404, Message: "Not Found"}, chat.ErrNotFound, 0},
		"gone":                           {fakegithub.Failure{Status: 410, Message: "This issue was deleted"}, chat.ErrNotFound, 0},
		"invalid":                        {fakegithub.Failure{Status: 422, Body: `{"message":"Validation Failed","errors":[{"resource":"IssueComment","code":"unprocessable","field":"data","message":"Body cannot be \"my words\""}]}`}, chat.ErrInvalid, 0},
		"broken":                         {fakegithub.Failure{Status: 502, Body: "<html>my words</html>"}, chat.ErrTemporary, 0},
		"no JSON":                        {fakegithub.Failure{Status: 201, Body: "my words"}, chat.ErrTemporary, 0},
		"JSON of another kind":           {fakegithub.Failure{Status: 201, Body: `{"id":"my words"}`}, chat.ErrTemporary, 0},
		"the rate":                       {fakegithub.Failure{Status: 403, Message: "API rate limit exceeded", Header: map[string]string{"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}}, chat.ErrRateLimited, 50 * time.Minute},
		"the secondary rate":             {fakegithub.SecondaryLimit(90 * time.Second), chat.ErrRateLimited, 80 * time.Second},
		"the secondary rate, for a time": {fakegithub.SecondaryLimit(0), chat.ErrRateLimited, 50 * time.Second},
		"the secondary rate, by words":   {fakegithub.Failure{Status: 403, Message: "You have exceeded a secondary rate limit"}, chat.ErrRateLimited, 50 * time.Second},
		"too many requests":              {fakegithub.Failure{Status: 429, Message: "Too many", Header: map[string]string{"Retry-After": "70"}}, chat.ErrRateLimited, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.github.Fail(commentCall, c.failure)
			_, err := r.PostMessage(t.Context(), issueThread, chat.Text("my words"))
			require.ErrorIs(t, err, c.want)
			failed, ok := errors.AsType[*chat.PlatformError](err)
			require.True(t, ok)
			require.GreaterOrEqual(t, failed.RetryAfter, c.wait)
			require.Equal(t, "issues/create-comment", failed.Op)
			require.NotContains(t, err.Error(), "my words")
			require.NotContains(t, err.Error(), fakegithub.Token)
		})
	}
}

// TestGraphQLRefusals maps what GraphQL answers with status 200.
func TestGraphQLRefusals(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]error{
		"NOT_FOUND": chat.ErrNotFound, "FORBIDDEN": chat.ErrPermission, "INSUFFICIENT_SCOPES": chat.ErrPermission, "RATE_LIMITED": chat.ErrRateLimited,
		"SERVICE_UNAVAILABLE": chat.ErrTemporary, "UNPROCESSABLE": chat.ErrInvalid, "": chat.ErrInvalid, "my words": chat.ErrInvalid,
	} {
		r := newRig(t)
		r.github.Fail("AddDiscussionComment", fakegithub.Failure{Status: 200, Body: fmt.Sprintf(`{"data":{"addDiscussionComment":null},"errors":[{"type":%q,"message":"my words"}]}`, kind)})
		_, err := r.PostMessage(t.Context(), discussionThread, chat.Text("my words"))
		require.ErrorIs(t, err, want, kind)
		require.NotContains(t, err.Error(), "my words")
	}
}

func TestNoTokenForAnInstallation(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{401: chat.ErrAuthentication, 403: chat.ErrPermission, 503: chat.ErrTemporary} {
		r := newRig(t, asApp)
		r.github.Install(repo, 11)
		r.github.Fail("POST /app/installations/{id}/access_tokens", fakegithub.Failure{Status: status, Message: "no"})
		_, err := r.PostMessage(t.Context(), issueThread, chat.Text("my words"))
		require.ErrorIs(t, err, want)
		require.NotContains(t, err.Error(), "PRIVATE KEY")
	}
}

func TestTokensStayWithGitHub(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	seen := make(chan string, 1)
	other := newOther(t, seen)
	r.github.Fail(commentCall, fakegithub.Failure{Status: http.StatusTemporaryRedirect, Header: map[string]string{"Location": other + "/here"}})
	_, err := r.PostMessage(t.Context(), issueThread, chat.Text("x"))
	require.ErrorIs(t, err, chat.ErrTemporary)
	select {
	case auth := <-seen:
		require.Failf(t, "another host was asked", "with %q", auth)
	default:
	}
}

func TestCallsEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := r.PostMessage(ctx, issueThread, chat.Text("x"))
	require.ErrorIs(t, err, context.Canceled)
	_, err = r.FetchUser(ctx, "100")
	require.ErrorIs(t, err, context.Canceled)
	_, err = r.FetchUser(t.Context(), "ada")
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	_, err = r.FetchUser(t.Context(), "999")
	require.ErrorIs(t, err, chat.ErrNotFound)
}
