package markdown

import "strings"

// bracket is a "[" or "![" that a "]" may turn into a link or an image.
type bracket struct {
	span  *span
	image bool
	// content is where the text after the bracket begins.
	content int
	// delim is the last delimiter before the bracket.
	delim *delimiter
	// nested is true when another bracket follows: then the text is no label.
	nested bool
}

func (q *inlineParser) openBracket(image bool) {
	size := 1
	if image {
		size = 2
	}
	q.markNested()
	if q.search.index(q.src, "]", q.pos) < 0 {
		q.unclosed = true
		q.probe.openBracket(q.pos)
		q.pos += size // text; start stays
		return
	}
	q.flush()
	s := q.push(span{text: q.src[q.pos : q.pos+size]})
	q.skip(size)
	q.brackets = append(q.brackets, bracket{
		span: s, image: image, content: q.pos, delim: q.delims.last,
	})
}

// inBracket reports whether a bracket is open. remark finds no literal
// addresses behind one while it parses a text.
func (q *inlineParser) inBracket() bool { return len(q.brackets) > 0 || q.unclosed }

func (q *inlineParser) markNested() {
	if n := len(q.brackets); n > 0 {
		q.brackets[n-1].nested = true
	}
}

// closeBracket parses a "]", and reports whether it ended anything.
func (q *inlineParser) closeBracket() bool {
	last := len(q.brackets) - 1
	if last < 0 {
		return false
	}
	b := q.brackets[last]
	q.brackets = q.brackets[:last]
	inactive := last < q.inactive
	q.inactive = min(q.inactive, last)
	if inactive && !b.image || q.tooDeep {
		return false
	}
	link, end := q.target(b)
	if end == 0 {
		q.probe.noLink(b, q.src[q.pos+1:])
		return b.image && q.imageFootnote(b)
	}
	q.flush()
	q.pair(b.delim, true)
	q.truncate(b.delim)
	depth := 0
	for s := b.span.next; s != nil; s = s.next {
		depth = max(depth, s.depth)
	}
	if depth == maxNesting {
		q.tooDeep = true
		return false
	}
	link.finish(collect(b.span.next, nil), b.image)
	q.tail = b.span.prev
	q.tail.next = nil
	q.push(span{node: link.node, depth: depth + 1})
	q.skip(end - q.pos)
	if !b.image {
		q.inactive = last
	}
	return true
}

// target is what follows the text of a link or image.
type target struct {
	url, title        string
	label, identifier string
	reference         ReferenceType
	node              Node
}

// finish makes the node.
func (t *target) finish(content []Node, image bool) {
	switch {
	case t.reference != "" && image:
		t.node = &ImageReference{
			Identifier: t.identifier, Label: t.label, ReferenceType: t.reference, Alt: altText(content),
		}
	case t.reference != "":
		t.node = &LinkReference{
			Identifier: t.identifier, Label: t.label, ReferenceType: t.reference, Children: content,
		}
	case image:
		t.node = &Image{URL: t.url, Title: t.title, Alt: altText(content)}
	default:
		t.node = &Link{URL: t.url, Title: t.title, Children: content}
	}
}

// target reads what the bracket at pos is followed by, and where that ends; 0
// if the bracket ends no link.
func (q *inlineParser) target(b bracket) (target, int) {
	after := q.pos + 1
	text := q.src[b.content:q.pos]
	defined := !b.nested && q.defined(text)
	if strings.HasPrefix(q.src[after:], "(") {
		if t, end := q.resource(after + 1); end > 0 {
			return t, end
		}
	} else if strings.HasPrefix(q.src[after:], "[") {
		if size := labelSize(q.src[after:]); size > 0 {
			label := q.src[after+1 : after+size-1]
			if q.defined(label) {
				return reference(label, Full), after + size
			}
		}
		if defined && strings.HasPrefix(q.src[after:], "[]") {
			return reference(text, Collapsed), after + 2
		}
		return target{}, 0
	}
	if defined {
		return reference(text, Shortcut), after
	}
	return target{}, 0
}

func reference(label string, how ReferenceType) target {
	return target{label: unescape(label), identifier: identifier(label), reference: how}
}

func (q *inlineParser) defined(label string) bool {
	return !q.p.definitions.empty() && len(label) <= 4*maxLabel && q.p.definitions.has(normalizeLabel(label))
}

// maxParens is how deep parentheses may nest in the destination of a link.
const maxParens = 32

// resource reads the "destination "title")" of a link or image.
func (q *inlineParser) resource(i int) (target, int) {
	var t target
	i = skipWhite(q.src, i)
	if i < len(q.src) && q.src[i] == ')' {
		return t, i + 1
	}
	url, end := destination(q.src, i, maxParens)
	if end < 0 {
		return t, 0
	}
	var title string
	if open := skipWhite(q.src, end); open > end {
		end = open
		if open < len(q.src) && strings.IndexByte(`"'(`, q.src[open]) >= 0 {
			if title, end = q.search.title(q.src, open); end == 0 {
				return t, 0
			}
		}
	}
	if end == len(q.src) || q.src[end] != ')' {
		return t, 0
	}
	t.url, t.title = unescape(url), unescape(trimLines(title))
	return t, end + 1
}

// footnoteReference parses the "[^label]" at pos.
func (q *inlineParser) footnoteReference() bool {
	if q.p.footnotes.empty() || q.byteAt(q.pos+1) != '^' {
		return false
	}
	end := footnoteLabelEnd(q.src, q.pos+2)
	if end == 0 {
		return false
	}
	label := q.src[q.pos+2 : end]
	if !q.p.footnotes.has(normalizeLabel(label)) {
		return false
	}
	q.markNested()
	q.pushNode(footnote(label), end+1-q.pos)
	return true
}

// imageFootnote turns "![^label]" into an exclamation mark and a reference.
func (q *inlineParser) imageFootnote(b bracket) bool {
	text := q.src[b.content:q.pos]
	if b.nested || !strings.HasPrefix(text, "^") || len(text) > maxLabel || !q.p.footnotes.has(normalizeLabel(text[1:])) {
		return false
	}
	b.span.text = "!"
	b.span.next = nil
	q.tail = b.span
	q.truncate(b.delim)
	q.start = q.pos
	q.pushNode(footnote(text[1:]), 1)
	return true
}

func footnote(label string) *FootnoteReference {
	return &FootnoteReference{Identifier: identifier(label), Label: unescape(label)}
}

// altText is the text of an image's content.
func altText(content []Node) string {
	var b strings.Builder
	for _, n := range content {
		switch n := n.(type) {
		case *Text:
			b.WriteString(n.Value)
		case *InlineCode:
			b.WriteString(n.Value)
		case *HTML:
			b.WriteString(n.Value)
		case *Image:
			b.WriteString(n.Alt)
		case *ImageReference:
			b.WriteString(n.Alt)
		default:
			b.WriteString(altText(Children(n)))
		}
	}
	return b.String()
}
