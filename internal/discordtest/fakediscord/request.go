package fakediscord

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/chattest"
)

// request is a call, with the ids in its path.
type request struct {
	server *Server
	ids    []string
	query  url.Values
	args   map[string]any
	list   []any // the body, if it is a list
	files  []chattest.PostedFile
}

// endpoint is a method of the API.
type endpoint struct {
	route string
	path  *regexp.Regexp
	open  bool // a token in the path stands for the bot's
	query []string
	args  map[string]kind // those with "!" are required; nil: a list
	do    func(*request) (any, error)
}

// find returns the endpoint of a path, and the ids in that.
func find(method, path string) (*endpoint, []string, bool) {
	for i := range endpoints {
		e := &endpoints[i]
		if at := e.path.FindStringSubmatch(path); at != nil && strings.HasPrefix(e.route, method+" ") {
			ids := at[1:]
			for i, id := range ids {
				ids[i], _ = url.PathUnescape(id)
			}
			return e, ids, true
		}
	}
	return nil, nil, false
}

// arguments reads the body: JSON, or a form with files whose JSON is in one field.
// https://docs.discord.com/developers/reference#uploading-files
func arguments(r *http.Request) (*request, error) {
	c := &request{args: map[string]any{}}
	data, err := body(r, c)
	if err != nil || len(data) == 0 {
		return c, err
	}
	if data[0] == '[' {
		return c, json.Unmarshal(data, &c.list)
	}
	return c, json.Unmarshal(data, &c.args)
}

func body(r *http.Request, c *request) ([]byte, error) {
	media, parameters, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if media != "multipart/form-data" {
		data, err := io.ReadAll(r.Body)
		if err == nil && len(data) > 0 && media != "application/json" {
			err = fmt.Errorf("the Content-Type is %q", media)
		}
		return data, err
	}
	form := multipart.NewReader(r.Body, parameters["boundary"])
	var payload []byte
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return payload, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		switch {
		case part.FormName() == "payload_json":
			payload = content
		case part.FormName() == fmt.Sprintf("files[%d]", len(c.files)):
			c.files = append(c.files, chattest.PostedFile{Name: strings.ReplaceAll(part.FileName(), "%22", `"`), Content: content, MIMEType: part.Header.Get("Content-Type")})
		default:
			return nil, fmt.Errorf("there is no field %q", part.FormName())
		}
	}
}

// check returns what is wrong with a call by itself.
func (e *endpoint) check(c *request) (problems []string) {
	for name := range c.query {
		if !slices.Contains(e.query, name) {
			problems = append(problems, fmt.Sprintf("there is no parameter %q in the query", name))
		}
	}
	if e.args == nil {
		if c.list == nil {
			problems = append(problems, "the body is no list")
		}
		return problems
	}
	problems = append(problems, checkObject("", e.args, c.args)...)
	if len(c.files) > 10 {
		problems = append(problems, "more than 10 files")
	}
	if list, _ := holder(c.args)["attachments"].([]any); len(list) != len(c.files) {
		problems = append(problems, fmt.Sprintf("%d attachments and %d files", len(list), len(c.files)))
	}
	return problems
}

// holder is the message in a call: an interaction's response has it in a field.
func holder(args map[string]any) map[string]any {
	if data, ok := args["data"].(map[string]any); ok {
		return data
	}
	return args
}

// kind says what is wrong with a value, if anything is.
type kind func(value any) []string

func checkObject(path string, spec map[string]kind, args map[string]any) (problems []string) {
	known := map[string]kind{}
	for _, name := range slices.Sorted(maps.Keys(spec)) {
		bare, required := strings.CutSuffix(name, "!")
		known[bare] = spec[name]
		if _, given := args[bare]; required && !given {
			problems = append(problems, fmt.Sprintf("the argument %q is missing", path+bare))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(args)) {
		check, ok := known[name]
		if !ok {
			problems = append(problems, fmt.Sprintf("there is no argument %q", path+name))
			continue
		}
		for _, problem := range check(args[name]) {
			problems = append(problems, fmt.Sprintf("the argument %q %s", path+name, problem))
		}
	}
	return problems
}

func one(ok bool, problem string) []string {
	if ok {
		return nil
	}
	return []string{problem}
}

func text(from, most int) kind {
	return func(value any) []string {
		words, ok := value.(string)
		n := len([]rune(words))
		return one(ok && n >= from && n <= most, fmt.Sprintf("is no text of %d to %d characters: it has %d", from, most, n))
	}
}

func integer(from, to float64) kind {
	return func(value any) []string {
		n, ok := value.(float64)
		return one(ok && n >= from && n <= to && n == float64(int64(n)), fmt.Sprintf("is no integer from %v to %v: %v", from, to, value))
	}
}

func boolean(value any) []string {
	_, ok := value.(bool)
	return one(ok, "is no boolean")
}

var digits = regexp.MustCompile(`^[0-9]{1,20}$`)

func snowflake(value any) []string {
	words, ok := value.(string)
	return one(ok && digits.MatchString(words), "is no id")
}

func object(spec map[string]kind) kind {
	return func(value any) []string {
		o, ok := value.(map[string]any)
		if !ok {
			return []string{"is no object"}
		}
		return checkObject("", spec, o)
	}
}

func list(from, to int, of kind) kind {
	return func(value any) (problems []string) {
		items, ok := value.([]any)
		if !ok || len(items) < from || len(items) > to {
			return []string{fmt.Sprintf("is no list of %d to %d: %d", from, to, len(items))}
		}
		for i, item := range items {
			for _, problem := range of(item) {
				problems = append(problems, fmt.Sprintf("[%d] %s", i, problem))
			}
		}
		return problems
	}
}

func oneOf(values ...string) kind {
	return func(value any) []string {
		words, ok := value.(string)
		return one(ok && slices.Contains(values, words), fmt.Sprintf("is none of %v", values))
	}
}
