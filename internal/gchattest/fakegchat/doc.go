// Package fakegchat is a Google Chat for tests: its API, Google's token endpoint and
// keys, and the Workspace Events API. It takes what their documentation allows, and
// refuses the rest as they do.
package fakegchat
