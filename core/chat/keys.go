package chat

// The names under which the bot keeps something in the state; those of locks and queues
// are dispatch.Key's. The package comment has the table of them all. Names that are stored are never changed:
// instances of other versions, and for some the TypeScript SDK, know them too.

// Names that all threads share.
const (
	approvalsDueKey = reservedPrefix + "approvals-due" // requests that can still time out
	readyKey        = reservedPrefix + "ready"
)

// claimKey says that a message is taken. The id is the message's, or another one that it
// has among TypeScript instances.
func claimKey(m *Message, id MessageID) string {
	return "dedupe:" + m.ThreadID.Adapter() + ":" + string(id)
}

func botAnswersKey(id ThreadID) string { return reservedPrefix + "bot-answers:" + string(id) }

func approvalKey(id string) string { return reservedPrefix + "approval:" + id }

func onceKey(token string) string { return reservedPrefix + "once:" + token }

func callbackKey(token string) string { return reservedPrefix + "callback:" + token }

func modalContextKey(a Adapter, id string) string { return "modal-context:" + a.Name() + ":" + id }

func modalAnswerKey(a Adapter, eventID string) string {
	return reservedPrefix + "modal-answer:" + a.Name() + ":" + eventID
}

func threadDataKey(id ThreadID) string { return "thread-state:" + string(id) }

func channelDataKey(id ChannelID) string { return "channel-state:" + string(id) }

// historyKey takes the id of a thread or of a channel.
func historyKey(id string) string { return "msg-history:" + id }

func transcriptKey(userKey string) string { return "transcripts:user:" + userKey }
