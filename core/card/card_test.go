package card_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
)

// everything is a card with each element.
func everything() *card.Card {
	return card.New("Order #1234",
		card.NewText("Two teas, **one** cake"),
		card.NewText("paid").WithStyle(card.Muted),
		card.NewImage("https://example.com/tea.png", "A tea"),
		card.NewDivider(),
		card.NewSection(card.NewText("in a section"), card.NewLink("Menu", "https://example.com/menu")),
		card.NewFields(card.NewField("Total", "7.50"), card.NewField("Table", "4")),
		&card.Table{
			Headers: []string{"Item", "Price"}, Rows: [][]string{{"Tea", "2.50"}, {"Cake"}},
			Align: []card.Align{card.Left, card.Right}, Caption: "Items", PageSize: 5, Widths: []int{3, 1},
			VerticalAlign: card.Middle, GridLines: new(false), GridStyle: card.AccentGrid,
		},
		card.NewPie("Shares", card.Segment{Label: "Tea", Value: 2}, card.Segment{Label: "Cake", Value: 0.5}),
		card.NewChart(card.Line, "Sales", "Mon", "Tue").WithAxes("Day", "Cups").AddSeries("Tea", 1, -2.5),
		card.NewActions(
			card.NewButton("approve", "Approve").WithStyle(card.Primary).WithValue("1234").
				WithCallback("https://example.com/hook"),
			&card.Button{ID: "edit", Label: "Edit", ActionType: card.OpenModal, Disabled: true, Tooltip: "soon"},
			card.NewLinkButton("Docs", "https://example.com"),
			&card.Select{
				ID: "size", Label: "Size", Placeholder: "Choose", InitialOption: "s",
				Options: []*card.Option{card.NewOption("Small", "s"), {Label: "Large", Value: "l", Description: "0.5 l"}},
			},
			card.NewRadioSelect("milk", "Milk", card.NewOption("Yes", "y")),
		),
	).WithSubtitle("Table 4").WithImage("https://example.com/head.png")
}

func form() *card.Modal {
	return &card.Modal{
		CallbackID: "feedback", CallbackURL: "https://example.com/hook", Title: "Feedback",
		SubmitLabel: "Send", CloseLabel: "Cancel", NotifyOnClose: true, PrivateMetadata: "{}",
		Children: []card.Input{
			&card.TextInput{ID: "text", Label: "Text", Multiline: true, MaxLength: 100, InitialValue: "hi", Optional: true, Placeholder: "…"},
			&card.DateInput{ID: "date", Label: "Date", InitialValue: "2026-01-31"},
			card.NewNumberInput("stars", "Stars").Between(0, 5),
			&card.ExternalSelect{ID: "who", Label: "Who", MinQueryLength: new(0), InitialOption: card.NewOption("Ada", "1")},
			card.NewSelect("a", "A", card.NewOption("One", "1")),
			card.NewRadioSelect("b", "B", card.NewOption("One", "1")),
			card.NewText("text"),
			card.NewFields(card.NewField("Name", "value")),
		},
	}
}

func TestJSONRoundTrip(t *testing.T) {
	for _, e := range []card.Element{everything(), form()} {
		data, err := json.Marshal(e)
		require.NoError(t, err)
		read, err := card.Unmarshal(data)
		require.NoError(t, err)
		require.Equal(t, e, read)
		again, err := json.Marshal(read)
		require.NoError(t, err)
		require.Equal(t, string(data), string(again))
	}
}

