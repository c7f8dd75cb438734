package slacktest_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/slacktest/fakeslack"
)

// blocksOf posts a card and returns its blocks, and the text next to them.
func blocksOf(t *testing.T, c *card.Card) (blocks, text string) {
	t.Helper()
	o := newOutbound(t)
	_, m := o.post(t, &chat.Post{Card: c})
	require.Len(t, o.shown(), 1)
	return string(m.Blocks), m.Text
}

func TestCard(t *testing.T) {
	t.Parallel()
	blocks, text := blocksOf(t, card.New("Order {{emoji:party}}",
		card.NewText("Two **teas** & <@U0ADA>"),
		card.NewText("paid").WithStyle(card.Muted),
		card.NewText("bold").WithStyle(card.Bold),
		card.NewImage("https://example.com/tea.png", ""),
		card.NewDivider(),
		card.NewSection(card.NewLink("Menu", "https://example.com/?a&b")),
		card.NewFields(card.NewField("Total", "7.50"), card.NewField("Table", "`4`")),
		card.NewActions(
			card.NewButton("ok", "OK").WithStyle(card.Primary).WithValue("v"),
			&card.Button{ID: "no", Label: "Not now, or ever", Disabled: true},
			card.NewLinkButton("Docs", "https://example.com"),
			card.NewSelect("size", "Size", card.NewOption("S", "s"), &card.Option{Label: "L", Value: "l", Description: "large"}),
			&card.RadioSelect{ID: "milk", Label: "Milk?", InitialOption: "y", Options: []*card.Option{card.NewOption("Yes", "y"), card.NewOption("No", "n")}},
			card.NewButton("end", "End").WithStyle(card.Danger),
		),
	).WithSubtitle("Table *4*").WithImage("https://example.com/head.png"))
	require.JSONEq(t, `[
		{"type":"header","text":{"type":"plain_text","text":"Order :tada:","emoji":true}},
		{"type":"context","elements":[{"type":"mrkdwn","text":"Table _4_"}]},
		{"type":"image","image_url":"https://example.com/head.png","alt_text":"Order :tada:"},
		{"type":"section","text":{"type":"mrkdwn","text":"Two *teas* &amp; <@U0ADA>"}},
		{"type":"context","elements":[{"type":"mrkdwn","text":"paid"}]},
		{"type":"section","text":{"type":"mrkdwn","text":"*bold*"}},
		{"type":"image","image_url":"https://example.com/tea.png","alt_text":"Image"},
		{"type":"divider"},
		{"type":"section","text":{"type":"mrkdwn","text":"<https://example.com/?a&amp;b|Menu>"}},
		{"type":"section","fields":[{"type":"mrkdwn","text":"*Total*\n7.50"},{"type":"mrkdwn","text":"*Table*\n`+"`4`"+`"}]},
		{"type":"actions","elements":[
			{"type":"button","action_id":"ok","value":"v","style":"primary","text":{"type":"plain_text","text":"OK","emoji":true}},
			{"type":"button","action_id":"link-https://example.com","url":"https://example.com","text":{"type":"plain_text","text":"Docs","emoji":true}},
			{"type":"static_select","action_id":"size","placeholder":{"type":"plain_text","text":"Size","emoji":true},"options":[
				{"text":{"type":"plain_text","text":"S","emoji":true},"value":"s"},
				{"text":{"type":"plain_text","text":"L","emoji":true},"value":"l","description":{"type":"plain_text","text":"large","emoji":true}}]}]},
		{"type":"section","text":{"type":"mrkdwn","text":"Milk?"},"accessory":{"type":"radio_buttons","action_id":"milk",
			"initial_option":{"text":{"type":"plain_text","text":"Yes","emoji":true},"value":"y"},"options":[
				{"text":{"type":"plain_text","text":"Yes","emoji":true},"value":"y"},{"text":{"type":"plain_text","text":"No","emoji":true},"value":"n"}]}},
		{"type":"actions","elements":[{"type":"button","action_id":"end","style":"danger","text":{"type":"plain_text","text":"End","emoji":true}}]},
		{"type":"context","elements":[{"type":"mrkdwn","text":"Not now, or ever"}]}]`, blocks)
	require.True(t, strings.HasPrefix(text, "*Order :tada:*\nTable _4_\nTwo *teas* &amp; <@U0ADA>\n"), text)
}

