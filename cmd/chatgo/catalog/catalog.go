// Package catalog lists the adapters and state backends of chat-go with the
// environment variables that configure them. The command chatgo and a table in the
// documentation are made of it.
package catalog

import (
	"fmt"
	"strings"
)

// Root is the import path that all modules begin with.
const Root = "github.com/chat-adapter/chat-go"

// Adapter is a platform that a bot can be on.
type Adapter struct {
	// Name is the adapter's name: that of its webhook, its thread ids and its package.
	Name string
	// Title is the platform's name, for people.
	Title string
	// Module is the module's folder, which follows [Root] in its import path.
	Module string
	// Version is the version that a new bot requires.
	Version string
	// New is the expression that makes the adapter of its environment, with its error.
	New string
	// EnabledBy are variables of which a new bot asks whether one is set, before it
	// connects. None: it always connects.
	EnabledBy []string
	// Variables are all that FromEnv reads.
	Variables []Variable
	// Start says what to do to get the variables, in one sentence.
	Start string
}

// State is a backend that can keep a bot's state.
type State struct {
	// Name is the backend's name, as in --state.
	Name string
	// Title says what it is, for people.
	Title string
	// Module is the module's folder, which follows [Root] in its import path.
	Module string
	// Version is the version that a new bot requires.
	Version string
	// URL is an example of STATE_URL.
	URL string
	// Service is the service of a Compose file that runs it, in YAML, with its data in
	// the volume "data"; Host is its name there, and ServiceURL its STATE_URL. All are
	// empty where nothing has to run.
	Service, Host, ServiceURL string
}

// Variable is an environment variable.
type Variable struct {
	// Name is the variable's name.
	Name string
	// Meaning says what it is and where to get it.
	Meaning string
}

// Core is the version of core that a new bot requires.
const Core = "v0.1.0"

// Common are the variables of every bot that chatgo makes.
func Common() []Variable {
	return []Variable{
		{"ADDR", "the address to listen at, 127.0.0.1:8080 by default; in a container 0.0.0.0:8080"},
		{"STATE_URL", "where the state is kept, memory:// by default"},
	}
}

// Import is the adapter's import path.
func (a Adapter) Import() string { return Root + "/" + a.Module }

// Import is the backend's import path.
func (s State) Import() string { return Root + "/" + s.Module }

// FindAdapter returns the adapter with the name. Its error lists the names.
func FindAdapter(name string) (Adapter, error) {
	var names []string
	for _, a := range Adapters() {
		if a.Name == name {
			return a, nil
		}
		names = append(names, a.Name)
	}
	return Adapter{}, fmt.Errorf("there is no adapter %q, want one of %s", name, strings.Join(names, ", "))
}

// FindState returns the backend with the name. Its error lists the names.
func FindState(name string) (State, error) {
	var names []string
	for _, s := range States() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return State{}, fmt.Errorf("there is no state %q, want one of %s", name, strings.Join(names, ", "))
}

// Markdown is the catalog as tables.
func Markdown() string {
	var b strings.Builder
	b.WriteString("## Platforms\n\n| name | platform | module | how to begin |\n|---|---|---|---|\n")
	for _, a := range Adapters() {
		fmt.Fprintf(&b, "| `%s` | %s | [%s](../%s) | %s |\n", a.Name, a.Title, a.Module, a.Module, a.Start)
	}
	b.WriteString("\n## States\n\n| name | what it is | module | `STATE_URL`, for example |\n|---|---|---|---|\n")
	for _, s := range States() {
		fmt.Fprintf(&b, "| `%s` | %s | [%s](../%s) | `%s` |\n", s.Name, s.Title, s.Module, s.Module, s.URL)
	}
	b.WriteString("\n## Variables\n\n| variable | of | meaning |\n|---|---|---|\n")
	for _, v := range Common() {
		fmt.Fprintf(&b, "| `%s` | every bot that `chatgo new` makes | %s |\n", v.Name, v.Meaning)
	}
	for _, a := range Adapters() {
		for _, v := range a.Variables {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", v.Name, a.Name, v.Meaning)
		}
	}
	return b.String()
}
