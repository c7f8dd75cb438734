package card

// Chart is a chart.
type Chart struct {
	Title string     `json:"title"`
	Chart Definition `json:"chart"`
}

// ChartType is the type of a chart.
type ChartType string

// The types of charts.
const (
	Pie  ChartType = "pie"
	Bar  ChartType = "bar"
	Line ChartType = "line"
	Area ChartType = "area"
)

// Definition is what a chart shows: segments for a pie, series over categories
// for the others.
type Definition struct {
	Type ChartType `json:"type"`

	// Segments are the parts of a pie.
	Segments []Segment `json:"segments,omitempty"`

	// Categories are the places on the x-axis, in order.
	Categories []string `json:"categories,omitempty"`
	// Series are the bars, lines or areas.
	Series []Series `json:"series,omitempty"`
	// XLabel and YLabel name the axes. Default none.
	XLabel string `json:"xLabel,omitempty"`
	YLabel string `json:"yLabel,omitempty"`
}

// Segment is a part of a pie.
type Segment struct {
	Label string  `json:"label"`
	Value float64 `json:"value"`
}

// Series is one line, area or group of bars.
type Series struct {
	Name string `json:"name"`
	// Data has a point for each category.
	Data []Point `json:"data"`
}

// Point is the value of a series in a category.
type Point struct {
	// Label is the category.
	Label string  `json:"label"`
	Value float64 `json:"value"`
}

// NewPie returns a pie chart.
func NewPie(title string, segments ...Segment) *Chart {
	return &Chart{Title: title, Chart: Definition{Type: Pie, Segments: segments}}
}

// NewChart returns a bar, line or area chart. Series are added with AddSeries.
func NewChart(kind ChartType, title string, categories ...string) *Chart {
	return &Chart{Title: title, Chart: Definition{Type: kind, Categories: categories, Series: []Series{}}}
}

// AddSeries adds a series with one value for each category, in their order, and
// returns the chart. Values beyond the categories are left out.
func (c *Chart) AddSeries(name string, values ...float64) *Chart {
	series := Series{Name: name, Data: []Point{}}
	for i, value := range values[:min(len(values), len(c.Chart.Categories))] {
		series.Data = append(series.Data, Point{Label: c.Chart.Categories[i], Value: value})
	}
	c.Chart.Series = append(c.Chart.Series, series)
	return c
}

// WithAxes names the axes and returns the chart.
func (c *Chart) WithAxes(x, y string) *Chart {
	c.Chart.XLabel, c.Chart.YLabel = x, y
	return c
}

// Type returns "chart".
func (*Chart) Type() string { return "chart" }
