// Package live puts a bot of the npm packages and one of this SDK on the same Redis,
// both running, and checks that either understands what the other has stored. It needs
// Node.js and npm, see package nodejs, and Redis, see package redistest.
//
// npm/program.mjs is the bot of the npm packages, in a process of its own that a test
// asks to do things. Both bots have the same platform, chattest's, and Slack.
//
// TestShapes prints its findings as a table: what is stored, by whom, and on which
// topology of Redis.
package live
