// Package chattest tests bots: its [Fake] is a platform in memory that a test
// drives as people would, and looks at as they would. A bot is given the fake's
// [Adapter].
//
//	fake := chattest.NewFake(chattest.Config{})
//	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{fake.Adapter()}, State: memory})
//	// … register the handlers of the bot
//	receipt, err := fake.Send(ctx, fake.Message(fake.Thread("general", "1"), "@bot hello"))
//	err = receipt.Wait(ctx) // the handlers have finished
//	posts := fake.Posts(fake.Thread("general", "1"))
//
// To prove an adapter of your own, see
// [github.com/chat-adapter/chat-go/core/chat/adaptertest].
package chattest
