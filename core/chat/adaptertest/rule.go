package adaptertest

import (
	"path/filepath"
	"runtime"

	"github.com/chat-adapter/chat-go/core/internal/suite"
)

// contract is package chat, the folder above this one.
var contract = suite.NewContract("github.com/chat-adapter/chat-go/core/chat", contractFolder())

func contractFolder() string {
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		return ""
	}
	return filepath.Dir(filepath.Dir(here))
}
