package github

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	gh "github.com/google/go-github/v92/github"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// graphqlError is an error in an answer of GraphQL. Its message may quote the request.
type graphqlError struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

// graphqlCodes classifies the types of errors. GitHub does not document them; these are
// the types that it is known to send.
var graphqlCodes = platform.ParseCodes(map[chat.Code]string{
	chat.CodeNotFound:    "NOT_FOUND",
	chat.CodePermission:  "FORBIDDEN INSUFFICIENT_SCOPES",
	chat.CodeRateLimited: "RATE_LIMITED RATE_LIMIT",
	chat.CodeTemporary:   "SERVICE_UNAVAILABLE INTERNAL LOADING TIMEOUT MAX_NODE_LIMIT_EXCEEDED",
	chat.CodeInvalid:     "UNPROCESSABLE",
})

// query sends a GraphQL query or mutation for a repository. op is the name of its
// operation, and the Op of its error.
// https://docs.github.com/en/graphql/guides/forming-calls-with-graphql
func query[T any](ctx context.Context, a *Adapter, op string, p place, text string, variables map[string]any) (*T, error) {
	type answer struct {
		Data   *T             `json:"data"`
		Errors []graphqlError `json:"errors"`
	}
	got, err := call(ctx, a, op, p, func(c *gh.Client) (*answer, *gh.Response, error) {
		r, err := c.NewRequest(ctx, http.MethodPost, a.graphqlURL(), map[string]any{"query": text, "variables": variables, "operationName": op})
		if err != nil {
			return nil, nil, err
		}
		out := new(answer)
		response, err := c.Do(r, out)
		if err == nil && len(out.Errors) > 0 {
			err = graphqlFailure(op, out.Errors, response)
		}
		return out, response, err
	})
	if err != nil {
		return nil, err
	}
	if got.Data == nil {
		return nil, platformError(op, chat.CodeTemporary, errors.New("the answer has no data"))
	}
	return got.Data, nil
}

// graphqlURL returns the address of GraphQL: "/graphql" below the address of the API, and
// on GitHub Enterprise Server in the place of its "/v3".
// https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint
func (a *Adapter) graphqlURL() string {
	return strings.TrimSuffix(a.config.APIURL, "/v3") + "/graphql"
}

func graphqlFailure(op string, all []graphqlError, response *gh.Response) error {
	kind := all[0].Type
	code, known := graphqlCodes[strings.ToUpper(kind)]
	if !known {
		code = chat.CodeInvalid
		// https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#exceeding-the-rate-limit
		if strings.Contains(strings.ToLower(all[0].Message), "secondary rate limit") {
			code = chat.CodeRateLimited
		}
	}
	out := platformError(op, code, errors.New("a GraphQL error "+safeType(kind)))
	if code == chat.CodeRateLimited {
		if out.RetryAfter = platform.RetryAfter(response.Header, time.Now()); out.RetryAfter == 0 {
			out.RetryAfter = secondaryWait
		}
	}
	return out
}

// safeType describes the type of an error, if it is a name and cannot be quoted text.
func safeType(kind string) string {
	if kind == "" || len(kind) > 50 || strings.Trim(kind, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
		return "without a type"
	}
	return "of type " + kind
}