func TestJSONShapes(t *testing.T) {
	for want, e := range map[string]card.Element{
		`{"type":"card","children":[]}`:                                         &card.Card{},
		`{"type":"modal","callbackId":"","title":"","children":[]}`:             &card.Modal{},
		`{"type":"divider"}`:                                                    card.NewDivider(),
		`{"type":"link-button","url":"u","label":"l"}`:                          card.NewLinkButton("l", "u"),
		`{"type":"table","headers":[],"rows":[]}`:                               &card.Table{},
		`{"type":"chart","title":"","chart":{"type":"pie","segments":[]}}`:      card.NewPie(""),
		`{"type":"select","id":"","label":"","options":[]}`:                     &card.Select{},
		`{"type":"number_input","id":"i","label":"l","min":0,"max":0}`:          card.NewNumberInput("i", "l").Between(0, 0),
		`{"type":"fields","children":[{"type":"field","label":"","value":""}]}`: card.NewFields(card.NewField("", "")),
	} {
		data, err := json.Marshal(e)
		require.NoError(t, err)
		require.JSONEq(t, want, string(data))
	}
}

func TestUnknownElementsAreKept(t *testing.T) {
	const in = `{"type":"card","children":[{"type":"map","zoom":3},{"type":"actions","children":[{"type":"slider"}]}]}`
	var c card.Card
	require.NoError(t, json.Unmarshal([]byte(in), &c))
	require.Equal(t, "map", c.Children[0].Type())
	data, err := json.Marshal(&c)
	require.NoError(t, err)
	require.JSONEq(t, in, string(data))
	require.NoError(t, c.Validate())
}

func TestUnmarshalErrors(t *testing.T) {
	for in, want := range map[string]string{
		`[]`:                                "element is array",
		`null`:                              "element is null",
		`{}`:                                "type is missing",
		`{"type":3}`:                        "type is number, want string",
		`{"type":"card","title":3}`:         "title is number, want string",
		`{"type":"card","children":[null]}`: "children[0].element is null",
		`{"type":"card","children":[{"type":"button","id":"a","label":"b"}]}`:                       `children[0].type is "button", which cannot stand here`,
		`{"type":"card","children":[{"type":"section","children":[{"type":"text","content":{}}]}]}`: "children[0].children[0].content is object, want string",
		`{"type":"card","children":[{"type":"fields","children":[null]}]}`:                          "children[0].children[0] is null",
		`{"type":"modal","children":[{"type":"select","options":[null]}]}`:                          "children[0].options[0] is null",
		`{"type":"card","children":[{"type":"table","headers":[1]}]}`:                               "headers",
		strings.Repeat(`{"type":"section","children":[`, 40) + strings.Repeat(`]}`, 40):             "nested deeper than 32 levels",
	} {
		_, err := card.Unmarshal([]byte(in))
		require.ErrorContains(t, err, want, in)
	}
	var c card.Card
	require.ErrorContains(t, json.Unmarshal([]byte(`{"type":"modal","children":[]}`), &c), `type is "modal", want "card"`)
}

func TestValid(t *testing.T) {
	require.NoError(t, everything().Validate())
	require.NoError(t, form().Validate())
}

