package github

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/chat-adapter/chat-go/core/chat"
)

// nested is an item together with the objects that a GraphQL answer nests in it.
type nested[T any] struct {
	item *item
	in   T
}

// UnmarshalJSON reads the JSON as both.
func (n *nested[T]) UnmarshalJSON(data []byte) error {
	n.item = new(item)
	if err := json.Unmarshal(data, n.item); err != nil {
		return err
	}
	return json.Unmarshal(data, &n.in)
}

// pageInfo says whether a GraphQL connection has further pages.
// https://docs.github.com/en/graphql/guides/using-pagination-in-the-graphql-api
type pageInfo struct {
	HasNextPage, HasPreviousPage bool
	StartCursor, EndCursor       string
}

const queryComments = `query Comments($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    discussion(number: $number) {
      number title body user: author { ...who } created_at: createdAt edited_at: lastEditedAt html_url: url
      remarks: comments(first: 50, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...comment replies(first: 100) { nodes { ...comment } } } }
    }
  }
}` + commentFields

// discussionJSON is the answer to queryComments.
type discussionJSON struct {
	Repository *struct {
		Discussion *nested[struct {
			Remarks struct {
				PageInfo pageInfo
				Nodes    []nested[struct {
					Replies struct{ Nodes []*item }
				}]
			}
		}]
	}
}

// discussionItems returns the text of a discussion, and then its comments sorted by time.
func (a *Adapter) discussionItems(ctx context.Context, p place) ([]placedItem, error) {
	var all []placedItem
	add := func(it *item, kind remarkKind) {
		if it != nil && (kind == body || it.Body != "") { // a deleted comment with answers is empty
			all = append(all, placedItem{it, p, kind})
		}
	}
	variables := p.variables()
	variables["after"] = nil
	for {
		got, err := query[discussionJSON](ctx, a, "Comments", p, queryComments, variables)
		if err != nil {
			return nil, err
		}
		if got.Repository == nil || got.Repository.Discussion == nil {
			return nil, platformError("Comments", chat.CodeNotFound, errNoDiscussion)
		}
		found := got.Repository.Discussion
		if len(all) == 0 {
			add(found.item, body)
		}
		for _, top := range found.in.Remarks.Nodes {
			add(top.item, discussionComment)
			for _, reply := range top.in.Replies.Nodes {
				if reply != nil {
					reply.Parent = top.item.ID
				}
				add(reply, discussionComment)
			}
		}
		page := found.in.Remarks.PageInfo
		if !page.HasNextPage || len(all) >= most {
			break
		}
		variables["after"] = page.EndCursor
	}
	slices.SortStableFunc(all[1:], func(x, y placedItem) int {
		return cmp.Or(x.CreatedAt.Compare(y.CreatedAt), cmp.Compare(x.ID, y.ID))
	})
	return all, nil
}
