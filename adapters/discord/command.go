package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// OptionType is what a command's option takes.
// https://docs.discord.com/developers/interactions/application-commands#application-command-object-application-command-option-type
type OptionType int

// The types. SubcommandOption and SubcommandGroupOption have Options of their own.
const (
	SubcommandOption      OptionType = 1
	SubcommandGroupOption OptionType = 2
	StringOption          OptionType = 3
	IntegerOption         OptionType = 4
	BooleanOption         OptionType = 5
	UserOption            OptionType = 6
	ChannelOption         OptionType = 7
	RoleOption            OptionType = 8
	MentionableOption     OptionType = 9
	NumberOption          OptionType = 10
	AttachmentOption      OptionType = 11
)

// Command is a slash command that people are offered.
// https://docs.discord.com/developers/interactions/application-commands
type Command struct {
	// Name is what stands after the slash: 1 to 32 letters in lower case, digits, "-"
	// and "_". Required.
	Name string `json:"name"`
	// Description says what it does, in 1 to 100 characters. Required.
	Description string `json:"description"`
	// Options are what it takes, at most 25, required ones first. Default none.
	Options []CommandOption `json:"options,omitempty"`
}

// CommandOption is something that a command takes.
type CommandOption struct {
	// Type is what it takes. Default: [StringOption].
	Type OptionType `json:"type"`
	// Name and Description are as those of a [Command]. Required.
	Name        string `json:"name"`
	Description string `json:"description"`
	// Required says that the command cannot be given without it. Default false.
	Required bool `json:"required,omitempty"`
	// Choices are the only values, at most 25. Default: any.
	Choices []CommandChoice `json:"choices,omitempty"`
	// Autocomplete has the handlers of [chat.Chat.OnOptionsLoad] asked for values while
	// somebody types, with the action id "/command option". Default false.
	Autocomplete bool `json:"autocomplete,omitempty"`
	// Options are those of a subcommand or group. Default none.
	Options []CommandOption `json:"options,omitempty"`
}

// CommandChoice is a value that can be chosen: a string, or a number for options that
// are.
type CommandChoice struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

// SetCommands replaces the bot's slash commands in a server, or everywhere if the
// server's id is empty; none removes them. It needs to be done once. Its errors name
// the field that Discord would not take.
// https://docs.discord.com/developers/interactions/application-commands#bulk-overwrite-global-application-commands
func (a *Adapter) SetCommands(ctx context.Context, server string, commands ...Command) error {
	if server != "" && !isID(server) {
		return fmt.Errorf("%w: discord: server id %q, want a number", chat.ErrInvalidArgument, server)
	}
	list := make([]Command, len(commands))
	for i, c := range commands {
		options, err := checkedOptions(fmt.Sprintf("commands[%d]", i), c.Name, c.Description, c.Options)
		if err != nil {
			return err
		}
		c.Options = options
		list[i] = c
	}
	path := "applications/" + a.config.ApplicationID + "/commands"
	if server != "" {
		path = "applications/" + a.config.ApplicationID + "/guilds/" + server + "/commands"
	}
	return a.do(ctx, call{Call: platform.Call{Op: "setCommands", Method: http.MethodPut, Path: path, Body: list}, major: server})
}

var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)

func checkedOptions(path, name, description string, options []CommandOption) ([]CommandOption, error) {
	invalid := func(field, want string) ([]CommandOption, error) {
		return nil, fmt.Errorf("%w: discord: %s%s, want %s", chat.ErrInvalidArgument, path, field, want)
	}
	switch n := size(description); {
	case !commandName.MatchString(name) || strings.ToLower(name) != name:
		return invalid(fmt.Sprintf(".Name is %q", name), `1 to 32 letters in lower case, digits, "-" and "_"`)
	case n < 1 || n > 100:
		return invalid(fmt.Sprintf(".Description has %d characters", n), "1 to 100")
	case len(options) > 25:
		return invalid(fmt.Sprintf(".Options are %d", len(options)), "at most 25")
	}
	checked := make([]CommandOption, len(options))
	for i, o := range options {
		at := fmt.Sprintf("%s.Options[%d]", path, i)
		if o.Type == 0 {
			o.Type = StringOption
		}
		switch {
		case len(o.Choices) > 25:
			return nil, fmt.Errorf("%w: discord: %s.Choices are %d, want at most 25", chat.ErrInvalidArgument, at, len(o.Choices))
		case len(o.Choices) > 0 && o.Autocomplete:
			return nil, fmt.Errorf("%w: discord: %s has Choices and Autocomplete, want one", chat.ErrInvalidArgument, at)
		}
		inner, err := checkedOptions(at, o.Name, o.Description, o.Options)
		if err != nil {
			return nil, err
		}
		o.Options = inner
		checked[i] = o
	}
	return checked, nil
}

