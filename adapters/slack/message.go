package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// systemUser is Slack itself. As in the TypeScript SDK.
const systemUser = "USLACK"

func decodeMessage(raw json.RawMessage) (*slackMessage, error) {
	m := &slackMessage{raw: raw}
	if err := json.Unmarshal(raw, m); err != nil {
		return nil, fmt.Errorf("%w: slack: message: %w", chat.ErrInvalidArgument, err)
	}
	return m, nil
}

// messageThread returns the ts of the message's thread. A direct conversation is
// one thread, and further ones where somebody answered in a thread; with the
// agent view each message begins one.
func (a *Adapter) messageThread(m *slackMessage) string {
	if m.ThreadTS != "" {
		return m.ThreadTS
	}
	if isDM(m.Channel) && !a.config.AgentView {
		return ""
	}
	return m.TS
}

// historyMessage returns a message of the channel's history.
func (a *Adapter) historyMessage(ctx context.Context, channel string, raw json.RawMessage) (*chat.Message, error) {
	m, err := decodeMessage(raw)
	if err != nil {
		return nil, err
	}
	if m.Channel == "" {
		m.Channel = channel
	}
	if !isID(m.Channel) || !isTS(m.TS) {
		return nil, fmt.Errorf("%w: slack: message.ts is %q, want a ts", chat.ErrInvalidArgument, m.TS)
	}
	o, err := a.workspaceOf(ctx, channel)
	if err != nil {
		return nil, err
	}
	return a.message(ctx, source{origin: o, team: cmp.Or(o.Team, o.Installation)}, threadID(m.Channel, a.messageThread(m)), m), nil
}

// message returns the message as the bot sees it.
func (a *Adapter) message(ctx context.Context, src source, thread chat.ThreadID, m *slackMessage) *chat.Message {
	ctx, cancel := a.hurry(ctx, src)
	defer cancel()
	attached := decodeAll[attachment](m.Attachments)
	names := newKnown()
	if m.User != "" && m.UserName == "" {
		names.user(m.User)
	}
	for _, att := range attached {
		if att.quotes() && att.AuthorID != "" {
			names.user(att.AuthorID)
		}
	}
	r := &reader{names: names}
	tree := r.message(m, attached)
	if len(names.users)+len(names.channels) > 0 {
		a.lookUpNames(ctx, src.origin, names)
		tree = r.message(m, attached)
	}
	botUsers := a.botUsers(ctx, src)
	out := &chat.Message{
		ID:        messageID(m.Channel, m.TS),
		ThreadID:  thread,
		Text:      markdown.PlainText(tree),
		Formatted: tree,
		Raw:       m.raw,
		Author:    m.author(names),
		SentAt:    timeOf(m.TS),
		Mention:   m.mention(r.mentions, tree, botUsers),
	}
	out.Author.Me = a.isOwn(ctx, src, m, botUsers)
	if out.Author.UserName == "" {
		out.Author.UserName = string(out.Author.UserID)
	}
	if out.Author.FullName == "" {
		out.Author.FullName = out.Author.UserName
	}
	if m.Edited != nil {
		out.Edited, out.EditedAt = true, timeOf(m.Edited.TS)
	}
	for _, raw := range m.Files {
		var f file
		if json.Unmarshal(raw, &f) == nil && f.Mode != "tombstone" && f.Mode != "hidden_by_limit" {
			out.Attachments = append(out.Attachments, f.attachment(src))
		}
	}
	out.Links = links(tree, attached)
	for i := range attached {
		if attached[i].quotes() {
			out.ReplyTo = r.quoted(&attached[i], names)
			break
		}
	}
	return out
}

// author returns who wrote the message, with the name that was looked up.
func (m *slackMessage) author(names *known) chat.Author {
	profile, profileUser := "", ""
	if m.BotProfile != nil {
		profile, profileUser = m.BotProfile.Name, m.BotProfile.UserID
	}
	var user userInfo
	if m.UserName == "" {
		user = names.users[m.User]
	}
	name := firstOf(m.UserName, user.DisplayName, profile)
	return chat.Author{
		UserID:   chat.UserID(firstOf(m.User, profileUser, m.BotID, "unknown")),
		UserName: name,
		FullName: firstOf(user.RealName, name),
		Email:    user.Email,
		Bot:      new(m.BotID != ""),
		System:   m.User == systemUser,
	}
}

// mention says whether the message mentions the bot: in what was read, or in its
// text, which can say what no block does. Slack sends app_mention also for an id
// that stands in code only, which calls nobody; and it knows mentions that the
// event does not show. A nil result means that nobody knows who the bot is.
func (m *slackMessage) mention(mentions map[string]bool, content *markdown.Root, botUsers []string) *bool {
	in := func(mentions map[string]bool) bool {
		return slices.ContainsFunc(botUsers, func(id string) bool { return mentions[id] })
	}
	mentioned := in(mentions)
	if !mentioned && !standsInCode(content, botUsers) {
		text, tree := &reader{names: newKnown()}, markdown.NewRoot()
		if strings.Contains(m.Text, "<@") {
			tree.Children = text.mrkdwn(m.Text)
		}
		mentioned = in(text.mentions) || m.Type == "app_mention" && !standsInCode(tree, botUsers)
	}
	if len(botUsers) == 0 && !mentioned {
		return nil
	}
	return &mentioned
}

