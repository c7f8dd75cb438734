package pgstate

import (
	"fmt"
	"strings"
)

// callSQL is a statement for one call, and the same for several at once, which takes an
// array for each argument. That of one needs less of the server.
type callSQL struct{ one, many string }

// lockPatience is how long the statements of several calls wait for a lock.
const lockPatience = "100ms"

// newCallSQL makes a statement. In its text, {calls} is a table of the calls: prefix,
// which is $1, the columns, which are the parameters from $2 on, and call, which counts
// from 1. {lock} locks the queues of the calls in an order that all callers keep. With
// several calls it also sets, for the rest of the transaction, how long to wait for a lock,
// and that rows are found by their keys, one by one: the planner would read a whole table
// that it knows as a small one. For the same reason what is joined to a table has its
// prefix from calls, where it is no constant.
func newCallSQL(text, columns string) callSQL {
	var scalars, arrays, names []string
	for i, column := range strings.Split(columns, ", ") {
		name, kind, _ := strings.Cut(column, " ")
		scalars = append(scalars, fmt.Sprintf("$%d::%s AS %s", i+2, kind, name))
		arrays = append(arrays, fmt.Sprintf("$%d::%s[]", i+2, kind))
		names = append(names, name)
	}
	const lock = `
SELECT count(pg_advisory_xact_lock(hashtextextended(prefix || '/' || queue, 0))) FROM `
	return callSQL{
		one: strings.NewReplacer(
			"{calls}", "NOT MATERIALIZED (SELECT $1::text AS prefix, "+strings.Join(scalars, ", ")+", 1::bigint AS call)",
			"{lock}", lock+"calls",
		).Replace(text),
		many: strings.NewReplacer(
			"{calls}", "MATERIALIZED (SELECT $1::text AS prefix, c.* FROM unnest("+strings.Join(arrays, ", ")+
				") WITH ORDINALITY AS c ("+strings.Join(names, ", ")+", call))",
			"{lock}", lock+`(
    SELECT set_config('lock_timeout', '`+lockPatience+`', true), set_config('enable_seqscan', 'off', true),
        set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
) AS settings LEFT JOIN (SELECT prefix, queue FROM calls ORDER BY queue COLLATE "C") AS c ON true`,
		).Replace(text),
	}
}

// of returns the statement for so many calls.
func (s callSQL) of(calls int) string {
	if calls == 1 {
		return s.one
	}
	return s.many
}

// arg is a column of calls as a parameter.
func arg[T any](column []T) any {
	if len(column) == 1 {
		return column[0]
	}
	return column
}
