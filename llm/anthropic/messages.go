package anthropic

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	sdk "github.com/anthropics/anthropic-sdk-go/v2"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
)

// Messages returns the messages for the Messages API, and the system prompt, which has a
// place of its own there. It fetches the files that they have, and fails only if ctx ends:
// a file that cannot be read is a text that says so. The API wants a user to begin, so a
// conversation that the assistant has begun gets a first message that says so.
func Messages(ctx context.Context, prompt []chat.PromptMessage) ([]sdk.MessageParam, []sdk.TextBlockParam, error) {
	var messages []sdk.MessageParam
	var system []sdk.TextBlockParam
	for _, m := range prompt {
		switch m.Role {
		case chat.RoleSystem:
			system = append(system, sdk.TextBlockParam{Text: m.Text()})
			continue
		case chat.RoleAssistant:
			if len(messages) == 0 {
				messages = append(messages, sdk.NewUserMessage(sdk.NewTextBlock("(You begin the conversation.)")))
			}
			messages = append(messages, sdk.NewAssistantMessage(sdk.NewTextBlock(m.Text())))
			continue
		}
		var blocks []sdk.ContentBlockParamUnion
		for _, p := range m.Parts {
			c, err := p.Content(ctx)
			if err != nil {
				return nil, nil, err
			}
			if c.Picture == nil {
				blocks = append(blocks, sdk.NewTextBlock(c.Text))
				continue
			}
			blocks = append(blocks, sdk.NewImageBlockBase64(c.MIMEType, base64.StdEncoding.EncodeToString(c.Picture)))
		}
		messages = append(messages, sdk.NewUserMessage(blocks...))
	}
	return messages, system, nil
}

// Tools returns the tools for the Messages API. A tool whose Parameters are no JSON object
// is [chat.ErrInvalidArgument].
func Tools(tools []chattools.Tool) ([]sdk.ToolUnionParam, error) {
	params := make([]sdk.ToolUnionParam, 0, len(tools))
	for _, t := range tools {
		var schema struct {
			Properties json.RawMessage `json:"properties"`
			Required   []string        `json:"required"`
		}
		var extra map[string]any
		if json.Unmarshal(t.Parameters, &schema) != nil || json.Unmarshal(t.Parameters, &extra) != nil || extra == nil {
			return nil, fmt.Errorf("%w: the Parameters of tool %q are no JSON object", chat.ErrInvalidArgument, t.Name)
		}
		delete(extra, "type")
		delete(extra, "properties")
		delete(extra, "required")
		tool := sdk.ToolUnionParamOfTool(sdk.ToolInputSchemaParam{Properties: schema.Properties, Required: schema.Required, ExtraFields: extra}, t.Name)
		tool.OfTool.Description = sdk.String(t.Description)
		params = append(params, tool)
	}
	return params, nil
}