// standsInCode reports whether one of the ids is named within code.
func standsInCode(tree *markdown.Root, ids []string) bool {
	found := false
	markdown.Walk(tree, func(n markdown.Node) bool {
		code := ""
		switch n := n.(type) {
		case *markdown.Code:
			code = n.Value
		case *markdown.InlineCode:
			code = n.Value
		}
		found = found || code != "" && slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(code, "<@"+id) })
		return !found
	})
	return found
}

// message returns the content: the blocks, with the text where they say nothing or
// could not be read, and what an app attached.
func (r *reader) message(m *slackMessage, attached []attachment) *markdown.Root {
	r.mentions = nil
	content, all := r.blocks(m.Blocks)
	switch said := plainOf(content); {
	case said == "":
		content = r.mrkdwn(m.Text)
	case !all:
		if text := r.mrkdwn(m.Text); !strings.Contains(said, plainOf(text)) {
			content = append(content, text...)
		}
	}
	for i := range attached {
		if att := &attached[i]; att.address() == "" && !att.quotes() {
			content = append(content, r.attachment(att)...)
		}
	}
	return markdown.NewRoot(content...)
}

func plainOf(content []markdown.Node) string { return markdown.PlainText(markdown.NewRoot(content...)) }

// attachment returns what an app attached to its message.
func (r *reader) attachment(att *attachment) []markdown.Node {
	out, all := r.blocks(att.Blocks)
	if len(out) > 0 && all {
		return out
	}
	out = append(out, r.mrkdwn(att.Pretext)...)
	if att.Title != "" {
		title := r.plain(att.Title)
		if att.TitleLink != "" {
			title = []markdown.Node{markdown.NewLink(att.TitleLink, title...)}
		}
		out = append(out, markdown.NewParagraph(markdown.NewStrong(title...)))
	}
	out = append(out, r.mrkdwn(att.Text)...)
	for _, field := range att.Fields {
		if field.Title != "" {
			out = append(out, markdown.NewParagraph(markdown.NewStrong(r.plain(field.Title)...)))
		}
		out = append(out, r.mrkdwn(field.Value)...)
	}
	if len(out) == 0 {
		out = r.mrkdwn(att.Fallback)
	}
	return out
}

// quoted returns the message that another one quotes, as far as it was shipped.
func (r *reader) quoted(att *attachment, names *known) *chat.Message {
	tree := markdown.NewRoot(r.mrkdwn(att.Text)...)
	name := firstOf(names.users[att.AuthorID].DisplayName, att.AuthorName, att.AuthorID, "unknown")
	return &chat.Message{
		ID:        messageID(att.ChannelID, att.TS),
		ThreadID:  threadID(att.ChannelID, att.TS),
		Text:      markdown.PlainText(tree),
		Formatted: tree,
		Author:    chat.Author{UserID: chat.UserID(firstOf(att.AuthorID, "unknown")), UserName: name, FullName: firstOf(att.AuthorName, name)},
		SentAt:    timeOf(att.TS),
	}
}

// links returns the links of the content, each once, with the previews that came
// along.
func links(tree *markdown.Root, attached []attachment) []chat.Link {
	var out []chat.Link
	add := func(link chat.Link) {
		same := func(l chat.Link) bool { return strings.TrimSuffix(l.URL, "/") == strings.TrimSuffix(link.URL, "/") }
		i := slices.IndexFunc(out, same)
		switch {
		case i < 0:
			out = append(out, link)
		case out[i].Title == "":
			link.URL = out[i].URL
			out[i] = link
		}
	}
	markdown.Walk(tree, func(n markdown.Node) bool {
		if link, ok := n.(*markdown.Link); ok && len(out) < maxLinks && (strings.HasPrefix(link.URL, "https://") || strings.HasPrefix(link.URL, "http://")) {
			add(chat.Link{URL: link.URL})
		}
		return true
	})
	for i := range attached {
		if att := &attached[i]; att.address() != "" && !att.quotes() && len(out) < maxLinks {
			add(chat.Link{
				URL: att.address(), Title: att.Title, Description: att.Text, ImageURL: firstOf(att.ImageURL, att.ThumbURL), SiteName: att.ServiceName,
			})
		}
	}
	return out
}

// maxLinks bounds the links of one message.
const maxLinks = 100

// attachment returns the file with what FetchAttachment needs, which is the
// TypeScript SDK's.
func (f *file) attachment(src source) chat.Attachment {
	kind, _, _ := strings.Cut(f.MIMEType, "/")
	if kind != "image" && kind != "video" && kind != "audio" {
		kind = "file"
	}
	meta := map[string]string{}
	if f.URLPrivate != "" {
		meta[metaURL] = f.URLPrivate
	} else if f.ID != "" { // a file from elsewhere: its address must be asked for
		meta[metaFile] = f.ID
	}
	if team := firstOf(src.team, src.Team); team != "" {
		meta[metaTeam] = team
	}
	if isEnterprise(src.Installation) {
		meta[metaEnterprise], meta[metaIsEnterprise] = src.Installation, "true"
	}
	return chat.Attachment{
		Type: kind, URL: f.URLPrivate, Name: f.Name, MIMEType: f.MIMEType, Size: f.Size, Width: f.Width, Height: f.Height, FetchMetadata: meta,
	}
}

// Keys of Attachment.FetchMetadata.
const (
	metaURL          = "url"
	metaFile         = "fileId" // not the TypeScript SDK's
	metaTeam         = "teamId"
	metaEnterprise   = "enterpriseId"
	metaIsEnterprise = "isEnterpriseInstall"
)
