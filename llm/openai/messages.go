package openai

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
)

// Messages returns the messages for Chat Completions. It fetches the files that they
// have, and fails only if ctx ends: a file that cannot be read is a text that says so.
func Messages(ctx context.Context, prompt []chat.PromptMessage) ([]sdk.ChatCompletionMessageParamUnion, error) {
	messages := make([]sdk.ChatCompletionMessageParamUnion, 0, len(prompt))
	for _, m := range prompt {
		switch m.Role {
		case chat.RoleAssistant:
			messages = append(messages, sdk.AssistantMessage(m.Text()))
			continue
		case chat.RoleSystem:
			messages = append(messages, sdk.SystemMessage(m.Text()))
			continue
		}
		var parts []sdk.ChatCompletionContentPartUnionParam
		for _, p := range m.Parts {
			c, err := p.Content(ctx)
			if err != nil {
				return nil, err
			}
			if c.Picture == nil {
				parts = append(parts, sdk.TextContentPart(c.Text))
				continue
			}
			parts = append(parts, sdk.ImageContentPart(sdk.ChatCompletionContentPartImageImageURLParam{URL: dataURL(c)}))
		}
		if len(parts) == 1 && parts[0].OfText != nil { // what every server takes
			messages = append(messages, sdk.UserMessage(parts[0].OfText.Text))
			continue
		}
		messages = append(messages, sdk.UserMessage(parts))
	}
	return messages, nil
}

// Input returns the messages for the Responses API. It is as [Messages].
func Input(ctx context.Context, prompt []chat.PromptMessage) (responses.ResponseInputParam, error) {
	input := make(responses.ResponseInputParam, 0, len(prompt))
	for _, m := range prompt {
		switch m.Role {
		case chat.RoleAssistant:
			input = append(input, responses.ResponseInputItemParamOfMessage(m.Text(), responses.EasyInputMessageRoleAssistant))
			continue
		case chat.RoleSystem:
			input = append(input, responses.ResponseInputItemParamOfMessage(m.Text(), responses.EasyInputMessageRoleSystem))
			continue
		}
		var parts responses.ResponseInputMessageContentListParam
		for _, p := range m.Parts {
			c, err := p.Content(ctx)
			if err != nil {
				return nil, err
			}
			if c.Picture == nil {
				parts = append(parts, responses.ResponseInputContentParamOfInputText(c.Text))
				continue
			}
			picture := responses.ResponseInputContentParamOfInputImage(responses.ResponseInputImageDetailAuto)
			picture.OfInputImage.ImageURL = sdk.String(dataURL(c))
			parts = append(parts, picture)
		}
		input = append(input, responses.ResponseInputItemParamOfMessage(parts, responses.EasyInputMessageRoleUser))
	}
	return input, nil
}

func dataURL(c chat.PromptContent) string {
	return "data:" + c.MIMEType + ";base64," + base64.StdEncoding.EncodeToString(c.Picture)
}

// Tools returns the tools for Chat Completions. A tool whose Parameters are no JSON object
// is [chat.ErrInvalidArgument].
func Tools(tools []chattools.Tool) ([]sdk.ChatCompletionToolUnionParam, error) {
	params := make([]sdk.ChatCompletionToolUnionParam, 0, len(tools))
	for _, t := range tools {
		schema, err := schemaOf(t)
		if err != nil {
			return nil, err
		}
		params = append(params, sdk.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
			Name: t.Name, Description: sdk.String(t.Description), Parameters: schema,
		}))
	}
	return params, nil
}

// ResponseTools returns the tools for the Responses API. It is as [Tools].
func ResponseTools(tools []chattools.Tool) ([]responses.ToolUnionParam, error) {
	params := make([]responses.ToolUnionParam, 0, len(tools))
	for _, t := range tools {
		schema, err := schemaOf(t)
		if err != nil {
			return nil, err
		}
		tool := responses.ToolParamOfFunction(t.Name, schema, false)
		tool.OfFunction.Description = sdk.String(t.Description)
		params = append(params, tool)
	}
	return params, nil
}

func schemaOf(t chattools.Tool) (map[string]any, error) {
	var schema map[string]any
	if err := json.Unmarshal(t.Parameters, &schema); err != nil || schema == nil {
		return nil, fmt.Errorf("%w: the Parameters of tool %q are no JSON object", chat.ErrInvalidArgument, t.Name)
	}
	return schema, nil
}
