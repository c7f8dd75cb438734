package chat_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// exampleThread is a thread of a platform in memory, where streams and plans are
// posts that are edited.
func exampleThread() (*chattest.Fake, *chat.Thread) {
	fake := chattest.NewFake(chattest.Config{Without: []chattest.Ability{chattest.Streamer, chattest.PlanPoster, chattest.EphemeralPoster}})
	bot, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{fake.Adapter()}, State: connectable{}, Durability: chat.DurabilityNone, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	thread, err := bot.Thread(fake.Thread("general", "1"))
	if err != nil {
		panic(err)
	}
	return fake, thread
}

// A plan shows what the bot is doing.
func ExamplePlan() {
	ctx := context.Background()
	fake, thread := exampleThread()

	plan := chat.NewPlan("Deploying")
	if _, err := thread.Post(ctx, plan); err != nil {
		fmt.Println(err)
	}
	for _, step := range []string{"Build", "Test"} {
		if _, err := plan.NextTask(ctx, step); err != nil {
			fmt.Println(err)
		}
	}
	if err := plan.Complete(ctx, "Deployed"); err != nil {
		fmt.Println(err)
	}
	fmt.Println(fake.Posts(thread.ID())[0].Text)
	// Output:
	// 📋 **Deployed**\
	// ✅ Build\
	// ✅ Test
}

// What a language model writes is shown as it comes.
func ExampleThread_Post() {
	ctx := context.Background()
	fake, thread := exampleThread()

	answer := func(yield func(string, error) bool) {
		for _, piece := range []string{"Some ", "**bo", "ld** text"} {
			if !yield(piece, nil) {
				return
			}
		}
	}
	if _, err := thread.Post(ctx, chat.Stream(answer)); err != nil {
		fmt.Println(err)
	}
	fmt.Println(fake.Posts(thread.ID())[0].Text)
	// Output: Some **bold** text
}

// langchain stands for langchaingo's llms.GenerateFromSinglePrompt with
// llms.WithStreamingFunc, which calls a function with each piece of the answer.
func langchain(ctx context.Context, _ string, streamingFunc func(ctx context.Context, chunk []byte) error) (string, error) {
	for _, piece := range []string{"Some ", "text"} {
		if err := streamingFunc(ctx, []byte(piece)); err != nil {
			return "", err
		}
	}
	return "Some text", nil
}

// A library that calls back, such as langchaingo, becomes a stream in a few lines.
func ExampleStream_callback() {
	ctx := context.Background()
	fake, thread := exampleThread()

	errStop := errors.New("nobody wants more")
	answer := func(yield func(string, error) bool) {
		_, err := langchain(ctx, "Say something.", func(_ context.Context, chunk []byte) error {
			if !yield(string(chunk), nil) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield("", err)
		}
	}
	if _, err := thread.Post(ctx, chat.Stream(answer)); err != nil {
		fmt.Println(err)
	}
	fmt.Println(fake.Posts(thread.ID())[0].Text)
	// Output: Some text
}

// What only one user should see is sent directly where the platform has nothing
// better.
func ExampleThread_PostEphemeral() {
	ctx := context.Background()
	_, thread := exampleThread()

	message, err := thread.PostEphemeral(ctx, "u1", chat.Text("Only you see this."), chat.FallbackDM)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(message.Direct != nil)
	// Output: true
}

// A message is edited by its id alone, also long after it was posted.
func ExampleThread_Sent() {
	ctx := context.Background()
	fake, thread := exampleThread()
	posted, err := thread.Post(ctx, chat.Text("Building…"))
	if err != nil {
		fmt.Println(err)
	}

	if err := thread.Sent(posted.ID()).Edit(ctx, chat.Text("Built.")); err != nil {
		fmt.Println(err)
	}
	fmt.Println(fake.Posts(thread.ID())[0].Text)
	// Output: Built.
}
