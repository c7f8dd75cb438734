package card

// Card is a card: a header and the elements below it.
type Card struct {
	// Title, Subtitle and ImageURL are the header. Default none.
	Title    string `json:"title,omitempty"`
	Subtitle string `json:"subtitle,omitempty"`
	ImageURL string `json:"imageUrl,omitempty"`
	// Width is a hint for platforms that have wider cards. Default: [DefaultWidth].
	Width Width `json:"width,omitempty"`
	// Children are the elements, from top to bottom.
	Children []Child `json:"children"`
}

// Width says how wide a card is.
type Width string

// The widths.
const (
	DefaultWidth Width = "default"
	FullWidth    Width = "full"
)

// Child is an element of a card: *[Text], *[Image], *[Divider], *[Section],
// *[Fields], *[Link], *[Table], *[Chart], *[Actions] or *[Unknown].
type Child interface {
	Element
	isChild()
}

// Element is anything that a card or a modal consists of.
type Element interface {
	// Type returns the element's name in JSON, such as "link-button".
	Type() string
}

// New returns a card with a title. An empty title is none.
func New(title string, children ...Child) *Card {
	return &Card{Title: title, Children: children}
}

// WithSubtitle sets the subtitle and returns the card.
func (c *Card) WithSubtitle(subtitle string) *Card {
	c.Subtitle = subtitle
	return c
}

// WithImage sets the image of the header and returns the card.
func (c *Card) WithImage(url string) *Card {
	c.ImageURL = url
	return c
}

// Style says how a button looks.
type Style string

// The styles.
const (
	DefaultStyle Style = "default"
	Primary      Style = "primary"
	Danger       Style = "danger"
)

// TextStyle says how a text looks.
type TextStyle string

// The text styles.
const (
	Plain TextStyle = "plain"
	Bold  TextStyle = "bold"
	Muted TextStyle = "muted"
)

type (
	// Text is a paragraph of Markdown.
	Text struct {
		Content string `json:"content"`
		// Style is how it looks. Default: [Plain].
		Style TextStyle `json:"style,omitempty"`
	}

	// Image is an image.
	Image struct {
		URL string `json:"url"`
		// Alt is its description for those who do not see it. Default none.
		Alt string `json:"alt,omitempty"`
	}

	// Divider is a line between elements.
	Divider struct{}

	// Section groups elements.
	Section struct {
		Children []Child `json:"children"`
	}

	// Fields is a grid of labelled values.
	Fields struct {
		Children []*Field `json:"children"`
	}

	// Field is one labelled value.
	Field struct {
		Label string `json:"label"`
		Value string `json:"value"`
	}

	// Link is a link on a line of its own.
	Link struct {
		URL   string `json:"url"`
		Label string `json:"label"`
	}

	// Unknown is an element of a type that this package does not know: one of a
	// later version, from JSON, or one of a single platform, whose adapter makes it.
	// It goes back to JSON as it came; a platform that does not know it leaves it out.
	Unknown struct {
		Name string
		// Raw is the whole element, a JSON object.
		Raw []byte
	}
)

// NewText returns a paragraph of Markdown.
func NewText(content string) *Text { return &Text{Content: content} }

// WithStyle sets the style and returns the text.
func (t *Text) WithStyle(style TextStyle) *Text {
	t.Style = style
	return t
}

// NewImage returns an image. The description may be empty.
func NewImage(url, alt string) *Image { return &Image{URL: url, Alt: alt} }

// NewDivider returns a line between elements.
func NewDivider() *Divider { return &Divider{} }

// NewSection returns a group of elements.
func NewSection(children ...Child) *Section { return &Section{Children: children} }

// NewFields returns a grid of labelled values.
func NewFields(fields ...*Field) *Fields { return &Fields{Children: fields} }

// NewField returns a labelled value.
func NewField(label, value string) *Field { return &Field{Label: label, Value: value} }

// NewLink returns a link on a line of its own.
func NewLink(label, url string) *Link { return &Link{Label: label, URL: url} }

// The names of the elements in JSON.

// Type returns "card".
func (*Card) Type() string { return "card" }

// Type returns "text".
func (*Text) Type() string { return "text" }

// Type returns "image".
func (*Image) Type() string { return "image" }

// Type returns "divider".
func (*Divider) Type() string { return "divider" }

// Type returns "section".
func (*Section) Type() string { return "section" }

// Type returns "fields".
func (*Fields) Type() string { return "fields" }

// Type returns "field".
func (*Field) Type() string { return "field" }

// Type returns "link".
func (*Link) Type() string { return "link" }

// Type returns the element's own.
func (u *Unknown) Type() string { return u.Name }

func (*Text) isChild()    {}
func (*Image) isChild()   {}
func (*Divider) isChild() {}
func (*Section) isChild() {}
func (*Fields) isChild()  {}
func (*Link) isChild()    {}
func (*Table) isChild()   {}
func (*Chart) isChild()   {}
func (*Actions) isChild() {}
func (*Unknown) isChild() {}
