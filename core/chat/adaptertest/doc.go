// Package adaptertest proves that a platform adapter keeps the contract of package
// [github.com/chat-adapter/chat-go/core/chat].
//
// One call runs every case, each on a bot with an adapter of its own:
//
//	func TestConformance(t *testing.T) {
//		adaptertest.Run(t, func(t *testing.T) adaptertest.Harness {
//			platform := newFakeServer(t) // answers the adapter's calls
//			adapter, err := myplatform.New(myplatform.Config{URL: platform.URL, Secret: secret})
//			if err != nil {
//				t.Fatal(err)
//			}
//			return adaptertest.Harness{Adapter: adapter, State: newState(t), Posts: platform.posts}
//		}, adaptertest.Features{
//			Sign:   sign, // as the platform signs
//			MaxAge: 5 * time.Minute,
//			Samples: []adaptertest.Sample{
//				{Name: "message", Body: messageJSON, Want: []chat.Inbound{&chat.Message{
//					ID: "C1:7", ThreadID: "myplatform:C1:", Text: "hello", Author: chat.Author{UserID: "U1"},
//				}}},
//				{Name: "own message", Body: ownJSON, Own: true},
//			},
//		})
//	}
//
// [Harness] is what one case works with, and [Features] declares what cannot be
// asked. What else the adapter can do is found by type assertion: the abilities
// that it implements must work, and those that it does not must be
// errors.ErrUnsupported.
//
// Some abilities can only be seen from the platform's side. The author of an
// adapter that has one of these also tells the suite how to see it, or
// CheckFeatures asks for it:
//
//	EphemeralPoster    Harness.Ephemeral, Features.User
//	Scheduler          Harness.Scheduled
//	DirectMessenger    Features.User
//	UserFinder         Features.User
//	ModalOpener        Harness.Click, Harness.Modals, Harness.Submit
//	AttachmentFetcher  Sample.Files, and the fake platform serves the same files
//
// A [chat.MessageFetcher] and a [chat.ChannelFetcher] are enabled by being there:
// the cases post messages and read them back, so the fake platform keeps a history
// in which the threads of the samples can be read. Messages that it has besides
// are ignored.
//
// A failure prints what was seen and what was wanted, the rule as it stands in
// the contract, and the file and line where it stands. [Fuzz] sends bodies that
// Go's fuzzer makes up.
package adaptertest
