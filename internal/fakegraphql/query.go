// Package fakegraphql answers GraphQL queries for fakes of platforms: it checks them
// against the part of a platform's schema that its documentation has, and answers them
// out of objects.
package fakegraphql

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// TypeName is the field with the type of an object.
const TypeName = "__typename"

// Object is a node. A field is a value, an Object, a list of them, an error, which
// ends the query, or a Field. A nil Object is a node that is not there.
type Object map[string]any

// Field is a field with arguments.
type Field func(args map[string]any) any

// Schema is a platform's schema.
type Schema struct{ schema *ast.Schema }

// Load reads a schema.
func Load(text string) *Schema {
	return &Schema{gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: text})}
}

// Query is a query that the schema allows.
type Query struct {
	schema    *ast.Schema
	operation *ast.OperationDefinition
	variables map[string]any
	missing   bool
	failed    error
}

// Parse reads the body of a request: query, operationName and variables.
func (s *Schema) Parse(body map[string]any) (*Query, error) {
	query, _ := body["query"].(string)
	op, _ := body["operationName"].(string)
	given, _ := body["variables"].(map[string]any)
	for name := range body {
		if !slices.Contains([]string{"query", "operationName", "variables"}, name) {
			return nil, fmt.Errorf("there is no argument %q", name)
		}
	}
	document, errs := gqlparser.LoadQueryWithRules(s.schema, query, rules.NewDefaultRules())
	if errs != nil {
		return nil, errs
	}
	operation := document.Operations.ForName(op)
	if operation == nil {
		return nil, fmt.Errorf("there is no operation %q", op)
	}
	for name := range given {
		if operation.VariableDefinitions.ForName(name) == nil {
			return nil, fmt.Errorf("there is no variable %q", name)
		}
	}
	variables, err := validator.VariableValues(s.schema, operation, given)
	return &Query{schema: s.schema, operation: operation, variables: variables}, err
}

// IsMutation reports whether it changes something.
func (q *Query) IsMutation() bool { return q.operation.Operation == ast.Mutation }

// Execute answers it out of the root. Missing says that one of the nodes is not there;
// the error is one that a field had.
func (q *Query) Execute(root Object) (data map[string]any, missing bool, err error) {
	data = q.object(q.operation.SelectionSet, root)
	return data, q.missing, q.failed
}

func (q *Query) object(set ast.SelectionSet, of Object) map[string]any {
	out := map[string]any{}
	q.fill(out, set, of)
	return out
}

func (q *Query) fill(out map[string]any, set ast.SelectionSet, of Object) {
	is := func(condition string) bool {
		name, _ := of[TypeName].(string)
		return condition == name || slices.ContainsFunc(q.schema.GetPossibleTypes(q.schema.Types[condition]), func(d *ast.Definition) bool { return d.Name == name })
	}
	for _, selection := range set {
		switch sel := selection.(type) {
		case *ast.Field:
			value := of[sel.Name]
			if f, ok := value.(Field); ok {
				value = f(sel.ArgumentMap(q.variables))
			}
			out[sel.Alias] = q.value(sel, value)
		case *ast.InlineFragment:
			if is(sel.TypeCondition) {
				q.fill(out, sel.SelectionSet, of)
			}
		case *ast.FragmentSpread:
			if is(sel.Definition.TypeCondition) {
				q.fill(out, sel.Definition.SelectionSet, of)
			}
		}
	}
}

func (q *Query) value(sel *ast.Field, value any) any {
	switch v := value.(type) {
	case Object:
		if v == nil {
			q.missing = true
			return nil
		}
		return q.object(sel.SelectionSet, v)
	case []Object:
		list := []any{}
		for _, o := range v {
			list = append(list, q.object(sel.SelectionSet, o))
		}
		return list
	case error:
		q.failed = v
		return nil
	}
	return value
}
