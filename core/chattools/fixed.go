package chattools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
)

type callFunc = func(context.Context, json.RawMessage) (string, error)

// withFixed calls with arguments that are not the model's. A model that gives them all the
// same is told so, as it may rely on what it has given.
func withFixed(call callFunc, fixed map[string]json.RawMessage) callFunc {
	return func(ctx context.Context, arguments json.RawMessage) (string, error) {
		given := map[string]json.RawMessage{}
		if len(bytes.TrimSpace(arguments)) > 0 {
			if err := json.Unmarshal(arguments, &given); err != nil || given == nil {
				return "", fmt.Errorf("%w: want a JSON object", ErrArguments)
			}
		}
		for name := range fixed {
			if _, ok := given[name]; ok {
				return "", fmt.Errorf("%w: %q cannot be chosen", ErrArguments, name)
			}
		}
		maps.Copy(given, fixed)
		data, err := json.Marshal(given)
		if err != nil {
			return "", fmt.Errorf("%w: want a JSON object", ErrArguments)
		}
		return call(ctx, data)
	}
}
