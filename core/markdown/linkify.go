package markdown

import (
	"strings"
	"unicode/utf8"
)

// linkLiterals links the addresses that are left in the text of the nodes.
func linkLiterals(list []Node) []Node {
	var out []Node // nil while nothing has changed
	for i, n := range list {
		switch n := n.(type) {
		case *Text:
			if linked := linkText(n.Value); linked != nil {
				if out == nil {
					out = append(make([]Node, 0, len(list)+len(linked)), list[:i]...)
				}
				out = append(out, linked...)
				continue
			}
		case *Link, *LinkReference:
		default:
			if c := children(n); c != nil {
				*c = linkLiterals(*c)
			}
		}
		if out != nil {
			out = append(out, n)
		}
	}
	if out == nil {
		return list
	}
	return out
}

// linkText returns the text with links for the addresses in it, nil if there
// are none. Web addresses are found first, mail addresses in what they leave.
func linkText(s string) []Node {
	l := &linker{s: s}
	l.urls()
	if l.from == 0 {
		l.mails(0, len(s))
		if l.from == 0 {
			return nil
		}
	}
	l.text(len(s))
	return l.out
}

// linker makes nodes of a text from left to right.
type linker struct {
	s string
	// from is where the text begins that is not in out yet.
	from int
	out  []Node
}

func (l *linker) text(end int) {
	if end > l.from {
		l.out = append(l.out, &Text{Value: l.s[l.from:end]})
		l.from = end
	}
}

// link adds the text before an address, and a link to it.
func (l *linker) link(prefix string, start, end int) {
	l.text(start)
	value := l.s[start:end]
	l.out = append(l.out, &Link{URL: prefix + value, Children: []Node{&Text{Value: value}}})
	l.from = end
}

// urls links the web addresses, and the mail addresses between them.
func (l *linker) urls() {
	s := l.s
	var bad domainRun // the last run of domain characters that was no domain
	done := 0
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if c != 'h' && c != 'w' || i > 0 && isAlnum(s[i-1]) {
			continue
		}
		domain, prefix := i, "http://"
		if size := protocolSize(s[i:]); size > 0 {
			domain, prefix = i+size, ""
		} else if !hasPrefixFold(s[i:], "www.") {
			continue
		}
		if !boundaryBefore(s, i) || domain < bad.end && domain < bad.start {
			continue
		}
		end := domain
		for end < len(s) && (isWord(s[end]) || s[end] == '-' || s[end] == '.') {
			end++
		}
		if domain == end || isPunct(s[domain]) {
			continue
		}
		if !isDomain(s[domain:end]) {
			// What is wrong is in the last two segments, so the run is no domain
			// from anywhere before them.
			bad = domainRun{start: lastSegments(s, domain, end), end: end}
			continue
		}
		match := end + indexWhite(s[end:])
		l.mails(done, i)
		l.link(prefix, i, trimURL(s, domain, match))
		done = match
		i = match - 1
	}
	if l.from > 0 {
		l.mails(done, len(s))
	}
}

func isWord(c byte) bool { return c == '_' || isAlnum(c) }

// boundaryBefore reports whether an address may begin at i: at the start, after
// white space or after punctuation.
func boundaryBefore(s string, i int) bool {
	if i == 0 {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return isUnicodeSpace(r) || isUnicodePunct(r)
}

func indexWhite(s string) int {
	if i := strings.IndexAny(s, " \t\n"); i >= 0 {
		return i
	}
	return len(s)
}

// isDomain reports whether a run is a domain: at least two segments, no
// underscore in the last two, and a letter or digit in each of them.
func isDomain(run string) bool {
	dot := strings.LastIndexByte(run, '.')
	if dot < 0 {
		return false
	}
	last := run[dot+1:]
	before := run[strings.LastIndexByte(run[:dot], '.')+1 : dot]
	for _, segment := range []string{last, before} {
		if segment != "" && (strings.IndexByte(segment, '_') >= 0 || strings.Trim(segment, "-") == "") {
			return false
		}
	}
	return true
}

// lastSegments returns where the last two segments of a run begin.
func lastSegments(s string, start, end int) int {
	for range 2 {
		dot := strings.LastIndexByte(s[start:end], '.')
		if dot < 0 {
			return start
		}
		end = start + dot
	}
	return end + 1
}

// trimURL returns the end of an address without the punctuation after it, but
// with closing parentheses for those that are open in it. The address has
// matched up to end, its domain begins at start.
func trimURL(s string, start, end int) int {
	cut := start + len(strings.TrimRight(s[start:end], "!\"&'),.:;<>?]}"))
	balance := strings.Count(s[start:cut], "(") - strings.Count(s[start:cut], ")")
	for i := cut; i < end && balance > 0; i++ {
		if s[i] == ')' {
			balance--
			cut = i + 1
		}
	}
	return cut
}

// mails links the mail addresses in a part of the text.
func (l *linker) mails(from, to int) {
	for at := from; at < to; at++ {
		i := strings.IndexByte(l.s[at:to], '@')
		if i < 0 {
			return
		}
		at += i
		start := at
		for start > from && isAtext(l.s[start-1]) {
			start--
		}
		end := mailDomainEnd(l.s, at+1, to)
		if start == at || start < l.from || end == 0 {
			continue
		}
		from := max(from, l.from)
		before := l.s[from:start]
		switch {
		case strings.HasSuffix(before, "mailto:"):
			if start = start - len("mailto:"); startsScheme(l.s[from:start]) {
				l.link("", start, end)
			} else if embedsScheme(l.s[from:start]) {
				l.link("mailto:", start+len("mailto:"), end)
			}
		case strings.HasSuffix(before, "xmpp:"):
			if start = start - len("xmpp:"); startsScheme(l.s[from:start]) {
				if end = resourceEnd(l.s, end, to); end > 0 {
					l.link("", start, end)
				}
			} else if embedsScheme(l.s[from:start]) {
				l.link("mailto:", start+len("xmpp:"), end)
			}
		default:
			l.link("mailto:", start, end)
		}
		at = max(at, l.from-1)
	}
}

// startsScheme reports whether a scheme may begin after the text.
func startsScheme(before string) bool {
	return before == "" || !isAtext(before[len(before)-1]) && before[len(before)-1] != '@'
}

// embedsScheme reports whether the scheme after the text is the end of a word,
// so that the address after it stands alone.
func embedsScheme(before string) bool {
	last := before[len(before)-1]
	return isAlnum(last) || last == '@'
}

// mailDomainEnd returns where the domain at i ends, 0 if it is none.
func mailDomainEnd(s string, i, to int) int {
	end, dots := 0, 0
	for {
		start := i
		for i < to && (isWord(s[i]) || s[i] == '-') {
			i++
		}
		if i == start {
			break
		}
		end = i
		if i == to || s[i] != '.' {
			break
		}
		i++
		dots++
	}
	if end == i-1 { // a dot with nothing after it
		dots--
	}
	if end == 0 || dots < 1 || !isLetter(s[end-1]) {
		return 0
	}
	return end
}

// resourceEnd returns where the resource of an xmpp address ends that may
// begin at i, 0 if there is a wrong one.
func resourceEnd(s string, i, to int) int {
	if i == to || s[i] != '/' {
		return i
	}
	for i < to && (isWord(s[i]) || s[i] == '-' || s[i] == '/' || s[i] == '.' && i+1 < to && isAlnum(s[i+1])) {
		i++
	}
	if !isLetter(s[i-1]) || i < to && s[i] == '@' {
		return 0
	}
	return i
}