func TestTablesAndCharts(t *testing.T) {
	t.Parallel()
	table := card.NewTable([]string{"Item", "Price"}, []string{"Tea", "2.50"}, []string{"Cake"}).WithAlign(card.Left, card.Right)
	blocks, _ := blocksOf(t, card.New("", table))
	require.JSONEq(t, `[{"type":"table","column_settings":[{"align":"left","is_wrapped":false},{"align":"right","is_wrapped":false}],"rows":[
		[{"type":"raw_text","text":"Item"},{"type":"raw_text","text":"Price"}],[{"type":"raw_text","text":"Tea"},{"type":"raw_text","text":"2.50"}],
		[{"type":"raw_text","text":"Cake"},{"type":"raw_text","text":" "}]]}]`, blocks)

	paged := &card.Table{Headers: []string{"A"}, Rows: [][]string{{"1"}}, Caption: "All", PageSize: 500}
	blocks, _ = blocksOf(t, card.New("", paged, table))
	require.JSONEq(t, `[{"type":"data_table","caption":"All","page_size":100,"rows":[[{"type":"raw_text","text":"A"}],[{"type":"raw_text","text":"1"}]]},
		{"type":"section","text":{"type":"mrkdwn","text":"`+"```"+`\nItem | Price\n-----|------\nTea  | 2.50\nCake |\n`+"```"+`"}}]`, blocks, "a second table is text")

	chart := card.NewChart(card.Bar, "Sales", "Mon", "Tue").WithAxes("Day", "Cups").AddSeries("Tea", 1, -2.5)
	blocks, text := blocksOf(t, card.New("", chart, card.NewPie("Shares", card.Segment{Label: "Tea", Value: 2}), chart))
	require.JSONEq(t, `[{"type":"data_visualization","title":"Sales","chart":{"type":"bar",
			"axis_config":{"categories":["Mon","Tue"],"x_label":"Day","y_label":"Cups"},
			"series":[{"name":"Tea","data":[{"label":"Mon","value":1},{"label":"Tue","value":-2.5}]}]}},
		{"type":"data_visualization","title":"Shares","chart":{"type":"pie","segments":[{"label":"Tea","value":2}]}},
		{"type":"section","text":{"type":"mrkdwn","text":"`+"```"+`\nSales\nDay | Tea\n----|-----\nMon | 1\nTue | -2.5\n`+"```"+`"}}]`, blocks, "a third chart is text")
	require.Contains(t, text, "Sales")
}

// options returns so many options.
func options(n int) (list []*card.Option) {
	for i := range n {
		list = append(list, card.NewOption(strings.Repeat("l", 80), fmt.Sprint(i)))
	}
	return list
}

