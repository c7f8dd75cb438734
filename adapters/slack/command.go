package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/chat-adapter/chat-go/core/chat"
)

// handleCommand takes a slash command.
// https://docs.slack.dev/interactivity/implementing-slash-commands
func (a *Adapter) handleCommand(ctx context.Context, form url.Values) error {
	user, channel := form.Get("user_id"), form.Get("channel_id")
	if !isID(user) || channel != "" && !isID(channel) {
		return fmt.Errorf("%w: slack: command: user_id or channel_id is no id", chat.ErrInvalidArgument)
	}
	src := source{team: form.Get("team_id")}
	if !a.config.isOneWorkspace() {
		src.origin = originOf(src.team, form.Get("enterprise_id"), form.Get("is_enterprise_install") == "true")
	}
	if ok, err := a.isInstalled(ctx, &event{src: src, kind: "slash_command"}); err != nil || !ok {
		return err
	}
	fields := make(map[string]string, len(form))
	for name := range form {
		fields[name] = form.Get(name)
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	author := a.author(ctx, src, user)
	if author.UserName == user { // it is not known
		author.UserName = firstOf(form.Get("user_name"), user)
		author.FullName = author.UserName
	}
	author.Bot = new(false)
	ev := &chat.SlashCommandEvent{
		EventBase: chat.EventBase{User: author, Raw: raw},
		Command:   form.Get("command"),
		Text:      form.Get("text"),
		TriggerID: triggerID(src.origin, form.Get("trigger_id")),
	}
	if trigger := form.Get("trigger_id"); trigger != "" {
		ev.ID = "command:" + trigger
	}
	if channel != "" {
		ev.ChannelID = channelID(channel)
	}
	return a.deliver(ctx, src.origin, ev, channel, user)
}
