package chattools

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

type order struct {
	Dish   string   `json:"dish" desc:"What to cook" enum:"soup,stew"`
	Plates int      `json:"plates,omitempty"`
	Hot    bool     `json:"hot,omitempty"`
	Spices []string `json:"spices,omitempty"`
	secret string
	Hidden string `json:"-"`
}

func cook() Tool {
	return NewTool("cook", "Cooks.", func(_ context.Context, in order) (any, error) {
		if in.Plates > 2 {
			return nil, errors.New("too much")
		}
		return in.Dish + in.secret, nil
	})
}

func TestATypeTellsTheParameters(t *testing.T) {
	require.JSONEq(t, `{"type":"object","properties":{
		"dish":{"type":"string","description":"What to cook","enum":["soup","stew"]},
		"plates":{"type":"integer"},"hot":{"type":"boolean"},"spices":{"type":"array","items":{"type":"string"}}},
		"required":["dish"],"additionalProperties":false}`, string(cook().Parameters))
	require.Panics(t, func() { NewTool("x", "", func(context.Context, string) (any, error) { return nil, nil }) })
	require.Panics(t, func() {
		NewTool("x", "", func(context.Context, struct{ At map[string]int }) (any, error) { return nil, nil })
	})
}

// What a model has got wrong is told by name, so that it can call again.
func TestArgumentsThatDoNotFit(t *testing.T) {
	for arguments, want := range map[string]string{
		``: `"dish" is missing`, `{}`: `"dish" is missing`, `{"dish":null}`: `"dish" is missing`,
		`[]`: "want a JSON object", `null`: "want a JSON object", `{"dish":`: "want a JSON object",
		`{"dish":"soup","salt":1}`:         `there is no "salt", want dish, hot, plates, spices`,
		`{"dish":"pie"}`:                   `"dish" is "pie", want one of soup, stew`,
		`{"dish":"soup","plates":"many"}`:  `"plates" is a string, want a int`,
		`{"dish":"soup","Secret":"x"}`:     `there is no "Secret"`,
		`{"dish":"soup","spices":["a",1]}`: "is a number, want a string",
	} {
		_, err := cook().Call(t.Context(), json.RawMessage(arguments))
		require.ErrorIs(t, err, ErrArguments, arguments)
		require.ErrorContains(t, err, want, arguments)
	}
	out, err := cook().Call(t.Context(), json.RawMessage(`{"dish":"soup","plates":2}`))
	require.NoError(t, err)
	require.Equal(t, "soup", out)
}

// script is a model that asks for calls, step by step, and notes what it is told.
type script struct {
	steps [][]Call
	told  []string
}

func (s *script) step(_ context.Context, results []Result, yield func(chat.Chunk, error) bool) ([]Call, bool) {
	for _, r := range results {
		s.told = append(s.told, r.Call.ID+" "+r.Output)
	}
	var calls []Call
	if len(s.steps) > 0 {
		calls, s.steps = s.steps[0], s.steps[1:]
	}
	return calls, yield(chat.Chunk{Text: "."}, nil)
}

func soup(id string) Call {
	return Call{ID: id, Name: "cook", Arguments: json.RawMessage(`{"dish":"soup"}`)}
}

// run reads an answer: what is shown of the tasks, and its error.
func run(ctx context.Context, agent Agent, s *script) (tasks []string, err error) {
	for chunk, err := range agent.Run(ctx, s.step) {
		if err != nil {
			return tasks, err
		}
		if chunk.Task != nil {
			tasks = append(tasks, chunk.Task.ID+" "+string(chunk.Task.Status)+" "+chunk.Task.Title)
		}
	}
	return tasks, nil
}

func TestAnAgentMakesCalls(t *testing.T) {
	s := &script{steps: [][]Call{{soup("a"), {ID: "b", Name: "eat"}, {ID: "c", Name: "cook", Arguments: json.RawMessage(`{"dish":"stew","plates":3}`)}}, {soup("a")}}}
	tool := cook()
	tool.Title = "Cook"
	tasks, err := run(t.Context(), Agent{Tools: []Tool{tool}}, s)
	require.NoError(t, err)
	require.Equal(t, []string{
		"1-a in_progress Cook", "1-a complete Cook", "1-b in_progress eat", "1-b error eat", "1-c in_progress Cook", "1-c error Cook",
		"2-a in_progress Cook", "2-a complete Cook",
	}, tasks)
	require.Equal(t, []string{"a soup", "b Error: there is no tool of this name.", "c Error: too much", "a soup"}, s.told)
}

// A model that calls for ever is told to stop, and then stopped.
func TestAnAgentComesToAnEnd(t *testing.T) {
	s := &script{steps: make([][]Call, 100)}
	for i := range s.steps {
		s.steps[i] = []Call{soup("a")}
	}
	_, err := run(t.Context(), Agent{Tools: []Tool{cook()}, MaxSteps: 2}, s)
	require.NoError(t, err)
	require.Equal(t, []string{"a soup", "a soup", "a Error: the limit of 2 steps is reached. Answer now, without calling tools."}, s.told)
	require.Len(t, s.steps, 96)
}

// The end of a turn ends the answer: nothing more is called or asked.
func TestAnAgentObeysItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := NewTool("cook", "", func(context.Context, order) (any, error) { cancel(errors.New("stopped")); return nil, nil })
	s := &script{steps: [][]Call{{soup("a"), soup("b")}}}
	tasks, err := run(ctx, Agent{Tools: []Tool{stop}}, s)
	require.EqualError(t, err, "stopped")
	require.Equal(t, []string{"1-a in_progress cook"}, tasks)
	require.Empty(t, s.told)
}
