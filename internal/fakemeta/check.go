package fakemeta

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Rule says what is wrong with an argument, as texts that begin with its name; nothing
// if it can be.
type Rule func(name string, value any) []string

// Fields are the arguments of a call, or the fields of an object, each with its rule.
// Those whose names end in "!" are required; all others than these are wrong.
type Fields map[string]Rule

// Check returns what is wrong with the arguments of a call.
func (f Fields) Check(args map[string]any) []string { return f.check("", args) }

func (f Fields) check(prefix string, args map[string]any) []string {
	var problems []string
	for name := range f {
		bare, required := strings.CutSuffix(name, "!")
		if _, given := args[bare]; required && !given {
			problems = append(problems, prefix+bare+" is missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(args)) {
		rule := f[name]
		if rule == nil {
			rule = f[name+"!"]
		}
		if rule == nil {
			problems = append(problems, prefix+name+" is not known")
			continue
		}
		problems = append(problems, rule(prefix+name, args[name])...)
	}
	slices.Sort(problems)
	return problems
}

func unless(ok bool, name, format string, args ...any) []string {
	if ok {
		return nil
	}
	return []string{name + " " + fmt.Sprintf(format, args...)}
}

// Any takes any value.
func Any(string, any) []string { return nil }

// Boolean takes true and false.
func Boolean(name string, value any) []string {
	_, ok := value.(bool)
	return unless(ok, name, "is no boolean")
}

// Number takes numbers.
func Number(name string, value any) []string {
	_, ok := value.(json.Number)
	return unless(ok, name, "is no number")
}

// Text takes texts of 1 to most characters of Unicode.
func Text(most int) Rule {
	return func(name string, value any) []string {
		text, ok := value.(string)
		n := utf8.RuneCountInString(text)
		return unless(ok && n > 0 && n <= most && strings.TrimSpace(text) != "", name, "is no text of 1 to %d characters: it has %d", most, n)
	}
}

// Bytes takes texts of 1 to most bytes of UTF-8.
func Bytes(most int) Rule {
	return func(name string, value any) []string {
		text, ok := value.(string)
		return unless(ok && len(text) > 0 && len(text) <= most && strings.TrimSpace(text) != "", name, "is no text of 1 to %d bytes: it has %d", most, len(text))
	}
}

// OneOf takes these texts.
func OneOf(texts ...string) Rule {
	return func(name string, value any) []string {
		text, ok := value.(string)
		return unless(ok && slices.Contains(texts, text), name, "is %v, want one of %q", value, texts)
	}
}

// Address takes addresses of the web.
func Address(name string, value any) []string {
	text, ok := value.(string)
	u, err := url.Parse(text)
	return unless(ok && err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "", name, "is no http or https address")
}

// List takes lists of least to most items.
func List(least, most int, item Rule) Rule {
	return func(name string, value any) []string {
		items, ok := value.([]any)
		problems := unless(ok && len(items) >= least && len(items) <= most, name, "is no list of %d to %d items: it has %d", least, most, len(items))
		for i, v := range items {
			problems = append(problems, item(fmt.Sprintf("%s[%d]", name, i), v)...)
		}
		return problems
	}
}

// Object takes objects with these fields.
func Object(fields Fields) Rule {
	return func(name string, value any) []string {
		object, ok := value.(map[string]any)
		if !ok {
			return unless(false, name, "is no object")
		}
		return fields.check(name+".", object)
	}
}
