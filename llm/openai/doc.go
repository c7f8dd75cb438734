// Package openai connects bots to language models by openai-go: to OpenAI's, and to every
// server that has its API, such as Ollama, vLLM and LiteLLM.
//
// [Stream] and [ResponseStream] turn the library's stream into one that a thread posts:
//
//	stream := client.Chat.Completions.NewStreaming(ctx, params)
//	sent, err := ev.Thread.Post(ctx, openai.Stream(stream))
//
// [Messages] and [Input] turn what [chat.ToPrompt] returns into the library's messages,
// with pictures and files; [Tools] and [ResponseTools] let it call tools, such as those
// of package chattools. [Answer] and [AnswerResponse] do all of it: they ask the model,
// make the calls that it wants, show them as tasks, and go on until it has answered.
//
// # Errors
//
// A stream yields the library's errors as they are: [errors.AsType] finds its *Error, with
// the status of the response. A stream that breaks off is [io.ErrUnexpectedEOF].
package openai