// givenOption is what somebody has given for an option, or a subcommand.
type givenOption struct {
	Name    string          `json:"name"`
	Type    OptionType      `json:"type"`
	Value   json.RawMessage `json:"value"`
	Focused bool            `json:"focused"`
	Options []givenOption   `json:"options"`
}

// text is the value as somebody has written it.
func (o *givenOption) text() string {
	var text string
	if json.Unmarshal(o.Value, &text) == nil {
		return text
	}
	return string(o.Value)
}

func isSubcommand(kind OptionType) bool {
	return kind == SubcommandOption || kind == SubcommandGroupOption
}

// walk calls visit for the values that were given, and returns the subcommands.
func walk(options []givenOption, visit func(o *givenOption)) (subcommands []string) {
	for i := range options {
		if o := &options[i]; isSubcommand(o.Type) {
			subcommands = append(append(subcommands, o.Name), walk(o.Options, visit)...)
		} else {
			visit(o)
		}
	}
	return subcommands
}

// command returns a command with its subcommands, and the values after it, as the
// TypeScript SDK has them.
func (i *interaction) command() (command, text string) {
	var values []string
	sub := walk(i.Data.Options, func(o *givenOption) { values = append(values, o.text()) })
	if i.Data.TargetID != "" { // a command on a user or a message
		values = append(values, i.Data.TargetID)
	}
	return strings.Join(append([]string{"/" + i.Data.Name}, sub...), " "), strings.Join(values, " ")
}

// Options returns the values that were given with a command by the names of their
// options: numbers and truth values as JSON writes them, and users, channels and roles
// by their ids. It returns [chat.ErrInvalidArgument] for an event of another platform.
func Options(ev *chat.SlashCommandEvent) (map[string]string, error) {
	var i interaction
	if ev == nil || ev.ThreadID.Adapter() != adapterName || json.Unmarshal(ev.Raw, &i) != nil {
		return nil, fmt.Errorf("%w: discord: the event is no command of Discord's", chat.ErrInvalidArgument)
	}
	values := map[string]string{}
	walk(i.Data.Options, func(o *givenOption) { values[o.Name] = o.text() })
	return values, nil
}

// handleAutocomplete asks for the values of an option while somebody types.
// https://docs.discord.com/developers/interactions/application-commands#autocomplete
func (a *Adapter) handleAutocomplete(ctx context.Context, i *interaction, base chat.EventBase) (*response, error) {
	var focused *givenOption
	sub := walk(i.Data.Options, func(o *givenOption) {
		if o.Focused {
			focused = o
		}
	})
	if focused == nil {
		return nil, bad("the autocomplete has no focused option")
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	names := append(append([]string{"/" + i.Data.Name}, sub...), focused.Name)
	options, err := a.host.LoadOptions(ctx, &chat.OptionsLoadEvent{EventBase: base, ActionID: strings.Join(names, " "), Query: focused.text()})
	if err != nil {
		a.log.WarnContext(ctx, "no options for an autocomplete", "error", err)
	}
	all := options.Options
	for _, g := range options.Groups {
		all = append(all, g.Options...)
	}
	return &response{Type: autocompleteResponse, Data: params{"choices": a.choices(focused.Type, all)}}, nil
}

func (a *Adapter) choices(kind OptionType, options []*card.Option) []CommandChoice {
	choices := []CommandChoice{}
	for _, o := range options {
		if o == nil || len(choices) == maxAutocompleteChoice {
			continue
		}
		var value any = o.Value
		switch kind {
		case IntegerOption:
			n, err := strconv.ParseInt(o.Value, 10, 64)
			if err != nil {
				continue
			}
			value = n
		case NumberOption:
			n, err := strconv.ParseFloat(o.Value, 64)
			if err != nil {
				continue
			}
			value = n
		default:
			if n := size(o.Value); n == 0 || n > maxOptionText {
				continue
			}
		}
		choices = append(choices, CommandChoice{orBlank(format.Shorten(a.plain(o.Label), maxOptionText, format.UTF16)), value})
	}
	return choices
}
