package emoji_test

import (
	"fmt"

	"github.com/chat-adapter/chat-go/core/emoji"
)

// A text names emoji, and each platform gets its own spelling.
func Example() {
	text := "Done {{emoji:rocket}}"
	fmt.Println(emoji.Replace(text, emoji.Slack))
	fmt.Println(emoji.Replace(text, "web"))
	// Output:
	// Done :rocket:
	// Done 🚀
}

// A bot has emoji of its own, as Config.Emoji.
func ExampleNewSet() {
	set, err := emoji.NewSet(map[emoji.Emoji]emoji.Spelling{
		"unicorn_logo": {Slack: []string{"acme-unicorn"}, Unicode: []string{"🦄"}, Own: map[emoji.Platform]string{"discord": "<:unicorn:1234>"}},
	})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(set.Replace("{{emoji:unicorn_logo}}", emoji.Slack), set.Replace("{{emoji:unicorn_logo}}", "discord"))
	// Output: :acme-unicorn: <:unicorn:1234>
}
