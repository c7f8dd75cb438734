// Package anthropic connects bots to Anthropic's language models by anthropic-sdk-go.
//
// [Stream] turns the library's stream into one that a thread posts:
//
//	stream := client.Messages.NewStreaming(ctx, params)
//	sent, err := ev.Thread.Post(ctx, anthropic.Stream(stream))
//
// [Messages] turns what [chat.ToPrompt] returns into the library's messages, with
// pictures and files; [Tools] lets it call tools, such as those of package chattools.
// [Answer] does all of it: it asks the model, makes the calls that it wants, shows them
// as tasks, and goes on until it has answered.
//
// # Errors
//
// A stream yields the library's errors as they are: [errors.AsType] finds its *Error, with
// the status of the response. A stream that breaks off is [io.ErrUnexpectedEOF].
package anthropic
