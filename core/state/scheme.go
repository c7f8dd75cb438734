package state

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// knownSchemes names the package to import for the schemes of this project.
var knownSchemes = map[string]string{
	"memory":           "github.com/chat-adapter/chat-go/state-memory",
	"postgres":         postgresPackage,
	"postgresql":       postgresPackage,
	"redis":            redisPackage,
	"rediss":           redisPackage,
	"redis+unix":       redisPackage,
	"redis+cluster":    redisPackage,
	"rediss+cluster":   redisPackage,
	"redis+sentinel":   redisPackage,
	"rediss+sentinel":  redisPackage,
	"valkey":           redisPackage,
	"valkeys":          redisPackage,
	"valkey+unix":      redisPackage,
	"valkey+cluster":   redisPackage,
	"valkeys+cluster":  redisPackage,
	"valkey+sentinel":  redisPackage,
	"valkeys+sentinel": redisPackage,
}

const (
	postgresPackage = "github.com/chat-adapter/chat-go/state-postgres"
	redisPackage    = "github.com/chat-adapter/chat-go/state-redis"
)

// otherNames are schemes by which other libraries call one of these.
var otherNames = map[string]string{
	"unix":         "redis+unix",
	"redis-socket": "redis+unix",
	"redis+socket": "redis+unix",
	"redis+ssl":    "rediss",
	"redis+tls":    "rediss",
	"sentinel":     "redis+sentinel",
	"cluster":      "redis+cluster",
	"inmemory":     "memory",
	"pg":           "postgres",
	"pgsql":        "postgres",
}

// isScheme reports whether the text is a scheme in lower case
// (https://www.rfc-editor.org/rfc/rfc3986#section-3.1).
func isScheme(s string) bool {
	for i, c := range []byte(s) {
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || !('0' <= c && c <= '9') && !strings.ContainsRune("+-.", rune(c))) {
			return false
		}
	}
	return s != "" && len(s) <= 32
}

func unknownScheme(scheme string) error {
	if pkg, known := knownSchemes[scheme]; known {
		return fmt.Errorf("%w: state URL scheme %q is not registered: add import _ %q", ErrInvalidConfig, scheme, pkg)
	}
	if meant := probablyMeant(scheme); meant != "" {
		return fmt.Errorf("%w: state URL scheme %q is not registered: did you mean %s://?", ErrInvalidConfig, scheme, meant)
	}
	return fmt.Errorf("%w: state URL scheme %q is not registered (registered: %s): import the package that provides it",
		ErrInvalidConfig, scheme, strings.Join(schemes(), ", "))
}

// probablyMeant returns the scheme that is spelled nearly so, or "".
func probablyMeant(scheme string) string {
	if name := otherNames[scheme]; name != "" {
		return name
	}
	names := append(slices.Sorted(maps.Keys(knownSchemes)), schemes()...)
	best, least := "", min(2, len(scheme)/2)+1
	for _, name := range names {
		if d := distance(scheme, name); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance is how many letters must be inserted, removed, replaced or swapped with
// their neighbour to make one word of another (the optimal string alignment
// distance).
func distance(a, b string) int {
	var before, last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replaced := last[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			row[j] = min(last[j]+1, row[j-1]+1, replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
