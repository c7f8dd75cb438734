package markdown_test

import (
	"fmt"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// A tree is read, changed and written back: here pictures become their descriptions.
func Example() {
	tree := markdown.Parse("# Tea\n\nA ![green leaf](https://example.com/leaf.png) and *hot* water.")
	changed := markdown.Map(tree, func(n markdown.Node) markdown.Node {
		if picture, ok := n.(*markdown.Image); ok {
			return &markdown.Text{Value: picture.Alt}
		}
		return n
	})
	fmt.Println(markdown.Print(changed))
	fmt.Println(markdown.PlainText(changed))
	// Output:
	// # Tea
	//
	// A green leaf and *hot* water.
	//
	// Tea
	//
	// A green leaf and hot water.
}

// What a language model has written so far is mended, so that it renders well before
// it is whole.
func ExampleMend() {
	fmt.Println(markdown.Mend("Some **bold te"))
	// Output: Some **bold te**
}
