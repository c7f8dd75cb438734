// Package mcptest tests the module mcpchat with the SDK's own client: in memory, over the
// standard input and output of a program, and over HTTP.
package mcptest
