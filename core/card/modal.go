package card

// Modal is a form that opens over the conversation.
type Modal struct {
	// CallbackID names the form for the handlers of its submission.
	CallbackID string `json:"callbackId"`
	// CallbackURL is where the values are posted to as well. Default none.
	CallbackURL string `json:"callbackUrl,omitempty"`
	Title       string `json:"title"`
	// SubmitLabel and CloseLabel are the labels of its buttons. Default: the
	// platform's.
	SubmitLabel string `json:"submitLabel,omitempty"`
	CloseLabel  string `json:"closeLabel,omitempty"`
	// NotifyOnClose has handlers called when it is closed without being
	// submitted. Default false.
	NotifyOnClose bool `json:"notifyOnClose,omitempty"`
	// PrivateMetadata comes back with the submission. Default none.
	PrivateMetadata string `json:"privateMetadata,omitempty"`
	// Children are its elements, from top to bottom.
	Children []Input `json:"children"`
}

// Input is an element of a modal: *[TextInput], *[DateInput], *[NumberInput],
// *[Select], *[ExternalSelect], *[RadioSelect], *[Text], *[Fields] or
// *[Unknown].
type Input interface {
	Element
	isInput()
}

type (
	// TextInput is a field for text.
	TextInput struct {
		ID    string `json:"id"`
		Label string `json:"label"`
		// Placeholder is shown while it is empty. Default none.
		Placeholder string `json:"placeholder,omitempty"`
		// InitialValue is what it holds at first. Default none.
		InitialValue string `json:"initialValue,omitempty"`
		// Multiline gives it several lines. Default false.
		Multiline bool `json:"multiline,omitempty"`
		// Optional allows it to stay empty. Default false.
		Optional bool `json:"optional,omitempty"`
		// MaxLength is how many characters it takes. Default: the platform's.
		MaxLength int `json:"maxLength,omitempty"`
	}

	// DateInput is a field for a date.
	DateInput struct {
		ID    string `json:"id"`
		Label string `json:"label"`
		// Placeholder is shown while it is empty. Default none.
		Placeholder string `json:"placeholder,omitempty"`
		// InitialValue is the date at first, as YYYY-MM-DD. Default none.
		InitialValue string `json:"initialValue,omitempty"`
		// Optional allows it to stay empty. Default false.
		Optional bool `json:"optional,omitempty"`
	}

	// NumberInput is a field for a number.
	NumberInput struct {
		ID    string `json:"id"`
		Label string `json:"label"`
		// Placeholder is shown while it is empty. Default none.
		Placeholder string `json:"placeholder,omitempty"`
		// InitialValue is the number at first. Default none.
		InitialValue *float64 `json:"initialValue,omitempty"`
		// Optional allows it to stay empty. Default false.
		Optional bool `json:"optional,omitempty"`
		// Min and Max are the bounds, inclusive. Default none.
		Min *float64 `json:"min,omitempty"`
		Max *float64 `json:"max,omitempty"`
		// Decimal allows fractions. Default false.
		Decimal bool `json:"decimal,omitempty"`
	}

	// ExternalSelect is a menu whose options the bot is asked for while the
	// user types.
	ExternalSelect struct {
		ID string `json:"id"`
		// InitialOption is what is chosen at first. Default none.
		InitialOption *Option `json:"initialOption,omitempty"`
		Label         string  `json:"label"`
		// Placeholder is shown while nothing is chosen. Default none.
		Placeholder string `json:"placeholder,omitempty"`
		// MinQueryLength is how many characters must be typed before the bot is
		// asked. Default: the platform's.
		MinQueryLength *int `json:"minQueryLength,omitempty"`
		// Optional allows the form to be submitted without a choice. Default
		// false.
		Optional bool `json:"optional,omitempty"`
	}
)

// NewModal returns a form.
func NewModal(callbackID, title string, inputs ...Input) *Modal {
	return &Modal{CallbackID: callbackID, Title: title, Children: inputs}
}

// NewTextInput returns a field for text.
func NewTextInput(id, label string) *TextInput { return &TextInput{ID: id, Label: label} }

// NewDateInput returns a field for a date.
func NewDateInput(id, label string) *DateInput { return &DateInput{ID: id, Label: label} }

// NewNumberInput returns a field for a number.
func NewNumberInput(id, label string) *NumberInput { return &NumberInput{ID: id, Label: label} }

// Between sets the bounds, inclusive, and returns the field.
func (n *NumberInput) Between(low, high float64) *NumberInput {
	n.Min, n.Max = &low, &high
	return n
}

// NewExternalSelect returns a menu whose options the bot provides.
func NewExternalSelect(id, label string) *ExternalSelect {
	return &ExternalSelect{ID: id, Label: label}
}

// Type returns "modal".
func (*Modal) Type() string { return "modal" }

// Type returns "text_input".
func (*TextInput) Type() string { return "text_input" }

// Type returns "date_input".
func (*DateInput) Type() string { return "date_input" }

// Type returns "number_input".
func (*NumberInput) Type() string { return "number_input" }

// Type returns "external_select".
func (*ExternalSelect) Type() string { return "external_select" }

func (*TextInput) isInput()      {}
func (*DateInput) isInput()      {}
func (*NumberInput) isInput()    {}
func (*Select) isInput()         {}
func (*ExternalSelect) isInput() {}
func (*RadioSelect) isInput()    {}
func (*Text) isInput()           {}
func (*Fields) isInput()         {}
func (*Unknown) isInput()        {}
