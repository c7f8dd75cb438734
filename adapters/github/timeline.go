package github

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// The history of an issue or a pull request is GraphQL's timeline, which has pages in
// both directions, and the reviews of a pull request between its comments.
// https://docs.github.com/en/graphql/reference/objects#pullrequesttimelineitemsconnection
const (
	whatFields = `number title body user: author { ...who } created_at: createdAt edited_at: lastEditedAt html_url: url`

	timelineFields = `{ pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { ...remark } }`

	remarkFields = `type: __typename
  ... on IssueComment { id: fullDatabaseId node_id: id body user: author { ...who } created_at: createdAt edited_at: lastEditedAt html_url: url }`

	reviewFields = `
  ... on PullRequestReview { id: fullDatabaseId node_id: id body user: author { ...who } created_at: createdAt submitted_at: submittedAt edited_at: lastEditedAt html_url: url }`

	whoFields = `
fragment who on Actor { login type: __typename ... on User { id: databaseId } ... on Bot { id: databaseId } ... on Mannequin { id: databaseId } ... on Organization { id: databaseId } }`

	timelineHead = `query Timeline($owner: String!, $name: String!, $number: Int!, $first: Int, $after: String, $last: Int, $before: String) {
  repository(owner: $owner, name: $name) { what: `

	queryIssueTimeline = timelineHead + `issue(number: $number) { ` + whatFields +
		` timeline: timelineItems(first: $first, after: $after, last: $last, before: $before, itemTypes: [ISSUE_COMMENT]) ` + timelineFields + ` } }
}
fragment remark on IssueTimelineItems { ` + remarkFields + ` }` + whoFields

	queryPullTimeline = timelineHead + `pullRequest(number: $number) { ` + whatFields +
		` timeline: timelineItems(first: $first, after: $after, last: $last, before: $before, itemTypes: [ISSUE_COMMENT, PULL_REQUEST_REVIEW]) ` + timelineFields + ` } }
}
fragment remark on PullRequestTimelineItems { ` + remarkFields + reviewFields + ` }` + whoFields
)

// timelineJSON is the answer to either query.
type timelineJSON struct {
	Repository *struct {
		What *nested[struct {
			Timeline struct {
				PageInfo pageInfo
				Nodes    []*nested[struct{ Type string }]
			}
		}]
	}
}

// Cursors of a timeline. The text of the issue or pull request is not part of GitHub's
// timeline, so it may be a page of its own.
const (
	beforePage = "before:"
	afterPage  = "after:"
	rootPage   = "root"
)

// timeline returns a page of an issue or a pull request.
func (a *Adapter) timeline(ctx context.Context, p place, req chat.PageRequest) (chat.Page[placedItem], error) {
	var page chat.Page[placedItem]
	size := pageSize(req)
	variables := p.variables()
	cursor, known := "", req.Cursor == ""
	if !known {
		prefix := beforePage
		if req.Oldest {
			prefix = afterPage
		}
		if cursor, known = strings.CutPrefix(req.Cursor, prefix); !known && !req.Oldest {
			known = req.Cursor == rootPage
		}
	}
	if !known {
		return page, badCursor(req.Cursor)
	}
	switch {
	case req.Oldest:
		variables["first"] = size
		if req.Cursor == "" { // the text of the issue or pull request is on this page, too
			variables["first"] = max(size-1, 1)
		}
		if cursor != "" {
			variables["after"] = cursor
		}
	case req.Cursor == rootPage:
		variables["last"] = 1
	default:
		variables["last"] = size
		if cursor != "" {
			variables["before"] = cursor
		}
	}
	text := queryIssueTimeline
	if p.kind == pull {
		text = queryPullTimeline
	}
	got, err := query[timelineJSON](ctx, a, "Timeline", p, text, variables)
	if err != nil {
		return page, err
	}
	if got.Repository == nil || got.Repository.What == nil {
		return page, platformError("Timeline", chat.CodeNotFound, errors.New("there is no such issue or pull request"))
	}
	what := got.Repository.What
	root := placedItem{what.item, p, body}
	if req.Cursor == rootPage {
		page.Items = []placedItem{root}
		return page, nil
	}
	for _, node := range what.in.Timeline.Nodes {
		switch {
		case node == nil || node.item.Body == "":
		case node.in.Type == "PullRequestReview":
			page.Items = append(page.Items, placedItem{node.item, p, review})
		default:
			page.Items = append(page.Items, placedItem{node.item, p, issueComment})
		}
	}
	info := what.in.Timeline.PageInfo
	switch {
	case req.Oldest && req.Cursor == "" && size == 1:
		page.Items = []placedItem{root}
		if len(what.in.Timeline.Nodes) > 0 {
			page.Next = afterPage
		}
	case req.Oldest:
		if req.Cursor == "" {
			page.Items = slices.Insert(page.Items, 0, root)
		}
		if info.HasNextPage {
			page.Next = afterPage + info.EndCursor
		}
	case info.HasPreviousPage:
		page.Next = beforePage + info.StartCursor
	case len(page.Items) < size:
		page.Items = slices.Insert(page.Items, 0, root)
	default:
		page.Next = rootPage
	}
	return page, nil
}
