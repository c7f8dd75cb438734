package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// showForm posts a button: a form opens when somebody has clicked.
func showForm(ctx context.Context, t *chat.Thread, _ chat.Author) error {
	_, err := t.Post(ctx, chat.Card(card.New("Where shall we go?", card.NewText("A form asks for all that a trip needs."),
		card.NewActions(card.NewButton("open-form", "Plan a trip").WithStyle(card.Primary).WithModal()))))
	return err
}

func openForm(ctx context.Context, ev *chat.ActionEvent) error {
	return ev.OpenModal(ctx, tripForm())
}

// tripForm has every kind of input.
func tripForm() *card.Modal {
	name := card.NewTextInput("name", "Who travels?")
	name.Placeholder, name.MaxLength = "Your name", 40
	notes := card.NewTextInput("notes", "Anything else?")
	notes.Multiline, notes.Optional = true, true
	guests := card.NewNumberInput("guests", "How many?").Between(1, 9)
	guests.InitialValue = new(2.0)
	city := card.NewExternalSelect("city", "Where to?")
	city.Placeholder, city.MinQueryLength = "Type a city", new(1)
	form := card.NewModal("trip", "A trip",
		card.NewText("Fields without *(optional)* are needed."),
		name,
		city,
		card.NewDateInput("day", "When?"),
		guests,
		card.NewSelect("class", "Class", card.NewOption("Second", "2"), card.NewOption("First", "1")),
		card.NewRadioSelect("way", "How?", card.NewOption("By train", "train"), card.NewOption("By boat", "boat")),
		notes,
	)
	form.SubmitLabel, form.NotifyOnClose = "Next", true
	return form
}

var cities = []struct {
	country string
	names   []string
}{
	{"Germany", []string{"Berlin", "Bremen", "Hamburg", "Leipzig"}},
	{"France", []string{"Bordeaux", "Lyon", "Marseille", "Paris"}},
	{"Italy", []string{"Bologna", "Milan", "Rome", "Turin"}},
}

// findCity returns the cities that fit what was typed, by country.
func findCity(_ context.Context, ev *chat.OptionsLoadEvent) (chat.Options, error) {
	var found chat.Options
	for _, country := range cities {
		group := chat.OptionGroup{Label: country.country}
		for _, city := range country.names {
			if strings.Contains(strings.ToLower(city), strings.ToLower(ev.Query)) {
				group.Options = append(group.Options, card.NewOption(city, city))
			}
		}
		if len(group.Options) > 0 {
			found.Groups = append(found.Groups, group)
		}
	}
	return found, nil
}

// submitTrip checks what only the bot knows, and asks for a confirmation in a
// second form over the first.
func submitTrip(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
	day, err := ev.Values.Date("day")
	if err != nil {
		return chat.ModalAnswer{}, err
	}
	if day.Before(time.Now().Truncate(24 * time.Hour)) {
		return chat.ModalAnswer{Action: chat.ModalErrors, Errors: map[string]string{"day": "That day is over."}}, nil
	}
	confirm := card.NewModal("confirm", "Is this right?", card.NewFields(
		card.NewField("Who", ev.Values["name"]+" and company of "+ev.Values["guests"]),
		card.NewField("Where", ev.Values["city"]),
		card.NewField("When", day.Format("2 January 2006")),
		card.NewField("How", "by "+ev.Values["way"]),
	))
	confirm.SubmitLabel, confirm.CloseLabel = "Book it", "Change it"
	confirm.PrivateMetadata = fmt.Sprintf("%s to **%s**, %s", ev.Values["name"], ev.Values["city"], day.Format("2 January"))
	return chat.ModalAnswer{Action: chat.ModalPush, Modal: confirm}, nil
}

// confirmTrip closes both forms and says so in the conversation.
func confirmTrip(ctx context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
	if _, err := ev.Thread.Post(ctx, chat.Markdown("Booked: "+ev.PrivateMetadata+" {{emoji:party}}")); err != nil {
		return chat.ModalAnswer{}, err
	}
	return chat.ModalAnswer{Action: chat.ModalClear}, nil
}

// tripClosed is called because the form has NotifyOnClose.
func tripClosed(ctx context.Context, ev *chat.ModalClosedEvent) error {
	_, err := ev.Thread.Post(ctx, chat.Text("You stayed at home."))
	return err
}
