// Package slack is the adapter for Slack.
package slack
