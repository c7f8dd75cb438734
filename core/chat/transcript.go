package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/core/state"
)

// Role says who speaks, to a language model and in a transcript.
type Role string

// The roles, as language models name them.
const (
	RoleUser      Role = "user"      // a person, or another bot
	RoleAssistant Role = "assistant" // this bot
	RoleSystem    Role = "system"    // the program: a summary, a handoff
)

// TranscriptConfig says what is kept of what a person and the bot say to each
// other.
type TranscriptConfig struct {
	// Enabled keeps transcripts. It requires Config.Identity. Default false: nothing
	// is kept, and the other fields must be zero.
	Enabled bool
	// Manual leaves it to the program what is kept, by Transcripts.Append. By
	// default every message that reaches a handler is kept, and every answer that
	// the handler posts to the message's thread.
	Manual bool
	// Retention is how long a person's transcript is kept after its last entry.
	// Default 0: for ever.
	Retention time.Duration
	// MaxPerUser is how many of the newest entries of a person are kept. Default
	// 200.
	MaxPerUser int
	// StoreFormatted keeps the formatting too. Default false.
	StoreFormatted bool
}

func (c *TranscriptConfig) validate(identity bool) error {
	switch {
	case !c.Enabled && *c != TranscriptConfig{}:
		return errors.New("Enabled is false, want true or no other field of Transcripts")
	case c.Enabled && !identity:
		return errors.New("Enabled is true, but Identity is nil")
	case c.Retention < 0:
		return fmt.Errorf("Retention is %v, want 0 (for ever) or more", c.Retention)
	case c.MaxPerUser < 0:
		return fmt.Errorf("MaxPerUser is %d, want 0 (the default) or more", c.MaxPerUser)
	}
	return nil
}

// TranscriptEntry is one entry of a transcript.
type TranscriptEntry struct {
	// ID is a UUID. Default, for Append: a new one.
	ID string
	// UserKey is the person, as Config.Identity says.
	UserKey string
	// Role says who spoke.
	Role Role
	// Text is what was said, without formatting.
	Text string
	// ThreadID is where.
	ThreadID ThreadID
	// Platform is the adapter's name. Default, for Append: as ThreadID says.
	Platform string
	// At is when the entry was made. Default, for Append: now.
	At time.Time
	// Formatted is what was said as a tree. Default: not kept.
	Formatted *markdown.Root
	// MessageID is the message on its platform. Default: none.
	MessageID MessageID
}

// TranscriptQuery narrows a transcript.
type TranscriptQuery struct {
	// Platforms are adapter names. Default: all.
	Platforms []string
	// ThreadID is one thread. Default: all.
	ThreadID ThreadID
	// Roles are who spoke. Default: all.
	Roles []Role
	// Limit is how many entries are returned, the newest. Default 50.
	Limit int
}

// tombstone is what the TypeScript SDK leaves in place of a deleted transcript.
const tombstone = `{"__chatSdkTombstone":true}`

// Transcripts are what persons and the bot said to each other, by person, on all
// platforms. It is safe for concurrent use. Unless TranscriptConfig.Enabled is set, the
// error of every method satisfies errors.Is(err, errors.ErrUnsupported).
type Transcripts struct {
	chat   *Chat
	config TranscriptConfig
}

func newTranscripts(c *Chat, cfg TranscriptConfig) *Transcripts {
	setDefault(&cfg.MaxPerUser, 200)
	return &Transcripts{chat: c, config: cfg}
}

// Transcripts returns the transcripts.
func (c *Chat) Transcripts() *Transcripts { return c.transcripts }

// Append adds an entry to the transcript of e.UserKey and returns it as it is
// kept.
func (t *Transcripts) Append(ctx context.Context, e TranscriptEntry) (TranscriptEntry, error) {
	if err := t.ready(ctx, e.UserKey); err != nil {
		return TranscriptEntry{}, err
	}
	if e.Role != RoleUser && e.Role != RoleAssistant && e.Role != RoleSystem {
		return TranscriptEntry{}, fmt.Errorf("%w: entry.Role is %q, want one of the Role constants", ErrInvalidArgument, e.Role)
	}
	setDefault(&e.ID, newUUID())
	setDefault(&e.Platform, e.ThreadID.Adapter())
	if e.At.IsZero() {
		e.At = time.Now()
	}
	e.At = e.At.UTC().Truncate(time.Millisecond)
	if !t.config.StoreFormatted {
		e.Formatted = nil
	}
	data, err := e.MarshalJSON()
	if err != nil {
		return TranscriptEntry{}, err
	}
	opts := state.ListOptions{MaxLength: t.config.MaxPerUser, TTL: t.config.Retention}
	if err := t.chat.state.AppendToList(ctx, transcriptKey(e.UserKey), data, opts); err != nil {
		return TranscriptEntry{}, err
	}
	return e, nil
}

