package faketeams

import (
	"encoding/base64"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/shown"
)

// show has a post say what an activity says.
func show(p *chattest.Posted, body map[string]any) {
	p.Mentions, p.Files, p.Content = nil, nil, markdown.NewRoot()
	text, _ := body["text"].(string)
	p.Content.Children = seen(text)
	mentions(p, body["entities"])
	for _, a := range list(body["attachments"]) {
		name, _ := a["name"].(string)
		address, _ := a["contentUrl"].(string)
		switch kind, _ := a["contentType"].(string); {
		case strings.HasPrefix(address, "data:"):
			_, data, _ := strings.Cut(address, ";base64,")
			content, _ := base64.StdEncoding.DecodeString(data) // what it is not is not shown
			p.Files = append(p.Files, chattest.PostedFile{Name: name, Content: content, MIMEType: kind})
		case kind == "application/vnd.microsoft.card.adaptive":
			content, _ := a["content"].(map[string]any)
			p.Content.Children = append(p.Content.Children, cardSeen(list(content["body"]))...)
			extra, _ := content["msteams"].(map[string]any)
			mentions(p, extra["entities"])
		}
	}
	p.Text = strings.TrimSpace(markdown.PlainText(p.Content))
}

func mentions(p *chattest.Posted, entities any) {
	for _, e := range list(entities) {
		if who, ok := e["mentioned"].(map[string]any); ok {
			id, _ := who["id"].(string)
			p.Mentions = append(p.Mentions, chat.UserID(id))
		}
	}
}

// seen is what people see of Markdown: spaces that do not break look like others, and
// headings, rules and pictures are not shown as such.
func seen(text string) []markdown.Node {
	root := shown.GFM(text)
	for t := range markdown.FindAll[*markdown.Text](root) {
		t.Value = strings.ReplaceAll(t.Value, "\u00a0", " ")
	}
	return root.Children
}

// cardSeen is what people see of a card's elements.
func cardSeen(elements []map[string]any) (all []markdown.Node) {
	for _, e := range elements {
		switch e["type"] {
		case "TextBlock":
			text, _ := e["text"].(string)
			all = append(all, seen(text)...)
		case "Image":
			address, _ := e["url"].(string)
			alt, _ := e["altText"].(string)
			all = append(all, markdown.NewParagraph(markdown.NewImage(address, alt)))
		case "Container", "TableCell":
			all = append(all, cardSeen(list(e["items"]))...)
		case "FactSet":
			for _, fact := range list(e["facts"]) {
				title, _ := fact["title"].(string)
				value, _ := fact["value"].(string)
				all = append(all, seen(title)...)
				all = append(all, seen(value)...)
			}
		case "Table":
			var rows []*markdown.TableRow
			for _, row := range list(e["rows"]) {
				out := markdown.NewTableRow()
				for _, cell := range list(row["cells"]) {
					out.Children = append(out.Children, markdown.NewTableCell(markdown.NewText(markdown.PlainText(markdown.NewRoot(cardSeen(list(cell["items"]))...)))))
				}
				rows = append(rows, out)
			}
			all = append(all, markdown.NewTable(nil, rows...))
		case "ActionSet":
			for _, action := range list(e["actions"]) {
				title, _ := action["title"].(string)
				if address, ok := action["url"].(string); ok {
					all = append(all, markdown.NewParagraph(markdown.NewLink(address, markdown.NewText(title))))
				} else {
					all = append(all, markdown.NewParagraph(markdown.NewText(title)))
				}
			}
		case "Input.ChoiceSet":
			label, _ := e["label"].(string)
			all = append(all, markdown.NewParagraph(markdown.NewText(label)))
			for _, choice := range list(e["choices"]) {
				title, _ := choice["title"].(string)
				all = append(all, markdown.NewParagraph(markdown.NewText(title)))
			}
		}
	}
	return all
}

// showFiles has a post show the files of cards.
func (s *Server) showFiles(p *chattest.Posted, body map[string]any) {
	for _, a := range list(body["attachments"]) {
		if a["contentType"] != "application/vnd.microsoft.teams.card.file.info" {
			continue
		}
		name, _ := a["name"].(string)
		address, _ := a["contentUrl"].(string)
		p.Files = append(p.Files, chattest.PostedFile{Name: name, Content: s.File(strings.TrimPrefix(address, "https://"+fileHost))})
	}
}
