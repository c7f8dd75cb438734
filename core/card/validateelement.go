package card

import (
	"fmt"
	"reflect"
	"time"
	"unicode/utf8"
)

// validateAll checks the elements of a list.
func validateAll[T Element](v *validator, field string, children []T, depth int) {
	for i, child := range children {
		at := fmt.Sprintf("%s[%d]", field, i)
		if e := reflect.ValueOf(child); !e.IsValid() || e.IsNil() {
			v.fail(at, "is nil, want an element")
			continue
		}
		v.element(at+".", child, depth)
	}
}

// element checks one element, whose fields are named from at.
func (v *validator) element(at string, e Element, depth int) {
	switch e := e.(type) {
	case *Text:
		v.required(at+"content", e.Content)
		oneOf(v, at+"style", e.Style, "", Plain, Bold, Muted)
	case *Image:
		v.url(at+"url", e.URL)
	case *Section:
		if depth == maxNesting {
			v.fail(at+"children", "is nested deeper than %d levels", maxNesting)
			return
		}
		validateAll(v, at+"children", e.Children, depth+1)
	case *Fields:
		if len(e.Children) == 0 {
			v.fail(at+"children", "is empty, want at least one field")
		}
		for i, field := range e.Children {
			if field == nil {
				v.fail(fmt.Sprintf("%schildren[%d]", at, i), "is nil, want a field")
			} else {
				v.required(fmt.Sprintf("%schildren[%d].label", at, i), field.Label)
			}
		}
	case *Link:
		v.required(at+"label", e.Label)
		v.url(at+"url", e.URL)
	case *Table:
		v.table(at, e)
	case *Chart:
		v.chart(at, e)
	case *Actions:
		if len(e.Children) == 0 {
			v.fail(at+"children", "is empty, want at least one action")
		}
		validateAll(v, at+"children", e.Children, depth+1)
	case *Button:
		v.id(at+"id", e.ID)
		v.required(at+"label", e.Label)
		oneOf(v, at+"style", e.Style, "", DefaultStyle, Primary, Danger)
		oneOf(v, at+"actionType", e.ActionType, "", CallHandler, OpenModal)
		v.callback(at+"callbackUrl", e.CallbackURL)
	case *LinkButton:
		if e.ID != "" {
			v.id(at+"id", e.ID)
		}
		v.required(at+"label", e.Label)
		v.url(at+"url", e.URL)
		oneOf(v, at+"style", e.Style, "", DefaultStyle, Primary, Danger)
	case *Select:
		v.selection(at, e.ID, e.Label, e.Options, e.InitialOption)
	case *RadioSelect:
		v.selection(at, e.ID, e.Label, e.Options, e.InitialOption)
	case *TextInput:
		v.input(at, e.ID, e.Label)
		v.notNegative(at+"maxLength", e.MaxLength)
		if n := utf8.RuneCountInString(e.InitialValue); e.MaxLength > 0 && n > e.MaxLength {
			v.fail(at+"initialValue", "has %d characters, want at most maxLength, %d", n, e.MaxLength)
		}
	case *DateInput:
		v.input(at, e.ID, e.Label)
		if _, err := time.Parse(time.DateOnly, e.InitialValue); e.InitialValue != "" && err != nil {
			v.fail(at+"initialValue", "is %q, want a date as YYYY-MM-DD", e.InitialValue)
		}
	case *NumberInput:
		v.input(at, e.ID, e.Label)
		v.bounds(at, e)
	case *ExternalSelect:
		v.input(at, e.ID, e.Label)
		if e.MinQueryLength != nil {
			v.notNegative(at+"minQueryLength", *e.MinQueryLength)
		}
		if e.InitialOption != nil {
			v.required(at+"initialOption.label", e.InitialOption.Label)
			v.required(at+"initialOption.value", e.InitialOption.Value)
		}
	}
}

func (v *validator) input(at, id, label string) {
	v.id(at+"id", id)
	v.required(at+"label", label)
}

func (v *validator) selection(at, id, label string, options []*Option, initial string) {
	v.input(at, id, label)
	if len(options) == 0 {
		v.fail(at+"options", "is empty, want at least one option")
	}
	seen := map[string]bool{}
	for i, option := range options {
		field := fmt.Sprintf("%soptions[%d]", at, i)
		if option == nil {
			v.fail(field, "is nil, want an option")
			continue
		}
		v.required(field+".label", option.Label)
		v.required(field+".value", option.Value)
		if seen[option.Value] {
			v.fail(field+".value", "is %q a second time, want different values", option.Value)
		}
		seen[option.Value] = true
	}
	if initial != "" && !seen[initial] {
		v.fail(at+"initialOption", "is %q, want the value of one of the options", initial)
	}
}

