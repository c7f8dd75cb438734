package pager

import (
	"fmt"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Config configures an Adapter.
type Config struct {
	// BaseURL is the address of the platform's API, with a slash at its end.
	// Required.
	BaseURL string
	// Token is what the platform knows the bot by. Required.
	Token string
	// Secret is what the platform sends with each webhook. Required.
	Secret string
}

func (c Config) validate() error {
	for _, field := range []struct{ name, value string }{{"BaseURL", c.BaseURL}, {"Token", c.Token}, {"Secret", c.Secret}} {
		if field.value == "" {
			return fmt.Errorf("%w: pager: %s is empty", chat.ErrInvalidConfig, field.name)
		}
	}
	return nil
}
