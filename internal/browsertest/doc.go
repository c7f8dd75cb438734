// Package browsertest drives the chat page in headless Chromium, against the
// example bot as a process.
//
// It needs Debian's chromium (or another Chromium in the path) and fails without
// it. Screenshots are kept with go test -artifacts.
package browsertest