func TestInvalidCards(t *testing.T) {
	one := func(child card.Child) *card.Card { return card.New("t", child) }
	act := func(actions ...card.Action) *card.Card { return one(card.NewActions(actions...)) }
	for want, c := range map[string]*card.Card{
		"children is empty":                         {},
		`width is "wide", want "default" or "full"`: {Title: "t", Width: "wide"},
		`imageUrl is "x", want an absolute URL`:     {Title: "t", ImageURL: "x"},
		"children[0] is nil":                        one(nil),
		"children[0] is nil, want an element":       one((*card.Text)(nil)),
		"children[0].content is empty":              one(card.NewText("")),
		`children[0].style is "loud"`:               one(card.NewText("x").WithStyle("loud")),
		"children[0].url is empty":                  one(card.NewImage("", "")),
		"children[0].label is empty":                one(card.NewLink("", "https://x.y")),
		"children[0].children is empty":             act(),
		"children[0].children[0].label is empty":    one(card.NewFields(card.NewField("", "x"))),
		"children[0].children[0].id is empty":       act(card.NewButton("", "x")),
		`children[0].children[1].id is "a", which children[0].children[0].id is already`: act(card.NewButton("a", "x"), card.NewButton("a", "y")),
		`children[0].children[0].callbackUrl is "ftp://x"`:                               act(card.NewButton("a", "x").WithCallback("ftp://x")),
		`children[0].children[0].actionType is "go"`:                                     act(&card.Button{ID: "a", Label: "b", ActionType: "go"}),
		"children[0].children[0].options is empty":                                       act(card.NewSelect("a", "b")),
		`children[0].children[0].options[1].value is "v" a second time`:                  act(card.NewSelect("a", "b", card.NewOption("x", "v"), card.NewOption("y", "v"))),
		`children[0].children[0].initialOption is "z"`:                                   act(&card.Select{ID: "a", Label: "b", Options: []*card.Option{card.NewOption("x", "v")}, InitialOption: "z"}),
		"children[0].headers is empty":                                                   one(card.NewTable(nil)),
		"children[0].rows[0] has 2 cells":                                                one(card.NewTable([]string{"h"}, []string{"a", "b"})),
		`children[0].align[0] is "up"`:                                                   one(card.NewTable([]string{"h"}).WithAlign("up")),
		"children[0].widths has 1 entries":                                               one(&card.Table{Headers: []string{"a", "b"}, Widths: []int{1}}),
		"children[0].widths[0] is 0":                                                     one(&card.Table{Headers: []string{"a"}, Widths: []int{0}}),
		"children[0].pageSize is -1":                                                     one(&card.Table{Headers: []string{"a"}, PageSize: -1}),
		"children[0].chart.segments is empty":                                            one(card.NewPie("t")),
		"children[0].chart.segments[0].value is 0":                                       one(card.NewPie("t", card.Segment{Label: "a"})),
		"children[0].chart.segments[0].value is NaN":                                     one(card.NewPie("t", card.Segment{Label: "a", Value: math.NaN()})),
		"children[0].chart.series is empty":                                              one(card.NewChart(card.Bar, "t", "a")),
		`children[0].chart.series[0].data has no point for the category "b"`:             one(card.NewChart(card.Bar, "t", "a", "b").AddSeries("s", 1)),
		`children[0].chart.series[1].name is "s" a second time`:                          one(card.NewChart(card.Bar, "t", "a").AddSeries("s", 1).AddSeries("s", 1)),
		`children[0].chart.type is "radar"`:                                              one(card.NewChart("radar", "t", "a").AddSeries("s", 1)),
	} {
		err := c.Validate()
		require.ErrorIs(t, err, card.ErrInvalidArgument, want)
		require.ErrorContains(t, err, "card: "+want)
	}

	// No platform shows what would run, or open something of the reader's own.
	for _, url := range []string{
		"javascript:alert(1)", "JavaScript:alert(1)", "vbscript:x", "data:text/html,<script>alert(1)</script>", "file:///etc/passwd",
	} {
		for _, c := range []*card.Card{
			one(card.NewLink("x", url)), act(card.NewLinkButton("x", url)), one(card.NewImage(url, "x")), card.New("t").WithImage(url),
			one(card.NewSection(card.NewLink("x", url))),
		} {
			require.ErrorContains(t, c.Validate(), ": URL, want one that leads to a page or an application", url)
		}
	}
	for _, url := range []string{"https://x.y", "mailto:a@b.c", "tel:+1", "slack://open", "vscode://file/x"} {
		require.NoError(t, act(card.NewLinkButton("x", url)).Validate())
	}

	// All problems are told, in order.
	err := card.New("", card.NewText(""), card.NewImage("", "")).Validate()
	require.EqualError(t, err, "card: children[0].content is empty, want some text\ncard: children[1].url is empty, want a URL")
	var field *card.FieldError
	require.ErrorAs(t, err, &field)
	require.Equal(t, "children[0].content", field.Field)

	deep := card.NewSection(card.NewText("x"))
	for range 40 {
		deep = card.NewSection(deep)
	}
	require.ErrorContains(t, one(deep).Validate(), "nested deeper than 32 levels")
}

