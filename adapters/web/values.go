package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// longestText bounds a text input without a MaxLength, in characters.
const longestText = 10_000

// checkValues returns the answers to a modal's inputs, and what is wrong with
// them by the ids of the inputs. The page checks them too; this is for pages that
// do not. Values of no input are left out.
func checkValues(modal *card.Modal, sent map[string]string) (chat.ModalValues, map[string]string, error) {
	values, wrong := chat.ModalValues{}, map[string]string{}
	for _, input := range modal.Children {
		id, optional, check := inputRule(input)
		if id == "" {
			continue
		}
		value := sent[id]
		if !utf8.ValidString(value) || len(value) > 4*longestText {
			return nil, nil, webhook.BadRequest("values[%q] has %d bytes or is not valid UTF-8, want at most %d", id, len(value), 4*longestText)
		}
		if strings.TrimSpace(value) == "" {
			if !optional {
				wrong[id] = "Please fill in this field."
			}
			continue
		}
		if problem := check(value); problem != "" {
			wrong[id] = problem
			continue
		}
		values[id] = value
	}
	return values, wrong, nil
}

// inputRule returns an input's id, whether it may stay empty, and what finds the
// problem of a value. The id is empty for an element that has no value.
func inputRule(input card.Input) (id string, optional bool, check func(string) string) {
	switch in := input.(type) {
	case *card.TextInput:
		return in.ID, in.Optional, func(v string) string { return checkText(in, v) }
	case *card.DateInput:
		return in.ID, in.Optional, checkDate
	case *card.NumberInput:
		return in.ID, in.Optional, func(v string) string { return checkNumber(in, v) }
	case *card.Select:
		return in.ID, in.Optional, func(v string) string { return checkOption(in.Options, v) }
	case *card.RadioSelect:
		return in.ID, in.Optional, func(v string) string { return checkOption(in.Options, v) }
	case *card.ExternalSelect:
		return in.ID, in.Optional, func(string) string { return "" }
	}
	return "", false, nil
}

func checkText(in *card.TextInput, value string) string {
	longest := in.MaxLength
	if longest == 0 {
		longest = longestText
	}
	if n := utf8.RuneCountInString(value); n > longest {
		return fmt.Sprintf("Please use at most %d characters; these are %d.", longest, n)
	}
	return ""
}

func checkDate(value string) string {
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		return "Please enter a date."
	}
	return ""
}

func checkNumber(in *card.NumberInput, value string) string {
	n, err := strconv.ParseFloat(value, 64)
	switch {
	case err != nil || math.IsNaN(n) || math.IsInf(n, 0):
		return "Please enter a number."
	case !in.Decimal && n != math.Trunc(n):
		return "Please enter a whole number."
	case in.Min != nil && n < *in.Min:
		return fmt.Sprintf("Please enter a number of at least %v.", *in.Min)
	case in.Max != nil && n > *in.Max:
		return fmt.Sprintf("Please enter a number of at most %v.", *in.Max)
	}
	return ""
}

func checkOption(options []*card.Option, value string) string {
	if !hasOption(options, value) {
		return "Please choose one of the options."
	}
	return ""
}
