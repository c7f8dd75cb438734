package chat

import (
	"iter"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
)

// Stream is Markdown that comes in chunks, such as the output of a language
// model: any iter.Seq2[string, error]. It must end when the context ends that the
// program made it with. An error in the sequence ends the message with what has
// come. One that ends without an error and without anything to show posts nothing,
// which is no failure. A model that works in several steps needs [Chunks], which say
// where a step ends.
type Stream iter.Seq2[string, error]

// Chunks is Markdown that comes in chunks, with the tasks that the bot works on.
// Where the platform has no form of its own for them, the tasks stand above the
// text. Otherwise it is as a [Stream].
type Chunks iter.Seq2[Chunk, error]

// Chunk is one piece of a message that grows. Its parts may come together.
type Chunk struct {
	// Text is Markdown to append.
	Text string
	// Task is a task that is new or has changed, by its id. Default none.
	Task *Task
	// PlanTitle is the new title of the tasks. Default: as before.
	PlanTitle string
	// StepEnd says that a step of the model ends after Text, such as one that calls a
	// tool. A blank line stands between its text and that of the next step, however
	// their chunks end and begin. Adapters see the text alone. Default false.
	StepEnd bool
	// Finish says why the model has stopped; the last one counts. The [SentMessage] has
	// it, adapters do not see it. Default: not known.
	Finish FinishReason
}

// FinishReason says why a language model has stopped.
type FinishReason string

// The reasons, as the AI SDK names them.
// https://ai-sdk.dev/docs/reference/ai-sdk-core/stream-text
const (
	FinishStop          FinishReason = "stop"           // it had said all
	FinishLength        FinishReason = "length"         // it was cut off at its limit of tokens
	FinishContentFilter FinishReason = "content-filter" // its provider has stopped it
	FinishToolCalls     FinishReason = "tool-calls"     // it waits for the results of tools
	FinishOther         FinishReason = "other"
)

// isCut reports whether something is missing, which Config.Streams.Break tells readers.
func (r FinishReason) isCut() bool { return r == FinishLength || r == FinishContentFilter }

// Task is one step of what a bot is doing.
type Task struct {
	// ID tells the tasks of a message apart.
	ID string `json:"id"`
	// Title is one line.
	Title string `json:"title"`
	// Status is where the task stands. Default TaskPending.
	Status TaskStatus `json:"status"`
	// Details and Output are Markdown: what is done, and what came out. Default
	// none.
	Details string `json:"details,omitempty"`
	Output  string `json:"output,omitempty"`
}

// TaskStatus says where a task stands.
type TaskStatus string

// The statuses, as the TypeScript SDK and Slack name them.
const (
	TaskPending    TaskStatus = "pending"
	TaskInProgress TaskStatus = "in_progress"
	TaskComplete   TaskStatus = "complete"
	TaskError      TaskStatus = "error"
)

// PlanState is a plan as it is shown: a title and its tasks in order.
type PlanState struct {
	// Title stands above the tasks.
	Title string
	// Tasks are in the order in which they are shown.
	Tasks []Task
}

// StreamOptions say how a stream is shown, where the platform can.
type StreamOptions struct {
	// Recipient is whom the stream answers, and RecipientTeam the workspace of
	// that user. Default: the author of the message that is being handled. Slack
	// requires them in channels.
	Recipient     UserID
	RecipientTeam string
	// Tasks says how tasks are shown. Default TasksTimeline.
	Tasks TaskDisplay
	// Interval is the least time between two edits of the message that grows. A
	// platform that wants more time between them has it. Default: what the platform
	// says, else Config.Streams.Interval.
	Interval time.Duration
	// Session is what the thread's session is marked as when the stream has ended, also
	// where it has failed: see [Thread.MarkSession]. The bot marks it; an adapter need
	// not. Default: it is not marked.
	Session SessionStatus
	// End is shown under the finished message, or follows it as a message of its
	// own. Default nothing.
	End *card.Card
}

// TaskDisplay says how the tasks of a stream are shown.
type TaskDisplay string

// The ways to show tasks, as Slack names them.
const (
	TasksTimeline TaskDisplay = "timeline" // each where it came in the text
	TasksPlan     TaskDisplay = "plan"     // all together
)
