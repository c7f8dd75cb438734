package slack

import (
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// mrkdwnParts returns Markdown as mrkdwn in parts of at most so many characters,
// each of which reads by itself: a code block that is cut is closed and opened
// again, a table gets its head again, a quote and an item of a list go on.
func mrkdwnParts(source string, bold bool, most int) []string {
	root := format.Parse(source)
	w := newMrkdwnWriter(root)
	var parts []string
	for _, child := range root.Children {
		parts = joinParts(parts, w.parts(child, bold, most), "\n\n", most)
	}
	return parts
}

// joinParts appends parts, and puts the first one into the last one there is if
// both fit.
func joinParts(parts, more []string, separator string, most int) []string {
	for i, part := range more {
		if strings.TrimSpace(part) == "" {
			continue
		}
		if n := len(parts); i == 0 && n > 0 && length(parts[n-1])+length(separator)+length(part) <= most {
			parts[n-1] += separator + part
			continue
		}
		parts = append(parts, part)
	}
	return parts
}

// parts returns a block.
func (w *mrkdwnWriter) parts(n markdown.Node, bold bool, most int) []string {
	text := w.block(n, bold)
	if length(text) <= most {
		return []string{text}
	}
	switch n := n.(type) {
	case *markdown.Table:
		return codeParts(n.ASCII(), most)
	case *markdown.Code:
		return codeParts(n.Value, most)
	case *markdown.Blockquote:
		return indented(most, quotePrefix, quotePrefix, func(most int) (parts []string) {
			for _, child := range n.Children {
				parts = joinParts(parts, w.parts(child, bold, most), "\n\n", most)
			}
			return parts
		})
	case *markdown.List:
		var parts []string
		for marker, item := range listItems(n) {
			parts = joinParts(parts, indented(most, marker, itemIndent, func(most int) (parts []string) {
				for _, child := range item.Children {
					parts = joinParts(parts, w.parts(child, bold, most), "\n", most)
				}
				return parts
			}), "\n", most)
		}
		return parts
	}
	return splitMarkdown(text, most)
}

// indented returns what make returns, with something before its first line and
// before all others. It makes the parts shorter until they fit nevertheless.
func indented(most int, first, others string, make func(most int) []string) []string {
	for room := most - length(first); ; room = room * 3 / 4 {
		parts, fit := make(room), true
		for i, part := range parts {
			before := others
			if i == 0 {
				before = first
			}
			parts[i] = before + strings.ReplaceAll(part, "\n", "\n"+others)
			fit = fit && length(parts[i]) <= most
		}
		if fit || room < most/8 {
			return parts
		}
	}
}

// codeParts returns text as code blocks, with the head of a table in each.
func codeParts(text string, most int) []string {
	block := codeBlock(text)
	if length(block) <= most {
		return []string{block}
	}
	lines := strings.Split(text, "\n")
	rule := 1
	for rule < len(lines) && strings.Trim(lines[rule], "-|") != "" {
		rule++
	}
	if rule == len(lines) || length(codeBlock(strings.Join(lines[:rule+1], "\n"))) > most/2 {
		return splitMarkdown(block, most)
	}
	head := lines[rule-1] + "\n" + lines[rule]
	var parts []string
	part := strings.Join(lines[:rule+1], "\n")
	for _, line := range lines[rule+1:] {
		if next := codeBlock(part + "\n" + line); length(next) <= most {
			part += "\n" + line
			continue
		}
		parts, part = append(parts, part), head+"\n"+line
	}
	var blocks []string
	for _, part := range append(parts, part) {
		blocks = append(blocks, splitMarkdown(codeBlock(part), most)...)
	}
	return blocks
}