// TestCardsAtTheLimits posts cards with more of everything than Slack takes. The
// fake checks what comes.
func TestCardsAtTheLimits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word & *more* <x> ", 600)
	wide := func(columns, rows int, cell string) *card.Table {
		table := &card.Table{}
		for i := range columns {
			table.Headers = append(table.Headers, fmt.Sprint("h", i))
		}
		for range rows {
			row := make([]string, columns)
			for i := range row {
				row[i] = cell
			}
			table.Rows = append(table.Rows, row)
		}
		return table
	}
	pie := func(n int, label string) *card.Chart {
		chart := card.NewPie("Pie")
		for i := range n {
			chart.Chart.Segments = append(chart.Chart.Segments, card.Segment{Label: fmt.Sprint(label, i), Value: 1})
		}
		return chart
	}
	var buttons []card.Action
	for i := range 60 {
		buttons = append(buttons, card.NewButton(fmt.Sprint("b", i), strings.Repeat("label ", 30)))
	}
	var many []card.Child
	for i := range 130 {
		many = append(many, card.NewText(fmt.Sprint("text ", i)))
	}
	var fields []*card.Field
	for range 35 {
		fields = append(fields, card.NewField(long, long))
	}
	for name, c := range map[string]*card.Card{
		"title":           card.New(long, card.NewText("x")).WithSubtitle(long),
		"texts":           card.New("", card.NewText(long), card.NewText(long).WithStyle(card.Muted), card.NewText(strings.Repeat("x", 7_000)).WithStyle(card.Bold)),
		"code":            card.New("", card.NewText("```\n"+long+"\n"+strings.Repeat("line\n", 900)+"```")),
		"blocks":          card.New("T", many...),
		"fields":          card.New("", card.NewFields(fields...)),
		"empty field":     card.New("", card.NewFields(card.NewField("**", ""), card.NewField("a", "   "))),
		"picture":         card.New("", card.NewImage("https://example.com/a b.png", long)),
		"link":            card.New("", card.NewLink(long, "https://example.com/"+strings.Repeat("x", 4_000)), card.NewLink("x", "app://y|z")),
		"buttons":         card.New("", card.NewActions(buttons...)),
		"same ids":        {Children: []card.Child{card.NewActions(card.NewButton("a", "A"), card.NewButton("a", "B"), card.NewLinkButton("C", "https://e.com"), card.NewLinkButton("D", "https://e.com"))}},
		"link buttons":    card.New("", card.NewActions(card.NewLinkButton(long, "https://example.com/"+strings.Repeat("x", 1_000)), card.NewLinkButton("M", "mailto:a@b.c"))),
		"menus":           card.New("", card.NewActions(card.NewSelect("a", long, options(100)...), card.NewRadioSelect("b", long, options(10)...), card.NewRadioSelect("c", "C", options(60)...))),
		"table":           card.New("", wide(20, 99, "x")),
		"tall table":      card.New("", wide(2, 150, "cell")),
		"broad table":     card.New("", wide(25, 3, "cell")),
		"full table":      card.New("", wide(5, 90, strings.Repeat("x", 40))),
		"empty cells":     card.New("", wide(3, 3, "")),
		"captioned":       card.New("", &card.Table{Headers: []string{"", "a"}, Rows: [][]string{{"", ""}}, Caption: long, PageSize: 1}),
		"header only":     card.New("", &card.Table{Headers: []string{"a"}, Caption: "c"}),
		"pie":             card.New("", pie(6, "s"), pie(7, "s"), pie(2, strings.Repeat("x", 20))),
		"chart title":     card.New("", card.NewChart(card.Line, long, "a").AddSeries("s", 1)),
		"chart labels":    card.New("", card.NewChart(card.Area, "t", strings.Repeat("x", 21)).AddSeries("s", 1), card.NewChart(card.Bar, "t", "a").AddSeries("s", 1).WithAxes(long, "")),
		"picture alone":   card.New("").WithImage("https://example.com/a.png"),
		"nothing in text": card.New("", card.NewText("<!-- -->"), card.NewText("[x]: https://e.com"), card.NewDivider()),
		"unknown":         card.New("", &card.Unknown{Name: "map", Raw: []byte(`{"type":"map"}`)}),
		"emoji":           card.New(strings.Repeat("😀", 200), card.NewText(strings.Repeat("😀", 4_000))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOutbound(t)
			id, err := o.PostMessage(t.Context(), o.room, &chat.Post{Card: c})
			require.NoError(t, err)
			for _, m := range o.shown() {
				require.NotEmpty(t, strings.TrimSpace(m.Text))
			}
			require.NoError(t, o.EditMessage(t.Context(), o.room, id, &chat.Post{Card: c}))
			_ = o.PublishHome(t.Context(), "U0ADA", c) // what is too long for a home is refused here
		})
	}
}

func TestCardsThatCannotBe(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	for field, child := range map[string]card.Child{
		"children[0].children[0].id":               card.NewActions(card.NewButton("", "A")),
		"children[0].children[0].url":              card.NewActions(card.NewLinkButton("A", "javascript:alert(1)")),
		"children[0].children[0].options ":         card.NewActions(card.NewSelect("a", "A", options(101)...)),
		"children[0].children[0].options[0].value": card.NewActions(card.NewSelect("a", "A", card.NewOption("a", ""))),
		"children[0].url":                          card.NewImage("ftp://example.com/a.png", ""),
	} {
		_, err := o.PostMessage(t.Context(), o.room, &chat.Post{Card: card.New("", child)})
		require.ErrorIs(t, err, chat.ErrInvalidArgument, field)
		require.ErrorContains(t, err, strings.TrimSpace(field))
	}
	require.Empty(t, o.slack.Calls())
}

