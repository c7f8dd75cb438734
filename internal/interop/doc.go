// Package interop compares what a bot can say with what the npm packages make
// of it: Markdown trees with remark, cards, modals and emoji with chat. It
// needs Node.js and npm, see package nodejs.
package interop
