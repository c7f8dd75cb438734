package chat

import (
	"encoding/json"
	"testing"
	"time"
)

func benchMessages() map[string]*Message {
	plain := &Message{
		ID: "1700000000.123456", ThreadID: "slack:C0123456:1700000000.123456", Text: "<@U0BOT> what is the \"state\" of the deployment?\nIt seems stuck.",
		Raw:    json.RawMessage(`{"type":"message","user":"U0123456","text":"what is the state","ts":"1700000000.123456","channel":"C0123456","blocks":[{"type":"rich_text","elements":[{"type":"text","text":"what is"}]}]}`),
		Author: Author{UserID: "U0123456", UserName: "ada", FullName: "Ada Lovelace", Bot: new(false)},
		SentAt: time.UnixMilli(1700000000123).UTC(), Mention: new(true),
	}
	rich := *plain
	rich.Attachments = []Attachment{
		{Type: "image", URL: "https://files.example.com/a.png?x=1&y=2", Name: "a.png", MIMEType: "image/png", Size: 12345, Width: 640, Height: 480, FetchMetadata: map[string]string{"fileId": "F1"}},
		{Type: "file", Name: "b.txt", MIMEType: "text/plain", Size: 12},
	}
	rich.Links = []Link{{URL: "https://example.com/a", Title: "A", Description: "About a"}}
	quoted := *plain
	rich.ReplyTo = &quoted
	return map[string]*Message{"plain": plain, "rich": &rich}
}

func BenchmarkMessageEncode(b *testing.B) {
	for name, m := range benchMessages() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.MarshalJSON(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMessageDecode(b *testing.B) {
	for name, m := range benchMessages() {
		data, err := m.MarshalJSON()
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := json.Unmarshal(data, new(Message)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
