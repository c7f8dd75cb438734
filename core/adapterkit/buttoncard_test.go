package adapterkit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/internal/kittest"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

var limits = adapterkit.ActionLimits{ID: 40, Value: 50, Option: 45}

func TestFitCard(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 60)
	token := "~" + strings.Repeat("t", 31) // what another program's button may be named
	host := kittest.NewHost()
	b := newButtons(t, host, adapterkit.LineButtons)
	c := card.New("Order", card.NewText("x"), card.NewSection(card.NewActions(
		card.NewButton("fits", "0"), card.NewButton("fits", "1").WithValue(long), card.NewButton(long, "2").WithValue("v"),
		card.NewButton(long+"y", "3"), card.NewButton(token, "4"), card.NewLinkButton("5", "https://example.com/"),
	)), card.NewActions(
		card.NewSelect(long, "menu", card.NewOption("a", long+"a"), card.NewOption("b", "short")),
		&card.RadioSelect{ID: "radio", Options: []*card.Option{card.NewOption("c", long+"c")}, InitialOption: long + "c"},
	))
	fitted, err := b.FitCard(t.Context(), c, limits)
	require.NoError(t, err)
	require.Equal(t, "fits", c.Children[1].(*card.Section).Children[0].(*card.Actions).Children[0].(*card.Button).ID)
	require.Equal(t, long, c.Children[1].(*card.Section).Children[0].(*card.Actions).Children[1].(*card.Button).Value, "the card itself stays")

	var clicks [][2]string
	click := func(id, value string, limit int) {
		require.LessOrEqual(t, len(id), limits.ID)
		require.LessOrEqual(t, len(value), limit)
		id, value, err := newButtons(t, host, adapterkit.LineButtons).Action(t.Context(), id, value)
		require.NoError(t, err)
		clicks = append(clicks, [2]string{id, value})
	}
	for _, action := range fitted.Children[1].(*card.Section).Children[0].(*card.Actions).Children {
		if button, ok := action.(*card.Button); ok {
			click(button.ID, button.Value, limits.Value)
		}
	}
	menus := fitted.Children[2].(*card.Actions).Children
	menu, radio := menus[0].(*card.Select), menus[1].(*card.RadioSelect)
	for _, o := range menu.Options {
		click(menu.ID, o.Value, limits.Option)
	}
	click(radio.ID, radio.Options[0].Value, limits.Option)
	require.Equal(t, radio.Options[0].Value, radio.InitialOption)
	require.Equal(t, [][2]string{
		{"fits", ""},
		{"fits", long},
		{long, "v"},
		{long + "y", ""},
		{token, ""},
		{long, long + "a"},
		{long, "short"},
		{"radio", long + "c"},
	}, clicks)
}

func TestFitCardThatFits(t *testing.T) {
	t.Parallel()
	host := kittest.NewHost()
	b := newButtons(t, host, adapterkit.LineButtons)
	c := card.New("Order", card.NewActions(card.NewButton("a", "A").WithValue("1"), card.NewSelect("m", "M", card.NewOption("o", "2"))))
	fitted, err := b.FitCard(t.Context(), c, limits)
	require.NoError(t, err)
	require.Same(t, c, fitted)
	require.Empty(t, host.Memory.Keys())
	fitted, err = b.FitCard(t.Context(), card.New("", card.NewActions(card.NewButton(strings.Repeat("x", 99), "A"))), adapterkit.ActionLimits{})
	require.NoError(t, err)
	require.Len(t, fitted.Children[0].(*card.Actions).Children[0].(*card.Button).ID, 99, "0 is no limit")
}

func TestFitCardAndTheState(t *testing.T) {
	t.Parallel()
	host := kittest.NewHost()
	b := newButtons(t, host, adapterkit.LineButtons)
	away := errors.New("away")
	host.Memory.Fail(away)
	_, err := b.FitCard(t.Context(), card.New("", card.NewActions(card.NewButton(strings.Repeat("x", 99), "A"))), limits)
	require.ErrorIs(t, err, away)
	_, _, err = b.Action(t.Context(), "~"+strings.Repeat("t", 31), "")
	require.ErrorIs(t, err, away)
	host.Memory.Fail(nil)
	_, _, err = b.Action(t.Context(), "a", "~"+strings.Repeat("t", 31))
	require.ErrorIs(t, err, chat.ErrNotFound)
	id, value, err := b.Action(t.Context(), "~short", "~also")
	require.NoError(t, err)
	require.Equal(t, "~short ~also", id+" "+value)
}
