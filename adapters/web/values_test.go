package web

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

func TestValuesAreChecked(t *testing.T) {
	name := card.NewTextInput("name", "Name")
	name.MaxLength = 3
	note := card.NewTextInput("note", "Note")
	note.Optional = true
	share := card.NewNumberInput("share", "Share")
	share.Decimal = true
	modal := card.NewModal("cb", "Title", name, note, share,
		card.NewDateInput("day", "Day"), card.NewNumberInput("guests", "Guests").Between(1, 9),
		card.NewSelect("size", "Size", card.NewOption("S", "s")), card.NewRadioSelect("way", "Way", card.NewOption("W", "w")),
		card.NewExternalSelect("city", "City"), card.NewText("just text"))
	good := map[string]string{
		"name": "äöü", "share": "1.5", "day": "2026-02-28", "guests": "9", "size": "s", "way": "w", "city": "anything",
	}
	values, wrong, err := checkValues(modal, good)
	require.NoError(t, err)
	require.Empty(t, wrong)
	require.Equal(t, chat.ModalValues(good), values)

	for _, test := range []struct{ id, value, problem string }{
		{"name", " ", "fill in"},
		{"name", "four", "at most 3 characters; these are 4"},
		{"note", strings.Repeat("x", longestText+1), "at most 10000"},
		{"share", "NaN", "enter a number"},
		{"day", "2026-02-30", "a date"},
		{"guests", "0", "at least 1"},
		{"guests", "10", "at most 9"},
		{"guests", "2.5", "whole number"},
		{"guests", "many", "enter a number"},
		{"size", "xl", "one of the options"},
		{"way", "", "fill in"},
		{"city", "", "fill in"},
	} {
		sent := map[string]string{"unknown": "left out"}
		maps.Copy(sent, good)
		sent[test.id] = test.value
		values, wrong, err := checkValues(modal, sent)
		require.NoError(t, err)
		require.Len(t, wrong, 1, "%+v", test)
		require.Contains(t, wrong[test.id], test.problem)
		require.NotContains(t, values, "unknown")
	}
	for _, value := range []string{"\xff", strings.Repeat("x", 5*longestText)} {
		_, _, err := checkValues(modal, map[string]string{"name": value})
		require.ErrorContains(t, err, `values["name"]`)
	}
}

func TestTriggersNameTheirUser(t *testing.T) {
	made := trigger{thread: "web:a%3Ab:c%251", at: time.UnixMilli(1700000000123), request: "x:y"}
	parsed, err := parseTrigger(made.id())
	require.NoError(t, err)
	require.Equal(t, made, parsed)
	for _, id := range []string{"", "x", "a:b:c", "a:b:1:", "a:b:x:y", ":b:1:y", "a%:b:1:y"} {
		_, err := parseTrigger(id)
		require.ErrorIs(t, err, errTrigger, "%q", id)
	}
}