// maker makes cards and modals at random.
type maker struct{ *rand.Rand }

func (r maker) text(most int) string {
	scraps := []string{"a", "word ", "\n", "\n\n", "**", "*", "`", "```", "<", ">", "&", "<@U0ADA>", "<!here>", "{{emoji:party}}", "😀", "|", "- ", "# ", "[x](https://e.com)", "~~", "\\", strings.Repeat("long ", 100)}
	var b strings.Builder
	for range r.IntN(most) {
		b.WriteString(scraps[r.IntN(len(scraps))])
	}
	return b.String() + "."
}

func (r maker) options() []*card.Option {
	var list []*card.Option
	for i := range 1 + r.IntN(100) {
		list = append(list, &card.Option{Label: r.text(8), Value: fmt.Sprint(i, strings.Repeat("v", r.IntN(140))), Description: r.text(5)})
	}
	return list
}

func (r maker) child(depth int) card.Child {
	switch r.IntN(12) {
	case 0:
		return &card.Image{URL: "https://example.com/" + fmt.Sprint(r.IntN(99)), Alt: r.text(300)}
	case 1:
		return card.NewDivider()
	case 2:
		if depth < 3 {
			return card.NewSection(r.children(depth+1, 5)...)
		}
	case 3:
		f := card.NewFields()
		for range 1 + r.IntN(30) {
			f.Children = append(f.Children, card.NewField(r.text(9), r.text(20)))
		}
		return f
	case 4:
		return card.NewLink(r.text(20), "https://example.com/"+strings.Repeat("x<|> ", r.IntN(300)))
	case 5:
		table := &card.Table{Headers: make([]string, 1+r.IntN(22)), Caption: strings.TrimSuffix(r.text(3), "."), PageSize: r.IntN(120)}
		for range r.IntN(110) {
			table.Rows = append(table.Rows, []string{r.text(3)})
		}
		return table
	case 6:
		chart := card.NewChart(card.Bar, r.text(3))
		for i := range 1 + r.IntN(24) {
			chart.Chart.Categories = append(chart.Chart.Categories, fmt.Sprint(i))
		}
		for i := range 1 + r.IntN(7) {
			chart.AddSeries(fmt.Sprint("s", i))
			for _, category := range chart.Chart.Categories {
				s := &chart.Chart.Series[len(chart.Chart.Series)-1]
				s.Data = append(s.Data, card.Point{Label: category, Value: r.NormFloat64()})
			}
		}
		return chart
	case 7, 8:
		a := card.NewActions()
		for range 1 + r.IntN(40) {
			id := fmt.Sprint("id", r.IntN(50))
			switch r.IntN(4) {
			case 0:
				a.Children = append(a.Children, &card.LinkButton{Label: r.text(9), URL: "https://example.com/" + fmt.Sprint(r.IntN(9))})
			case 1:
				a.Children = append(a.Children, card.NewSelect(id, r.text(9), r.options()...))
			case 2:
				a.Children = append(a.Children, card.NewRadioSelect(id, r.text(9), r.options()...))
			default:
				a.Children = append(a.Children, &card.Button{ID: id, Label: r.text(20), Value: r.text(9), Disabled: r.IntN(5) == 0})
			}
		}
		return a
	}
	return &card.Text{Content: r.text(60), Style: []card.TextStyle{card.Plain, card.Bold, card.Muted}[r.IntN(3)]}
}

func (r maker) children(depth, most int) (list []card.Child) {
	for range 1 + r.IntN(most) {
		list = append(list, r.child(depth))
	}
	return list
}

