package interop

import (
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// BenchmarkParse measures our parser next to goldmark's on all examples of the
// specifications, and on a few texts that are hard on a parser.
func BenchmarkParse(b *testing.B) {
	parser := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote)).Parser()
	for name, source := range map[string]string{
		"prose":       strings.Repeat("Some **bold** text with a [link](https://example.com) and `code`.\n\n", 200),
		"list":        strings.Repeat("- an item with *emphasis*\n", 500),
		"quotes-20kB": strings.Repeat(">", 20_000),
		"links-20kB":  strings.Repeat("[a](", 5_000),
		"stars-20kB":  strings.Repeat("a*_", 7_000),
	} {
		b.Run(name+"/ours", func(b *testing.B) {
			b.SetBytes(int64(len(source)))
			for b.Loop() {
				markdown.Parse(source)
			}
		})
		b.Run(name+"/goldmark", func(b *testing.B) {
			b.SetBytes(int64(len(source)))
			for b.Loop() {
				parser.Parse(text.NewReader([]byte(source)))
			}
		})
	}
}
