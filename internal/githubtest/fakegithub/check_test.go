package fakegithub

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWrongCallsAreFound(t *testing.T) {
	t.Parallel()
	const comment = "POST /repos/{owner}/{repo}/issues/{n}/comments"
	const answer = "POST /repos/{owner}/{repo}/pulls/{n}/comments"
	require.Empty(t, Check(comment, map[string]any{"body": "hello"}, nil))
	for want, c := range map[string]struct {
		pattern string
		args    map[string]any
		query   []string
	}{
		"there is no such endpoint":             {pattern: "POST /repos/{owner}/{repo}/comments"},
		`the argument "body" is missing`:        {pattern: comment},
		`the argument "body" is no text`:        {pattern: comment, args: map[string]any{"body": json.Number("7")}},
		`the argument "body" is too long`:       {pattern: comment, args: map[string]any{"body": strings.Repeat("a", 65537)}},
		`there is no argument "text"`:           {pattern: comment, args: map[string]any{"body": "a", "text": "a"}},
		`the argument "in_reply_to" is missing`: {pattern: answer, args: map[string]any{"body": "a"}},
		`the argument "in_reply_to" is no`:      {pattern: answer, args: map[string]any{"body": "a", "in_reply_to": "7"}},
		`the argument "content" is no reaction`: {pattern: "POST /repos/{owner}/{repo}/issues/{n}/reactions", args: map[string]any{"content": "coffee"}},
		`there is no parameter "limit"`:         {pattern: "GET /repos/{owner}/{repo}/issues", query: []string{"limit"}},
	} {
		problems := Check(c.pattern, c.args, c.query)
		require.Len(t, problems, 1, want)
		require.Contains(t, problems[0], want)
	}
}

func TestWrongQueriesAreFound(t *testing.T) {
	t.Parallel()
	const good = `query Q($n: Int!) { repository(owner: "a", name: "b") { discussion(number: $n) { id } } }`
	call := func(query string, variables map[string]any) map[string]any {
		return map[string]any{"query": query, "operationName": "Q", "variables": variables}
	}
	one := map[string]any{"n": json.Number("1")}
	require.NoError(t, CheckQuery(call(good, one)))
	for name, args := range map[string]map[string]any{
		"no GraphQL":                call("query {", one),
		"another field":             call(strings.Replace(good, "{ id }", "{ databaseID }", 1), one),
		"another argument":          call(strings.Replace(good, "number:", "id:", 1), one),
		"an argument that lacks":    call(strings.Replace(good, `, name: "b"`, "", 1), one),
		"a variable that lacks":     call(good, nil),
		"a variable of text":        call(good, map[string]any{"n": "one"}),
		"a variable too much":       call(good, map[string]any{"n": json.Number("1"), "m": "x"}),
		"another operation":         {"query": good, "operationName": "R", "variables": one},
		"another name in the call":  {"query": good, "operationName": "Q", "variables": one, "extensions": ""},
		"an enum that is not there": call(`mutation Q { addReaction(input: {subjectId: "a", content: COFFEE}) { reaction { content } } }`, nil),
		"an input that lacks":       call(`mutation Q { addReaction(input: {subjectId: "a"}) { reaction { content } } }`, nil),
	} {
		require.Error(t, CheckQuery(args), name)
	}
}
