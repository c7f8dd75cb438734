// Package genai connects bots to Google's language models by google.golang.org/genai.
//
// [Stream] turns the library's sequence into a stream that a thread posts:
//
//	stream := client.Models.GenerateContentStream(ctx, "gemini-2.5-flash", contents, nil)
//	sent, err := ev.Thread.Post(ctx, genai.Stream(stream))
//
// [Contents] turns what [chat.ToPrompt] returns into the library's contents, with
// pictures and files; [Tools] lets it call tools, such as those of package chattools.
// [Answer] does all of it: it asks the model, makes the calls that it wants, shows them
// as tasks, and goes on until it has answered.
//
// # Errors
//
// A stream yields the library's errors as they are: [errors.AsType] finds its APIError,
// with the status of the response. A stream that breaks off is [io.ErrUnexpectedEOF].
package genai