func (v *validator) bounds(at string, n *NumberInput) {
	for _, f := range []struct {
		name  string
		value *float64
	}{{"min", n.Min}, {"max", n.Max}, {"initialValue", n.InitialValue}} {
		if f.value != nil && !v.finite(at+f.name, *f.value) {
			return
		}
	}
	if n.Min != nil && n.Max != nil && *n.Min > *n.Max {
		v.fail(at+"max", "is %v, want at least min, %v", *n.Max, *n.Min)
	}
	if n.InitialValue == nil {
		return
	}
	initial := *n.InitialValue
	if n.Min != nil && initial < *n.Min || n.Max != nil && initial > *n.Max {
		v.fail(at+"initialValue", "is %v, which the bounds exclude", initial)
	}
	if !n.Decimal && initial != float64(int64(initial)) {
		v.fail(at+"initialValue", "is %v, want a whole number, or decimal set", initial)
	}
}

func (v *validator) table(at string, t *Table) {
	columns := len(t.Headers)
	if columns == 0 {
		v.fail(at+"headers", "is empty, want at least one column")
	}
	for i, row := range t.Rows {
		if len(row) > columns {
			v.fail(fmt.Sprintf("%srows[%d]", at, i), "has %d cells, want at most one for each of %d headers", len(row), columns)
		}
	}
	if len(t.Align) > columns {
		v.fail(at+"align", "has %d entries, want at most one for each of %d headers", len(t.Align), columns)
	}
	for i, align := range t.Align {
		oneOf(v, fmt.Sprintf("%salign[%d]", at, i), align, Left, Center, Right)
	}
	if t.Widths != nil && len(t.Widths) != columns {
		v.fail(at+"widths", "has %d entries, want one for each of %d headers", len(t.Widths), columns)
	}
	for i, width := range t.Widths {
		if width <= 0 {
			v.fail(fmt.Sprintf("%swidths[%d]", at, i), "is %d, want more than 0", width)
		}
	}
	v.notNegative(at+"pageSize", t.PageSize)
	oneOf(v, at+"verticalAlign", t.VerticalAlign, "", Top, Middle, Bottom)
	oneOf(v, at+"gridStyle", t.GridStyle, "", DefaultGrid, EmphasisGrid, AccentGrid, GoodGrid, AttentionGrid, WarningGrid)
}

func (v *validator) chart(at string, c *Chart) {
	v.required(at+"title", c.Title)
	at += "chart."
	d := &c.Chart
	oneOf(v, at+"type", d.Type, Pie, Bar, Line, Area)
	if d.Type == Pie {
		if len(d.Segments) == 0 {
			v.fail(at+"segments", "is empty, want at least one segment")
		}
		for i, segment := range d.Segments {
			field := fmt.Sprintf("%ssegments[%d].", at, i)
			v.required(field+"label", segment.Label)
			if v.finite(field+"value", segment.Value) && segment.Value <= 0 {
				v.fail(field+"value", "is %v, want more than 0", segment.Value)
			}
		}
		return
	}
	if len(d.Categories) == 0 {
		v.fail(at+"categories", "is empty, want at least one category")
	}
	if len(d.Series) == 0 {
		v.fail(at+"series", "is empty, want at least one series")
	}
	names := map[string]bool{}
	for i := range d.Series {
		series := &d.Series[i]
		field := fmt.Sprintf("%sseries[%d].", at, i)
		v.required(field+"name", series.Name)
		if names[series.Name] {
			v.fail(field+"name", "is %q a second time, want different names", series.Name)
		}
		names[series.Name] = true
		v.series(field, series, d.Categories)
	}
}

// series checks that a series has one point for each category.
func (v *validator) series(at string, series *Series, categories []string) {
	known := make(map[string]bool, len(categories))
	for _, category := range categories {
		known[category] = true
	}
	seen := map[string]bool{}
	for i, point := range series.Data {
		field := fmt.Sprintf("%sdata[%d].", at, i)
		v.finite(field+"value", point.Value)
		switch {
		case !known[point.Label]:
			v.fail(field+"label", "is %q, want one of the categories", point.Label)
		case seen[point.Label]:
			v.fail(field+"label", "is %q a second time, want one point for each category", point.Label)
		}
		seen[point.Label] = true
	}
	for _, category := range categories {
		if !seen[category] {
			v.fail(at+"data", "has no point for the category %q", category)
		}
	}
}