func (r maker) modal() *card.Modal {
	m := &card.Modal{CallbackID: "c", Title: r.text(9), SubmitLabel: r.text(9), CloseLabel: r.text(9), PrivateMetadata: "p"}
	for i := range 1 + r.IntN(20) {
		id, label := fmt.Sprint("in", i), r.text(30)
		var in card.Input
		switch r.IntN(8) {
		case 0:
			in = &card.TextInput{ID: id, Label: label, Placeholder: r.text(20), InitialValue: "x", MaxLength: r.IntN(4_000), Multiline: true}
		case 1:
			in = &card.DateInput{ID: id, Label: label, InitialValue: "2026-02-28"}
		case 2:
			in = card.NewNumberInput(id, label).Between(-5, 5)
		case 3:
			in = &card.ExternalSelect{ID: id, Label: label, MinQueryLength: new(r.IntN(3)), InitialOption: card.NewOption(r.text(9), "v")}
		case 4:
			in = &card.Select{ID: id, Label: label, Placeholder: r.text(20), Options: r.options(), Optional: true, DispatchAction: true}
		case 5:
			in = card.NewRadioSelect(id, label, r.options()...)
		case 6:
			in = card.NewText(r.text(90))
		default:
			in = card.NewFields(card.NewField(r.text(5), r.text(5)))
		}
		m.Children = append(m.Children, in)
	}
	return m
}

// TestCardsAtRandom posts cards, modals and homes that a generator makes. The
// fake checks each against Slack's documentation.
func TestCardsAtRandom(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	n := 12
	if testing.Short() {
		n = 3
	}
	for seed := range uint64(n) {
		r := maker{rand.New(rand.NewPCG(seed, 7))}
		c := &card.Card{Title: r.text(40), Subtitle: r.text(40), Children: r.children(0, 25)}
		if _, err := o.PostMessage(t.Context(), o.room, &chat.Post{Card: c}); err != nil {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, seed)
		}
		if err := o.PublishHome(t.Context(), "U0ADA", c); err != nil {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, seed)
		}
		if err := o.OpenModal(t.Context(), o.slack.Trigger(), r.modal(), "ctx"); err != nil {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, seed)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	require.NotEmpty(t, o.slack.Views())
	require.NotEmpty(t, o.shown())
}

func TestModal(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	modal := &card.Modal{
		CallbackID: "feedback", Title: "Tell us what you think", NotifyOnClose: true, PrivateMetadata: `{"a":1}`,
		Children: []card.Input{
			&card.TextInput{ID: "text", Label: "Text", Multiline: true, MaxLength: 5_000, InitialValue: "hi", Optional: true, Placeholder: "…"},
			&card.DateInput{ID: "date", Label: "Date", InitialValue: "2026-01-31"},
			&card.NumberInput{ID: "stars", Label: "Stars", Min: new(0.0), Max: new(5.5), InitialValue: new(2.5), Decimal: true},
			&card.ExternalSelect{ID: "who", Label: "Who", MinQueryLength: new(0)},
			card.NewSelect("size", "Size", card.NewOption("S", "s")),
			card.NewRadioSelect("milk", "Milk", card.NewOption("Yes", "y")),
			card.NewText("**note**"),
		},
	}
	trigger := o.slack.Trigger()
	require.NoError(t, o.OpenModal(t.Context(), trigger, modal, "ctx1"))
	views := o.slack.Views()
	require.Len(t, views, 1)
	require.JSONEq(t, `{"type":"modal","callback_id":"feedback","notify_on_close":true,"private_metadata":"{\"c\":\"ctx1\",\"m\":\"{\\\"a\\\":1}\"}",
		"title":{"type":"plain_text","text":"Tell us what you think","emoji":true},"submit":{"type":"plain_text","text":"Submit","emoji":true},
		"close":{"type":"plain_text","text":"Cancel","emoji":true},"blocks":[
		{"type":"input","block_id":"text","optional":true,"label":{"type":"plain_text","text":"Text","emoji":true},"element":
			{"type":"plain_text_input","action_id":"text","multiline":true,"max_length":3000,"initial_value":"hi","placeholder":{"type":"plain_text","text":"…","emoji":true}}},
		{"type":"input","block_id":"date","label":{"type":"plain_text","text":"Date","emoji":true},"element":{"type":"datepicker","action_id":"date","initial_date":"2026-01-31"}},
		{"type":"input","block_id":"stars","label":{"type":"plain_text","text":"Stars","emoji":true},"element":
			{"type":"number_input","action_id":"stars","is_decimal_allowed":true,"min_value":"0","max_value":"5.5","initial_value":"2.5"}},
		{"type":"input","block_id":"who","label":{"type":"plain_text","text":"Who","emoji":true},"element":{"type":"external_select","action_id":"who","min_query_length":0}},
		{"type":"input","block_id":"size","label":{"type":"plain_text","text":"Size","emoji":true},"element":
			{"type":"static_select","action_id":"size","options":[{"text":{"type":"plain_text","text":"S","emoji":true},"value":"s"}]}},
		{"type":"input","block_id":"milk","label":{"type":"plain_text","text":"Milk","emoji":true},"element":
			{"type":"radio_buttons","action_id":"milk","options":[{"text":{"type":"plain_text","text":"Yes","emoji":true},"value":"y"}]}},
		{"type":"section","text":{"type":"mrkdwn","text":"*note*"}}]}`, string(views[0].JSON))

	require.ErrorIs(t, o.OpenModal(t.Context(), trigger, modal, ""), chat.ErrInvalid, "a trigger opens one modal")
	require.NoError(t, o.PushModal(t.Context(), o.slack.Trigger(), modal, ""))
	modal.Title = "Changed"
	require.NoError(t, o.UpdateModal(t.Context(), views[0].ID, modal, ""))
	v, _ := o.slack.View(views[0].ID)
	require.Contains(t, string(v.JSON), "Changed")
	require.ErrorIs(t, o.UpdateModal(t.Context(), "V99999", modal, ""), chat.ErrNotFound)
}

