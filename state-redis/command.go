package redisstate

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// The commands below tell go-redis never to send them twice: what may be sent
// again is decided in op.do. Each is one pointer wide, so that holding it in an
// interface allocates nothing. The arguments are strings, not the caller's
// bytes: a call that is given up leaves its command behind in the pipeline.

type intCmd struct{ *redis.IntCmd }

func (intCmd) NoRetry() bool { return true }

type boolCmd struct{ *redis.BoolCmd }

func (boolCmd) NoRetry() bool { return true }

type stringCmd struct{ *redis.StringCmd }

func (stringCmd) NoRetry() bool { return true }

type statusCmd struct{ *redis.StatusCmd }

func (statusCmd) NoRetry() bool { return true }

type stringsCmd struct{ *redis.StringSliceCmd }

func (stringsCmd) NoRetry() bool { return true }

type scoresCmd struct{ *redis.ZSliceCmd }

func (scoresCmd) NoRetry() bool { return true }

// scriptCmd is an EVALSHA that answers with a number.
type scriptCmd struct{ *redis.IntCmd }

func (scriptCmd) NoRetry() bool { return true }

// startCmd is an EVALSHA of startScript.
type startCmd struct{ *redis.Cmd }

func (startCmd) NoRetry() bool { return true }

// byText makes it an EVAL. It must not be in the pipeline.
func (c startCmd) byText(s *script) {
	c.Args()[0], c.Args()[1] = "eval", s.src
	c.SetErr(nil)
}

// byText makes it an EVAL. It must not be in the pipeline.
func (c scriptCmd) byText(s *script) {
	c.Args()[0], c.Args()[1] = "eval", s.src
	c.SetErr(nil)
}

func newInt(args ...any) intCmd       { return intCmd{redis.NewIntCmd(background, args...)} }
func newBool(args ...any) boolCmd     { return boolCmd{redis.NewBoolCmd(background, args...)} }
func newString(args ...any) stringCmd { return stringCmd{redis.NewStringCmd(background, args...)} }
func newStatus(args ...any) statusCmd { return statusCmd{redis.NewStatusCmd(background, args...)} }
func newStrings(args ...any) stringsCmd {
	return stringsCmd{redis.NewStringSliceCmd(background, args...)}
}

func newScores(args ...any) scoresCmd {
	return scoresCmd{redis.NewZSliceCmd(background, args...)}
}

// background is what commands carry: their own context bounds nothing in a
// pipeline.
var background = context.Background()

// newRun makes the EVALSHA of a script on one key.
func newRun(s *script, key string, args ...any) scriptCmd {
	return newRunHash(s.hash, key, args...)
}

func newRunHash(hash, key any, args ...any) scriptCmd {
	all := make([]any, 0, 4+len(args))
	all = append(all, "evalsha", hash, 1, key)
	cmd := redis.NewIntCmd(background, append(all, args...)...)
	cmd.SetFirstKeyPos(3)
	return scriptCmd{cmd}
}

// keyOf returns the key of a command made here.
func keyOf(cmd redis.Cmder) string {
	args := cmd.Args()
	at := 1
	switch cmd.(type) {
	case scriptCmd, startCmd:
		at = 3
	}
	key, _ := args[at].(string)
	return key
}

// millis is a duration as Redis takes it: whole milliseconds, rounded up.
func millis(d time.Duration) int64 { return state.CeilMillis(d).Milliseconds() }

func millisText(d time.Duration) string { return strconv.FormatInt(millis(d), 10) }
