package markdown

import (
	"iter"
	"slices"
)

// Walk calls visit for the node and all nodes below it, parents first. A visit
// that returns false skips the node's children.
func Walk(n Node, visit func(Node) bool) {
	if n == nil || !visit(n) {
		return
	}
	for _, child := range Children(n) {
		Walk(child, visit)
	}
}

// All returns an iterator over the node and all nodes below it, parents first.
func All(n Node) iter.Seq[Node] {
	return func(yield func(Node) bool) { all(n, yield) }
}

func all(n Node, yield func(Node) bool) bool {
	if n == nil {
		return true
	}
	if !yield(n) {
		return false
	}
	for _, child := range Children(n) {
		if !all(child, yield) {
			return false
		}
	}
	return true
}

// Find returns the first node of type T at or below n for which all the given
// conditions hold, parents first:
//
//	table, ok := markdown.Find[*markdown.Table](root)
func Find[T Node](n Node, where ...func(T) bool) (T, bool) {
	for found := range FindAll(n, where...) {
		return found, true
	}
	var none T
	return none, false
}

// FindAll returns an iterator over the nodes of type T at or below n for which
// all the given conditions hold, parents first.
func FindAll[T Node](n Node, where ...func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
	next:
		for n := range All(n) {
			t, ok := n.(T)
			if !ok {
				continue
			}
			for _, holds := range where {
				if !holds(t) {
					continue next
				}
			}
			if !yield(t) {
				return
			}
		}
	}
}

// Map returns a copy of the tree in which every node has been replaced by
// f(node), children first: f sees a node whose children are already replaced,
// and may change and return the node that it gets, since it is a copy. A nil
// result removes the node. The given tree stays as it is.
func Map(n Node, f func(Node) Node) Node {
	return mapCopy(n, f)
}

// Clone returns a copy of a tree that shares no node with it. Extra fields and
// raw JSON are shared: they are never changed in place.
func Clone[T Node](n T) T {
	return mapCopy(n, func(n Node) Node { return n }).(T)
}

func mapCopy(n Node, f func(Node) Node) Node {
	if n == nil {
		return nil
	}
	n = shallow(n)
	if list := children(n); list != nil && *list != nil {
		mapped := make([]Node, 0, len(*list))
		for _, child := range *list {
			if c := mapCopy(child, f); c != nil {
				mapped = append(mapped, c)
			}
		}
		*list = mapped
	}
	return f(n)
}

func shallow(n Node) Node {
	switch n := n.(type) {
	case *Root:
		return new(*n)
	case *Paragraph:
		return new(*n)
	case *Heading:
		return new(*n)
	case *ThematicBreak:
		return new(*n)
	case *Blockquote:
		return new(*n)
	case *List:
		c := *n
		c.Start = clonePtr(n.Start)
		return &c
	case *ListItem:
		c := *n
		c.Checked = clonePtr(n.Checked)
		return &c
	case *Code:
		return new(*n)
	case *HTML:
		return new(*n)
	case *Definition:
		return new(*n)
	case *FootnoteDefinition:
		return new(*n)
	case *Table:
		c := *n
		c.Align = slices.Clone(n.Align)
		return &c
	case *TableRow:
		return new(*n)
	case *TableCell:
		return new(*n)
	case *Text:
		return new(*n)
	case *Emphasis:
		return new(*n)
	case *Strong:
		return new(*n)
	case *Delete:
		return new(*n)
	case *InlineCode:
		return new(*n)
	case *Break:
		return new(*n)
	case *Link:
		return new(*n)
	case *Image:
		return new(*n)
	case *LinkReference:
		return new(*n)
	case *ImageReference:
		return new(*n)
	case *FootnoteReference:
		return new(*n)
	case *Unknown:
		return new(*n)
	}
	panic("markdown: node of a type that does not exist")
}

func clonePtr[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}