func TestModalsThatCannotBe(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	with := func(inputs ...card.Input) *card.Modal { return card.NewModal("c", "T", inputs...) }
	long := with(card.NewTextInput("a", "A"))
	long.PrivateMetadata = strings.Repeat("x", 3_000)
	for field, modal := range map[string]*card.Modal{
		"modal":                           nil,
		"callbackId":                      card.NewModal(strings.Repeat("x", 256), "T", card.NewTextInput("a", "A")),
		"privateMetadata":                 long,
		"children":                        with(),
		"children[0].id":                  with(card.NewTextInput(strings.Repeat("x", 256), "A")),
		"children[0].initialValue":        with(&card.TextInput{ID: "a", Label: "A", InitialValue: strings.Repeat("x", 3_001)}),
		"children[0].options has":         with(card.NewSelect("a", "A", options(101)...)),
		"children[0].initialOption.value": with(&card.ExternalSelect{ID: "a", Label: "A", InitialOption: card.NewOption("x", strings.Repeat("x", 200))}),
		"children[0].min":                 with(card.NewNumberInput("a", "A").Between(0.5, 2)),
	} {
		err := o.OpenModal(t.Context(), "1.2.3", modal, "context")
		require.ErrorIs(t, err, chat.ErrInvalidArgument, field)
		require.ErrorContains(t, err, field)
	}
	require.Empty(t, o.slack.Calls())
}

func TestHome(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	require.NoError(t, o.PublishHome(t.Context(), "U0ADA", card.New("Hello", card.NewTable([]string{"a"}, []string{"1"}))))
	var view struct {
		Type   string
		Blocks []struct{ Type string }
	}
	require.NoError(t, json.Unmarshal(o.slack.Home("U0ADA"), &view))
	require.Equal(t, "home", view.Type)
	require.Len(t, view.Blocks, 2)
	require.Equal(t, "section", view.Blocks[1].Type, "a home has no tables")
	require.ErrorIs(t, o.PublishHome(t.Context(), "U0ADA", nil), chat.ErrInvalidArgument)
	require.ErrorIs(t, o.PublishHome(t.Context(), "U0ADA", &card.Card{}), chat.ErrInvalidArgument)
	o.slack.Fail("views.publish", fakeslack.Failure{Error: "not_enabled"})
	require.ErrorIs(t, o.PublishHome(t.Context(), "U0ADA", card.New("x")), chat.ErrPermission)
}
