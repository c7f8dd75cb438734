package gchat

import (
	"crypto/rand"
	"errors"
	"sync"
)

// waiters has the triggers of this process whose webhooks wait for a dialog. The zero
// value is ready. It is safe for concurrent use.
type waiters struct {
	mu   sync.Mutex
	open map[string]chan *outCard
}

// begin returns a trigger for an interaction, and the channel on which its dialog
// comes.
func (s *waiters) begin() (trigger string, dialog <-chan *outCard) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[string]chan *outCard{}
	}
	trigger = rand.Text()
	c := make(chan *outCard, 1)
	s.open[trigger] = c
	return trigger, c
}

// end makes the trigger useless.
func (s *waiters) end(trigger string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, trigger)
}

var errAnswered = errors.New("the interaction is answered already: a dialog opens once, within 25 seconds, and only in the process that received the webhook")

// answer hands the dialog to the webhook that waits. It returns errAnswered if none
// does.
func (s *waiters) answer(trigger string, dialog *outCard) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.open[trigger]
	if c == nil {
		return errAnswered
	}
	delete(s.open, trigger)
	c <- dialog
	return nil
}
