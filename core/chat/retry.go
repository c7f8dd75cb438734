package chat

import "time"

// Retry says what happens to a message whose handler failed, panicked or died.
type Retry struct {
	// MaxAttempts is how often a message is handed to the handlers before it
	// becomes a dead letter. Default 5.
	MaxAttempts int
	// Backoff is the wait before the second attempt; it doubles with each, with
	// random jitter of a quarter. Default 1 s.
	Backoff time.Duration
	// MaxBackoff bounds the wait. Default 1 min.
	MaxBackoff time.Duration
	// KeepPosts lets what a failed attempt has posted stand, and the next one post
	// after it. Default false: what the next attempt posts takes its place.
	KeepPosts bool
	// Overtake lets later messages of the thread be handled while one waits for
	// its next attempt. Default false: the order is kept.
	Overtake bool
}
