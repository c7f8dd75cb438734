package slack

import (
	"strings"

	"github.com/chat-adapter/chat-go/core/markdown"
)

const (
	// maxStreamText is how much text a streamed message gets. Slack takes 12,000 in
	// a call and names no bound for the message; blocks are refused from about 13,200
	// characters on. What closes and opens markup again must fit too.
	// https://docs.slack.dev/reference/methods/chat.appendStream
	maxStreamText = 11_000
	// streamSlack is how much more a message gets, so that no word is torn.
	streamSlack = 200
	// maxMarkdownBlocks is how many blocks of Markdown a message gets. Slack makes
	// each heading, paragraph, list, table and code block a block of its own, and
	// takes 50: https://docs.slack.dev/reference/block-kit/blocks/markdown-block and
	// https://github.com/archestra-ai/archestra/pull/4980
	maxMarkdownBlocks = 40
	blockSlack        = 6
	// maxUnsettled is how much text waits for more at most, in bytes.
	maxUnsettled = 1 << 10
)

// markdownBlocks returns about how many blocks Slack makes of Markdown.
func markdownBlocks(text string) int {
	if strings.Count(text, "\n") < maxMarkdownBlocks {
		return 1
	}
	return len(markdown.Parse(text).Children)
}

func fitsStream(text string) bool {
	return length(text) <= maxStreamText && markdownBlocks(text) <= maxMarkdownBlocks
}

func fitsNearly(text string) bool {
	return length(text) <= maxStreamText+streamSlack && markdownBlocks(text) <= maxMarkdownBlocks+blockSlack
}

// streamCut returns at which length to cut a text that does not fit.
func streamCut(text string) int {
	if n := markdownBlocks(text); n > maxMarkdownBlocks {
		return min(maxStreamText, length(text)*maxMarkdownBlocks/n*9/10)
	}
	return maxStreamText
}

// settled returns how much of a text that goes on can be sent: all but white
// space, markers, links, code spans and addresses at its end, which more text may
// belong to, and of code and tables whole lines only.
func settled(text string) int {
	end := settledEnd(text)
	if len(text)-end > maxUnsettled {
		return len(text)
	}
	return end
}

func settledEnd(text string) int {
	var lines lineScanner
	paragraph, above, at := 0, 0, 0
	for {
		size := strings.IndexByte(text[at:], '\n')
		if size < 0 {
			break
		}
		lines.next(text[at : at+size])
		next := at + size + 1
		switch {
		case !lines.paragraph:
			paragraph = next
		case lines.begun:
			paragraph = at
		}
		above, at = at, next
	}
	l := lines.look(text[at:])
	switch {
	case l.code:
		return len(strings.TrimRight(text[:at], "\n"))
	case lines.head == nil && lines.paragraph && strings.Contains(lines.above, "|") && strings.Trim(l.content, "|-: \t") == "": // the rule of a table may follow
		return len(strings.TrimRight(text[:above], "\n"))
	case strings.HasPrefix(strings.TrimLeft(l.content, " "), "|"):
		return len(strings.TrimRight(text[:at], "\n"))
	}
	if !l.continues {
		paragraph = at
	}
	const margin = " \t\n*_~`&<[!"
	end := len(strings.TrimRight(text, margin))
	if end > paragraph {
		s := spanScanner{text: text[paragraph:end], unclosed: map[int]bool{}}
		for at := 0; at < len(s.text); {
			at += s.step(at)
		}
		if first := s.unsettled(); first >= 0 {
			end = len(strings.TrimRight(text[:paragraph+first], margin))
		}
	}
	return end
}

// unsettled returns where the first span begins that is not finished, or -1.
func (s *spanScanner) unsettled() int {
	first := -1
	begin := func(at int) {
		if first < 0 || at < first {
			first = at
		}
	}
	if len(s.brackets) > 0 {
		begin(s.brackets[0])
	}
	for _, m := range s.open {
		if m.marker[0] == '`' {
			begin(m.start)
		}
	}
	if at := strings.LastIndex(s.text, "]("); at >= 0 && linkTargetLen(s.text[at+1:]) == 0 {
		if start := strings.LastIndexByte(s.text[:at], '['); start >= 0 {
			begin(start)
		}
	}
	if strings.HasSuffix(s.text, "]") {
		if start := strings.LastIndexByte(s.text, '['); start >= 0 {
			begin(start)
		}
	}
	if at := strings.LastIndexAny(s.text, "<>\n"); at >= 0 && s.text[at] == '<' {
		begin(at)
	}
	if at := strings.LastIndexAny(s.text, "&; \n"); at >= 0 && s.text[at] == '&' && len(s.text)-at < 34 {
		begin(at)
	}
	if at := strings.LastIndex(s.text, "http"); at >= 0 && !strings.ContainsAny(s.text[at:], " \n") {
		begin(at)
	}
	return first
}
