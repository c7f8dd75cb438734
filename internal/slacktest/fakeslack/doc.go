// Package fakeslack is a fake of Slack's Web API over HTTP, for tests. It keeps
// channels, users, messages, threads, reactions, files, views, streams and
// scheduled messages, and answers as Slack does.
//
// Each call is checked against Slack's documentation: the names and the types
// of its arguments, the lengths of texts, and every block and view. A call that
// Slack would refuse as malformed fails the test; the errors that a caller has to
// live with, such as a message that is gone, are only answered.
//
// Pages of https://docs.slack.dev/reference say what holds: methods, block-kit
// and views. Where the fake knows more than they do, the source stands next to it.
package fakeslack
