// Package attack has what the tests share that send platform adapters what no platform
// would: values of wrong kinds at each place of a webhook, and answers of every kind to its
// calls, among them none and one that never ends.
package attack

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Fields returns the path of every value within objects below v.
func Fields(v any) [][]string { return pathsOf(v, nil, false) }

// Paths returns the path of every value below v, also of the elements of lists.
func Paths(v any) [][]string { return pathsOf(v, nil, true) }

func pathsOf(v any, at []string, lists bool) [][]string {
	var all [][]string
	add := func(key string, inner any) {
		path := append(slices.Clone(at), key)
		all = append(append(all, path), pathsOf(inner, path, lists)...)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			add(key, v[key])
		}
	case []any:
		if lists {
			for i, inner := range v {
				add(fmt.Sprint(i), inner)
			}
		}
	}
	return all
}

// Replace puts the JSON at the path, or removes what stands there if it is empty. An
// element that is removed is an empty object.
func Replace(v any, path []string, value string) {
	switch v := v.(type) {
	case map[string]any:
		switch {
		case len(path) > 1:
			Replace(v[path[0]], path[1:], value)
		case value == "":
			delete(v, path[0])
		default:
			v[path[0]] = json.RawMessage(value)
		}
	case []any:
		var i int
		_, _ = fmt.Sscan(path[0], &i)
		switch {
		case len(path) > 1:
			Replace(v[i], path[1:], value)
		case value == "":
			v[i] = json.RawMessage(`{}`)
		default:
			v[i] = json.RawMessage(value)
		}
	}
}

// Variants calls yield with a value in which one thing, at any depth, is one of the
// others, or missing.
func Variants(v any, others []any, yield func(any)) {
	for _, other := range others {
		yield(other)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			without := maps.Clone(v)
			delete(without, name)
			yield(without)
			Variants(v[name], others, func(other any) {
				with := maps.Clone(v)
				with[name] = other
				yield(with)
			})
		}
	case []any:
		for i := range v {
			Variants(v[i], others, func(other any) {
				with := slices.Clone(v)
				with[i] = other
				yield(with)
			})
		}
	}
}
