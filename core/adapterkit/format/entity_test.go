package format

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

func TestToEntities(t *testing.T) {
	t.Parallel()
	text, entities := ToEntities(markdown.Parse("😀 **bold *both*** `co` [lé](https://e.com) <@U1> {{emoji:wave}}\n\n> quote\n\n```go\nx\n```"), UTF16, nil, nil)
	require.Equal(t, "😀 bold both co lé @U1 👋\n\nquote\n\nx", text)
	require.Equal(t, []Entity{
		{Kind: StrongEntity, Offset: 3, Length: 9},
		{Kind: EmphasisEntity, Offset: 8, Length: 4},
		{Kind: CodeEntity, Offset: 13, Length: 2},
		{Kind: LinkEntity, Offset: 16, Length: 2, URL: "https://e.com"},
		{Kind: MentionEntity, Offset: 19, Length: 3, User: "U1"},
		{Kind: QuoteEntity, Offset: 27, Length: 5},
		{Kind: CodeBlockEntity, Offset: 34, Length: 1, Language: "go"},
	}, entities)

	text, entities = ToEntities(markdown.Parse("é <@U1>"), Bytes, nil, func(chat.UserID) string { return "Ada" })
	require.Equal(t, "é Ada", text)
	require.Equal(t, []Entity{{Kind: MentionEntity, Offset: 3, Length: 3, User: "U1"}}, entities)

	// Characters that the kit uses for itself do no harm in a text.
	text, entities = ToEntities(markdown.NewRoot(markdown.NewParagraph(markdown.NewText("a\uFDD00\uFDD1b\uFDD2c"))), UTF16, nil, nil)
	require.Equal(t, "a\uFFFD0\uFFFDb\uFFFDc", text)
	require.Empty(t, entities)
}

func TestFromEntities(t *testing.T) {
	t.Parallel()
	at := func(kind EntityKind, offset, length int) Entity {
		return Entity{Kind: kind, Offset: offset, Length: length}
	}
	for _, test := range []struct {
		text     string
		entities []Entity
		want     string
	}{
		{"plain *text*", nil, "plain \\*text\\*"},
		{"", []Entity{at(StrongEntity, 0, 1)}, ""},
		{"😀 bold both", []Entity{at(EmphasisEntity, 8, 4), at(StrongEntity, 3, 9)}, "😀 **bold *both***"},
		{"a b c", []Entity{at(StrongEntity, 0, 3), at(EmphasisEntity, 2, 3)}, "**a *b*** *c*"},
		{"one\ntwo\n\nthree", []Entity{at(StrongEntity, 4, 9)}, "one\\\n**two**\n\n**thre**e"},
		{"code <x>", []Entity{at(CodeEntity, 0, 8)}, "`code <x>`"},
		{"see here", []Entity{{Kind: LinkEntity, Offset: 4, Length: 4, URL: "https://e.com"}}, "see [here](https://e.com)"},
		{"a\nx = 1\nb", []Entity{{Kind: CodeBlockEntity, Offset: 2, Length: 5, Language: "go"}}, "a\n\n```go\nx = 1\n```\n\nb"},
		{"said\nwell", []Entity{at(QuoteEntity, 0, 4), at(StrongEntity, 0, 4)}, "> **said**\n\nwell"},
		{"ab", []Entity{at(OtherEntity, 0, 2), at(99, 0, 2), at(-1, 0, 2), at(MentionEntity, 0, 2)}, "ab"},
		{"ab", []Entity{at(StrongEntity, -1, 2), at(StrongEntity, 0, 0), at(StrongEntity, 0, -5), at(StrongEntity, 5, 2)}, "ab"},
		{"ab", []Entity{at(StrongEntity, 1, 1<<62)}, "a**b**"},
		{"ab", []Entity{at(StrongEntity, 1<<62, 1<<62)}, "ab"},
		{"😀b", []Entity{at(StrongEntity, 1, 2)}, "😀**b**"},
		{"abc", []Entity{at(StrongEntity, 0, 3), at(StrongEntity, 0, 3), at(StrongEntity, 1, 1)}, "**abc**"},
	} {
		got := strings.TrimSuffix(markdown.Print(FromEntities(test.text, test.entities, UTF16)), "\n")
		require.Equal(t, test.want, got, "%q %v", test.text, test.entities)
	}
}

// TestManyEntities gives a text as many entities as it has characters.
func TestManyEntities(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a b", 2000)
	var entities []Entity
	for i := range len(text) {
		for _, kind := range []EntityKind{StrongEntity, EmphasisEntity, DeleteEntity, LinkEntity, QuoteEntity, CodeBlockEntity} {
			entities = append(entities, Entity{Kind: kind, Offset: i, Length: 3000, URL: "https://e.com"})
		}
	}
	start := time.Now()
	root := FromEntities(text, entities, UTF16)
	require.Less(t, time.Since(start), 20*time.Second)
	require.Equal(t, strings.ReplaceAll(text, " ", ""), strings.Join(strings.Fields(markdown.PlainText(root)), ""))
}

func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

// FuzzEntities checks that no entity that a stranger sends loses a letter or
// panics, and that entities that are made lie in the text.
func FuzzEntities(f *testing.F) {
	f.Add("😀 bold\n\nboth", 1, 0, 4, 2, 3, 9)
	f.Add("a", 5, -1, 1<<62, 6, 1<<62, 1<<62)
	f.Fuzz(func(t *testing.T, text string, kindA, offsetA, lengthA, kindB, offsetB, lengthB int) {
		text = strings.ToValidUTF8(text, "")
		entities := []Entity{
			{Kind: EntityKind(kindA % 10), Offset: offsetA, Length: lengthA, URL: "https://e.com"},
			{Kind: EntityKind(kindB % 10), Offset: offsetB, Length: lengthB, URL: "https://e.com"},
		}
		root := FromEntities(text, entities, UTF16)
		require.Equal(t, letters(text), letters(markdown.PlainText(root)))
		out, made := ToEntities(root, UTF16, nil, nil)
		whole := Length(out, UTF16)
		last := 0
		for _, e := range made {
			require.GreaterOrEqual(t, e.Offset, last, "in the order in which they begin")
			require.Positive(t, e.Length)
			require.LessOrEqual(t, e.Offset+e.Length, whole)
			last = e.Offset
		}
		require.True(t, utf8.ValidString(out))
	})
}

func ExampleToEntities() {
	text, entities := ToEntities(markdown.Parse("Well **done**, [see](https://example.com)"), UTF16, nil, nil)
	fmt.Println(text)
	for _, e := range entities {
		fmt.Printf("%t %d %d %q\n", e.Kind == StrongEntity, e.Offset, e.Length, e.URL)
	}
	// Output:
	// Well done, see
	// true 5 4 ""
	// false 11 3 "https://example.com"
}
