package redisstate

import (
	"errors"
	"regexp"
	"strings"

	"github.com/redis/go-redis/v9"
)

// isReply reports whether the error is the server's own answer.
func isReply(err error) bool {
	var reply redis.Error
	return errors.As(err, &reply)
}

// replyText returns what a server answered, or "" if the error is no answer.
func replyText(err error) string {
	var reply redis.Error
	if !errors.As(err, &reply) {
		return ""
	}
	return reply.Error()
}

// codeOf returns the code of the error that a server answered with, such as OOM, or
// "" if it is no answer.
func codeOf(err error) string { return codeIn(replyText(err)) }

// inScript finds the error of a command in that of a script. Redis 7 answers with
// the command's own error, and says after it which script it was. Others put what
// the script was doing first:
//
//	ERR Error running script (call to f_…): @user_script:1: -OOM command not allowed …
//
// See https://github.com/redis/redis/issues/6565.
var inScript = regexp.MustCompile(`@user_script: ?\d+: ?-?([A-Z]{2,}) `)

// codeIn returns the code in the text of an error.
func codeIn(text string) string {
	if strings.Contains(text, "user executing the script can't") {
		return "NOPERM" // Redis 6.2 and 7.0, of a command in a script
	}
	code, _, _ := strings.Cut(text, " ")
	if code == "ERR" {
		if found := inScript.FindAllStringSubmatch(text, -1); found != nil {
			return found[len(found)-1][1]
		}
	}
	return code
}

// isTransient reports whether the server refuses the command only for now, as
// while it fails over or moves a slot. It has not executed it.
func isTransient(err error) bool {
	switch codeOf(err) {
	case "LOADING", "READONLY", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "NOREPLICAS":
		return true
	}
	return hasTooManyClients(err) || isRedirection(err)
}

func hasTooManyClients(err error) bool {
	return strings.HasPrefix(replyText(err), "ERR max number of clients")
}

// isRedirection reports whether the error names the server of a Cluster that
// takes the command.
func isRedirection(err error) bool {
	if _, moved := redis.IsMovedError(err); moved {
		return true
	}
	_, ask := redis.IsAskError(err)
	return ask
}

// isAway reports whether the error means that the backend cannot serve the call
// now, as opposed to an answer that will not change.
func isAway(err error) bool {
	if !isReply(err) || isTransient(err) {
		return true
	}
	switch codeOf(err) {
	case "OOM", "MISCONF", "BUSY":
		return true
	}
	return false
}

// replyError is an answer of a server that came in another form, such as one that a
// script has caught.
type replyError string

func (e replyError) Error() string { return string(e) }

// RedisError makes it a redis.Error.
func (replyError) RedisError() {}
