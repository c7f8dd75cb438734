package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/chat-adapter/chat-go/cmd/chatgo/catalog"
	"github.com/chat-adapter/chat-go/cmd/chatgo/internal/scaffold"
)

func newBotCommand(terminal bool) *cobra.Command {
	var o scaffold.Options
	cmd := &cobra.Command{
		Use: "new FOLDER", Short: "Make the files of a new bot; overwrites nothing",
		Example: "  chatgo new mybot --adapter slack,web --state redis",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Folder = args[0]
			if terminal {
				if err := ask(cmd, &o); err != nil {
					return err
				}
			}
			written, err := scaffold.Write(o)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), next(o, written))
			return err
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.Adapters, "adapter", nil, "the platforms, separated by commas; see chatgo adapters (default web)")
	f.StringVar(&o.State, "state", "", "where the state is kept; see chatgo adapters (default memory)")
	f.StringVar(&o.Name, "name", "", "the bot's name, by which people mention it (default that of the folder)")
	f.StringVar(&o.Module, "module", "", "the path of its Go module (default example.com/NAME)")
	f.StringVar(&o.Clone, "clone", "", "a clone of chat-go to build with, instead of its released modules")
	return cmd
}

// ask asks for what no flag has said.
func ask(cmd *cobra.Command, o *scaffold.Options) error {
	in, out := bufio.NewReader(cmd.InOrStdin()), cmd.OutOrStdout()
	var adapters, states []string
	for _, a := range catalog.Adapters() {
		adapters = append(adapters, a.Name)
	}
	for _, s := range catalog.States() {
		states = append(states, s.Name)
	}
	if !cmd.Flags().Changed("adapter") {
		answer, err := question(in, out, "Which platforms, of "+strings.Join(adapters, ", ")+"?", "web")
		if err != nil {
			return err
		}
		o.Adapters = strings.FieldsFunc(answer, func(r rune) bool { return r == ',' || r == ' ' })
	}
	if !cmd.Flags().Changed("state") {
		answer, err := question(in, out, "Which state, of "+strings.Join(states, ", ")+"?", "memory")
		if err != nil {
			return err
		}
		o.State = answer
	}
	return nil
}

// question returns the line that somebody answers, or the default for an empty one.
func question(in *bufio.Reader, out io.Writer, text, otherwise string) (string, error) {
	if _, err := fmt.Fprintf(out, "%s [%s] ", text, otherwise); err != nil {
		return "", err
	}
	line, err := in.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("no answer: %w", err)
	}
	return cmp.Or(strings.TrimSpace(line), otherwise), nil
}

// next says what was made and what to do with it.
func next(o scaffold.Options, written []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Made %s in %s.\n\nNext:\n\n  cd %s\n", strings.Join(written, ", "), o.Folder, o.Folder)
	if o.Clone == "" {
		b.WriteString("  go mod tidy     # gets the modules; until they are released, use chatgo new --clone\n")
	}
	b.WriteString("  go test ./...   # talks to the bot in memory\n  go run .        # logs the addresses of its webhooks\n")
	var needed []string
	for _, name := range o.Adapters {
		if a, err := catalog.FindAdapter(name); err == nil && len(a.EnabledBy) > 0 {
			needed = append(needed, a.Title)
		}
	}
	if len(needed) > 0 {
		fmt.Fprintf(&b, "\nFor %s: copy .env.example to .env, fill it in, and load it with: set -a; . ./.env; set +a\n", strings.Join(needed, ", "))
	}
	if s, err := catalog.FindState(o.State); err == nil && s.Service != "" {
		fmt.Fprintf(&b, "\nThe state is in memory until you name it: docker compose up -d %s; STATE_URL=%s go run .\n", s.Host, s.URL)
	}
	return b.String()
}
