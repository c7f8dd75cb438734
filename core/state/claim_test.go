package state

import (
	"encoding/json"
	"regexp"
	"testing"
	"time"
)

func TestClaimRoundTrip(t *testing.T) {
	at := time.UnixMilli(1700000000123)
	value := NewClaim(at)
	if !regexp.MustCompile(`^\{"claim":"[A-Z2-7]{26}","at":1700000000123\}$`).Match(value) {
		t.Errorf("NewClaim made %s", value)
	}
	if !json.Valid(value) {
		t.Errorf("NewClaim made no JSON: %s", value)
	}
	if !IsClaim(value) {
		t.Error("IsClaim does not know a claim")
	}
	c, ok := ParseClaim(value)
	if !ok || c.Token == "" || !c.At.Equal(at) {
		t.Errorf("ParseClaim returned %+v, %v", c, ok)
	}
}

func TestClaimsDiffer(t *testing.T) {
	seen := map[string]bool{}
	at := time.Now()
	for range 1000 {
		seen[string(NewClaim(at))] = true
	}
	if len(seen) != 1000 {
		t.Errorf("1000 claims of one moment have %d values", len(seen))
	}
}

func TestParseClaimRefusesOtherValues(t *testing.T) {
	for _, v := range []string{"", "true", "null", `{"claim":"`, `{"claim":"","at":1}`, `{"claim":5,"at":1}`, `{"claim":"x","at":"y"}`, `{"at":1,"claim":"x"}`, `{"claim":"x","at":1}}`} {
		if c, ok := ParseClaim([]byte(v)); ok {
			t.Errorf("ParseClaim(%q) = %+v, want none", v, c)
		}
	}
	if IsClaim([]byte("true")) || IsClaim(nil) {
		t.Error("IsClaim takes any value for a claim")
	}
}
