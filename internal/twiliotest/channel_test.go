package twiliotest

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/twilio"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/twiliotest/faketwilio"
)

// sent are the bodies and files of the messages that were sent.
func (r *rig) sent() []string {
	var all []string
	for _, c := range r.twilio.Calls(create) {
		all = append(all, strings.TrimSpace(c.Form.Get("Body")+" "+strings.Join(c.Form["MediaUrl"], " ")))
	}
	return all
}

func TestMediaIsSent(t *testing.T) {
	t.Parallel()
	const at = "https://files.example/"
	picture := chat.Attachment{Type: "image", URL: at + "a"}
	many := make([]chat.Attachment, 12)
	for i := range many {
		many[i] = picture
	}
	twelve := strings.TrimSpace(strings.Repeat(at+"a ", 10))
	for name, c := range map[string]struct {
		thread chat.ThreadID
		text   string
		files  []chat.Attachment
		want   []string
	}{
		"with a text":         {adaThread, "look", []chat.Attachment{picture, {URL: at + "b.pdf"}}, []string{"look " + at + "a " + at + "b.pdf"}},
		"alone":               {adaThread, "", []chat.Attachment{picture}, []string{at + "a"}},
		"more than ten":       {adaThread, "look", many, []string{"look " + twelve, at + "a " + at + "a"}},
		"with a long text":    {adaThread, strings.Repeat("a", 1601), []chat.Attachment{picture}, []string{strings.Repeat("a", 1600), "a " + at + "a"}},
		"through the service": {serviceThread, "look", []chat.Attachment{picture}, []string{"look " + at + "a"}},
		"on WhatsApp":         {whatsAppThread, "look", []chat.Attachment{picture, picture}, []string{"look " + at + "a", at + "a"}},
		"sound on WhatsApp":   {whatsAppThread, "hear", []chat.Attachment{{URL: at + "a.mp3", MIMEType: "audio/mpeg"}, picture}, []string{"hear", at + "a.mp3", at + "a"}},
		"by RCS":              {rcsThread, "look", []chat.Attachment{picture, picture}, []string{"look", at + "a", at + "a"}},
		"of other types":      {adaThread, "see", []chat.Attachment{{Name: "a.zip", URL: at + "z"}}, []string{"see\n\na.zip (" + at + "z)"}},
		"at no address":       {adaThread, "see", []chat.Attachment{{Type: "image", Name: "a.png", URL: "file:///a"}}, []string{"see\n\na.png (file:///a)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, func(c *twilio.Config) { c.MaxSegments = 11 }) // an MMS has none
			id, err := r.PostMessage(t.Context(), c.thread, &chat.Post{Text: c.text, Attachments: c.files})
			require.NoError(t, err)
			require.Equal(t, c.want, r.sent())
			require.Equal(t, r.twilio.Shown(c.thread)[0].ID, id)
		})
	}
}

