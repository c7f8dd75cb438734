package fakeslack

import (
	"encoding/json"
	"strings"
)

// Arguments that several methods have.
var (
	required  = argument{required: true}
	optional  = argument{}
	inChannel = argument{kind: idArg, required: true}
	theTS     = argument{kind: tsArg, required: true}
	flag      = argument{kind: boolArg}
	// Slack cuts longer texts off.
	text40k = argument{longest: 40_000}
	// The error msg_too_long of chat.update names this bound.
	text4k      = argument{longest: 4_000}
	markdown12k = argument{longest: 12_000}
)

// specs are the methods by name: https://docs.slack.dev/reference/methods, the
// arguments that apps of today may use.
var specs map[string]spec

func init() {
	specs = map[string]spec{
		"api.test":  {open: true, args: map[string]argument{"foo": optional, "error": optional}, serve: (*Server).apiTest},
		"auth.test": {args: map[string]argument{}, serve: (*Server).authTest},

		"oauth.v2.access": {open: true, args: map[string]argument{
			"client_id": required, "client_secret": required, "code": optional, "redirect_uri": optional,
			"grant_type": {oneOf: []string{"authorization_code", "refresh_token"}}, "refresh_token": optional,
		}, serve: (*Server).access},

		"chat.postMessage": {args: map[string]argument{
			"channel": inChannel, "text": text40k, "markdown_text": markdown12k, "blocks": {kind: arrayArg}, "attachments": {kind: arrayArg},
			"thread_ts": {kind: tsArg}, "reply_broadcast": flag, "unfurl_links": flag, "unfurl_media": flag, "mrkdwn": flag,
			"parse": {oneOf: []string{"none", "full"}}, "link_names": flag, "metadata": {kind: objectArg},
			"icon_emoji": optional, "icon_url": optional, "username": optional,
		}, also: content, serve: (*Server).postMessage},
		"chat.postEphemeral": {args: map[string]argument{
			"channel": inChannel, "user": {kind: idArg, required: true}, "text": text40k, "markdown_text": markdown12k, "blocks": {kind: arrayArg},
			"attachments": {kind: arrayArg}, "thread_ts": {kind: tsArg}, "parse": {oneOf: []string{"none", "full"}}, "link_names": flag,
			"icon_emoji": optional, "icon_url": optional, "username": optional,
		}, also: content, serve: (*Server).postEphemeral},
		"chat.update": {args: map[string]argument{
			"channel": inChannel, "ts": theTS, "text": text4k, "markdown_text": markdown12k, "blocks": {kind: arrayArg}, "attachments": {kind: arrayArg},
			"file_ids": {kind: listArg}, "reply_broadcast": flag, "parse": {oneOf: []string{"none", "full"}}, "link_names": flag,
			"metadata": {kind: objectArg},
		}, also: content, serve: (*Server).update},
		"chat.delete": {args: map[string]argument{"channel": inChannel, "ts": theTS}, serve: (*Server).delete},
		"chat.scheduleMessage": {args: map[string]argument{
			"channel": inChannel, "post_at": {kind: intArg, required: true}, "text": text40k, "markdown_text": markdown12k, "blocks": {kind: arrayArg},
			"attachments": {kind: arrayArg}, "thread_ts": {kind: tsArg}, "reply_broadcast": flag, "unfurl_links": flag, "unfurl_media": flag,
			"parse": {oneOf: []string{"none", "full"}}, "link_names": flag, "metadata": {kind: objectArg},
		}, also: content, serve: (*Server).schedule},
		"chat.deleteScheduledMessage": {
			args:  map[string]argument{"channel": inChannel, "scheduled_message_id": required, "as_user": flag},
			serve: (*Server).deleteScheduled,
		},
		"chat.getPermalink": {args: map[string]argument{"channel": inChannel, "message_ts": theTS}, serve: (*Server).permalink},

		"chat.startStream": {args: map[string]argument{
			"channel": inChannel, "thread_ts": theTS, "markdown_text": markdown12k, "chunks": {kind: arrayArg},
			"recipient_user_id": {kind: idArg}, "recipient_team_id": {kind: idArg},
			"task_display_mode": {oneOf: []string{"timeline", "plan", "dense"}}, "icon_emoji": optional, "icon_url": optional, "username": optional,
		}, serve: (*Server).startStream},
		"chat.appendStream": {
			args: map[string]argument{"channel": inChannel, "ts": theTS, "markdown_text": markdown12k, "chunks": {kind: arrayArg}},
			also: textOrChunks, serve: (*Server).appendStream,
		},
		"chat.stopStream": {args: map[string]argument{
			"channel": inChannel, "ts": theTS, "markdown_text": markdown12k, "chunks": {kind: arrayArg}, "blocks": {kind: arrayArg},
			"metadata": {kind: objectArg}, "session_status": {oneOf: []string{"active", "closed", "processing", "suspended"}},
		}, serve: (*Server).stopStream},

		"assistant.threads.setStatus": {args: map[string]argument{
			"channel_id": inChannel, "thread_ts": theTS, "status": required, "loading_messages": {kind: listArg},
			"icon_emoji": optional, "icon_url": optional, "username": optional,
		}, serve: (*Server).setStatus},

		// https://docs.slack.dev/reference/methods/agents.sessions.setStatus
		"agents.sessions.setStatus": {args: map[string]argument{
			"channel_id": inChannel, "thread_ts": theTS, "status": {required: true, oneOf: []string{"active", "closed", "processing", "suspended"}},
			"title": {longest: 200}, "initiator_user_id": {kind: idArg}, "icon_emoji": optional, "icon_url": optional, "username": optional,
		}, serve: (*Server).setSession},

		"assistant.threads.setTitle": {args: map[string]argument{"channel_id": inChannel, "thread_ts": theTS, "title": required}, serve: (*Server).setTitle},
		"assistant.threads.setSuggestedPrompts": {args: map[string]argument{
			"channel_id": inChannel, "thread_ts": {kind: tsArg}, "prompts": {kind: arrayArg, required: true}, "title": optional,
		}, also: prompts, serve: (*Server).setPrompts},

		"reactions.add":    {args: map[string]argument{"channel": inChannel, "timestamp": theTS, "name": required}, serve: (*Server).addReaction},
		"reactions.remove": {args: map[string]argument{"channel": {kind: idArg}, "timestamp": {kind: tsArg}, "name": required}, serve: (*Server).removeReaction},

		"conversations.open": {
			args:  map[string]argument{"channel": {kind: idArg}, "users": {kind: listArg}, "return_im": flag, "prevent_creation": flag},
			serve: (*Server).openConversation,
		},
		"conversations.info":    {args: map[string]argument{"channel": inChannel, "include_locale": flag, "include_num_members": flag}, serve: (*Server).channelInfo},
		"conversations.history": {args: pages(map[string]argument{"channel": inChannel}), serve: (*Server).history},
		"conversations.replies": {args: pages(map[string]argument{"channel": inChannel, "ts": theTS}), serve: (*Server).replies},

		"users.info": {args: map[string]argument{"user": {kind: idArg, required: true}, "include_locale": flag}, serve: (*Server).userInfo},

		"files.getUploadURLExternal": {args: map[string]argument{
			"filename": required, "length": {kind: intArg, required: true}, "alt_txt": {longest: 1_000}, "snippet_type": optional,
		}, serve: (*Server).uploadURL},
		"files.completeUploadExternal": {args: map[string]argument{
			"files": {kind: arrayArg, required: true}, "channel_id": {kind: idArg}, "channels": {kind: listArg}, "thread_ts": {kind: tsArg},
			"initial_comment": optional, "blocks": {kind: arrayArg},
		}, serve: (*Server).completeUpload},
		"files.info": {args: map[string]argument{
			"file": {kind: idArg, required: true}, "count": {kind: intArg}, "page": {kind: intArg}, "limit": {kind: intArg}, "cursor": optional,
		}, serve: (*Server).fileInfo},
		"files.delete": {args: map[string]argument{"file": {kind: idArg, required: true}}, serve: (*Server).deleteFile},

		"views.open":    {args: map[string]argument{"trigger_id": required, "view": {kind: objectArg, required: true}}, serve: (*Server).openView},
		"views.push":    {args: map[string]argument{"trigger_id": required, "view": {kind: objectArg, required: true}}, serve: (*Server).pushView},
		"views.update":  {args: map[string]argument{"view_id": optional, "external_id": optional, "hash": optional, "view": {kind: objectArg, required: true}}, serve: (*Server).updateView},
		"views.publish": {args: map[string]argument{"user_id": {kind: idArg, required: true}, "hash": optional, "view": {kind: objectArg, required: true}}, serve: (*Server).publishView},
	}
}

