package chat

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
)

// Plan is a message that shows what the bot is doing, task by task. It is posted
// once, with [Thread.Post]; each change after that shows in the message before
// the method returns. It is safe for concurrent use: one edit is on its way at a
// time, and it shows all changes made until then.
type Plan struct {
	mu      sync.Mutex
	state   PlanState
	version int // grows with each change
	named   int // ids made up

	// turn is held by whoever posts or edits; it guards the fields below.
	turn  chan struct{}
	sent  *SentMessage // nil: not posted yet
	shown int          // the version that the message shows
	form  PlanPoster   // nil: the message is text
}

func (*Plan) postable() {}

// NewPlan returns a plan with its first tasks. Tasks without an ID get one.
func NewPlan(title string, tasks ...Task) *Plan {
	p := &Plan{turn: make(chan struct{}, 1)}
	p.set(title, tasks)
	return p
}

// State returns the plan as it is now.
func (p *Plan) State() PlanState {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stateLocked()
}

func (p *Plan) stateLocked() PlanState {
	return PlanState{Title: p.state.Title, Tasks: slices.Clone(p.state.Tasks)}
}

// AddTask adds a task at the end and returns its id, which it makes up if there
// is none. An id that the plan has already is [ErrInvalidArgument].
func (p *Plan) AddTask(ctx context.Context, task Task) (string, error) {
	err := p.change(ctx, func(s *PlanState) error {
		if task.ID != "" && s.index(task.ID) >= 0 {
			return fmt.Errorf("%w: the plan has a task %q already", ErrInvalidArgument, task.ID)
		}
		task = p.complete(task)
		s.Tasks = append(s.Tasks, task)
		return nil
	})
	return task.ID, err
}

// NextTask completes the tasks that are in progress and adds one that is. It
// returns the task's id.
func (p *Plan) NextTask(ctx context.Context, title string) (string, error) {
	task := Task{Title: title, Status: TaskInProgress}
	err := p.change(ctx, func(s *PlanState) error {
		s.end(TaskComplete)
		task = p.complete(task)
		s.Tasks = append(s.Tasks, task)
		return nil
	})
	return task.ID, err
}

// UpdateTask changes the task with the id, which stays as it is. change must not
// call methods of the plan. An id that the plan does not have is
// [ErrInvalidArgument].
func (p *Plan) UpdateTask(ctx context.Context, id string, change func(*Task)) error {
	return p.change(ctx, func(s *PlanState) error {
		i := s.index(id)
		if i < 0 {
			return fmt.Errorf("%w: the plan has no task %q", ErrInvalidArgument, id)
		}
		change(&s.Tasks[i])
		s.Tasks[i].ID = id
		s.Tasks[i] = p.complete(s.Tasks[i])
		return nil
	})
}

// SetTitle changes the plan's title.
func (p *Plan) SetTitle(ctx context.Context, title string) error {
	return p.change(ctx, func(s *PlanState) error {
		s.Title = title
		return nil
	})
}

// Complete marks the tasks that are in progress as complete and changes the
// title; an empty title changes nothing.
func (p *Plan) Complete(ctx context.Context, title string) error {
	return p.finish(ctx, TaskComplete, title)
}

// Fail marks the tasks that are in progress as failed and changes the title; an
// empty title changes nothing.
func (p *Plan) Fail(ctx context.Context, title string) error {
	return p.finish(ctx, TaskError, title)
}

func (p *Plan) finish(ctx context.Context, status TaskStatus, title string) error {
	return p.change(ctx, func(s *PlanState) error {
		s.end(status)
		if title != "" {
			s.Title = title
		}
		return nil
	})
}

// Reset begins anew, with another title and other tasks, in the same message.
func (p *Plan) Reset(ctx context.Context, title string, tasks ...Task) error {
	return p.change(ctx, func(*PlanState) error {
		p.set(title, tasks)
		return nil
	})
}

// set replaces the content. The caller holds mu, or is the only one who knows p.
func (p *Plan) set(title string, tasks []Task) {
	p.state = PlanState{Title: title}
	for _, task := range tasks {
		p.state.Tasks = append(p.state.Tasks, p.complete(task))
	}
}

// complete gives the task what it lacks. The caller holds mu.
func (p *Plan) complete(task Task) Task {
	for task.ID == "" {
		p.named++
		if id := "task-" + strconv.Itoa(p.named); p.state.index(id) < 0 {
			task.ID = id
		}
	}
	if task.Status == "" {
		task.Status = TaskPending
	}
	return task
}

func (s *PlanState) index(id string) int {
	return slices.IndexFunc(s.Tasks, func(t Task) bool { return t.ID == id })
}

// Fail gives the tasks that are in progress the status [TaskError], for a stream that is
// cut off. An adapter calls it when the stream's context has ended.
func (s *PlanState) Fail() { s.end(TaskError) }

// end gives the tasks that are in progress another status.
func (s *PlanState) end(status TaskStatus) {
	for i := range s.Tasks {
		if s.Tasks[i].Status == TaskInProgress {
			s.Tasks[i].Status = status
		}
	}
}
