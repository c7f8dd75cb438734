package twiliotest

import (
	"context"
	"testing"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/twiliotest/faketwilio"
)

// theFile is what the file of a sample holds.
const theFile = "what the file holds"

func open(t *testing.T) adaptertest.Harness {
	s := faketwilio.New(t)
	// Samples are made before the server is, so they name the API's own address.
	s.AddFile("ME1", "image/jpeg", []byte(theFile), "")
	for i := range 10 {
		s.Receive(whatsAppThread, chat.MessageID(sid(i)))
	}
	return adaptertest.Harness{
		Adapter: newAdapter(t, s, elsewhere("api.twilio.com", s.URL)), State: botrig.Memory(t), Limit: s.Limit, Break: s.Break,
		Posts: func(_ context.Context, thread chat.ThreadID) ([]chattest.Posted, error) { return s.Shown(thread), nil },
	}
}

const mediaURL = "https://api.twilio.com/2010-04-01/Accounts/" + faketwilio.AccountSID + "/Messages/MM1/Media/ME1"

func wantMessage(n int, thread chat.ThreadID, user chat.UserID, text string) []chat.Inbound {
	return []chat.Inbound{&chat.Message{ID: chat.MessageID(sid(n)), ThreadID: thread, Text: text, Author: chat.Author{UserID: user}}}
}

func features() adaptertest.Features {
	base := chat.EventBase{ThreadID: adaThread, User: chat.Author{UserID: ada}}
	f := adaptertest.Features{
		Sign: sign, User: ada, NoButtons: true, NoEdits: true, Secrets: []string{faketwilio.AuthToken},
		Samples: []adaptertest.Sample{
			{Name: "text", Body: from(1, "Body", "hello *there*", "NumMedia", "0"), Want: wantMessage(1, adaThread, ada, "hello *there*")},
			{Name: "file", Body: from(2, "Body", "see", "NumMedia", "1", "MediaUrl0", mediaURL, "MediaContentType0", "image/jpeg"), Want: wantMessage(2, adaThread, ada, "see"), Files: []string{theFile}},
			{Name: "WhatsApp", Body: whatsApp(3, "Body", "hello"), Want: wantMessage(3, whatsAppThread, "whatsapp:"+ada, "hello")},
			{Name: "RCS", Body: from(4, "From", "rcs:"+ada, "To", faketwilio.RCS, "Body", "hello"), Want: wantMessage(4, rcsThread, "rcs:"+ada, "hello")},
			{Name: "status", Body: status(5, "delivered"), Want: []chat.Inbound{&chat.PlatformEvent{EventBase: base, Name: "twilio:status"}}},
			{Name: "opt-out", Body: from(6, "Body", "STOP", "OptOutType", "STOP"), Want: []chat.Inbound{&chat.PlatformEvent{EventBase: base, Name: "twilio:opt_out"}}},
			{Name: "button of a template", Body: from(7, "Body", "Yes", "ButtonText", "Yes", "ButtonPayload", "approve"), Want: []chat.Inbound{&chat.ActionEvent{EventBase: base, ActionID: "approve", Value: "Yes"}}},
			{Name: "a kind of the future", Body: from(8, "MessageType", "hologram"), Want: []chat.Inbound{&chat.PlatformEvent{EventBase: base, Name: "twilio:hologram"}}},
			{Name: "own", Own: true, Body: from(9, "From", faketwilio.Number, "To", "+15005550007", "Body", "mine")},
		},
		Foreign: []chat.ThreadID{
			"twilio:", "twilio:%2B1", "twilio:%2B1:", "twilio::%2B1", "twilio:+1:%2B2", "twilio:%2B1:%2b2", "twilio:%2B1:%2B2:x", "twilio:%2B1:%0A", "twilio:%2B1:%20", "twilio:WhatsApp%3A1:%2B2",
		},
	}
	return withHeader(f)
}

// whatsAppFeatures are those of WhatsApp, which has formatting.
func whatsAppFeatures() adaptertest.Features {
	base := chat.EventBase{ThreadID: whatsAppThread, User: chat.Author{UserID: "whatsapp:" + ada}}
	f := features()
	f.User = "whatsapp:" + ada
	f.Formats = adaptertest.Bold | adaptertest.Italic | adaptertest.Strikethrough | adaptertest.Code | adaptertest.CodeBlocks | adaptertest.Quotes
	f.Samples = []adaptertest.Sample{
		{Name: "text", Body: whatsApp(1, "Body", "hello *there*"), Want: wantMessage(1, whatsAppThread, "whatsapp:"+ada, "hello *there*")},
		{Name: "file", Body: whatsApp(2, "Body", "see", "NumMedia", "1", "MediaUrl0", mediaURL, "MediaContentType0", "image/jpeg"), Want: wantMessage(2, whatsAppThread, "whatsapp:"+ada, "see"), Files: []string{theFile}},
		{Name: "list", Body: whatsApp(3, "Body", "First", "ListId", "row1", "ListTitle", "First"), Want: []chat.Inbound{&chat.ActionEvent{EventBase: base, ActionID: "row1", Value: "First"}}},
		{Name: "own", Own: true, Body: whatsApp(4, "From", faketwilio.WhatsApp, "To", "whatsapp:+14155238887", "Body", "mine")},
	}
	return withHeader(f)
}

func withHeader(f adaptertest.Features) adaptertest.Features {
	for i := range f.Samples {
		f.Samples[i].Header = formHeader
	}
	return f
}

func TestConformanceOnWhatsApp(t *testing.T) { adaptertest.Run(t, open, whatsAppFeatures()) }

func TestConformance(t *testing.T) { adaptertest.Run(t, open, features()) }

func FuzzConformance(f *testing.F) { adaptertest.Fuzz(f, open, features()) }
