package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/chat-adapter/chat-go/cmd/chatgo/catalog"
)

// newCommand returns the command with its subcommands. It asks questions only if
// terminal says that somebody is there to answer.
func newCommand(terminal bool) *cobra.Command {
	root := &cobra.Command{
		Use: "chatgo", Short: "Start a chat bot in Go",
		SilenceUsage: true,
	}
	root.AddCommand(newBotCommand(terminal), newAdaptersCommand(), newEnvCommand(), newReplayCommand())
	return root
}

func newAdaptersCommand() *cobra.Command {
	return &cobra.Command{
		Use: "adapters", Short: "List the platforms and the states that a bot can use", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "PLATFORM\tWHAT IT IS\tMODULE")
			for _, a := range catalog.Adapters() {
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", a.Name, a.Title, a.Import())
			}
			_, _ = fmt.Fprintln(w, "\nSTATE\tWHAT IT IS\tMODULE")
			for _, s := range catalog.States() {
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, s.Title, s.Import())
			}
			return w.Flush()
		},
	}
}

func newEnvCommand() *cobra.Command {
	return &cobra.Command{
		Use: "env [ADAPTER…]", Short: "List the environment variables of adapters, of all by default",
		Example: "  chatgo env slack",
		RunE: func(cmd *cobra.Command, names []string) error {
			if len(names) == 0 {
				for _, a := range catalog.Adapters() {
					names = append(names, a.Name)
				}
			}
			var b strings.Builder
			for _, name := range names {
				a, err := catalog.FindAdapter(name)
				if err != nil {
					return err
				}
				fmt.Fprintf(&b, "%s: %s\n", a.Name, a.Start)
				for _, v := range a.Variables {
					fmt.Fprintf(&b, "  %s\n      %s\n", v.Name, v.Meaning)
				}
			}
			_, err := fmt.Fprint(cmd.OutOrStdout(), b.String())
			return err
		},
	}
}