func TestInvalidModals(t *testing.T) {
	one := func(input card.Input) *card.Modal { return card.NewModal("c", "t", input) }
	for want, m := range map[string]*card.Modal{
		"callbackId is empty":                                     card.NewModal("", "t"),
		"title is empty":                                          card.NewModal("c", ""),
		"callbackUrl is \"/x\"":                                   {CallbackID: "c", Title: "t", CallbackURL: "/x"},
		"children[0] is nil":                                      one(nil),
		"children[0].maxLength is -1":                             one(&card.TextInput{ID: "a", Label: "b", MaxLength: -1}),
		"children[0].initialValue has 3 characters":               one(&card.TextInput{ID: "a", Label: "b", MaxLength: 2, InitialValue: "äöü"}),
		`children[0].initialValue is "1.2.2026", want a date`:     one(&card.DateInput{ID: "a", Label: "b", InitialValue: "1.2.2026"}),
		"children[0].max is 1, want at least min, 2":              one(card.NewNumberInput("a", "b").Between(2, 1)),
		"children[0].initialValue is 9, which the bounds exclude": one(&card.NumberInput{ID: "a", Label: "b", Max: new(5.0), InitialValue: new(9.0)}),
		"children[0].initialValue is 1.5, want a whole number":    one(&card.NumberInput{ID: "a", Label: "b", InitialValue: new(1.5)}),
		"children[0].min is +Inf":                                 one(&card.NumberInput{ID: "a", Label: "b", Min: new(math.Inf(1))}),
		"children[0].minQueryLength is -1":                        one(&card.ExternalSelect{ID: "a", Label: "b", MinQueryLength: new(-1)}),
		"children[0].initialOption.value is empty":                one(&card.ExternalSelect{ID: "a", Label: "b", InitialOption: &card.Option{Label: "x"}}),
		"children[0].options[0] is nil":                           one(card.NewRadioSelect("a", "b", nil)),
	} {
		err := m.Validate()
		require.ErrorIs(t, err, card.ErrInvalidArgument, want)
		require.ErrorContains(t, err, "card: "+want)
	}
}

func TestFallbackText(t *testing.T) {
	require.Equal(t, strings.TrimSpace(`
**Order #1234**
Table 4
Two teas, **one** cake
paid
in a section
Menu (https://example.com/menu)
Total: 7.50
Table: 4
Item | Price
-----|------
Tea  | 2.50
Cake |
Shares
Label | Value
------|------
Tea   | 2
Cake  | 0.5
Sales
Day | Tea
----|-----
Mon | 1
Tue | -2.5
`), everything().FallbackText())
	require.Empty(t, card.New("").FallbackText())
}

func ExampleNew() {
	order := card.New("Order #1234",
		card.NewFields(card.NewField("Total", "7.50"), card.NewField("Table", "4")),
		card.NewActions(
			card.NewButton("approve", "Approve").WithStyle(card.Primary).WithValue("1234"),
			card.NewButton("reject", "Reject").WithStyle(card.Danger),
		),
	)
	fmt.Println(order.FallbackText())
	// Output:
	// **Order #1234**
	// Total: 7.50
	// Table: 4
}

// FuzzJSON checks that JSON which can be read is written as JSON that reads the
// same, and that no element breaks what looks at it.
func FuzzJSON(f *testing.F) {
	for _, e := range []card.Element{everything(), form()} {
		data, err := json.Marshal(e)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte(`{"type":"card","children":[{"type":"chart","chart":{"type":"pie"}},{"type":"x","y":[1e400]}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		e, err := card.Unmarshal(in)
		if err != nil {
			return
		}
		first, err := json.Marshal(e)
		require.NoError(t, err)
		read, err := card.Unmarshal(first)
		require.NoError(t, err)
		second, err := json.Marshal(read)
		require.NoError(t, err)
		require.Equal(t, string(first), string(second))
		switch e := e.(type) {
		case *card.Card:
			_ = e.Validate()
			_ = e.FallbackText()
		case *card.Modal:
			_ = e.Validate()
		}
	})
}
