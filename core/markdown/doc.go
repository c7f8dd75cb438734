// Package markdown has formatted text as a tree: the mdast of the remark
// family, with the GFM extensions, as Go types.
//
// [Parse] reads Markdown into a tree and [Print] writes it back. [Marshal] and
// [Unmarshal] go to and from the JSON that remark uses, which is how the
// TypeScript SDK stores the content of messages. [PlainText] drops all
// formatting. [Walk], [All], [Find], [FindAll] and [Map] are for programs that
// look into a tree or change it, such as a platform adapter that turns it into
// the platform's own markup.
//
// [Mender] mends Markdown that is still being written, as the answer of a
// language model is, so that every state of it renders well.
//
// # Untrusted text
//
// Any text is valid input. Parse and Print need time in proportion to their
// input, and what they make is nested no deeper than a fixed bound. Raw HTML
// and the URLs of links are kept as they stand: a program that renders a tree as HTML
// must sanitize both.
//
// # Differences from remark
//
// Trees equal those of remark-parse with remark-gfm, without positions, but
// for these points:
//
//   - Line endings are "\n" in every value.
//   - An HTML block that the end of the text ends does not include its last
//     line ending.
//   - Blocks or spans that would be nested deeper than a hundred levels are
//     text.
//   - An empty title, language or meta string is the same as none.
//   - In the corners where remark departs from CommonMark 0.31 we do not: which
//     list items may follow indented code or stand in a new container, and the
//     lengths that the "rule of three" for emphasis compares.
package markdown
