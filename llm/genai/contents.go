package genai

import (
	"context"
	"encoding/json"
	"fmt"

	sdk "google.golang.org/genai"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
)

// Contents returns the contents for GenerateContentStream, and the system instruction, nil
// if there is none. It fetches the files that they have, and fails only if ctx ends: a file
// that cannot be read is a text that says so.
func Contents(ctx context.Context, prompt []chat.PromptMessage) ([]*sdk.Content, *sdk.Content, error) {
	var contents []*sdk.Content
	var system *sdk.Content
	for _, m := range prompt {
		if m.Role == chat.RoleSystem {
			if system == nil {
				system = &sdk.Content{}
			}
			system.Parts = append(system.Parts, sdk.NewPartFromText(m.Text()))
			continue
		}
		content := &sdk.Content{Role: sdk.RoleUser}
		if m.Role == chat.RoleAssistant {
			content.Role = sdk.RoleModel
		}
		for _, p := range m.Parts {
			c, err := p.Content(ctx)
			if err != nil {
				return nil, nil, err
			}
			if c.Picture == nil {
				content.Parts = append(content.Parts, sdk.NewPartFromText(c.Text))
				continue
			}
			content.Parts = append(content.Parts, sdk.NewPartFromBytes(c.Picture, c.MIMEType))
		}
		contents = append(contents, content)
	}
	return contents, system, nil
}

// Tools returns the tools for GenerateContentConfig, or nil if there are none. A tool whose
// Parameters are no JSON object is [chat.ErrInvalidArgument].
func Tools(tools []chattools.Tool) ([]*sdk.Tool, error) {
	var functions []*sdk.FunctionDeclaration
	for _, t := range tools {
		var schema map[string]any
		if err := json.Unmarshal(t.Parameters, &schema); err != nil || schema == nil {
			return nil, fmt.Errorf("%w: the Parameters of tool %q are no JSON object", chat.ErrInvalidArgument, t.Name)
		}
		functions = append(functions, &sdk.FunctionDeclaration{Name: t.Name, Description: t.Description, ParametersJsonSchema: schema})
	}
	if functions == nil {
		return nil, nil
	}
	return []*sdk.Tool{{FunctionDeclarations: functions}}, nil
}
