package adaptertest

import (
	"regexp"
	"testing"
)

func TestEveryRuleStandsInTheContract(t *testing.T) {
	place := regexp.MustCompile(`^(.*/core/chat/\w+\.go):\d+$`)
	for _, c := range Cases() {
		if !place.MatchString(contract.Source(c.Rule)) {
			t.Errorf("%s: the rule is no text of a comment of package chat: %q", c.ID, c.Rule)
		}
	}
}

func TestCaseIDs(t *testing.T) {
	form := regexp.MustCompile(`^[A-Z][A-Za-z]+/[A-Z][A-Za-z]+$`)
	seen := map[string]bool{}
	for _, c := range Cases() {
		if !form.MatchString(c.ID) {
			t.Errorf("the ID %q has another form than Group/Case", c.ID)
		}
		if seen[c.ID] {
			t.Errorf("the ID %q is given twice", c.ID)
		}
		seen[c.ID] = true
		if c.Run == nil {
			t.Errorf("case %s has no Run", c.ID)
		}
	}
}
