package markdown

// delimiter is a run of *, _ or ~ that may open or close a node.
type delimiter struct {
	prev, next *delimiter
	span       *span
	char       byte
	// size is the length of the run, left what of it is not used yet.
	size, left int
	// pos is where the run stands in the text.
	pos               int
	canOpen, canClose bool
	// inWord is true when the run follows a letter.
	inWord bool
}

// delimiters is the list of the runs that are not used up.
type delimiters struct {
	last *delimiter
	// strikeFirst is true when the first run of the text was a tilde. remark
	// resolves the two kinds one after the other, in the order in which the
	// text brings them.
	strikeFirst, any bool
}

// delimiterRun parses a run of delimiters.
func (q *inlineParser) delimiterRun(c byte) bool {
	size := runLength(q.src, q.pos)
	if c == '~' && size > 2 {
		q.pos += size
		return true // text; start stays
	}
	d := delimiter{char: c, size: size, left: size, pos: q.pos}
	before := q.classBefore(q.pos)
	after := q.classAfter(q.pos + size)
	d.canOpen = after == otherClass || after == punctClass && before != otherClass
	d.canClose = before == otherClass || before == punctClass && after != otherClass
	if c != '~' {
		// A tilde next to a run does not keep it from opening or closing.
		d.canOpen = d.canOpen || q.byteAt(q.pos+size) == '~'
		d.canClose = d.canClose || q.byteAt(q.pos-1) == '~'
	}
	d.inWord = before == otherClass
	if c == '_' {
		open, closes := d.canOpen, d.canClose
		d.canOpen = open && (before != otherClass || !closes)
		d.canClose = closes && (after != otherClass || !open)
	}
	if !q.delims.any {
		q.delims.any = true
		q.delims.strikeFirst = c == '~'
	}
	q.flush()
	d.span = q.push(span{text: q.src[q.pos : q.pos+size]})
	q.skip(size)
	if d.canOpen || d.canClose {
		d.prev = q.delims.last
		added := q.runs.add(d)
		if added.prev != nil {
			added.prev.next = added
		}
		q.delims.last = added
	}
	return true
}

func (q *inlineParser) byteAt(i int) byte {
	if i < 0 || i >= len(q.src) {
		return 0
	}
	return q.src[i]
}

// pair makes nodes of the delimiters after bottom (nil: all). Those that are
// left are text.
func (q *inlineParser) pair(bottom *delimiter, strikeFirst bool) {
	if strikeFirst {
		q.resolveStrike(bottom, nil)
		q.resolveEmphasis(bottom, nil)
	} else {
		q.resolveEmphasis(bottom, nil)
		q.resolveStrike(bottom, nil)
	}
}

// truncate drops the delimiters after bottom.
func (q *inlineParser) truncate(bottom *delimiter) {
	q.delims.last = bottom
	if bottom != nil {
		bottom.next = nil
	}
}

// firstAfter returns the first delimiter after bottom.
func (q *inlineParser) firstAfter(bottom *delimiter) *delimiter {
	if bottom != nil {
		return bottom.next
	}
	d := q.delims.last
	for d != nil && d.prev != nil {
		d = d.prev
	}
	return d
}

// drop removes a delimiter from the list.
func (q *inlineParser) drop(d *delimiter) {
	if d.prev != nil {
		d.prev.next = d.next
	}
	if d.next != nil {
		d.next.prev = d.prev
	} else if q.delims.last == d {
		q.delims.last = d.prev
	}
}

// openerClass tells delimiters apart for the search of an opener: where a
// search for one class has failed, the next one of that class need not look.
func (d *delimiter) openerClass() int {
	class := d.size % 3 << 1
	if d.canOpen {
		class++
	}
	if d.char == '_' {
		class += 6
	}
	return class
}

// resolveEmphasis makes nodes of the * and _ between two delimiters.
func (q *inlineParser) resolveEmphasis(bottom, end *delimiter) {
	var bottoms [12]int
	for closer := q.firstAfter(bottom); closer != end && !q.tooDeep; {
		if !closer.canClose || closer.char == '~' {
			closer = closer.next
			continue
		}
		class := closer.openerClass()
		opener := closer.prev
		for opener != bottom && opener.pos >= bottoms[class] && !opener.opens(closer) {
			opener = opener.prev
		}
		if opener == bottom || opener.pos < bottoms[class] {
			bottoms[class] = closer.pos
			closer = closer.next
			continue
		}
		q.resolveStrike(opener, closer)
		for d := opener.next; d != closer; d = opener.next {
			q.drop(d)
		}
		use := 1
		if opener.left >= 2 && closer.left >= 2 {
			use = 2
		}
		q.wrap(opener, closer, use)
		if opener.left == 0 {
			q.drop(opener)
		}
		if closer.left == 0 {
			next := closer.next
			q.drop(closer)
			closer = next
		}
	}
}

// opens reports whether d can be the opener of a closer.
func (d *delimiter) opens(closer *delimiter) bool {
	if d.char != closer.char || !d.canOpen {
		return false
	}
	either := d.canClose || closer.canOpen
	return !either || closer.size%3 == 0 || (d.size+closer.size)%3 != 0
}

// resolveStrike makes nodes of the tildes between two delimiters.
func (q *inlineParser) resolveStrike(bottom, end *delimiter) {
	var bottoms [3]int
	for closer := q.firstAfter(bottom); closer != end && !q.tooDeep; {
		next := closer.next
		if !closer.canClose || closer.char != '~' {
			closer = next
			continue
		}
		opener := closer.prev
		for opener != bottom && opener.pos >= bottoms[closer.size] &&
			(opener.char != '~' || !opener.canOpen || opener.size != closer.size) {
			opener = opener.prev
		}
		if opener == bottom || opener.pos < bottoms[closer.size] {
			bottoms[closer.size] = closer.pos
			closer = next
			continue
		}
		q.resolveEmphasis(opener, closer)
		for d := opener.next; d != closer; d = opener.next {
			q.drop(d)
		}
		q.wrap(opener, closer, opener.size)
		q.drop(opener)
		q.drop(closer)
		closer = next
	}
}

// wrap makes a node of the spans between two delimiters, and takes use bytes
// of each.
func (q *inlineParser) wrap(opener, closer *delimiter, use int) {
	first, end := opener.span.next, closer.span
	depth := 0
	for s := first; s != end; s = s.next {
		depth = max(depth, s.depth)
	}
	if depth == maxNesting {
		q.tooDeep = true
		return
	}
	opener.left -= use
	closer.left -= use
	opener.span.text = opener.span.text[:opener.left]
	closer.span.text = closer.span.text[:closer.left]
	content := collect(first, end)
	var n Node
	switch {
	case opener.char == '~':
		n = &Delete{Children: content}
	case use == 2:
		n = &Strong{Children: content}
	default:
		n = &Emphasis{Children: content}
	}
	s := q.spans.add(span{node: n, depth: depth + 1, prev: opener.span, next: end})
	opener.span.next = s
	end.prev = s
}
