package card

// Actions is a row of buttons and selects.
type Actions struct {
	Children []Action `json:"children"`
}

// Action is what a user can act with: *[Button], *[LinkButton], *[Select],
// *[RadioSelect] or *[Unknown].
type Action interface {
	Element
	isAction()
}

// ActionType says what a click on a button does.
type ActionType string

// The action types.
const (
	// CallHandler calls the handlers for the button's id.
	CallHandler ActionType = "action"
	// OpenModal says that a handler will open a modal. Some platforms must know
	// that when the button is shown.
	OpenModal ActionType = "modal"
)

type (
	// Button is a button that the bot hears of.
	Button struct {
		// ID names the action for its handler.
		ID    string `json:"id"`
		Label string `json:"label"`
		// Style is how it looks. Default: [DefaultStyle].
		Style Style `json:"style,omitempty"`
		// Value comes with the click. Default none.
		Value string `json:"value,omitempty"`
		// Disabled shows it without letting it be clicked. Default false.
		Disabled bool `json:"disabled,omitempty"`
		// Once makes one click count: the first that a handler takes without an error.
		// Default: each click does, until the message is edited or deleted.
		Once bool `json:"once,omitempty"`
		// ActionType says what a click does. Default: [CallHandler].
		ActionType ActionType `json:"actionType,omitempty"`
		// CallbackURL is where the click is posted to as well. Default none.
		CallbackURL string `json:"callbackUrl,omitempty"`
		// Tooltip is shown under the pointer, where the platform can. Default none.
		Tooltip string `json:"tooltip,omitempty"`
	}

	// LinkButton is a button that opens a page.
	LinkButton struct {
		// ID names the action on platforms that report clicks on links. Default
		// none.
		ID    string `json:"id,omitempty"`
		URL   string `json:"url"`
		Label string `json:"label"`
		// Style is how it looks. Default: [DefaultStyle].
		Style Style `json:"style,omitempty"`
		// Tooltip is shown under the pointer, where the platform can. Default none.
		Tooltip string `json:"tooltip,omitempty"`
	}

	// Select is a menu, of which one option can be chosen.
	Select struct {
		ID    string `json:"id"`
		Label string `json:"label"`
		// Placeholder is shown while nothing is chosen. Default none.
		Placeholder string    `json:"placeholder,omitempty"`
		Options     []*Option `json:"options"`
		// InitialOption is the value that is chosen at first. Default none.
		InitialOption string `json:"initialOption,omitempty"`
		// Optional allows a modal to be submitted without a choice. Default false.
		Optional bool `json:"optional,omitempty"`
		// DispatchAction reports each choice in a modal at once. Default false.
		DispatchAction bool `json:"dispatchAction,omitempty"`
	}

	// RadioSelect is a list of options, of which one can be chosen.
	RadioSelect struct {
		ID      string    `json:"id"`
		Label   string    `json:"label"`
		Options []*Option `json:"options"`
		// InitialOption is the value that is chosen at first. Default none.
		InitialOption string `json:"initialOption,omitempty"`
		// Optional allows a modal to be submitted without a choice. Default false.
		Optional bool `json:"optional,omitempty"`
		// DispatchAction reports each choice in a modal at once. Default false.
		DispatchAction bool `json:"dispatchAction,omitempty"`
	}

	// Option is one choice of a select.
	Option struct {
		Label string `json:"label"`
		Value string `json:"value"`
		// Description is a second line. Default none.
		Description string `json:"description,omitempty"`
	}
)

// NewActions returns a row of buttons and selects.
func NewActions(actions ...Action) *Actions { return &Actions{Children: actions} }

// NewButton returns a button.
func NewButton(id, label string) *Button { return &Button{ID: id, Label: label} }

// WithStyle sets the style and returns the button.
func (b *Button) WithStyle(style Style) *Button {
	b.Style = style
	return b
}

// WithValue sets what comes with a click and returns the button.
func (b *Button) WithValue(value string) *Button {
	b.Value = value
	return b
}

// WithOnce says that one click counts and returns the button.
func (b *Button) WithOnce() *Button {
	b.Once = true
	return b
}

// WithModal says that a click opens a modal and returns the button.
func (b *Button) WithModal() *Button {
	b.ActionType = OpenModal
	return b
}

// WithCallback sets where a click is posted to and returns the button.
func (b *Button) WithCallback(url string) *Button {
	b.CallbackURL = url
	return b
}

// NewLinkButton returns a button that opens a page.
func NewLinkButton(label, url string) *LinkButton { return &LinkButton{Label: label, URL: url} }

// WithStyle sets the style and returns the button.
func (b *LinkButton) WithStyle(style Style) *LinkButton {
	b.Style = style
	return b
}

// NewSelect returns a menu.
func NewSelect(id, label string, options ...*Option) *Select {
	return &Select{ID: id, Label: label, Options: options}
}

// NewRadioSelect returns a list of options.
func NewRadioSelect(id, label string, options ...*Option) *RadioSelect {
	return &RadioSelect{ID: id, Label: label, Options: options}
}

// NewOption returns one choice of a select.
func NewOption(label, value string) *Option { return &Option{Label: label, Value: value} }

// Type returns "actions".
func (*Actions) Type() string { return "actions" }

// Type returns "button".
func (*Button) Type() string { return "button" }

// Type returns "link-button".

// Type returns "link-button".
func (*LinkButton) Type() string { return "link-button" }

// Type returns "select".
func (*Select) Type() string { return "select" }

// Type returns "radio_select".
func (*RadioSelect) Type() string { return "radio_select" }

func (*Button) isAction()      {}
func (*LinkButton) isAction()  {}
func (*Select) isAction()      {}
func (*RadioSelect) isAction() {}
func (*Unknown) isAction()     {}
