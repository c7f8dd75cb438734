package state

import (
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// The checks below give every adapter the same answers, and the same words, to
// arguments that no backend can serve. The first parameter is the argument's
// name for the error message.

// MaxName is the length in bytes of the longest name of a thread or key. With a
// short prefix it fits what backends index: 2,704 bytes in PostgreSQL
// (https://www.postgresql.org/docs/current/btree.html), 3,072 in MySQL.
const MaxName = 2048

// CheckName returns [ErrInvalidArgument] unless the value is UTF-8 of 1 to
// [MaxName] bytes.
func CheckName(arg, value string) error {
	if value == "" {
		return fmt.Errorf("%w: %s is empty", ErrInvalidArgument, arg)
	}
	if len(value) > MaxName {
		return fmt.Errorf("%w: %s has %d bytes, want at most %d", ErrInvalidArgument, arg, len(value), MaxName)
	}
	if !utf8.ValidString(value) {
		return fmt.Errorf("%w: %s is not valid UTF-8", ErrInvalidArgument, arg)
	}
	return nil
}

// CheckTTL returns [ErrInvalidArgument] for a negative duration.
func CheckTTL(arg string, d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("%w: %s is %v, want 0 (no expiry) or more", ErrInvalidArgument, arg, d)
	}
	return nil
}

// CheckLockTTL returns [ErrInvalidArgument] for a duration that is not positive.
func CheckLockTTL(arg string, d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%w: %s is %v, want more than 0", ErrInvalidArgument, arg, d)
	}
	return nil
}

// CheckSize returns [ErrInvalidArgument] for a negative size.
func CheckSize(arg string, n int) error {
	if n < 0 {
		return fmt.Errorf("%w: %s is %d, want 0 (no bound) or more", ErrInvalidArgument, arg, n)
	}
	return nil
}

// CheckLock returns [ErrInvalidArgument] for a lock that AcquireLock cannot
// have returned.
func CheckLock(lock *Lock) error {
	if lock == nil {
		return fmt.Errorf("%w: lock is nil", ErrInvalidArgument)
	}
	if lock.Token == "" {
		return fmt.Errorf("%w: lock.Token is empty", ErrInvalidArgument)
	}
	return CheckName("lock.ThreadID", lock.ThreadID)
}

// CheckEntry returns [ErrInvalidArgument] unless the entry's message is one JSON
// value.
func CheckEntry(arg string, entry QueueEntry) error {
	if !validJSON(entry.Message) {
		return fmt.Errorf("%w: %s.Message is not one JSON value", ErrInvalidArgument, arg)
	}
	return nil
}

// CheckStartTurn returns [ErrInvalidArgument] if an argument of a step is invalid.
func CheckStartTurn(req StartTurn) error {
	err := errors.Join(CheckName("key", req.Key), CheckTTL("ttl", req.TTL))
	if req.ThreadID != "" {
		err = errors.Join(err, CheckName("threadID", req.ThreadID), CheckLockTTL("lockTTL", req.LockTTL))
	}
	if req.Accept.ThreadID != "" {
		err = errors.Join(err, CheckAcceptTurn(req.Accept))
	}
	return err
}

// CheckAcceptTurn returns [ErrInvalidArgument] if an argument of a step is invalid.
func CheckAcceptTurn(req AcceptTurn) error {
	err := errors.Join(CheckName("threadID", req.ThreadID), CheckEntry("entry", req.Entry), CheckSize("maxSize", req.MaxSize))
	if req.Subscription != "" {
		err = errors.Join(err, CheckName("subscription", req.Subscription))
	}
	return errors.Join(err, checkNames("keys", req.Keys))
}

// CheckEndTurn returns [ErrInvalidArgument] if an argument of a step is invalid.
func CheckEndTurn(req EndTurn) error {
	return errors.Join(checkNames("marks", req.Marks), CheckTTL("markTTL", req.MarkTTL),
		CheckName("threadID", req.ThreadID), CheckLock(req.Lock))
}

func checkNames(arg string, names []string) error {
	for _, name := range names {
		if err := CheckName(arg, name); err != nil {
			return err
		}
	}
	return nil
}

// CeilMillis returns the duration rounded up to whole milliseconds, the
// resolution that backends share.
func CeilMillis(d time.Duration) time.Duration {
	if r := d % time.Millisecond; r > 0 {
		if d > 1<<63-1-time.Millisecond {
			return d - r
		}
		return d - r + time.Millisecond
	}
	return d
}

func quote(s string) string { return strconv.Quote(s) }
