package card

import "encoding/json"

// marshal returns the JSON of an element: its fields, and its type before them.
func marshal(e Element, fields any) ([]byte, error) {
	data, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(data)+len(`"type":"external_select",`))
	out = append(out, `{"type":"`...)
	out = append(out, e.Type()...)
	out = append(out, '"')
	if len(data) > len("{}") {
		out = append(out, ',')
	}
	return append(out, data[1:]...), nil
}

// list returns an empty list for none: a list is never null in JSON.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// MarshalJSON returns the card's JSON.
func (c *Card) MarshalJSON() ([]byte, error) {
	type fields Card
	f := fields(*c)
	f.Children = list(c.Children)
	return marshal(c, f)
}

// MarshalJSON returns the modal's JSON.
func (m *Modal) MarshalJSON() ([]byte, error) {
	type fields Modal
	f := fields(*m)
	f.Children = list(m.Children)
	return marshal(m, f)
}

// MarshalJSON returns the element's JSON.
func (t *Text) MarshalJSON() ([]byte, error) {
	type fields Text
	return marshal(t, (*fields)(t))
}

// MarshalJSON returns the element's JSON.
func (i *Image) MarshalJSON() ([]byte, error) {
	type fields Image
	return marshal(i, (*fields)(i))
}

// MarshalJSON returns the element's JSON.
func (d *Divider) MarshalJSON() ([]byte, error) {
	type fields Divider
	return marshal(d, (*fields)(d))
}

// MarshalJSON returns the element's JSON.
func (s *Section) MarshalJSON() ([]byte, error) {
	type fields Section
	return marshal(s, fields{Children: list(s.Children)})
}

// MarshalJSON returns the element's JSON.
func (f *Fields) MarshalJSON() ([]byte, error) {
	type fields Fields
	return marshal(f, fields{Children: list(f.Children)})
}

// MarshalJSON returns the element's JSON.
func (f *Field) MarshalJSON() ([]byte, error) {
	type fields Field
	return marshal(f, (*fields)(f))
}

// MarshalJSON returns the element's JSON.
func (l *Link) MarshalJSON() ([]byte, error) {
	type fields Link
	return marshal(l, (*fields)(l))
}

// MarshalJSON returns the element's JSON.
func (t *Table) MarshalJSON() ([]byte, error) {
	type fields Table
	f := fields(*t)
	f.Headers, f.Rows = list(t.Headers), list(t.Rows)
	return marshal(t, f)
}

// MarshalJSON returns the element's JSON.
func (c *Chart) MarshalJSON() ([]byte, error) {
	type fields Chart
	return marshal(c, (*fields)(c))
}

// MarshalJSON returns the definition with the fields that its type has.
func (d Definition) MarshalJSON() ([]byte, error) {
	if d.Type == Pie {
		return json.Marshal(struct {
			Type     ChartType `json:"type"`
			Segments []Segment `json:"segments"`
		}{d.Type, list(d.Segments)})
	}
	series := make([]Series, len(d.Series))
	for i, s := range d.Series {
		series[i] = Series{Name: s.Name, Data: list(s.Data)}
	}
	return json.Marshal(struct {
		Type       ChartType `json:"type"`
		Categories []string  `json:"categories"`
		Series     []Series  `json:"series"`
		XLabel     string    `json:"xLabel,omitempty"`
		YLabel     string    `json:"yLabel,omitempty"`
	}{d.Type, list(d.Categories), series, d.XLabel, d.YLabel})
}

// MarshalJSON returns the element's JSON.
func (a *Actions) MarshalJSON() ([]byte, error) {
	type fields Actions
	return marshal(a, fields{Children: list(a.Children)})
}

// MarshalJSON returns the element's JSON.
func (b *Button) MarshalJSON() ([]byte, error) {
	type fields Button
	return marshal(b, (*fields)(b))
}

// MarshalJSON returns the element's JSON.
func (b *LinkButton) MarshalJSON() ([]byte, error) {
	type fields LinkButton
	return marshal(b, (*fields)(b))
}

// MarshalJSON returns the element's JSON.
func (s *Select) MarshalJSON() ([]byte, error) {
	type fields Select
	f := fields(*s)
	f.Options = list(s.Options)
	return marshal(s, f)
}

// MarshalJSON returns the element's JSON.
func (s *RadioSelect) MarshalJSON() ([]byte, error) {
	type fields RadioSelect
	f := fields(*s)
	f.Options = list(s.Options)
	return marshal(s, f)
}

// MarshalJSON returns the element's JSON.
func (i *TextInput) MarshalJSON() ([]byte, error) {
	type fields TextInput
	return marshal(i, (*fields)(i))
}

// MarshalJSON returns the element's JSON.
func (i *DateInput) MarshalJSON() ([]byte, error) {
	type fields DateInput
	return marshal(i, (*fields)(i))
}

// MarshalJSON returns the element's JSON.
func (i *NumberInput) MarshalJSON() ([]byte, error) {
	type fields NumberInput
	return marshal(i, (*fields)(i))
}

// MarshalJSON returns the element's JSON.
func (s *ExternalSelect) MarshalJSON() ([]byte, error) {
	type fields ExternalSelect
	return marshal(s, (*fields)(s))
}

// MarshalJSON returns the element as it came.
func (u *Unknown) MarshalJSON() ([]byte, error) { return u.Raw, nil }