func pages(args map[string]argument) map[string]argument {
	args["cursor"], args["limit"], args["inclusive"], args["include_all_metadata"] = optional, argument{kind: intArg}, flag, flag
	args["latest"], args["oldest"] = argument{kind: tsArg}, argument{kind: tsArg}
	return args
}

// content checks what a message consists of.
func content(args Args) (problems []string) {
	text, markdown, blocks := args["text"], args["markdown_text"], args["blocks"]
	if args.Has("markdown_text") && (args.Has("text") || args.Has("blocks")) {
		problems = append(problems, "markdown_text is given together with text or blocks: markdown_text_conflict")
	}
	if strings.TrimSpace(text+markdown) == "" && blocks == "" && args["attachments"] == "" {
		problems = append(problems, "there is neither text, markdown_text, blocks nor attachments: no_text")
	}
	if blocks != "" {
		if strings.TrimSpace(text) == "" {
			problems = append(problems, "blocks are given without a text for notifications and screen readers")
		}
		problems = append(problems, CheckBlocks([]byte(blocks), InMessage)...)
	}
	problems = append(problems, checkMrkdwn("text", text)...)
	if args.Has("reply_broadcast") && !args.Has("thread_ts") {
		problems = append(problems, "reply_broadcast is given without thread_ts")
	}
	return problems
}

func textOrChunks(args Args) []string {
	if args["markdown_text"] == "" && !args.Has("chunks") {
		return []string{"there is neither markdown_text nor chunks"}
	}
	return nil
}

// prompts checks the list of assistant.threads.setSuggestedPrompts.
func prompts(args Args) (problems []string) {
	var list []map[string]string
	if json.Unmarshal([]byte(args["prompts"]), &list) != nil {
		return []string{"prompts is no list of objects of strings"}
	}
	if len(list) == 0 || len(list) > 4 {
		problems = append(problems, "prompts has not 1 to 4 prompts")
	}
	for _, p := range list {
		if len(p) != 2 || p["title"] == "" || p["message"] == "" {
			problems = append(problems, "a prompt has not title and message alone")
		}
	}
	return problems
}
