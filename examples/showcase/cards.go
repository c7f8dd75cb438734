package main

import (
	"context"
	"fmt"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// showCard shows what a card can hold.
func showCard(ctx context.Context, t *chat.Thread, _ chat.Author) error {
	_, err := t.Post(ctx, chat.Card(card.New("Order #1234",
		card.NewText("Two teas and **one cake** for table 4."),
		card.NewText("To be paid").WithStyle(card.Bold),
		card.NewText("Prices include tax.").WithStyle(card.Muted),
		card.NewFields(
			card.NewField("Total", "7.50 €"),
			card.NewField("Table", "4"),
			card.NewField("Waiter", "Grace"),
		),
		card.NewDivider(),
		card.NewSection(
			card.NewText("A section keeps together what belongs together:"),
			card.NewImage("https://go.dev/blog/gopher/header.jpg", "the Go gopher"),
			card.NewLink("The Go blog", "https://go.dev/blog/"),
		),
		card.NewActions(card.NewLinkButton("Open the documentation", "https://go.dev/doc/").WithStyle(card.Primary)),
	).WithSubtitle("Café Lovelace")))
	return err
}

// showChoices shows what can be clicked. The answers come to chosen.
func showChoices(ctx context.Context, t *chat.Thread, _ chat.Author) error {
	off := card.NewButton("off", "Sold out")
	off.Disabled = true
	help := card.NewButton("round", "Another round")
	help.Tooltip = "The same again for everyone"
	express := card.NewOption("Express", "express")
	express.Description = "Tomorrow before noon"
	_, err := t.Post(ctx, chat.Card(card.New("What would you like?",
		card.NewActions(help.WithStyle(card.Primary).WithValue("a round"), off),
		card.NewActions(card.NewSelect("size", "Size",
			card.NewOption("Small", "small"), card.NewOption("Medium", "medium"), card.NewOption("Large", "large"))),
		card.NewActions(card.NewRadioSelect("way", "Delivery", card.NewOption("Standard", "standard"), express)),
	)))
	return err
}

// chosen answers a click or a choice.
func chosen(ctx context.Context, ev *chat.ActionEvent) error {
	_, err := ev.Thread.Post(ctx, chat.Markdown(fmt.Sprintf("You chose **%s** (%s).", ev.Value, ev.ActionID)))
	return err
}

// showTable shows a table with aligned columns.
func showTable(ctx context.Context, t *chat.Thread, _ chat.Author) error {
	table := card.NewTable([]string{"Language", "First seen", "Stars"},
		[]string{"Go", "2009", "134,000"},
		[]string{"TypeScript", "2012", "108,000"},
		[]string{"Rust", "2015", "111,000"},
		[]string{"Zig", "2016", "42,000"},
	).WithAlign(card.Left, card.Center, card.Right)
	table.Caption = "Some languages"
	table.PageSize = 3
	_, err := t.Post(ctx, chat.Card(card.New("A table", table)))
	return err
}

// showCharts shows one chart of each kind.
func showCharts(ctx context.Context, t *chat.Thread, _ chat.Author) error {
	days := []string{"Mon", "Tue", "Wed", "Thu", "Fri"}
	visits := func(kind card.ChartType, title string) *card.Chart {
		return card.NewChart(kind, title, days...).
			AddSeries("Guests", 32, 41, 28, 55, 73).AddSeries("Orders", 21, 30, 19, 44, 61).WithAxes("Day", "Number")
	}
	_, err := t.Post(ctx, chat.Card(card.New("The week",
		card.NewPie("What was ordered",
			card.Segment{Label: "Tea", Value: 46}, card.Segment{Label: "Coffee", Value: 38}, card.Segment{Label: "Cake", Value: 16}),
		visits(card.Bar, "Day by day"),
		visits(card.Line, "As lines"),
		visits(card.Area, "As areas"),
	)))
	return err
}

// showEdit posts a card that its buttons change and remove.
func showEdit(ctx context.Context, t *chat.Thread, _ chat.Author) error {
	_, err := t.Post(ctx, chat.Card(card.New("Not decided yet", card.NewActions(
		card.NewButton("change", "Change me").WithStyle(card.Primary),
		card.NewButton("remove", "Remove me").WithStyle(card.Danger),
	))))
	return err
}

// changeCard edits or deletes the message that has the button.
func changeCard(ctx context.Context, ev *chat.ActionEvent) error {
	sent := ev.Thread.Sent(ev.MessageID)
	if ev.ActionID == "remove" {
		return sent.Delete(ctx)
	}
	return sent.Edit(ctx, chat.Card(card.New("Changed {{emoji:check}}", card.NewText("The message was edited where it stands."),
		card.NewActions(card.NewButton("remove", "Remove me").WithStyle(card.Danger)))))
}
