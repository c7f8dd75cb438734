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

// OptionType is the type of the values of a command's option.
// https://docs.discord.com/developers/interactions/application-commands#application-command-object-application-command-option-type
type OptionType int

// The types of options. SubcommandOption and SubcommandGroupOption have Options of their
// own.
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

// Command is a slash command, for [Adapter.SetCommands].
// https://docs.discord.com/developers/interactions/application-commands
type Command struct {
	// Name is the command without its slash: 1 to 32 lower-case letters, digits, "-" and
	// "_". Required.
	Name string `json:"name"`
	// Description says what the command does, in 1 to 100 characters. Required.
	Description string `json:"description"`
	// Options are the values that the command takes: at most 25, required ones first.
	// Default none.
	Options []CommandOption `json:"options,omitempty"`
}

// CommandOption is an option of a command: a value with a name.
type CommandOption struct {
	// Type is the type of the value. Default: [StringOption].
	Type OptionType `json:"type"`
	// Name is the name of the option, with the characters of [Command.Name]. Required.
	Name string `json:"name"`
	// Description says what the option is, in 1 to 100 characters. Required.
	Description string `json:"description"`
	// Required says that the user must give the option. Default false.
	Required bool `json:"required,omitempty"`
	// Choices are the values that are allowed, at most 25. Default: any value.
	Choices []CommandChoice `json:"choices,omitempty"`
	// Autocomplete offers values while the user types. They come from the handlers of
	// [chat.Chat.OnOptionsLoad] with the action id "/command option". It excludes
	// Choices. Default false.
	Autocomplete bool `json:"autocomplete,omitempty"`
	// Options are the options of a subcommand or of a group of subcommands. Default none.
	Options []CommandOption `json:"options,omitempty"`
}

// CommandChoice is a value that a user can choose.
type CommandChoice struct {
	// Name is what the user sees. Required.
	Name string `json:"name"`
	// Value is a string, or a number for an [IntegerOption] or [NumberOption]. Required.
	Value any `json:"value"`
}

// SetCommands replaces the bot's slash commands in a server, or in all servers if the
// server's id is empty. Without commands it removes them. One call is enough, as Discord
// keeps the commands. Names, lengths and numbers are checked before the call; then the
// error is [chat.ErrInvalidArgument] and names the field.
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

// givenOption is the value of an option, or a subcommand, as the user gave it.
type givenOption struct {
	Name    string          `json:"name"`
	Type    OptionType      `json:"type"`
	Value   json.RawMessage `json:"value"`
	Focused bool            `json:"focused"`
	Options []givenOption   `json:"options"`
}

// text returns the value as text.
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

// walk calls visit for each value, and returns the names of the subcommands.
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

// command returns a command with its subcommands, and its values separated by spaces, as
// in the TypeScript SDK.
func (i *interaction) command() (command, text string) {
	var values []string
	sub := walk(i.Data.Options, func(o *givenOption) { values = append(values, o.text()) })
	if i.Data.TargetID != "" { // a command in the context menu of a user or a message
		values = append(values, i.Data.TargetID)
	}
	return strings.Join(append([]string{"/" + i.Data.Name}, sub...), " "), strings.Join(values, " ")
}

// Options returns the options that the user gave with a command: values by name. Numbers
// and booleans are in the form of JSON; users, channels and roles are ids. For an event
// of another platform the error is [chat.ErrInvalidArgument].
func Options(ev *chat.SlashCommandEvent) (map[string]string, error) {
	var i interaction
	if ev == nil || ev.ThreadID.Adapter() != adapterName || json.Unmarshal(ev.Raw, &i) != nil {
		return nil, fmt.Errorf("%w: discord: the event is not a command of Discord", chat.ErrInvalidArgument)
	}
	values := map[string]string{}
	walk(i.Data.Options, func(o *givenOption) { values[o.Name] = o.text() })
	return values, nil
}

// handleAutocomplete responds with values for an option while the user types.
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
		a.log.WarnContext(ctx, "the options for an autocomplete cannot be loaded", "error", err)
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
