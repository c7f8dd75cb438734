package markdown

import "strings"

// maxNesting is how deep blocks, and how deep spans, may stand in each other.
// What would be deeper is text. It bounds the stack and the time that a line
// can cost, whatever the source.
const maxNesting = 100

// Parse returns the tree of a Markdown text: CommonMark with the GFM
// extensions (tables, strikethrough, task lists, literal autolinks) and
// footnotes, as remark-parse and remark-gfm build it. Every text is valid
// Markdown, so there is no error.
//
// Line endings become "\n", a NUL and bytes that are not UTF-8 become U+FFFD.
// Time and memory grow with the length of the source and no faster, whatever
// it contains.
func Parse(src string) *Root {
	p := &parser{}
	p.root = &block{kind: rootBlock}
	p.open = []*block{p.root}
	p.parseLines(clean(src))
	return &Root{Children: p.blocks(p.root)}
}

// clean brings a source into the form that the parser reads.
func clean(src string) string {
	src = strings.TrimPrefix(src, "\uFEFF")
	src = strings.ToValidUTF8(src, "\uFFFD")
	if strings.IndexByte(src, '\r') >= 0 {
		src = strings.ReplaceAll(src, "\r\n", "\n")
		src = strings.ReplaceAll(src, "\r", "\n")
	}
	return strings.ReplaceAll(src, "\x00", "\uFFFD")
}

// parser holds the state of one Parse: the blocks that are open while lines
// are read, and what the text inside them may refer to.
type parser struct {
	root *block
	// open is the path of open containers, from the root.
	open []*block
	// leaf is the open leaf in the last open container; nil if there is none.
	leaf *block

	line cursor
	// lineNo is the number of the current line, from 1.
	lineNo int
	// lineStart is where the current line begins in the source, for blocks that
	// keep where their lines stand.
	lineStart  int
	lineStarts bool

	definitions labels
	footnotes   labels

	// inlines parses one text after another.
	inlines inlineParser
}

func (p *parser) parseLines(src string) {
	for len(src) > 0 {
		line := src
		if i := strings.IndexByte(src, '\n'); i >= 0 {
			line, src = src[:i], src[i+1:]
		} else {
			src = ""
		}
		p.lineNo++
		p.line = newCursor(line)
		p.parseLine()
	}
	p.closeLeaf()
}
