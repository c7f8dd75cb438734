package doctest

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

var (
	codeSpan  = regexp.MustCompile("(?ms)^ *```.*?^ *```$|`[^`\n]*`")
	inline    = regexp.MustCompile(`\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)`)
	heading   = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *#*$`)
	htmlLink  = regexp.MustCompile(`(?:src|href|srcset)="([^"]+)"`)
	testNamed = regexp.MustCompile(`#(Test\w+|Benchmark\w+|Example\w*)$`)
)

// TestTheLinksOfDocuments checks that what a relative link names is there, with the
// heading after #. A link to a Go file may name a test in it.
func TestTheLinksOfDocuments(t *testing.T) {
	t.Parallel()
	all := documents(t)
	anchors := make(map[string]map[string]bool)
	for _, d := range all {
		anchors[d.name] = d.anchors()
	}
	checked := 0
	for _, d := range all {
		for _, link := range d.links() {
			checked++
			if wrong := broken(d.name, link, anchors); wrong != "" {
				t.Errorf("%s: the link to %s: %s", d.name, link, wrong)
			}
		}
	}
	require.Greater(t, checked, 50)
}

// TestLinksThatLeadNowhereAreFound is for the check itself.
func TestLinksThatLeadNowhereAreFound(t *testing.T) {
	t.Parallel()
	anchors := map[string]map[string]bool{"README.md": {"try-it": true}}
	for _, link := range []string{"nowhere.md", "../README.md#nothing", "/README.md", "../core/chat/doc.go#TestNothing", "#here"} {
		require.NotEmpty(t, broken("docs/x.md", link, anchors), link)
	}
	for _, link := range []string{"../README.md", "../README.md#try-it", "https://example.com/x", "links_test.go#TestTheLinksOfDocuments"} {
		require.Empty(t, broken("internal/doctest/x.md", strings.Replace(link, "../README", "../../README", 1), anchors), link)
	}
}

// links returns what the document links to.
func (d document) links() []string {
	text := codeSpan.ReplaceAllString(d.text, "")
	var all []string
	for _, m := range append(inline.FindAllStringSubmatch(text, -1), htmlLink.FindAllStringSubmatch(text, -1)...) {
		all = append(all, m[1])
	}
	return all
}

// anchors returns the names of the document's headings, made as GitHub makes them.
func (d document) anchors() map[string]bool {
	all := make(map[string]bool)
	fenced := regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(d.text, ""), -1) {
		var b strings.Builder
		for _, r := range strings.ToLower(inline.ReplaceAllString(m[1], "")) {
			switch {
			case r == ' ':
				b.WriteByte('-')
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				b.WriteRune(r)
			}
		}
		all[b.String()] = true
	}
	return all
}

// broken returns what is wrong with a link of the document.
func broken(from, link string, anchors map[string]map[string]bool) string {
	u, err := url.Parse(link)
	switch {
	case err != nil:
		return err.Error()
	case u.Scheme == "https" || u.Scheme == "http" || u.Scheme == "mailto":
		return ""
	case u.Scheme != "" || strings.HasPrefix(u.Path, "/"):
		return "want https or a path that is relative to the document"
	}
	target := from
	if u.Path != "" {
		target = path.Join(path.Dir(from), u.Path)
	}
	info, err := os.Stat(filepath.Join(root, target))
	if u.Path != "" && err != nil {
		return "there is no " + target
	}
	switch {
	case u.Fragment == "":
	case strings.HasSuffix(target, ".md"):
		if !anchors[target][u.Fragment] {
			return target + " has no such heading"
		}
	case !info.IsDir() && testNamed.MatchString(link):
		source, err := os.ReadFile(filepath.Join(root, target))
		if err != nil || !strings.Contains(string(source), "func "+u.Fragment+"(") {
			return target + " has no such test"
		}
	default:
		return "want a heading of a document or a test of a file after #"
	}
	return ""
}
