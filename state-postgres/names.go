package pgstate

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// maxKey is the longest name that is stored as it is: an entry of an index takes
// 2,704 bytes.
const maxKey = 2000

// keyOf returns how a name is stored: as it is, but that a text of Postgres has no
// NUL, which becomes \0, so that a backslash becomes \\. A name that is too long for
// an index becomes a part of it and its hash.
func keyOf(name string) string {
	key := name
	if strings.ContainsAny(name, "\x00\\") {
		key = strings.NewReplacer("\x00", `\0`, `\`, `\\`).Replace(name)
	}
	if len(key) <= maxKey {
		return key
	}
	sum := sha256.Sum256([]byte(name))
	return strings.ToValidUTF8(key[:maxKey-100], "") + `\#` + hex.EncodeToString(sum[:])
}

// nameOf returns the name of a key that keyOf has not shortened.
func nameOf(key string) string {
	if !strings.Contains(key, `\`) {
		return key
	}
	return strings.NewReplacer(`\\`, `\`, `\0`, "\x00").Replace(key)
}

// wholeName returns the name where it cannot be told from its key, and else nil.
func wholeName(name, key string) *string {
	if strings.Contains(key, `\#`) {
		return &name
	}
	return nil
}

// tablePrefix returns what stands before the name of a table.
func tablePrefix(schema string) string {
	if schema == "" {
		return tableNames
	}
	return `"` + strings.ReplaceAll(schema, `"`, `""`) + `".` + tableNames
}

// tableNames is how the name of each table begins.
const tableNames = "chat_go_"

// sql returns the statement for the adapter's schema. Statements name tables
// without one.
func (a *Adapter) sql(text string) string {
	if a.tables == tableNames {
		return text
	}
	return strings.ReplaceAll(text, tableNames, a.tables)
}
