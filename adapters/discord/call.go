package discord

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// params are the arguments of a method.
type params map[string]any

// The codes of Discord that the adapter handles one by one.
// https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
const (
	unknownChannel      = 10003
	unknownMessage      = 10008
	unknownWebhook      = 10015
	unknownInteraction  = 10062
	alreadyAcknowledged = 40060
	cannotInChannel     = 50024
	invalidToken        = 50027
	missingAccess       = 50001
	missingPermissions  = 50013
	threadExists        = 160004
)

// codes classifies the codes of Discord whose HTTP status is not specific enough.
var codes = platform.ParseCodes(map[chat.Code]string{
	chat.CodeNotFound:   "10003 10004 10008 10013 10014 10015 10062 50027",
	chat.CodePermission: "50001 50003 50005 50007 50013 50021 50024 50083 90001",
	chat.CodeTemporary:  "130000",
	chat.CodeInvalid:    "30007 30010 30013 40005 40060 50006 50016 50034 50035 50045 50046 160002 160004 160005 160006 160007",
})

// codeError is Discord's reason for a refusal.
type codeError struct {
	code int
	text string
}

func (e *codeError) Error() string { return e.text + " (code " + strconv.Itoa(e.code) + ")" }

// hasCode reports whether an error is a refusal with one of the codes.
func hasCode(err error, codes ...int) bool {
	e, ok := errors.AsType[*codeError](err)
	return ok && slices.Contains(codes, e.code)
}

// refused returns why Discord refused a call, or nil if it did not.
// https://docs.discord.com/developers/reference#error-messages
func refused(got *platform.Answer) *platform.Refusal {
	if got.OK() {
		return nil
	}
	var a struct {
		Code       int             `json:"code"`
		Message    string          `json:"message"`
		RetryAfter float64         `json:"retry_after"`
		Errors     json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(got.Body, &a) != nil || a.Message == "" {
		return nil
	}
	text := a.Message
	if len(text) > 100 {
		text = text[:100]
	}
	if fields := faults("", a.Errors); len(fields) > 0 {
		text += ": " + strings.Join(fields[:min(len(fields), 5)], ", ")
	}
	r := &platform.Refusal{Code: platform.CodeOf(got.Status, nil), Err: &codeError{a.Code, strings.ToValidUTF8(text, "")}}
	if code, ok := codes[strconv.Itoa(a.Code)]; ok && r.Code != chat.CodeRateLimited {
		r.Code = code
	}
	if a.RetryAfter > 0 {
		r.RetryAfter = time.Duration(min(a.RetryAfter, 86_400) * float64(time.Second))
	}
	return r
}

// faults returns the names of the fields that are wrong, each with its code. Discord's
// descriptions are left out, because they may quote the message.
func faults(path string, data json.RawMessage) (all []string) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "_errors" {
			if !isID(name) {
				continue
			}
			all = append(all, faults(strings.TrimPrefix(path+"."+name, "."), fields[name])...)
			continue
		}
		var list []struct {
			Code string `json:"code"`
		}
		if json.Unmarshal(fields[name], &list) == nil && len(list) > 0 && isID(list[0].Code) {
			all = append(all, path+" "+list[0].Code)
		}
	}
	return all
}

// call is a request to Discord.
type call struct {
	platform.Call
	major  string           // the channel, server or webhook in the path, for the rate limit
	client *platform.Client // default: the one with the bot's token
}

// do makes a call. If its rate limit is known to be used up, it returns that error
// without a request.
func (a *Adapter) do(ctx context.Context, c call) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := route{op: c.Op, major: c.major, interaction: c.client == a.hooks}
	if err := a.limits.refuse(r, time.Now()); err != nil {
		return err
	}
	if c.client == nil {
		c.client = a.client
		if _, files := c.Body.(platform.Multipart); files {
			c.client = a.uploads
		}
	}
	answer, err := c.client.Do(ctx, c.Call)
	if answer != nil {
		a.limits.learn(r, answer.Header, err, time.Now())
	}
	return err
}

// inChannel makes a call about a channel; path is what follows "channels/{id}".
func (a *Adapter) inChannel(ctx context.Context, op, method, channel, path string, body, into any) error {
	return a.do(ctx, call{Call: platform.Call{Op: op, Method: method, Path: "channels/" + channel + path, Body: body, Into: into}, major: channel})
}
