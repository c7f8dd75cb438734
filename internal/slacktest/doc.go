// Package slacktest tests the Slack adapter with a whole bot: what Slack sends,
// against a state, and what the bot asks of Slack, against a server that answers
// like Slack's.
package slacktest
