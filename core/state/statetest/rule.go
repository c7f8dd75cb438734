package statetest

import (
	"path/filepath"
	"runtime"

	"github.com/chat-adapter/chat-go/core/internal/suite"
)

// contract is package state, the folder above this one.
var contract = suite.NewContract("github.com/chat-adapter/chat-go/core/state", contractFolder())

func contractFolder() string {
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		return ""
	}
	return filepath.Dir(filepath.Dir(here))
}

// RuleSource returns the file and line where a rule stands in the contract, or
// the name of the contract's package if its source is not at hand.
func RuleSource(rule string) string { return contract.Source(rule) }
