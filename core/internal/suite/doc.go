// Package suite is what the public conformance suites have in common: running
// one case of one rule, and finding where the rule stands.
package suite
