package messaging

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
)

var versionForm = regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]{1,2}$`)

// CheckAPI gives the fields APIURL and APIVersion of a configuration their defaults, and
// says what is wrong with one of them.
func CheckAPI(apiURL, version *string, defaultURL, defaultVersion string) (problem string) {
	*apiURL, *version = cmp.Or(*apiURL, defaultURL), cmp.Or(*version, defaultVersion)
	u, err := url.Parse(*apiURL)
	switch {
	case !versionForm.MatchString(*version):
		return fmt.Sprintf("APIVersion is %q, want one such as %q", *version, defaultVersion)
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "":
		return "APIURL must be an http or https address without user and query"
	}
	return ""
}
