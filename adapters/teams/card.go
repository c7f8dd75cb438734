package teams

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

const (
	// maxCard is the size of a card as JSON, in bytes. With the message around it, and
	// counted as UTF-16, it is below the 80 KB that are safe.
	maxCard = 30_000
	// maxBlock is the length of a text block, in UTF-16 units.
	maxBlock = 5_000
	// actionsPerRow is how many actions of an ActionSet Teams shows.
	// https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference#adaptive-card
	actionsPerRow = 6
	cardVersion   = "1.5"
)

// The fields in the data of a click are those of the TypeScript SDK.
const (
	actionKey  = "actionId"
	valueKey   = "value"
	msteamsKey = "msteams"
	// autoSubmit is the action of the button with which the user sends the choices in menus.
	autoSubmit = "__auto_submit"
	// ownInput is put before the id of an input that has the name of a field.
	ownInput = "~"
)

// cardParts returns the messages of a card: one, or several if it is too long.
func (a *Adapter) cardParts(ctx context.Context, at place, post *chat.Post) ([]part, error) {
	w := &cardWriter{adapter: a, mentions: &mentions{name: a.namer(ctx, at)}}
	w.head(post.Card)
	for _, child := range post.Card.Children {
		w.add(w.child(child)...)
	}
	for _, line := range format.AttachmentLinks(post.Attachments) {
		w.add(w.texts(markdown.Print(line), nil)...)
	}
	if len(w.body) == 0 {
		w.add(w.texts(escapeCard(strings.Join(format.Labels(post.Card), " · ")), nil)...)
	}
	if len(w.body) == 0 && len(w.suggested) == 0 {
		return nil, nil
	}
	summary := format.Shorten(strings.Join(strings.Fields(post.AsText()), " "), maxSummary, format.UTF16)
	var parts []part
	for _, body := range w.split() {
		content := params{"type": "AdaptiveCard", "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "version": cardVersion, "body": body}
		extra := params{}
		if post.Card.Width == card.FullWidth {
			extra["width"] = "Full"
		}
		if text, err := json.Marshal(body); err == nil {
			if named := w.mentions.in(unescapeJSON(string(text))); len(named) > 0 {
				extra["entities"] = named
			}
		}
		if len(extra) > 0 {
			content["msteams"] = extra
		}
		parts = append(parts, part{summary: summary, attachments: []params{{"contentType": adaptiveType, "content": content}}})
	}
	if len(w.suggested) > 0 {
		if len(parts) == 0 {
			parts = append(parts, part{})
		}
		parts[len(parts)-1].suggested = w.suggested
	}
	return parts, nil
}

// unescapeJSON undoes the escapes of package encoding/json in the tags of mentions.
func unescapeJSON(text string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(text)
}

// cardWriter makes the elements of an Adaptive Card.
// https://adaptivecards.io/explorer/
type cardWriter struct {
	adapter   *Adapter
	mentions  *mentions
	body      []params
	suggested []string
}

func (w *cardWriter) add(elements ...params) { w.body = append(w.body, elements...) }

// split divides the elements into cards of at most maxCard bytes.
func (w *cardWriter) split() (cards [][]params) {
	size := 0
	for _, element := range w.body {
		data, err := json.Marshal(element)
		if err != nil {
			continue
		}
		if len(cards) == 0 || size+len(data) > maxCard {
			cards, size = append(cards, nil), 0
		}
		cards[len(cards)-1] = append(cards[len(cards)-1], element)
		size += len(data)
	}
	return cards
}

func (w *cardWriter) head(c *card.Card) {
	if c.Title != "" {
		w.add(w.plain(c.Title, params{"size": "Large", "weight": "Bolder"})...)
	}
	if c.Subtitle != "" {
		w.add(w.plain(c.Subtitle, params{"isSubtle": true})...)
	}
	if c.ImageURL != "" {
		w.add(params{"type": "Image", "url": c.ImageURL, "size": "Stretch", "altText": c.Title})
	}
}

// child returns the elements for a child of a card.
func (w *cardWriter) child(child card.Child) []params {
	switch e := child.(type) {
	case *card.Text:
		look := params{}
		switch e.Style {
		case card.Bold:
			look["weight"] = "Bolder"
		case card.Muted:
			look["isSubtle"] = true
		}
		return w.texts(e.Content, look)
	case *card.Image:
		image := params{"type": "Image", "url": e.URL, "size": "Auto"}
		if e.Alt != "" {
			image["altText"] = e.Alt
		}
		return []params{image}
	case *card.Divider:
		return []params{{"type": "Container", "separator": true, "items": []params{}}}
	case *card.Link:
		return w.texts(markdown.Print(markdown.NewParagraph(markdown.NewLink(e.URL, markdown.NewText(e.Label)))), nil)
	case *card.Fields:
		return w.fields(e)
	case *card.Table:
		var out []params
		if e.Caption != "" {
			out = w.plain(e.Caption, nil)
		}
		return append(out, w.table(e)...)
	case *card.Chart:
		rows := e.Chart.Rows()
		if len(rows) == 0 {
			return nil
		}
		return append(w.plain(e.Title, params{"weight": "Bolder"}), w.table(card.NewTable(rows[0], rows[1:]...))...)
	case *card.Section:
		var items []params
		for _, c := range e.Children {
			items = append(items, w.child(c)...)
		}
		var out []params
		inner := &cardWriter{body: items}
		for _, part := range inner.split() {
			out = append(out, params{"type": "Container", "items": part})
		}
		return out
	case *card.Actions:
		return w.actions(e)
	case *card.Unknown:
		if titles, ok := suggestionsOf(e); ok {
			w.suggested = append(w.suggested, titles...)
		}
	}
	return nil
}

// texts returns Markdown as text blocks.
func (w *cardWriter) texts(source string, look params) []params {
	return w.blocks(format.RenderParts(source, maxBlock, format.UTF16, w.markup()), look)
}

// plain returns plain text as text blocks.
func (w *cardWriter) plain(text string, look params) []params {
	markup := w.markup()
	var pieces []string
	for _, piece := range format.SplitText(text, maxBlock, format.UTF16) {
		pieces = append(pieces, markup.Text(piece))
	}
	return w.blocks(pieces, look)
}

func (w *cardWriter) blocks(pieces []string, look params) []params {
	var out []params
	for _, piece := range pieces {
		if strings.TrimSpace(piece) == "" {
			continue
		}
		block := params{"type": "TextBlock", "text": piece, "wrap": true}
		maps.Copy(block, look)
		out = append(out, block)
	}
	return out
}

// markup returns the markup of text blocks: bold, italic, lists and links.
// https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features
func (w *cardWriter) markup() format.Markup {
	m := w.adapter.markup(w.mentions)
	m.Escape, m.Delete, m.Code, m.CodeBlock, m.QuotePrefix = escapeCard, format.Markers{}, nil, nil, ""
	m.Emphasis = format.Markers{Open: "_", Close: "_"}
	m.Bounded = true
	return m
}

// escapeCard escapes a text so that none of its characters is markup in a text block.
func escapeCard(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune("\\*_[]", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (w *cardWriter) fields(e *card.Fields) []params {
	var facts []params
	markup := w.markup()
	for _, f := range e.Children {
		if f != nil {
			facts = append(facts, params{"title": markup.Text(f.Label), "value": format.Render(format.Parse(f.Value), markup)})
		}
	}
	if len(facts) == 0 {
		return nil
	}
	return []params{{"type": "FactSet", "facts": facts}}
}

// rowsPerTable is how many rows a table element has, so that it fits into a card.
const rowsPerTable = 50

var horizontal = map[card.Align]string{card.Left: "Left", card.Center: "Center", card.Right: "Right"}

var vertical = map[card.VerticalAlign]string{card.Top: "Top", card.Middle: "Center", card.Bottom: "Bottom"}

// table returns a table, or several if there are more than rowsPerTable rows.
func (w *cardWriter) table(t *card.Table) []params {
	width := len(t.Headers)
	for _, row := range t.Rows {
		width = max(width, len(row))
	}
	if width == 0 {
		return nil
	}
	columns := make([]params, width)
	for i := range columns {
		columns[i] = params{"width": 1}
		if i < len(t.Widths) && t.Widths[i] > 0 {
			columns[i]["width"] = t.Widths[i]
		}
		if i < len(t.Align) && horizontal[t.Align[i]] != "" {
			columns[i]["horizontalCellContentAlignment"] = horizontal[t.Align[i]]
		}
	}
	row := func(cells []string, look params) params {
		out := make([]params, width)
		for i := range out {
			text := ""
			if i < len(cells) {
				text = cells[i]
			}
			items := w.plain(text, look)
			if len(items) == 0 {
				items = []params{}
			}
			out[i] = params{"type": "TableCell", "items": items}
		}
		return params{"type": "TableRow", "cells": out}
	}
	var out []params
	for rows := range slices.Chunk(append(slices.Clone(t.Rows), nil)[:max(1, len(t.Rows))], rowsPerTable) {
		table := params{"type": "Table", "columns": columns, "showGridLines": t.GridLines == nil || *t.GridLines, "firstRowAsHeaders": len(t.Headers) > 0}
		var all []params
		if len(t.Headers) > 0 {
			all = append(all, row(t.Headers, params{"weight": "Bolder"}))
		}
		for _, cells := range rows {
			if len(cells) > 0 {
				all = append(all, row(cells, nil))
			}
		}
		table["rows"] = all
		if t.GridStyle != "" {
			table["gridStyle"] = string(t.GridStyle)
		}
		if vertical[t.VerticalAlign] != "" {
			table["verticalCellContentAlignment"] = vertical[t.VerticalAlign]
		}
		out = append(out, table)
	}
	return out
}

// actions returns menus as inputs, and buttons below them. Teams sends the choices in menus
// only when a button is clicked, so menus get an additional button "OK".
func (w *cardWriter) actions(e *card.Actions) []params {
	var out, buttons []params
	menus := false
	for _, action := range e.Children {
		switch action := action.(type) {
		case *card.Button:
			buttons = append(buttons, w.button(action))
		case *card.LinkButton:
			link := params{"type": "Action.OpenUrl", "title": w.label(action.Label), "url": action.URL}
			style(link, action.Style, action.Tooltip)
			buttons = append(buttons, link)
		case *card.Select:
			menus = true
			out = append(out, w.menu("compact", action.ID, action.Label, action.Placeholder, action.InitialOption, action.Options))
		case *card.RadioSelect:
			menus = true
			out = append(out, w.menu("expanded", action.ID, action.Label, "", action.InitialOption, action.Options))
		}
	}
	if menus {
		buttons = append([]params{{"type": "Action.Submit", "title": "OK", "data": params{actionKey: autoSubmit}}}, buttons...)
	}
	for row := range slices.Chunk(buttons, actionsPerRow) {
		out = append(out, params{"type": "ActionSet", "actions": row})
	}
	return out
}

// button returns a button. Its click does not include the choices in menus.
func (w *cardWriter) button(b *card.Button) params {
	data := params{actionKey: b.ID}
	if b.Value != "" {
		data[valueKey] = b.Value
	}
	if b.ActionType == card.OpenModal {
		// https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots
		data[msteamsKey] = params{"type": "task/fetch"}
	}
	out := params{"type": "Action.Submit", "title": w.label(b.Label), "data": data, "associatedInputs": "none"}
	if b.Disabled {
		out["isEnabled"] = false
	}
	style(out, b.Style, b.Tooltip)
	return out
}

func style(action params, look card.Style, tooltip string) {
	switch look {
	case card.Primary:
		action["style"] = "positive"
	case card.Danger:
		action["style"] = "destructive"
	}
	if tooltip != "" {
		action["tooltip"] = tooltip
	}
}

// menu returns a menu, or a list of options, depending on look.
func (w *cardWriter) menu(look, id, label, placeholder, initial string, options []*card.Option) params {
	choices := make([]params, 0, len(options))
	for _, o := range options {
		if o != nil {
			choices = append(choices, params{"title": w.label(o.Label), "value": o.Value})
		}
	}
	out := params{"type": "Input.ChoiceSet", "id": inputID(id), "label": w.label(label), "style": look, "choices": choices}
	if placeholder != "" {
		out["placeholder"] = w.label(placeholder)
	}
	if initial != "" {
		out["value"] = initial
	}
	return out
}

// label returns a text for a place without formatting, with its emoji.
func (w *cardWriter) label(text string) string {
	return format.Markup{Emoji: w.adapter.spell}.Text(text)
}

// inputID returns the name of an input in the data of a click.
func inputID(id string) string {
	if id == actionKey || id == valueKey || id == msteamsKey || strings.HasPrefix(id, ownInput) || strings.HasPrefix(id, "__") {
		return ownInput + id
	}
	return id
}

// inputOf returns the id of an input by its name in the data of a click. It is false for
// another field.
func inputOf(name string) (id string, ok bool) {
	if own, is := strings.CutPrefix(name, ownInput); is {
		return own, true
	}
	return name, name != actionKey && name != valueKey && name != msteamsKey && !strings.HasPrefix(name, "__")
}
