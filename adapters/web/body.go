package web

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// body is what a message shows.
type body struct {
	// Text is Markdown in a message of the bot, plain text in a user's.
	Text string `json:"text,omitempty"`
	// Fallback says that Text only stands for what else there is, for readers that
	// cannot show it.
	Fallback bool `json:"fallback,omitempty"`
	// Card is the card's JSON as pages may see it.
	Card  json.RawMessage `json:"card,omitempty"`
	Plan  *plan           `json:"plan,omitempty"`
	Files []file          `json:"files,omitempty"`
}

// plan is a title and tasks in order.
type plan struct {
	Title string      `json:"title,omitempty"`
	Tasks []chat.Task `json:"tasks"`
}

// take takes what a chunk of a stream says of the tasks, and reports whether it
// said anything. Plans that were handed out stay as they are.
func (p *plan) take(c chat.Chunk, w texts) (*plan, bool) {
	if c.Task == nil && c.PlanTitle == "" {
		return p, false
	}
	next := &plan{Tasks: []chat.Task{}}
	if p != nil {
		next.Title, next.Tasks = p.Title, append(next.Tasks, p.Tasks...)
	}
	if c.PlanTitle != "" {
		next.Title = w.show(c.PlanTitle)
	}
	if c.Task != nil {
		task := w.showTask(*c.Task)
		for i := range next.Tasks {
			if next.Tasks[i].ID == task.ID {
				next.Tasks[i] = task
				return next, true
			}
		}
		next.Tasks = append(next.Tasks, task)
	}
	return next, true
}

// failed returns the plan of a stream that was cut off: no task is in progress.
func (p *plan) failed() *plan {
	state := chat.PlanState{Tasks: slices.Clone(p.Tasks)}
	state.Fail()
	return &plan{Title: p.Title, Tasks: state.Tasks}
}

func (w texts) showTask(t chat.Task) chat.Task {
	if t.Status == "" {
		t.Status = chat.TaskPending
	}
	t.Title, t.Details, t.Output = w.show(t.Title), w.show(t.Details), w.show(t.Output)
	return t
}

// planBody shows a plan. Its text is for readers that cannot.
func (w texts) planBody(state chat.PlanState) *body {
	p := &plan{Title: w.show(state.Title), Tasks: make([]chat.Task, len(state.Tasks))}
	var text strings.Builder
	if p.Title != "" {
		text.WriteString("**" + p.Title + "**\n")
	}
	for i, task := range state.Tasks {
		p.Tasks[i] = w.showTask(task)
		box := "[ ]"
		if task.Status == chat.TaskComplete {
			box = "[x]"
		}
		fmt.Fprintf(&text, "\n- %s %s", box, p.Tasks[i].Title)
	}
	return &body{Text: text.String(), Fallback: true, Plan: p}
}

// postBody is what a post shows, without its files.
func (w texts) postBody(post *chat.Post) (*body, error) {
	if post.Card == nil {
		return &body{Text: w.postText(post)}, nil
	}
	shown, err := w.showElement(post.Card)
	if err != nil {
		return nil, fmt.Errorf("%w: web: the card: %w", chat.ErrInvalidArgument, err)
	}
	return &body{Text: w.show(post.AsMarkdown()), Fallback: true, Card: shown}, nil
}

func (w texts) postText(post *chat.Post) string {
	switch {
	case post.Raw != "": // the page's own markup is Markdown
		return trimEnd(post.Raw)
	case post.Markdown != "" && post.Tree == nil:
		return trimEnd(w.show(post.Markdown))
	}
	return w.printTree(post.AsTree())
}

// trimEnd cuts the line ends that a printed document has after its last block.
func trimEnd(text string) string { return strings.TrimRight(text, "\n") }

// printTree prints a tree with its emoji and mentions.
func (w texts) printTree(root *markdown.Root) string {
	shown := markdown.Map(root, func(n markdown.Node) markdown.Node {
		switch n := n.(type) {
		case *markdown.Text:
			n.Value = w.show(n.Value)
		case *markdown.InlineCode:
			n.Value = w.show(n.Value)
		case *markdown.Code:
			n.Value = w.show(n.Value)
		}
		return n
	})
	return trimEnd(markdown.Print(shown))
}

// texts writes what the bot says as a page shows it, with the bot's emoji.
type texts struct{ emoji *emoji.Set }

// show writes emoji and mentions as a page shows them: "👋" for "{{emoji:wave}}",
// "@ada" for "<@ada>".
func (w texts) show(text string) string { return format.Markup{Emoji: w.spell}.Text(text) }

func (w texts) spell(e emoji.Emoji) string { return w.emoji.Spell(e, adapterName) }
