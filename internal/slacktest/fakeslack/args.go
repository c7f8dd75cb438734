package fakeslack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Args are the arguments of a call by name.
type Args map[string]string

// Has reports whether the argument is given.
func (a Args) Has(name string) bool {
	_, ok := a[name]
	return ok
}

// Bool returns a boolean argument.
func (a Args) Bool(name string) bool { return a[name] == "true" || a[name] == "1" }

// Int returns a number, or the default if it is absent.
func (a Args) Int(name string, otherwise int) int {
	n, err := strconv.Atoi(a[name])
	if err != nil {
		return otherwise
	}
	return n
}

// kind says what an argument is.
type kind int

const (
	textArg kind = iota
	boolArg
	intArg
	tsArg
	idArg    // of a channel, user, file…
	arrayArg // JSON
	objectArg
	listArg // separated by commas, or JSON
)

type argument struct {
	kind     kind
	required bool
	// longest is how many characters a text may have. Default: no bound is known.
	longest int
	oneOf   []string
}

// spec describes a method.
type spec struct {
	args map[string]argument
	// open says that it is called without a token.
	open bool
	// also checks what arguments mean together.
	also  func(Args) []string
	serve func(*Server, Args) (map[string]any, string)
}

func (p spec) check(args Args) (problems []string) {
	for name := range args {
		if _, ok := p.args[name]; !ok {
			problems = append(problems, fmt.Sprintf("the method has no argument %q", name))
		}
	}
	for name, want := range p.args {
		value, given := args[name]
		if !given {
			if want.required {
				problems = append(problems, fmt.Sprintf("the argument %q is missing", name))
			}
			continue
		}
		if problem := want.check(value); problem != "" {
			problems = append(problems, fmt.Sprintf("the argument %q %s", name, problem))
		}
	}
	if p.also != nil {
		problems = append(problems, p.also(args)...)
	}
	slices.Sort(problems)
	return problems
}

func (a argument) check(value string) string {
	switch a.kind {
	case boolArg:
		if !slices.Contains([]string{"true", "false", "1", "0"}, value) {
			return fmt.Sprintf("is %q, want a boolean", value)
		}
	case intArg:
		if _, err := strconv.Atoi(value); err != nil {
			return fmt.Sprintf("is %q, want a number", value)
		}
	case tsArg:
		if !isTS(value) {
			return fmt.Sprintf("is %q, want a ts", value)
		}
	case idArg:
		if value == "" || strings.Trim(strings.ToUpper(value), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
			return fmt.Sprintf("is %q, want an id", value)
		}
	case arrayArg:
		var list []json.RawMessage
		if json.Unmarshal([]byte(value), &list) != nil {
			return "is no JSON array"
		}
	case objectArg:
		var object map[string]json.RawMessage
		if json.Unmarshal([]byte(value), &object) != nil {
			return "is no JSON object"
		}
	case textArg, listArg:
		if !utf8.ValidString(value) {
			return "is not valid UTF-8"
		}
	}
	if a.longest > 0 && length(value) > a.longest {
		return fmt.Sprintf("has %d characters, the bound is %d", length(value), a.longest)
	}
	if a.oneOf != nil && !slices.Contains(a.oneOf, value) {
		return fmt.Sprintf("is %q, want one of %q", value, a.oneOf)
	}
	return ""
}

// length counts as JavaScript does, which never gives less than any other count
// of characters.
func length(s string) int { return len(utf16.Encode([]rune(s))) }

func isTS(s string) bool {
	seconds, rest, ok := strings.Cut(s, ".")
	return ok && seconds != "" && len(rest) == 6 && strings.Trim(seconds+rest, "0123456789") == ""
}
