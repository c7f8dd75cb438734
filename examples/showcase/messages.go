package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// step is how long the demonstrations take for what is work elsewhere.
const step = 700 * time.Millisecond

// work waits as a bot does that has something to do.
func work(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

const story = `Here is what I found:

1. **Markdown** comes word by word, as from a language model.
2. Above it stand the *tasks* that the bot works on.

` + "```go\nfmt.Println(\"hello\")\n```" + `

> And when it is done, it is kept.`

// showStream streams an answer with the tasks that lead to it.
func showStream(ctx context.Context, t *chat.Thread, _ chat.Author) error {
	_, err := t.Post(ctx, chat.Chunks(func(yield func(chat.Chunk, error) bool) {
		task := func(id, title string, status chat.TaskStatus) bool {
			return yield(chat.Chunk{PlanTitle: "Looking it up", Task: &chat.Task{ID: id, Title: title, Status: status}}, nil)
		}
		for _, title := range []string{"Search the library", "Read three books"} {
			if !task(title, title, chat.TaskInProgress) {
				return
			}
			if err := work(ctx, step); err != nil {
				yield(chat.Chunk{}, err)
				return
			}
			if !task(title, title, chat.TaskComplete) {
				return
			}
		}
		for word := range strings.SplitAfterSeq(story, " ") {
			if err := work(ctx, step/20); err != nil {
				yield(chat.Chunk{}, err)
				return
			}
			if !yield(chat.Chunk{Text: word}, nil) {
				return
			}
		}
	}))
	return err
}

// showPlan posts a plan and works on it, task by task.
func showPlan(ctx context.Context, t *chat.Thread, _ chat.Author) error {
	plan := chat.NewPlan("Make tea", chat.Task{ID: "boil", Title: "Boil water", Status: chat.TaskInProgress})
	if _, err := t.Post(ctx, plan); err != nil {
		return err
	}
	for _, title := range []string{"Warm the pot", "Wait three minutes"} {
		if err := work(ctx, step); err != nil {
			return err
		}
		if _, err := plan.NextTask(ctx, title); err != nil {
			return err
		}
	}
	if err := work(ctx, step); err != nil {
		return err
	}
	if err := plan.UpdateTask(ctx, "boil", func(task *chat.Task) { task.Output = "It reached **98 °C**." }); err != nil {
		return err
	}
	return plan.Complete(ctx, "Tea is ready")
}

// showApproval asks for an approval. Its outcome comes to approvalAnswered, also
// if this process is gone by then.
func (s *showcase) showApproval(ctx context.Context, t *chat.Thread, _ chat.Author) error {
	_, err := t.RequestApproval(ctx, chat.Approval{
		Title: "Delete the old backups?", Description: "They are **two years** old.",
		Fields:       []*card.Field{card.NewField("Size", "1.2 TB"), card.NewField("Server", "attic")},
		ApproveLabel: "Delete them", DenyLabel: "Keep them", Destructive: true, Timeout: time.Hour,
	})
	return err
}

func approvalAnswered(ctx context.Context, ev *chat.ApprovalEvent) error {
	text := "The backups stay."
	if ev.Outcome.Approved {
		text = "The backups are gone."
	}
	_, err := ev.Thread.Post(ctx, chat.Text(text))
	return err
}

// showEphemeral posts what only this user sees.
func showEphemeral(ctx context.Context, t *chat.Thread, user chat.Author) error {
	_, err := t.PostEphemeral(ctx, user.UserID, chat.Markdown(fmt.Sprintf("Psst, **%s**: nobody else sees this.", user.FullName)), chat.NoFallback)
	return err
}

// showFiles posts a picture and a text file, and reacts to its own message.
func showFiles(ctx context.Context, t *chat.Thread, _ chat.Author) error {
	picture, err := sunset()
	if err != nil {
		return err
	}
	sent, err := t.Post(ctx, &chat.Post{
		Markdown: "A picture and a text {{emoji:sparkles}}",
		Files: []chat.File{
			{Name: "sunset.png", Content: picture},
			{Name: "notes.txt", Content: strings.NewReader("Tea, cake, and a view.\n")},
		},
	})
	if err != nil {
		return err
	}
	return sent.React(ctx, "thumbs_up")
}

// sunset draws a picture.
func sunset() (*bytes.Reader, error) {
	const width, height = 320, 160
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			dx, dy := x-width/2, y-height*2/3
			c := color.RGBA{R: 250, G: uint8(190 - y/2), B: uint8(120 + y/2), A: 255}
			if y > height*2/3 {
				c = color.RGBA{R: 50, G: 60, B: uint8(110 + (y%8)*4), A: 255}
			} else if dx*dx+dy*dy < 40*40 {
				c = color.RGBA{R: 255, G: 240, B: 200, A: 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var data bytes.Buffer
	err := png.Encode(&data, img)
	return bytes.NewReader(data.Bytes()), err
}
