package markdown

import "strings"

// blocks returns the nodes of a container's children.
func (p *parser) blocks(b *block) []Node {
	out := make([]Node, 0, len(b.children))
	for _, child := range b.children {
		out = append(out, p.node(child))
		b.last = max(b.last, child.last)
	}
	return out
}

// spread reports whether a blank line stands between two children. It is asked
// when their ends are known.
func (b *block) spread() bool {
	for i := 1; i < len(b.children); i++ {
		if b.children[i].first-b.children[i-1].last > 1 {
			return true
		}
	}
	return false
}

func (p *parser) node(b *block) Node {
	switch b.kind {
	case quoteBlock:
		return &Blockquote{Children: p.blocks(b)}
	case listBlock:
		list := &List{Children: p.blocks(b), Spread: b.spread()}
		if b.marker == '.' || b.marker == ')' {
			list.Ordered = true
			list.Start = &b.number
		}
		return list
	case itemBlock:
		checked := p.task(b)
		item := &ListItem{Checked: checked, Children: p.blocks(b)}
		item.Spread = b.spread()
		return item
	case footnoteBlock:
		return &FootnoteDefinition{
			Identifier: identifier(b.label), Label: unescape(b.label), Children: p.blocks(b),
		}
	case headingBlock:
		return &Heading{Depth: b.number, Children: p.inline(b.text())}
	case fencedBlock:
		lang, meta := b.info, ""
		if i := strings.IndexAny(lang, " \t"); i >= 0 {
			lang, meta = lang[:i], strings.TrimLeft(lang[i:], " \t")
		}
		return &Code{Lang: unescape(lang), Meta: unescape(meta), Value: b.text()}
	case indentedBlock:
		return &Code{Value: b.text()}
	case htmlBlock:
		return &HTML{Value: b.text()}
	case tableBlock:
		return p.table(b)
	case breakBlock:
		return &ThematicBreak{}
	case definitionBlock:
		return b.def
	}
	return &Paragraph{Children: p.inline(b.text())}
}

// task takes the checkbox off an item's first paragraph; nil if it has none.
func (p *parser) task(item *block) *bool {
	if len(item.children) == 0 || item.children[0].kind != paragraphBlock {
		return nil
	}
	b := item.children[0]
	text := b.text()
	if len(text) < 4 || text[0] != '[' || text[2] != ']' || !isWhite(text[3]) || isBlank(text[3:]) {
		return nil
	}
	done := text[1]|0x20 == 'x'
	if !done && !isWhite(text[1]) {
		return nil
	}
	// The white space after the box goes, unless it is a hard break.
	rest := text[4:]
	if after := strings.TrimLeft(text[3:], " \t"); after[0] == '\n' {
		space := text[3 : len(text)-len(after)]
		rest = strings.TrimLeft(after[1:], " \t")
		if len(space) >= 2 && !strings.Contains(space, "\t") {
			rest = text[3:]
		}
	}
	b.lines = []string{rest}
	return &done
}

func (p *parser) table(b *block) *Table {
	table := &Table{Align: b.align}
	for _, line := range b.lines {
		row := &TableRow{Children: []Node{}}
		for _, cell := range splitRow(line) {
			row.Children = append(row.Children, &TableCell{Children: p.cell(cell)})
		}
		table.Children = append(table.Children, row)
	}
	return table
}

// cell parses the text of a table cell. In code an escaped pipe is a pipe;
// elsewhere the escape works as everywhere.
func (p *parser) cell(text string) []Node {
	list := p.inline(text)
	if strings.Contains(text, `\|`) {
		for code := range FindAll[*InlineCode](&TableCell{Children: list}) {
			code.Value = strings.ReplaceAll(code.Value, `\|`, "|")
		}
	}
	return list
}
