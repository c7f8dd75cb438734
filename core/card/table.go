package card

// Table is a table of text.
type Table struct {
	Headers []string   `json:"headers"`
	Rows    [][]string `json:"rows"`
	// Align has the alignment of each column. Default: left.
	Align []Align `json:"align,omitempty"`
	// Caption describes the table. Default none.
	Caption string `json:"caption,omitempty"`
	// PageSize is how many rows are shown at a time, where the platform has
	// pages. Default: the platform's.
	PageSize int `json:"pageSize,omitempty"`
	// Widths has the relative width of each column. Default: equal.
	Widths []int `json:"widths,omitempty"`
	// VerticalAlign is where text stands in a cell. Default: the platform's.
	VerticalAlign VerticalAlign `json:"verticalAlign,omitempty"`
	// GridLines says whether lines are drawn between cells. Default: they are.
	GridLines *bool `json:"gridLines,omitempty"`
	// GridStyle is the colour of these lines. Default: [DefaultGrid].
	GridStyle GridStyle `json:"gridStyle,omitempty"`
}

// Align is where the text of a column stands.
type Align string

// The alignments.
const (
	Left   Align = "left"
	Center Align = "center"
	Right  Align = "right"
)

// VerticalAlign is where text stands in the height of a cell.
type VerticalAlign string

// The vertical alignments.
const (
	Top    VerticalAlign = "top"
	Middle VerticalAlign = "center"
	Bottom VerticalAlign = "bottom"
)

// GridStyle is the colour of the lines between cells.
type GridStyle string

// The grid styles.
const (
	DefaultGrid   GridStyle = "default"
	EmphasisGrid  GridStyle = "emphasis"
	AccentGrid    GridStyle = "accent"
	GoodGrid      GridStyle = "good"
	AttentionGrid GridStyle = "attention"
	WarningGrid   GridStyle = "warning"
)

// NewTable returns a table.
func NewTable(headers []string, rows ...[]string) *Table {
	return &Table{Headers: headers, Rows: rows}
}

// WithAlign sets the alignments of the columns and returns the table.
func (t *Table) WithAlign(align ...Align) *Table {
	t.Align = align
	return t
}

// Type returns "table".
func (*Table) Type() string { return "table" }
