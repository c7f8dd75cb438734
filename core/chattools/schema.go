package chattools

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// object is the JSON Schema of a tool's arguments, as far as tools need it.
// https://json-schema.org/draft/2020-12/json-schema-validation
type object struct {
	Type       string               `json:"type"`
	Properties map[string]*property `json:"properties"`
	Required   []string             `json:"required,omitempty"`
	Additional bool                 `json:"additionalProperties"`
}

type property struct {
	Type        string    `json:"type"`
	Description string    `json:"description,omitempty"`
	Enum        []string  `json:"enum,omitempty"`
	Items       *property `json:"items,omitempty"`
}

// parametersOf returns the schema of a struct. It panics if the type is none that it knows.
func parametersOf(t reflect.Type) *object {
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("chattools: arguments are a %v, want a struct", t))
	}
	o := &object{Type: "object", Properties: map[string]*property{}}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		p := propertyOf(f.Type, t, f.Name)
		p.Description = f.Tag.Get("desc")
		if enum := f.Tag.Get("enum"); enum != "" {
			p.Enum = strings.Split(enum, ",")
		}
		o.Properties[name] = p
		if !strings.Contains(options, "omitempty") && !strings.Contains(options, "omitzero") {
			o.Required = append(o.Required, name)
		}
	}
	return o
}

func propertyOf(t, owner reflect.Type, field string) *property {
	switch t.Kind() {
	case reflect.String:
		return &property{Type: "string"}
	case reflect.Bool:
		return &property{Type: "boolean"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &property{Type: "integer"}
	case reflect.Float32, reflect.Float64:
		return &property{Type: "number"}
	case reflect.Slice:
		return &property{Type: "array", Items: propertyOf(t.Elem(), owner, field)}
	}
	panic(fmt.Sprintf("chattools: field %v.%s is a %v, want a string, a bool, a number or a slice of these", owner, field, t))
}

// check returns what is missing, or too much, or not among the values that may be.
func (o *object) check(given map[string]json.RawMessage) error {
	for name := range given {
		if _, ok := o.Properties[name]; !ok {
			return fmt.Errorf("%w: there is no %q, want %s", ErrArguments, name, o.names())
		}
	}
	for _, name := range o.Required {
		if value, ok := given[name]; !ok || string(value) == "null" {
			return fmt.Errorf("%w: %q is missing", ErrArguments, name)
		}
	}
	for name, p := range o.Properties {
		var value string
		if p.Enum != nil && json.Unmarshal(given[name], &value) == nil && value != "" && !slices.Contains(p.Enum, value) {
			return fmt.Errorf("%w: %q is %q, want one of %s", ErrArguments, name, value, strings.Join(p.Enum, ", "))
		}
	}
	return nil
}

func (o *object) names() string {
	names := make([]string, 0, len(o.Properties))
	for name := range o.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) == 0 {
		return "no arguments"
	}
	return strings.Join(names, ", ")
}
