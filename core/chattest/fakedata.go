package chattest

import (
	"slices"

	"github.com/chat-adapter/chat-go/core/chat"
)

// AddUser makes a user known. "u1", the author of [Fake.Message], is.
func (f *Fake) AddUser(u chat.User) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.users[u.ID] = u
}

// AddChannel makes a channel known.
func (f *Fake) AddChannel(c chat.ChannelInfo) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.channels[c.ID] = c
}

// AddMessages puts messages into the platform's history, after the bot's posts so
// far. [Fake.Send] does not. They are read with the abilities MessageFetcher and
// ChannelFetcher.
func (f *Fake) AddMessages(messages ...*chat.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range messages {
		kept := *m
		f.history = append(f.history, said{heard: &kept, at: m.SentAt})
	}
}

// AddFile puts a file on the platform and returns it as an attachment for a
// message. It is fetched with the ability AttachmentFetcher.
func (f *Fake) AddFile(name string, content []byte) chat.Attachment {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files[name] = slices.Clone(content)
	return chat.Attachment{Type: "file", Name: name, Size: int64(len(content)), FetchMetadata: map[string]string{fileKey: name}}
}
