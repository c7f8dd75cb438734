package fakegchat

import (
	"context"
	"regexp"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/shown"
)

// Shown returns what people see of the app in a thread.
func (s *Server) Shown(ctx context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
	return s.look(ctx, thread, "")
}

// Whispered returns what one user alone sees.
func (s *Server) Whispered(ctx context.Context, thread chat.ThreadID, user chat.UserID) ([]chattest.Posted, error) {
	return s.look(ctx, thread, string(user))
}

func (s *Server) look(ctx context.Context, thread chat.ThreadID, viewer string) ([]chattest.Posted, error) {
	posts, err := s.Posts(ctx, thread)
	var all []chattest.Posted
	for _, p := range posts {
		s.mu.Lock()
		m := s.messages[string(p.ID)]
		var copied Message
		if m != nil {
			copied = *m
		}
		s.mu.Unlock()
		if m == nil || p.Deleted || copied.Viewer != viewer {
			continue
		}
		var blocks []markdown.Node
		if copied.Markup == "MARKUP_SYNTAX_MARKDOWN" {
			blocks = read(copied.Text, &p.Mentions)
		} else {
			blocks = shown.Paragraphs(shown.Lines(copied.Text))
		}
		for _, c := range copied.Cards {
			card, _ := c.(object)
			blocks = append(blocks, cardBlocks(sub(card, "card"))...)
		}
		p.Content = markdown.NewRoot(blocks...)
		p.Text = strings.TrimSuffix(markdown.Print(p.Content), "\n")
		all = append(all, p)
	}
	return all, err
}

var mentionForm = regexp.MustCompile(`(^|[^\\])<(users/[A-Za-z0-9_.@-]+)>`)

// Marks that stand for a mention while the Markdown around it is read.
const markOpen, markClose = "\ue000", "\ue001"

var markForm = regexp.MustCompile(markOpen + `(users/[^` + markClose + `]+)` + markClose)

// read reads Chat's Markdown, by the rules of CommonMark.
// https://developers.google.com/workspace/chat/format-messages
func read(source string, mentions *[]chat.UserID) []markdown.Node {
	root := shown.GFM(mentionForm.ReplaceAllString(source, "${1}"+markOpen+"${2}"+markClose))
	for c := range markdown.FindAll[*markdown.InlineCode](root) {
		c.Value = markForm.ReplaceAllString(c.Value, "<$1>")
	}
	for c := range markdown.FindAll[*markdown.Code](root) {
		c.Value = markForm.ReplaceAllString(c.Value, "<$1>")
	}
	for t := range markdown.FindAll[*markdown.Text](root) {
		for _, found := range markForm.FindAllStringSubmatch(t.Value, -1) {
			*mentions = append(*mentions, chat.UserID(found[1]))
		}
		t.Value = markForm.ReplaceAllString(t.Value, "@$1")
	}
	return root.Children
}

// cardBlocks is what people see of a card.
func cardBlocks(card object) (blocks []markdown.Node) {
	line := func(nodes ...markdown.Node) { blocks = append(blocks, markdown.NewParagraph(nodes...)) }
	if h := sub(card, "header"); h != nil {
		line(markdown.NewStrong(markdown.NewText(str(h, "title"))))
		if subtitle := str(h, "subtitle"); subtitle != "" {
			line(markdown.NewText(subtitle))
		}
		if image := str(h, "imageUrl"); image != "" {
			line(markdown.NewImage(image, ""))
		}
	}
	for _, w := range widgetsOf(card) {
		if t := sub(w, "textParagraph"); t != nil {
			var nobody []chat.UserID
			blocks = append(blocks, read(str(t, "text"), &nobody)...)
		}
		if i := sub(w, "image"); i != nil {
			line(markdown.NewImage(str(i, "imageUrl"), str(i, "altText")))
		}
		for _, b := range buttonsOf(w) {
			if to := str(sub(sub(b, "onClick"), "openLink"), "url"); to != "" {
				line(markdown.NewLink(to, markdown.NewText(str(b, "text"))))
			}
		}
	}
	return blocks
}

func objects(value any) (all []object) {
	items, _ := value.([]any)
	for _, item := range items {
		if o, ok := item.(object); ok {
			all = append(all, o)
		}
	}
	return all
}

func widgetsOf(card object) (all []object) {
	for _, s := range objects(card["sections"]) {
		all = append(all, objects(s["widgets"])...)
	}
	return all
}

func buttonsOf(widget object) []object { return objects(sub(widget, "buttonList")["buttons"]) }
