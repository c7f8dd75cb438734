package faketwilio

import (
	"encoding/json"
	"net/url"
	"regexp"

	"github.com/chat-adapter/chat-go/internal/fakemeta"
)

// arguments are those of a new message that the adapter may use.
// https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
var arguments = fakemeta.Fields{
	"To!": form(`^((whatsapp|rcs|messenger):)?[A-Za-z0-9+_-]+$`), "From": form(`^((whatsapp|rcs|messenger):)?[A-Za-z0-9+ _-]+$`),
	"MessagingServiceSid": form(`^MG[0-9a-fA-F]{32}$`), "Body": any16, "MediaUrl": fakemeta.List(1, 10, fakemeta.Address),
	"StatusCallback": fakemeta.Address, "ContentSid": form(`^HX[0-9a-fA-F]{32}$`), "ContentVariables": variables,
}

// any16 takes texts that are not empty. How long they are has an error of its own.
func any16(name string, value any) []string {
	if text, ok := value.(string); !ok || text == "" {
		return []string{name + " is empty"}
	}
	return nil
}

func form(pattern string) fakemeta.Rule {
	compiled := regexp.MustCompile(pattern)
	return func(name string, value any) []string {
		if text, ok := value.(string); !ok || !compiled.MatchString(text) {
			return []string{name + " is not of the form " + pattern}
		}
		return nil
	}
}

// variables takes an object of texts.
// https://www.twilio.com/docs/content/using-variables-with-content-api
func variables(name string, value any) []string {
	text, _ := value.(string)
	var object map[string]string
	if json.Unmarshal([]byte(text), &object) != nil || len(object) == 0 {
		return []string{name + " is no object of texts"}
	}
	return nil
}

// check returns what is wrong with the arguments of a new message.
func check(f url.Values) []string {
	args := map[string]any{}
	for name, values := range f {
		switch {
		case name == "MediaUrl":
			list := make([]any, len(values))
			for i, v := range values {
				list[i] = v
			}
			args[name] = list
		case len(values) == 1:
			args[name] = values[0]
		default:
			args[name] = values // no rule takes that
		}
	}
	problems := arguments.Check(args)
	if f.Has("From") == f.Has("MessagingServiceSid") {
		problems = append(problems, "want one of From and MessagingServiceSid")
	}
	if f.Has("ContentSid") && (f.Has("Body") || f.Has("MediaUrl")) {
		problems = append(problems, "ContentSid comes with Body or MediaUrl")
	}
	if f.Has("ContentVariables") && !f.Has("ContentSid") {
		problems = append(problems, "ContentVariables come without ContentSid")
	}
	return problems
}
