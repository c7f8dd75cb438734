// Command chatgo starts bots: it makes the files of a new one, lists what it can
// connect to, and sends recorded webhooks to one that runs.
//
//	go install github.com/chat-adapter/chat-go/cmd/chatgo@latest
//	chatgo new mybot --adapter slack,web --state redis
package main

import (
	"os"

	"golang.org/x/term"
)

func main() {
	terminal := term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd()))
	if err := newCommand(terminal).Execute(); err != nil {
		os.Exit(1) // cobra has said why
	}
}
