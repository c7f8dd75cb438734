package adaptertest

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
)

// Harness is what one case works with: an adapter, and a way to see what its
// platform shows.
type Harness struct {
	// Adapter is new: no bot has it yet. Required.
	Adapter chat.Adapter

	// State is new, not connected, and has data of its own, such as a new memory
	// adapter. The suite closes it. Required.
	State state.Adapter

	// Posts returns the messages of the bot that the platform shows in a thread,
	// oldest first. A message that was deleted is left out, or marked. It is asked
	// after the adapter's call has returned, and from several goroutines. Required.
	Posts func(ctx context.Context, thread chat.ThreadID) ([]chattest.Posted, error)

	// Typing returns how often the platform was told that the bot is writing in
	// the thread. Default: the indicator is asked for and not looked at.
	Typing func(ctx context.Context, thread chat.ThreadID) (int, error)

	// Session returns what the thread's session was last marked as. Default: it is
	// marked and not looked at.
	Session func(ctx context.Context, thread chat.ThreadID) (chat.SessionStatus, error)

	// Ephemeral returns what only the user is shown in a thread, oldest first.
	// Required for a [chat.EphemeralPoster].
	Ephemeral func(ctx context.Context, thread chat.ThreadID, user chat.UserID) ([]chattest.Posted, error)

	// Scheduled returns what the platform will post to a thread later. Required
	// for a [chat.Scheduler].
	Scheduled func(ctx context.Context, thread chat.ThreadID) ([]chattest.ScheduledPost, error)

	// Limit has the platform refuse one request that changes something, because of
	// its rate, and say when to come again: the next one, or one after others that
	// pass. Default: it is not looked at.
	Limit func(pass int, retryAfter time.Duration)

	// Break has the platform fail every request from now on. Default: it is not
	// looked at.
	Break func()

	// Click has somebody click the button with this label on a message that Posts
	// returned, or choose the option with it in a menu. It returns the webhook that the
	// platform sends, or nil if it has called the bot itself. Required, unless
	// Features.NoButtons is set.
	Click func(ctx context.Context, p chattest.Posted, label string) (*Sample, error)

	// Move gives the channel of Features.Moves another id, as the platform does, and
	// returns the thread's id under the new one. Required with Features.Moves.
	Move func(ctx context.Context, thread chat.ThreadID) (chat.ThreadID, error)

	// Restart returns another adapter for the same platform, as after a restart of the
	// program: nothing but the platform and the state is left. Required with Click.
	Restart func() (chat.Adapter, error)

	// Modals returns the modals that the platform shows, oldest first: each with
	// the CallbackID and the Title of its Modal, and in Trigger and ContextID what
	// Submit needs. Required for a [chat.ModalOpener], as is Submit.
	Modals func(ctx context.Context) ([]chattest.OpenedModal, error)

	// Submit has the one who clicked submit a modal that Modals returned, with
	// these values in its text inputs. It returns what Click returns.
	Submit func(ctx context.Context, m chattest.OpenedModal, values chat.ModalValues) (*Sample, error)

	// Read returns the message up to which the bot has marked a thread as read.
	// Default: it is not looked at.
	Read func(ctx context.Context, thread chat.ThreadID) (chat.MessageID, error)
}

// Sample is one webhook as the platform sends it.
type Sample struct {
	// Name tells samples apart in failures.
	Name string
	// Method is that of the request. Default POST.
	Method string
	// Path is what follows /webhooks/{name}. Default "/".
	Path string
	// Header is sent along with it. Default Content-Type: application/json.
	Header http.Header
	// Body is the payload.
	Body string
	// Want is what the bot must handle: messages and events. Only fields that are
	// not zero are compared; a message needs its ID, ThreadID, Text and
	// Author.UserID. Default: the webhook is taken and nothing is handled.
	Want []chat.Inbound
	// Files are what the attachments of the message hold, in their order. Its Want
	// is that message alone. Required of one sample for a [chat.AttachmentFetcher].
	// Default: the attachments are not fetched.
	Files []string
	// Own says that it holds a message or an event of the bot itself, which must
	// not be handled.
	Own bool
}

