package state

import (
	"context"
	"time"
)

// cleared is what a list holds for a moment after it was cleared.
const cleared = "null"

// ClearList empties a list. For a moment it holds one JSON null, which stays if
// another value is appended at the same time: readers leave out values that
// [IsCleared] reports.
func ClearList(ctx context.Context, lists Lists, key string) error {
	return lists.AppendToList(ctx, key, []byte(cleared), ListOptions{MaxLength: 1, TTL: time.Millisecond})
}

// IsCleared reports whether a value of a list only says that the list was
// cleared.
func IsCleared(value []byte) bool { return string(value) == cleared }
