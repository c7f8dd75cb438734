// Package repo knows what this repository consists of. Its tests hold the
// rules that no compiler or linter checks.
package repo
