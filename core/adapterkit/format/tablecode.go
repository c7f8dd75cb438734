package format

import (
	"strings"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// TablesAsCode returns Markdown in which tables are replaced by code blocks with columns. It is
// for platforms whose Markdown has no tables.
func TablesAsCode(text string) string {
	var b strings.Builder
	var lines lineScanner
	var table []string // the lines of the open table, without their containers
	prefix, head := "", ""
	flush := func() {
		if len(table) > 0 {
			root := markdown.Parse(strings.Join(table, "\n"))
			for t := range markdown.FindAll[*markdown.Table](root) {
				for line := range strings.SplitSeq("```\n"+strings.ReplaceAll(t.ASCII(), "```", "`\u200b``")+"\n```", "\n") {
					b.WriteString(prefix + line + "\n")
				}
			}
		}
		table = nil
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		content := lines.look(line).content
		lines.next(line)
		switch {
		case lines.head != nil && table == nil: // the second line; the first one was held back
			table, prefix = []string{lines.head[0], content}, linePrefix(lines.containers, false)
			head = ""
			continue
		case lines.head != nil:
			table = append(table, content)
			continue
		}
		flush()
		b.WriteString(head)
		head = line + "\n"
	}
	flush()
	return strings.TrimSuffix(b.String()+head, "\n")
}
