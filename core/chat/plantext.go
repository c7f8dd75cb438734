package chat

import (
	"strings"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// Take adds what a chunk of a stream says of the plan: its title, and a task that is new
// or changed.
func (s *PlanState) Take(chunk Chunk) {
	if chunk.PlanTitle != "" {
		s.Title = chunk.PlanTitle
	}
	if chunk.Task != nil {
		s.put(*chunk.Task)
	}
}

// put adds a task to the plan, or changes the one with its id. A change without a
// title keeps the title.
func (s *PlanState) put(task Task) {
	for i := range s.Tasks {
		if s.Tasks[i].ID == task.ID {
			if task.Title == "" {
				task.Title = s.Tasks[i].Title
			}
			s.Tasks[i] = task
			return
		}
	}
	s.Tasks = append(s.Tasks, task)
}

func (s *PlanState) empty() bool { return s.Title == "" && len(s.Tasks) == 0 }

// taskMarks stand before a task, as in the TypeScript SDK.
var taskMarks = map[TaskStatus]string{TaskInProgress: "🔄", TaskComplete: "✅", TaskError: "❌"}

// tree returns the plan as text, for platforms that have no form of its own for
// it: one paragraph with a line for the title and for each task, so that no list
// that follows becomes a part of it.
func (s *PlanState) tree() *markdown.Root {
	p := markdown.NewParagraph()
	line := func(mark string, title markdown.Node) {
		if len(p.Children) > 0 {
			p.Children = append(p.Children, &markdown.Break{})
		}
		p.Children = append(p.Children, markdown.NewText(mark+" "), title)
	}
	if s.Title != "" {
		line("📋", markdown.NewStrong(markdown.NewText(oneLine(s.Title))))
	}
	for _, task := range s.Tasks {
		mark, ok := taskMarks[task.Status]
		if !ok {
			mark = "⬜"
		}
		title := task.Title
		if title == "" {
			title = task.ID
		}
		line(mark, markdown.NewText(oneLine(title)))
	}
	return markdown.NewRoot(p)
}

// Markdown returns the plan as text, for platforms that have no form of its own for it:
// a line for the title and for each task, with a mark for its status. It is empty if
// the plan is.
func (s *PlanState) Markdown() string {
	if s.empty() {
		return ""
	}
	return strings.TrimSuffix(markdown.Print(s.tree()), "\n")
}
