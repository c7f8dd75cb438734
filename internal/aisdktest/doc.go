// Package aisdktest lets the AI SDK's own client, from npm, talk to the example
// bot. It needs Node.js and npm, see package nodejs.
package aisdktest
