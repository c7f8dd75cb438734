// Package browsertest drives the chat page in headless Chromium, against the
// example bots as processes, and against a bot of the test's own where it has to
// hold up or let fail what a process would not. It also drives the page of make
// demo.
//
// It needs Debian's chromium (or another Chromium in the path) and fails without
// it. Screenshots are kept with go test -artifacts.
package browsertest