// TestFilesAreUploaded has the program store files for Twilio.
func TestFilesAreUploaded(t *testing.T) {
	t.Parallel()
	failure := errors.New("the store is full")
	r := newRig(t, func(c *twilio.Config) {
		c.Upload = func(_ context.Context, f chat.File) (string, error) {
			content, err := io.ReadAll(f.Content)
			if err == nil && string(content) == "full" {
				err = failure
			}
			return "https://files.example/" + string(content), err
		}
	})
	_, err := r.PostMessage(t.Context(), adaThread, &chat.Post{
		Text: "look", Files: []chat.File{{Name: "a.jpg", Content: strings.NewReader("1")}, {Name: "b", MIMEType: "video/mp4", Content: strings.NewReader("2")}},
		Attachments: []chat.Attachment{{Type: "image", URL: "https://files.example/0"}},
	})
	require.NoError(t, err)
	require.Equal(t, []string{"look https://files.example/0 https://files.example/1 https://files.example/2"}, r.sent())
	good := chat.File{Name: "a.jpg", Content: strings.NewReader("1")}
	for _, c := range []struct {
		file chat.File
		want error
	}{
		{chat.File{Name: "a.jpg", Content: strings.NewReader("full")}, failure},
		{chat.File{Name: "a.zip", Content: strings.NewReader("x")}, errors.ErrUnsupported},
		{chat.File{Name: "a.jpg"}, chat.ErrInvalidArgument},
		{chat.File{Content: strings.NewReader("x")}, chat.ErrInvalidArgument},
	} {
		_, err := r.PostMessage(t.Context(), adaThread, &chat.Post{Text: "look", Files: []chat.File{good, c.file}})
		require.ErrorIs(t, err, c.want)
		require.ErrorContains(t, err, "Files[1]")
	}
	_, err = newRig(t).PostMessage(t.Context(), adaThread, &chat.Post{Text: "look", Files: []chat.File{good}})
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorContains(t, err, "Config.Upload")
	bad := newRigOn(t, r.twilio, r.state, func(c *twilio.Config) {
		c.Upload = func(context.Context, chat.File) (string, error) { return "/tmp/a.jpg", nil }
	})
	_, err = bad.PostMessage(t.Context(), adaThread, &chat.Post{Text: "look", Files: []chat.File{good}})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	require.Len(t, r.sent(), 1, "nothing else was sent")
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sid := "HX" + strings.Repeat("a", 32)
	r.twilio.AddTemplate(sid, "Hello {{1}}, your order {{order}}")
	for _, thread := range []chat.ThreadID{whatsAppThread, rcsThread, adaThread, serviceThread} {
		id, err := r.SendTemplate(t.Context(), thread, twilio.Template{ContentSID: sid, Variables: map[string]string{"1": `A"da`, "order": "7"}})
		require.NoError(t, err)
		shown := r.twilio.Shown(thread)
		require.Equal(t, id, shown[0].ID)
		require.Equal(t, `Hello A"da, your order 7`, shown[0].Text)
	}
	_, err := r.SendTemplate(t.Context(), adaThread, twilio.Template{ContentSID: sid})
	require.NoError(t, err)
	_, err = r.SendTemplate(t.Context(), adaThread, twilio.Template{ContentSID: "HX" + strings.Repeat("b", 32)})
	require.ErrorIs(t, err, chat.ErrNotFound)
	for _, wrong := range []string{"", "HX1", faketwilio.ServiceSID} {
		_, err = r.SendTemplate(t.Context(), adaThread, twilio.Template{ContentSID: wrong})
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
		require.ErrorContains(t, err, "Template.ContentSID")
	}
	_, err = r.SendTemplate(t.Context(), "twilio:x", twilio.Template{ContentSID: sid})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

// TestTypingIsShownOnWhatsApp is tied to the last message of the user, which another
// instance may have received.
func TestTypingIsShownOnWhatsApp(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	require.NoError(t, r.StartTyping(t.Context(), whatsAppThread, ""), "nothing has come yet")
	r.send(t, whatsApp(1, "Body", "hello"))
	m := next[*chat.Message](t, r)
	r.twilio.Receive(m.ThreadID, m.ID)
	_, err := r.Chat.Thread(m.ThreadID)
	require.NoError(t, err)
	for i, bot := range []*rig{r, newRigOn(t, r.twilio, r.state)} {
		require.NoError(t, bot.StartTyping(t.Context(), whatsAppThread, ""))
		shown, err := r.twilio.Typing(t.Context(), whatsAppThread)
		require.NoError(t, err)
		require.Equal(t, i+1, shown)
	}
	require.NoError(t, r.StartTyping(t.Context(), adaThread, ""), "SMS has none")
	require.ErrorIs(t, r.StartTyping(t.Context(), "twilio:x", ""), chat.ErrInvalidArgument)
}

// TestEachPersonHasAThread has two people write to one number, and one to two numbers.
func TestEachPersonHasAThread(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i, c := range [][3]string{
		{ada, faketwilio.Number, adaThread}, {"+15551234568", faketwilio.Number, "twilio:%2B15005550006:%2B15551234568"}, {ada, "+15005550007", "twilio:%2B15005550007:%2B15551234567"},
	} {
		r.send(t, from(i+1, "From", c[0], "To", c[1], "Body", "hello"))
		m := next[*chat.Message](t, r)
		require.Equal(t, chat.ThreadID(c[2]), m.ThreadID)
		ref, err := r.DecodeThreadID(m.ThreadID)
		require.NoError(t, err)
		require.Equal(t, "twilio:"+ref.Channel, c[2], "the channel is the thread, so no history is shared")
	}
	botrig.Quiet(t, r.handled)
}
