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
//	ModalOpener        Harness.Modals, Harness.Submit
//	AttachmentFetcher  Sample.Files, and the fake platform serves the same files
//
// # What it checks
//
//	Identity, ThreadIDs      names and ids: stable, canonical, inverse, foreign ones refused
//	Signatures, Bodies       who may send webhooks; no body makes the adapter panic
//	Webhooks, Outage         events as the samples say; 2xx only for what is stored
//	Mentions                 a mention of the bot is heard, one in code is not
//	Albums                   a message that comes as one for each file is one message
//	Moved                    a channel that gets another id is still reached by its old one
//	Posts, Streams, Plans    what is shown after posts, edits, deletions, streams, at the same time
//	Content                  formatting on the right words, links, tables, mentions; text that is none
//	Lengths                  20,000 characters, posted, edited, streamed, deleted: nothing lost or left
//	Buttons                  ids and values of 280 bytes, after an edit, after a restart
//	Limits                   what the rate limit refuses has changed nothing; half a post is not nothing
//	Secrets                  no error holds a credential or the text of a message
//	the abilities            each that the adapter has
//
// The cases whose names end in Together make calls at the same time. What they find
// of data races shows under go test -race only, and Run asks for it.
//
// It cannot see what the fake platform does not have. Content is read by the
// platform's own rules: an author who reads it back with the adapter's own parser
// sees no mistake that both make. The pace of real rate limits, what users see of
// a picture, and whether documented and real limits agree, only the platform tells.
//
// Platforms that differ are declared: NoButtons, NoEdits, NoDeletes, OneReaction,
// Formats, Twins, Album, Moves, BodyUnsigned, NoOwnMessages. A platform without
// threads passes: its thread ids are those of channels. Commands that are messages are
// samples that want a [chat.SlashCommandEvent]. A reaction whose thread the platform
// does not tell wants no ThreadID in its sample.
//
// # Abilities
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
