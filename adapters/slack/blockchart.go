package slack

import (
	"math"
	"slices"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/card"
)

// chart adds a chart as Slack's own if it fits, else as text in columns.
// https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
func (w *cardWriter) chart(c *card.Chart) {
	title := w.plain(c.Title)
	if chart := chartOf(&c.Chart); chart != nil && w.surface == inMessage && w.charts < maxCharts && fitsLabel(title, maxChartTitle) {
		w.charts++
		w.add(slackapi.NewDataVisualizationBlock(title, chart), 1_000)
		return
	}
	if text := w.mrkdwn.CodeBlock("", w.plain(card.FallbackText(c))); length(text) <= maxSection {
		w.section(text)
	} else {
		w.element(c)
	}
}

// chartOf returns a chart of Slack's, or nil if it would not take it.
func chartOf(d *card.Definition) slackapi.DataVisualizationChart {
	if d.Type == card.Pie {
		if n := len(d.Segments); n < 1 || n > maxChartSeries {
			return nil
		}
		var segments []slackapi.DataVisualizationSegment
		for _, s := range d.Segments {
			if !fitsLabel(s.Label, maxChartLabel) || !(s.Value > 0) || math.IsInf(s.Value, 0) {
				return nil
			}
			segments = append(segments, slackapi.NewDataVisualizationSegment(s.Label, s.Value))
		}
		return slackapi.NewDataVisualizationPieChart(segments...)
	}
	axes, ok := chartAxes(d)
	if n := len(d.Series); !ok || n < 1 || n > maxChartSeries {
		return nil
	}
	var all []slackapi.DataVisualizationDataSeries
	var names []string
	for _, s := range d.Series {
		points, ok := chartPoints(s.Data, d.Categories)
		if !ok || !fitsLabel(s.Name, maxChartLabel) || slices.Contains(names, s.Name) {
			return nil
		}
		names = append(names, s.Name)
		all = append(all, slackapi.NewDataVisualizationDataSeries(s.Name, points...))
	}
	switch d.Type {
	case card.Bar:
		return slackapi.NewDataVisualizationBarChart(axes, all...)
	case card.Line:
		return slackapi.NewDataVisualizationLineChart(axes, all...)
	case card.Area:
		return slackapi.NewDataVisualizationAreaChart(axes, all...)
	}
	return nil
}

func chartAxes(d *card.Definition) (axes slackapi.DataVisualizationAxisConfig, ok bool) {
	if n := len(d.Categories); n < 1 || n > maxCategories || length(d.XLabel) > maxChartTitle || length(d.YLabel) > maxChartTitle {
		return axes, false
	}
	for i, category := range d.Categories {
		if !fitsLabel(category, maxChartLabel) || slices.Contains(d.Categories[:i], category) {
			return axes, false
		}
	}
	return slackapi.NewDataVisualizationAxisConfig(d.Categories...).WithXLabel(d.XLabel).WithYLabel(d.YLabel), true
}

// chartPoints returns one point for each category, in their order.
func chartPoints(data []card.Point, categories []string) (points []slackapi.DataVisualizationDataPoint, ok bool) {
	for _, category := range categories {
		i := slices.IndexFunc(data, func(p card.Point) bool { return p.Label == category })
		if i < 0 || math.IsNaN(data[i].Value) || math.IsInf(data[i].Value, 0) {
			return nil, false
		}
		points = append(points, slackapi.NewDataVisualizationDataPoint(category, data[i].Value))
	}
	return points, len(data) == len(categories)
}

func fitsLabel(text string, most int) bool { return text != "" && length(text) <= most }
