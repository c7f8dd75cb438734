package format

import (
	"slices"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// Entity is a range of a text with a format, as in Telegram's messages:
// https://core.telegram.org/bots/api#messageentity
type Entity struct {
	// Kind is the format.
	Kind EntityKind
	// Offset is the beginning of the range, and Length its length, in the [Unit] of the
	// platform.
	Offset, Length int
	// URL is the address of a link. Default none.
	URL string
	// Language is the language of a code block. Default none.
	Language string
	// User is the user of a mention. Default none.
	User chat.UserID
}

// EntityKind is the format of an [Entity].
type EntityKind int

// The kinds of entities. OtherEntity, the zero value, is any other format, which
// FromEntities ignores.
const (
	OtherEntity EntityKind = iota
	StrongEntity
	EmphasisEntity
	DeleteEntity
	CodeEntity
	CodeBlockEntity
	QuoteEntity
	LinkEntity
	MentionEntity
)

// Characters that mark the beginning and the end of entities while a text is rendered. They
// are noncharacters, which Unicode reserves for internal use.
// https://www.unicode.org/faq/private_use.html#noncharacters
const (
	entityBegins = '\uFDD0' // with the entity's number after it
	entityNamed  = '\uFDD1'
	entityEnds   = '\uFDD2'
)

var noEntities = strings.NewReplacer(string(entityBegins), "\uFFFD", string(entityNamed), "\uFFFD", string(entityEnds), "\uFFFD")

// entityWriter collects the entities of a text while it is rendered.
type entityWriter struct {
	entities []Entity
}

// begin returns the mark for the beginning of an entity.
func (e *entityWriter) begin(entity Entity) string {
	e.entities = append(e.entities, entity)
	return string(entityBegins) + strconv.Itoa(len(e.entities)-1) + string(entityNamed)
}

func (e *entityWriter) around(text string, entity Entity) string {
	if text == "" {
		return ""
	}
	return e.begin(entity) + text + string(entityEnds)
}

func (e *entityWriter) markers(kind EntityKind) Markers {
	return Markers{e.begin(Entity{Kind: kind}), string(entityEnds)}
}

// ToEntities returns a tree as a text with its entities, sorted by their beginning. spell
// returns the text of an emoji, and mention the text of a mention; nil is the default of
// [Markup]. No entity is empty or outside of the text.
func ToEntities(root *markdown.Root, count Unit, spell func(emoji.Emoji) string, mention func(chat.UserID) string) (text string, entities []Entity) {
	e := &entityWriter{}
	marked := Render(root, Markup{
		Escape:   noEntities.Replace,
		Strong:   e.markers(StrongEntity),
		Emphasis: e.markers(EmphasisEntity),
		Delete:   e.markers(DeleteEntity),
		Quote:    e.markers(QuoteEntity),
		Code:     func(code string) string { return e.around(noEntities.Replace(code), Entity{Kind: CodeEntity}) },
		CodeBlock: func(language, code string) string {
			return e.around(noEntities.Replace(code), Entity{Kind: CodeBlockEntity, Language: language})
		},
		Link: func(label, address string) string {
			if strings.TrimSpace(label) == "" {
				label = noEntities.Replace(address)
			}
			return e.around(label, Entity{Kind: LinkEntity, URL: address})
		},
		Mention: func(user chat.UserID) string {
			return e.around(noEntities.Replace(writeMention(mention, user)), Entity{Kind: MentionEntity, User: user})
		},
		Emoji: spell,
	})
	return e.read(marked, count)
}

// read removes the marks from a rendered text, and returns the entities.
func (e *entityWriter) read(marked string, count Unit) (string, []Entity) {
	var b strings.Builder
	var all []Entity
	var open []int // in all
	at := 0
	for marked != "" {
		i := strings.IndexAny(marked, string(entityBegins)+string(entityEnds))
		if i < 0 {
			b.WriteString(marked)
			break
		}
		b.WriteString(marked[:i])
		at += Length(marked[:i], count)
		if rest, ok := strings.CutPrefix(marked[i:], string(entityEnds)); ok {
			marked = rest
			if last := len(open) - 1; last >= 0 {
				all[open[last]].Length = at - all[open[last]].Offset
				open = open[:last]
			}
			continue
		}
		number, rest, _ := strings.Cut(marked[i+len(string(entityBegins)):], string(entityNamed))
		marked = rest
		n, err := strconv.Atoi(number)
		if err != nil || n >= len(e.entities) {
			continue
		}
		entity := e.entities[n]
		entity.Offset = at
		open = append(open, len(all))
		all = append(all, entity)
	}
	return b.String(), slices.DeleteFunc(all, func(x Entity) bool { return x.Length == 0 })
}

// FromEntities returns a text with entities as a tree. Code blocks and quotations are blocks,
// blank lines separate paragraphs, and mentions stay text. Entities may be nested and overlap.
// The part of an entity that is outside of the text is ignored.
func FromEntities(text string, entities []Entity, count Unit) *markdown.Root {
	r := &entityReader{text: text}
	r.place(entities, count)
	return &markdown.Root{Children: r.blocks(0, len(text), true)}
}

// entityReader builds a tree of a text.
type entityReader struct {
	text   string
	blocky []placed // code blocks and quotations, which do not overlap
	inline []placed
}

// placed is an entity with its position in bytes.
type placed struct {
	Entity
	from, to int
}

// place computes the positions of the entities in bytes.
func (r *entityReader) place(entities []Entity, count Unit) {
	var offsets []int
	for _, e := range entities {
		if e.Offset >= 0 && e.Length > 0 {
			offsets = append(offsets, e.Offset, e.Offset+e.Length)
		}
	}
	slices.Sort(offsets)
	bytes := make(map[int]int, len(offsets))
	at, i := 0, 0
	for place, c := range r.text {
		for ; i < len(offsets) && offsets[i] <= at; i++ {
			bytes[offsets[i]] = place
		}
		at += count(c)
	}
	for ; i < len(offsets) && offsets[i] <= at; i++ {
		bytes[offsets[i]] = len(r.text)
	}
	for _, e := range entities {
		from, ok := bytes[e.Offset]
		to, within := bytes[e.Offset+e.Length]
		if e.Offset < 0 || e.Length <= 0 || !ok {
			continue
		}
		if !within {
			to = len(r.text)
		}
		p := placed{e, from, to}
		switch {
		case from >= to || e.Kind <= OtherEntity || e.Kind >= MentionEntity:
		case e.Kind == CodeBlockEntity || e.Kind == QuoteEntity:
			r.blocky = append(r.blocky, p)
		default:
			r.inline = append(r.inline, p)
		}
	}
	outerFirst := func(a, b placed) int {
		if a.from != b.from {
			return a.from - b.from
		}
		if a.to != b.to {
			return b.to - a.to
		}
		return int(b.Kind - a.Kind) // a quotation before the code in it
	}
	slices.SortStableFunc(r.blocky, outerFirst)
	slices.SortStableFunc(r.inline, outerFirst)
}

// blocks returns the blocks of a range of the text. quotes says whether they may be quotations,
// which are not nested.
func (r *entityReader) blocks(from, to int, quotes bool) []markdown.Node {
	var blocks []markdown.Node
	for _, p := range r.blocky {
		if p.from < from || p.to > to || p.Kind == QuoteEntity && !quotes {
			continue
		}
		blocks = append(blocks, r.paragraphs(from, p.from)...)
		if p.Kind == CodeBlockEntity {
			blocks = append(blocks, markdown.NewCode(p.Language, strings.Trim(r.text[p.from:p.to], "\n")))
		} else {
			blocks = append(blocks, markdown.NewBlockquote(r.blocks(p.from, p.to, false)...))
		}
		from = p.to
	}
	return append(blocks, r.paragraphs(from, to)...)
}

// paragraphs returns the paragraphs of a range.
func (r *entityReader) paragraphs(from, to int) []markdown.Node {
	var paragraphs []markdown.Node
	for from < to {
		end, next := to, to
		if i := strings.Index(r.text[from:to], "\n\n"); i >= 0 {
			end, next = from+i, from+i+2
		}
		start := from + len(r.text[from:end]) - len(strings.TrimLeft(r.text[from:end], "\n"))
		stop := start + len(strings.TrimRight(r.text[start:end], "\n"))
		if strings.TrimSpace(r.text[start:stop]) != "" {
			paragraphs = append(paragraphs, &markdown.Paragraph{Children: r.content(start, stop, r.inline, 0)})
		}
		from = next
	}
	return paragraphs
}

// content returns the content of a range of a paragraph. entities are those that may be in the
// range, outer ones first. within are the kinds of the entities around it. If two entities
// overlap, the later one is divided.
func (r *entityReader) content(from, to int, entities []placed, within kinds) []markdown.Node {
	var nodes []markdown.Node
	for i, p := range entities {
		if p.from >= to || from >= to {
			break
		}
		p = r.trimmed(p, max(p.from, from), min(p.to, to))
		if p.from >= p.to || within.have(p.Kind) {
			continue
		}
		nodes = append(nodes, lines(r.text[from:p.from])...)
		nodes = append(nodes, r.inlineNode(p, entities[i+1:], within))
		from = p.to
	}
	return append(nodes, lines(r.text[from:to])...)
}

// trimmed returns the part of an entity between two positions, without white space at its ends,
// which cannot be formatted in Markdown.
func (r *entityReader) trimmed(p placed, from, to int) placed {
	p.from, p.to = from, max(from, to)
	if p.Kind != CodeEntity {
		text := r.text[p.from:p.to]
		p.from += len(text) - len(strings.TrimLeft(text, " \t\n"))
		p.to = p.from + len(strings.TrimRight(r.text[p.from:p.to], " \t\n"))
	}
	return p
}

// kinds is a set of kinds.
type kinds uint

func (k kinds) have(kind EntityKind) bool { return k&(1<<kind) != 0 }

func (r *entityReader) inlineNode(p placed, inner []placed, within kinds) markdown.Node {
	if p.Kind == CodeEntity {
		return markdown.NewInlineCode(strings.ReplaceAll(r.text[p.from:p.to], "\n", " "))
	}
	children := r.content(p.from, p.to, inner, within|1<<p.Kind)
	switch p.Kind {
	case StrongEntity:
		return markdown.NewStrong(children...)
	case EmphasisEntity:
		return markdown.NewEmphasis(children...)
	case DeleteEntity:
		return markdown.NewDelete(children...)
	default:
		return markdown.NewLink(p.URL, children...)
	}
}

// lines returns a text with its line breaks.
func lines(text string) []markdown.Node {
	var nodes []markdown.Node
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			nodes = append(nodes, &markdown.Break{})
		}
		if line != "" {
			nodes = append(nodes, markdown.NewText(line))
		}
	}
	return nodes
}
