// Package card has cards and modals: what a bot shows besides text, as plain
// data that every platform adapter renders in its own way.
//
//	order := card.New("Order #1234",
//		card.NewText("Two teas, **one** cake"),
//		card.NewFields(card.NewField("Total", "7.50"), card.NewField("Table", "4")),
//		card.NewActions(
//			card.NewButton("approve", "Approve").WithStyle(card.Primary).WithValue("1234"),
//			card.NewButton("reject", "Reject").WithStyle(card.Danger),
//		),
//	)
//
// The JSON of every element is the TypeScript SDK's. [Card.Validate] and
// [Modal.Validate] say what is wrong with an element and where; the limits of a
// platform (how many buttons, how long a label) are its adapter's.
// [Card.FallbackText] is the text for where no card can be shown.
//
// Elements are pointers to structs, to be read and set as plain data. They are
// safe for concurrent reading.
package card
