package chat

import (
	"iter"
	"slices"
	"strings"
	"time"
)

// source is a stream on its way to the platform. One goroutine reads it, once.
type source struct {
	chunks    iter.Seq2[Chunk, error]
	guard     func() error // why to stop
	breakMark string

	read   bool         // its reading has begun
	empty  bool         // nothing has come yet that can be shown
	began  time.Time    // when something has
	err    error        // why it ended early
	finish FinishReason // why the model stopped
	open   []Task       // the tasks in progress
}

// all yields the chunks. When the turn ends it yields the cause and stops; when
// the stream fails it yields the mark for that before the error. No task is left in
// progress, and no emoji placeholder is split between two chunks.
func (s *source) all(yield func(Chunk, error) bool) {
	s.read, s.empty = true, true
	held := ""
	var steps steps
	for chunk, err := range s.chunks {
		if s.err = s.guard(); s.err != nil {
			s.fail(held, yield)
			return
		}
		chunk = s.take(steps.join(chunk))
		if s.err = err; err != nil {
			s.fail(held+chunk.Text, yield)
			return
		}
		chunk.Text, held = splitPlaceholder(held + chunk.Text)
		if !yield(chunk, nil) {
			return
		}
	}
	// A sequence may end because of its context, without saying so.
	if s.err = s.guard(); s.err != nil {
		s.fail(held, yield)
		return
	}
	if s.finish.isCut() && !s.empty {
		held += s.breakMark
	}
	if s.endTasks(TaskComplete, yield) && held != "" {
		yield(Chunk{Text: held}, nil)
	}
}

// take notes what the chunk says of the stream, and returns it for adapters.
func (s *source) take(chunk Chunk) Chunk {
	if chunk.Finish != "" {
		s.finish, chunk.Finish = chunk.Finish, ""
	}
	if chunk.Task != nil {
		task := *chunk.Task
		if task.Status == "" {
			task.Status = TaskPending
		}
		chunk.Task = &task
		s.open = slices.DeleteFunc(s.open, func(t Task) bool { return t.ID == task.ID })
		if task.Status == TaskInProgress {
			s.open = append(s.open, task)
		}
	}
	if s.empty && (strings.TrimSpace(chunk.Text) != "" || chunk.Task != nil || chunk.PlanTitle != "") {
		s.empty, s.began = false, time.Now()
	}
	return chunk
}

// endTasks ends the tasks that are in progress. It reports false if nothing more is
// wanted.
func (s *source) endTasks(status TaskStatus, yield func(Chunk, error) bool) bool {
	for _, task := range s.open {
		task.Status = status
		if !yield(Chunk{Task: &task}, nil) {
			return false
		}
	}
	return true
}

// fail yields the ends of the tasks, what is left of the text, and the error.
func (s *source) fail(rest string, yield func(Chunk, error) bool) {
	if !s.endTasks(TaskError, yield) {
		return
	}
	if s.guard() == nil && !s.empty {
		rest += s.breakMark
	}
	if rest == "" || yield(Chunk{Text: rest}, nil) {
		yield(Chunk{}, s.err)
	}
}
