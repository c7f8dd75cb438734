package chattools

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Call is a tool's call that a model asks for.
type Call struct {
	// ID tells the calls of a step apart.
	ID string
	// Name is the tool's name, Arguments a JSON object, as the model has written them:
	// neither is to be trusted.
	Name      string
	Arguments json.RawMessage
}

// Task is the call as people see it while it is made.
func (c Call) Task() *chat.Task {
	return &chat.Task{ID: c.ID, Title: c.Name, Status: chat.TaskInProgress}
}

// Result is what came of a call.
type Result struct {
	Call Call
	// Output is what the model is told.
	Output string
	// Failed says that Output is an error.
	Failed bool
}

// Step is one request to a model. It is given the results of the calls of the step
// before, none at first; yields what the model says, with [Call.Task] as soon as it knows
// of a call; and returns the calls that the model waits for. It reports false if it has
// yielded an error or yield has returned false.
type Step func(ctx context.Context, results []Result, yield func(chat.Chunk, error) bool) ([]Call, bool)

// Agent lets a model call tools until it has answered. Its zero value has no tools.
type Agent struct {
	// Tools are what the model may call. Default none.
	Tools []Tool
	// MaxSteps is in how many steps the model may call tools. Then it is told to answer,
	// and further calls are not made. Default 20.
	MaxSteps int
}

// Run returns the model's answer, step by step: its text, with a blank line between
// steps, and each call as a task that starts and ends. A tool that fails does not end the
// answer: the model is told. The calls of a step are made one after another, in the
// goroutine that reads the answer.
func (a Agent) Run(ctx context.Context, step Step) chat.Chunks {
	maxSteps := a.MaxSteps
	if maxSteps <= 0 {
		maxSteps = 20
	}
	return func(yield func(chat.Chunk, error) bool) {
		var results []Result
		for n := 1; ; n++ {
			tell := func(chunk chat.Chunk, err error) bool { return yield(a.shown(chunk, n), err) }
			calls, goOn := step(ctx, results, tell)
			if !goOn || len(calls) == 0 || n > maxSteps+1 {
				return
			}
			if !yield(chat.Chunk{StepEnd: true}, nil) {
				return
			}
			results = results[:0:0]
			for _, call := range calls {
				task := call.Task()
				if !tell(chat.Chunk{Task: task}, nil) {
					return
				}
				result := Result{Call: call, Failed: true, Output: fmt.Sprintf("Error: the limit of %d steps is reached. Answer now, without calling tools.", maxSteps)}
				if n <= maxSteps {
					result = a.call(ctx, call)
				}
				if ctx.Err() != nil {
					yield(chat.Chunk{}, context.Cause(ctx))
					return
				}
				task.Status = chat.TaskComplete
				if result.Failed {
					task.Status, task.Output = chat.TaskError, result.Output
				}
				if !tell(chat.Chunk{Task: task}, nil) {
					return
				}
				results = append(results, result)
			}
		}
	}
}

// shown is the chunk of a step as people see it: ids of tasks that no other step has,
// and the titles of tools.
func (a Agent) shown(chunk chat.Chunk, step int) chat.Chunk {
	if chunk.Task == nil {
		return chunk
	}
	task := *chunk.Task
	task.ID = fmt.Sprintf("%d-%s", step, task.ID)
	if i := a.index(task.Title); i >= 0 && a.Tools[i].Title != "" {
		task.Title = a.Tools[i].Title
	}
	chunk.Task = &task
	return chunk
}

func (a Agent) index(name string) int {
	return slices.IndexFunc(a.Tools, func(t Tool) bool { return t.Name == name })
}

// call makes a call. What goes wrong is for the model to know.
func (a Agent) call(ctx context.Context, call Call) Result {
	i := a.index(call.Name)
	if i < 0 {
		return Result{Call: call, Output: "Error: there is no tool of this name.", Failed: true}
	}
	output, err := a.Tools[i].Call(ctx, call.Arguments)
	if err != nil {
		return Result{Call: call, Output: "Error: " + err.Error(), Failed: true}
	}
	return Result{Call: call, Output: output}
}
