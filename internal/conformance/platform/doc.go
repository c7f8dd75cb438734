// Package platform runs the conformance suite for platform adapters against this
// project's own adapters, and proves that it catches wrong ones.
//
// It has tests only.
package platform
