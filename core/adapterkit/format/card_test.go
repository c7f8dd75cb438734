package format

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

func order() *card.Card {
	c := card.New("Order *7*",
		card.NewText("For **Ada**, <@U1>"),
		card.NewText("total").WithStyle(card.Bold),
		card.NewFields(card.NewField("Total", "`9 €`"), nil, card.NewField("State", "# open")),
		card.NewDivider(),
		card.NewSection(card.NewImage("https://e.com/i.png", "a cup"), card.NewLink("Details", "https://e.com/7")),
		card.NewTable([]string{"Item", "Price"}, []string{"Tea", "2.50"}, []string{"Cake"}).WithAlign(card.Left, card.Right),
		card.NewPie("Shares", card.Segment{Label: "a", Value: 1}),
		card.NewActions(card.NewButton("approve", "Approve").WithValue("7").WithStyle(card.Primary), card.NewLinkButton("Open", "https://e.com/o"),
			card.NewSelect("size", "Size", card.NewOption("Small", "s"), card.NewOption("Large", "l"))),
		&card.Unknown{Name: "hologram"},
	)
	c.Subtitle = "urgent"
	return c
}

func TestCardMarkdown(t *testing.T) {
	t.Parallel()
	common := `**Order \*7\***

urgent

For **Ada**, <@U1>

**total**

**Total:** ` + "`9 €`" + `\
**State:** # open

***

![a cup](https://e.com/i.png)

[Details](https://e.com/7)

| Item | Price |
| :-- | --: |
| Tea | 2.50 |
| Cake |

**Shares**

| Label | Value |
| --- | --- |
| a | 1 |`
	require.Equal(t, common, CardMarkdown(order(), NoActions))
	require.Equal(t, common+"\n\n[Open](https://e.com/o)", CardMarkdown(order(), LinkActions))
	require.Equal(t, common+"\n\n\\[Approve] · [Open](https://e.com/o) · Size: Small, Large", CardMarkdown(order(), TextActions))
	require.Empty(t, CardMarkdown(nil, TextActions))
	require.Empty(t, CardMarkdown(card.New(""), TextActions))
}

func TestCardText(t *testing.T) {
	t.Parallel()
	require.Equal(t, `Order *7*

urgent

For Ada, @U1

total

Total: 9 €
State: # open

———

a cup (https://e.com/i.png)

Details (https://e.com/7)

Item | Price
-----|------
Tea  |  2.50
Cake |

Shares

Label | Value
------|------
a     | 1

[Approve] · Open (https://e.com/o) · Size: Small, Large`, CardText(order(), TextActions))
}

func TestRows(t *testing.T) {
	t.Parallel()
	c := order()
	require.Equal(t, [][]Button{
		{{ID: "approve", Value: "7", Label: "Approve", Style: card.Primary}, {Label: "Open", URL: "https://e.com/o"}},
		{{ID: "size", Value: "s", Label: "Small"}, {ID: "size", Value: "l", Label: "Large"}},
	}, Rows(c, 3))
	for perRow := -1; perRow < 2; perRow++ {
		require.Len(t, Rows(c, perRow), 4)
	}
	nested := card.New("x", card.NewSection(card.NewActions(
		card.NewButton("a", "A").WithModal(), &card.Button{ID: "b", Label: "B", Disabled: true}, card.NewRadioSelect("r", "R", nil, card.NewOption("One", "1")), card.NewButton("c", "C"))))
	require.Equal(t, [][]Button{
		{{ID: "a", Label: "A", Modal: true}, {ID: "b", Label: "B", Disabled: true}}, {{ID: "r", Value: "1", Label: "One"}}, {{ID: "c", Label: "C"}},
	}, Rows(nested, 8))
	require.Nil(t, Rows(nil, 1))
	require.Equal(t, []string{"a cup", "Approve", "Open", "Size"}, Labels(c))
	require.Nil(t, Labels(nil))
}

func TestAttachmentLinks(t *testing.T) {
	t.Parallel()
	links := AttachmentLinks([]chat.Attachment{
		{Name: "a](https://evil) [b\n\n# c", URL: "https://e.com/a b)>"}, {URL: "https://e.com/x"}, {Name: "no address"},
	})
	require.Equal(t, "[a\\](https://evil) \\[b # c](<https://e.com/a b)\\>>)\n\n<https://e.com/x>\n", markdown.Print(markdown.NewRoot(links...)))
	back := markdown.Parse(markdown.Print(markdown.NewRoot(links...)))
	first, ok := markdown.Find[*markdown.Link](back)
	require.True(t, ok)
	require.Equal(t, "https://e.com/a b)>", first.URL)
}

func ExampleRows() {
	c := card.New("Order 7", card.NewText("Two cups of **tea**."), card.NewActions(
		card.NewButton("approve", "Approve").WithValue("7"), card.NewLinkButton("Details", "https://example.com/7")))
	fmt.Println(CardText(c, NoActions))
	for _, row := range Rows(c, 2) {
		for _, b := range row {
			fmt.Printf("%q %q %q %q\n", b.Label, b.ID, b.Value, b.URL)
		}
	}
	// Output:
	// Order 7
	//
	// Two cups of tea.
	// "Approve" "approve" "7" ""
	// "Details" "" "" "https://example.com/7"
}

func TestPostTree(t *testing.T) {
	t.Parallel()
	file := []chat.Attachment{{Name: "report.pdf", URL: "https://example.com/r.pdf"}}
	order := card.New("Order 7", card.NewActions(card.NewLinkButton("Open", "https://example.com/7"), card.NewButton("ok", "Confirm")))
	for _, c := range []struct {
		post *chat.Post
		want string
	}{
		{&chat.Post{Text: "a *b*"}, "a *b*"},
		{&chat.Post{Markdown: "a *b*", Attachments: file}, "a b\n\nreport.pdf (https://example.com/r.pdf)"},
		{&chat.Post{Card: order}, "Order 7\n\nOpen (https://example.com/7)"},
		{&chat.Post{Card: order, Fallback: "An order"}, "An order"},
		{&chat.Post{Attachments: file}, "report.pdf (https://example.com/r.pdf)"},
		{&chat.Post{Raw: "<b>"}, "<b>"},
	} {
		before := *c.post
		require.Equal(t, c.want, strings.TrimSpace(Render(PostTree(c.post, LinkActions), Markup{})))
		require.Equal(t, before, *c.post)
	}
}

func TestRenderPost(t *testing.T) {
	t.Parallel()
	file := []chat.Attachment{{Name: "a & b", URL: "https://example.com/r.pdf"}}
	for want, post := range map[string]*chat.Post{
		"a &lt; <b>b</b>": {Markdown: "a < **b**"},
		"a < <i>b</i>":    {Raw: "a < <i>b</i>"},
		"<i>b</i>\n\n<a href=\"https://example.com/r.pdf\">a &amp; b</a>": {Raw: "<i>b</i>", Attachments: file},
	} {
		require.Equal(t, want, RenderPost(post, NoActions, HTML()))
	}
}