// Features declares what cannot be asked of an adapter.
type Features struct {
	// Samples are webhooks with what they mean. Their ids differ. At least one
	// message, and one of the bot's own unless NoOwnMessages is set. Required.
	Samples []Sample

	// Recordings are webhooks that a [webhook.Recorder] wrote, as
	// [webhook.ReadRecordings] returns them. Each is signed anew, and must be
	// answered with the status that it was answered with. What they mean is checked
	// where [Recorded] makes samples of them. Default none.
	Recordings []*webhook.Recording

	// UserName is the bot's name in the samples. Default "bot".
	UserName string

	// Sign adds to a request what proves that it comes from the platform: headers
	// or parts of the query. Required, unless Unsigned is set.
	Sign func(r *http.Request, body []byte, at time.Time)

	// Unsigned says that everybody may send webhooks. Default: they are signed.
	Unsigned bool

	// BodyUnsigned says that the proof is the same for all bodies, such as a
	// secret in a header. Default: another body needs another signature.
	BodyUnsigned bool

	// MaxAge is how old a request may be. Default 0: its age is not known.
	MaxAge time.Duration

	// NoOwnMessages says that the platform never sends the bot its own messages.
	// Default: it does, and the samples have one.
	NoOwnMessages bool

	// Twins are samples of messages with the same id on the platform, in different
	// channels. Default: the platform gives no id twice.
	Twins []Sample

	// Mention is a message that mentions the bot, outside of direct conversations, and
	// MentionInCode one in which the same stands in code. Default: what mentions the bot
	// is not looked at.
	Mention, MentionInCode Sample

	// Album are the webhooks of one message with several files, on a platform that sends
	// a message for each file. They are delivered at the same time. The Want of the first
	// is the whole message, with the Attachments. Default: a message with its files is
	// one webhook.
	Album []Sample

	// Moves is a thread whose channel can get another id, see Harness.Move. Default:
	// channels keep their ids.
	Moves chat.ThreadID

	// User is somebody whom the bot can write to and look up. Required for a
	// [chat.DirectMessenger], a [chat.EphemeralPoster] and a [chat.UserFinder].
	User chat.UserID

	// Formats are the ways in which the platform shows text. With any, Posts returns
	// the Content of each message. Default 0: it shows plain text.
	Formats Format

	// NoButtons says that the platform has no buttons or menus, or that its bots get no
	// clicks. Default: Harness.Click clicks them.
	NoButtons bool

	// NoEdits says that the platform's messages cannot be edited, and NoDeletes that they
	// cannot be deleted: EditMessage and DeleteMessage are errors.ErrUnsupported. Default:
	// they can.
	NoEdits, NoDeletes bool

	// OneReaction says that the platform keeps one reaction of the bot to a message,
	// so that a further one replaces it. Default: each emoji is one of its own.
	OneReaction bool

	// Secrets are the credentials that Harness.Adapter was made with. No error may hold
	// one. Default: it is not looked at.
	Secrets []string

	// Foreign are further thread ids that the adapter must refuse. Default: the
	// suite makes up some.
	Foreign []chat.ThreadID
}

// Format is a set of ways in which a platform shows text.
type Format uint16

// The formats. Mentions are users who are told that a message names them.
const (
	Bold Format = 1 << iota
	Italic
	Strikethrough
	Code
	CodeBlocks
	Quotes
	Lists
	Headings
	Tables
	Links
	Mentions
)

// AllFormats is what Markdown has, and Mentions.
const AllFormats = Mentions<<1 - 1

// has reports whether all the features are declared, and names one that is not.
func (f Features) has(n Needs) (missing string, ok bool) {
	for _, x := range []struct {
		need     Needs
		missing  string
		declared bool
	}{
		{NeedsSignature, "Features.Unsigned is declared", f.Sign != nil},
		{NeedsSignedBody, "Features.BodyUnsigned is declared, or Unsigned", f.Sign != nil && !f.BodyUnsigned},
		{NeedsMaxAge, "Features.MaxAge is not declared", f.MaxAge > 0},
		{NeedsOwnMessages, "Features.NoOwnMessages is declared", !f.NoOwnMessages},
		{NeedsTwins, "Features.Twins are not declared", len(f.Twins) > 0},
		{NeedsMention, "Features.Mention is not declared", f.Mention.Body != ""},
		{NeedsMentionInCode, "Features.MentionInCode is not declared", f.MentionInCode.Body != ""},
		{NeedsAlbum, "Features.Album is not declared", len(f.Album) > 0},
		{NeedsMoves, "Features.Moves is not declared", f.Moves != ""},
		{NeedsRecordings, "Features.Recordings are not declared", len(f.Recordings) > 0},
		{NeedsEdits, "Features.NoEdits is declared", !f.NoEdits},
		{NeedsDeletes, "Features.NoDeletes is declared", !f.NoDeletes},
	} {
		if n&x.need != 0 && !x.declared {
			return x.missing, false
		}
	}
	return "", true
}

// message returns the first sample that holds exactly one message, and the
// message.
func (f Features) message() (Sample, *chat.Message) {
	for _, s := range f.Samples {
		if len(s.Want) == 1 && !s.Own {
			if m, ok := s.Want[0].(*chat.Message); ok {
				return s, m
			}
		}
	}
	return Sample{}, nil
}

// threads are the threads that the samples are about, each once.
func (f Features) threads() []chat.ThreadID {
	var threads []chat.ThreadID
	seen := map[chat.ThreadID]bool{}
	for _, s := range slices.Concat(f.Samples, f.Twins) {
		for _, w := range s.Want {
			if m, ok := w.(*chat.Message); ok && !seen[m.ThreadID] {
				seen[m.ThreadID] = true
				threads = append(threads, m.ThreadID)
			}
		}
	}
	return threads
}
