package slack

import "encoding/json"

// metadata is what a modal's private_metadata holds: the bot's context and what
// the program attached. It is the TypeScript SDK's.
type metadata struct {
	ContextID string `json:"c,omitempty"`
	Private   string `json:"m,omitempty"`
}

// packMetadata returns a modal's private_metadata.
func packMetadata(contextID, private string) string {
	if contextID == "" && private == "" {
		return ""
	}
	data, err := json.Marshal(metadata{contextID, private})
	if err != nil {
		return ""
	}
	return string(data)
}

// unpackMetadata is the inverse of packMetadata. Anything else is a context, as
// old versions of the TypeScript SDK wrote it.
func unpackMetadata(text string) metadata {
	var m struct {
		ContextID *string `json:"c"`
		Private   *string `json:"m"`
	}
	if json.Unmarshal([]byte(text), &m) != nil || m.ContextID == nil && m.Private == nil {
		return metadata{ContextID: text}
	}
	var out metadata
	if m.ContextID != nil {
		out.ContextID = *m.ContextID
	}
	if m.Private != nil {
		out.Private = *m.Private
	}
	return out
}
