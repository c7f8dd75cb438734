package chattools

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// Tool is a function that a language model may call. It belongs to no model's library:
// the modules llm/openai, llm/anthropic and llm/genai make theirs of it, mcpchat those
// of an MCP server.
type Tool struct {
	// Name is what the model calls it by: letters, digits, "_" and "-", at most 64.
	Name string
	// Title is what people see of a call. Default: Name.
	Title string
	// Description tells the model what it does and when to call it.
	Description string
	// Parameters is the JSON Schema of its arguments, that of an object.
	Parameters json.RawMessage
	// ReadOnly says that it changes nothing, Destructive that what it does cannot be
	// undone. Default false.
	ReadOnly, Destructive bool
	// Idempotent says that a second call with the same arguments changes nothing more.
	// Default false.
	Idempotent bool
	// Call does it. arguments are a JSON object, as the model has written it: not to be
	// trusted. The model is told what it returns, and the text of its error. It is
	// called from one goroutine at a time per turn.
	Call func(ctx context.Context, arguments json.RawMessage) (string, error)
}

// ErrArguments is matched by errors about arguments that do not fit a tool's parameters.
var ErrArguments = errors.New("chattools: wrong arguments")

// NewTool returns a tool whose arguments are the struct In. The fields' json tags name
// them; without omitempty a field is required. A desc tag describes it, and an enum tag
// lists the values of a string, separated by commas. The model gets the result as JSON,
// or as it is if it is a string. NewTool panics if In is no struct of strings, bools,
// numbers and slices of these.
func NewTool[In any](name, description string, call func(context.Context, In) (any, error)) Tool {
	params := parametersOf(reflect.TypeFor[In]())
	schema, err := json.Marshal(params)
	if err != nil {
		panic(fmt.Sprintf("chattools: tool %q: %v", name, err))
	}
	return Tool{Name: name, Description: description, Parameters: schema, Call: func(ctx context.Context, arguments json.RawMessage) (string, error) {
		in, err := decode[In](arguments, params)
		if err != nil {
			return "", err
		}
		out, err := call(ctx, in)
		if err != nil {
			return "", err
		}
		return encode(out)
	}}
}

// decode reads arguments. A model that is told what is wrong can call again.
func decode[In any](arguments json.RawMessage, params *object) (In, error) {
	var in In
	if len(bytes.TrimSpace(arguments)) == 0 {
		arguments = json.RawMessage("{}") // a model may leave them out where there are none
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(arguments, &given); err != nil || given == nil {
		return in, fmt.Errorf("%w: want a JSON object", ErrArguments)
	}
	if err := params.check(given); err != nil {
		return in, err
	}
	d := json.NewDecoder(bytes.NewReader(arguments))
	if err := d.Decode(&in); err != nil && !errors.Is(err, io.EOF) {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return in, fmt.Errorf("%w: %q is a %s, want a %s", ErrArguments, wrong.Field, wrong.Value, wrong.Type)
		}
		return in, fmt.Errorf("%w: want a JSON object", ErrArguments)
	}
	return in, nil
}

func encode(out any) (string, error) {
	if text, ok := out.(string); ok {
		return text, nil
	}
	data, err := json.Marshal(out)
	if err != nil {
		return "", fmt.Errorf("chattools: the result: %w", err)
	}
	return string(data), nil
}