// List returns a person's newest entries that match, oldest first.
func (t *Transcripts) List(ctx context.Context, userKey string, q TranscriptQuery) ([]TranscriptEntry, error) {
	if q.Limit < 0 {
		return nil, fmt.Errorf("%w: Limit is %d, want 0 (the default) or more", ErrInvalidArgument, q.Limit)
	}
	setDefault(&q.Limit, 50)
	all, err := t.read(ctx, userKey)
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(all, func(e TranscriptEntry) bool {
		return len(q.Platforms) > 0 && !slices.Contains(q.Platforms, e.Platform) ||
			q.ThreadID != "" && q.ThreadID != e.ThreadID ||
			len(q.Roles) > 0 && !slices.Contains(q.Roles, e.Role)
	})
	return found[max(0, len(found)-q.Limit):], nil
}

// Count returns how many entries a person's transcript has.
func (t *Transcripts) Count(ctx context.Context, userKey string) (int, error) {
	all, err := t.read(ctx, userKey)
	return len(all), err
}

// Delete removes a person's transcript and returns how many entries it had.
func (t *Transcripts) Delete(ctx context.Context, userKey string) (int, error) {
	n, err := t.Count(ctx, userKey)
	if err != nil {
		return 0, err
	}
	// Lists only grow and are trimmed, so the last thing that is left says that
	// nothing is.
	opts := state.ListOptions{MaxLength: 1, TTL: t.config.Retention}
	if err := t.chat.state.AppendToList(ctx, transcriptKey(userKey), []byte(tombstone), opts); err != nil {
		return 0, err
	}
	return n, nil
}

func (t *Transcripts) ready(ctx context.Context, userKey string) error {
	if !t.config.Enabled {
		return fmt.Errorf("chat: transcripts without Config.Transcripts.Enabled: %w", errors.ErrUnsupported)
	}
	if userKey == "" {
		return fmt.Errorf("%w: the user key is empty", ErrInvalidArgument)
	}
	return t.chat.connect(ctx)
}

// read returns a person's entries, oldest first. A message that was kept again,
// because it was handled or posted again, is returned once, where it stood first and as
// it was last.
func (t *Transcripts) read(ctx context.Context, userKey string) ([]TranscriptEntry, error) {
	if err := t.ready(ctx, userKey); err != nil {
		return nil, err
	}
	list, err := t.chat.state.GetList(ctx, transcriptKey(userKey))
	if err != nil {
		return nil, err
	}
	entries := make([]TranscriptEntry, 0, len(list))
	type origin struct {
		role   Role
		thread ThreadID
		id     MessageID
	}
	at := map[origin]int{}
	for _, data := range list {
		var mark struct {
			Tombstone bool `json:"__chatSdkTombstone"`
		}
		if json.Unmarshal(data, &mark) == nil && mark.Tombstone {
			continue
		}
		var e TranscriptEntry
		if err := e.UnmarshalJSON(data); err != nil {
			t.chat.log.WarnContext(ctx, "transcript-entry-unreadable", "error", err)
			continue
		}
		from := origin{e.Role, e.ThreadID, e.MessageID}
		if i, ok := at[from]; ok && e.MessageID != "" {
			entries[i] = e
			continue
		}
		at[from] = len(entries)
		entries = append(entries, e)
	}
	return entries, nil
}

// capture keeps a message of a person for whom a handler is about to be called.
// again says that it was handed to one before. A failure is logged: the message
// is handled all the same.
func (t *Transcripts) capture(ctx context.Context, m *Message, again bool) {
	if !t.config.Enabled || t.config.Manual || m.UserKey == "" {
		return
	}
	if again {
		all, err := t.read(ctx, m.UserKey)
		if err == nil && slices.ContainsFunc(all, func(e TranscriptEntry) bool {
			return e.Role == RoleUser && e.ThreadID == m.ThreadID && e.MessageID == m.ID
		}) {
			return
		}
	}
	t.keep(ctx, m.UserKey, RoleUser, m)
}

// captureAnswer keeps what the bot has posted to the thread while it handled a
// person's message.
func (t *Transcripts) captureAnswer(ctx context.Context, to, m *Message) {
	if !t.config.Enabled || t.config.Manual || to == nil || to.UserKey == "" {
		return
	}
	t.keep(ctx, to.UserKey, RoleAssistant, m)
}

func (t *Transcripts) keep(ctx context.Context, userKey string, role Role, m *Message) {
	_, err := t.Append(ctx, TranscriptEntry{
		UserKey: userKey, Role: role, Text: m.Text, ThreadID: m.ThreadID, Formatted: m.Formatted, MessageID: m.ID,
	})
	if err != nil {
		t.chat.log.WarnContext(ctx, "transcript-append-failed", "thread", string(m.ThreadID), "message", string(m.ID), "error", err)
	}
}
