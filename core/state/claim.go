package state

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"strconv"
	"time"
)

// Claim is a cache value that only one caller ever writes, so that a caller that
// finds it knows which one has set it. [Cache.SetIfNotExists] and [Swaps] answer rightly
// for it even when a reply is lost.
type Claim struct {
	// Token is unguessable and used once.
	Token string
	// At is when the claim was made, by the clock of its maker.
	At time.Time
}

const claimPrefix = `{"claim":"`

var tokenEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewClaim returns the value of a fresh claim made at the given time:
// {"claim":"<token>","at":<milliseconds since 1970>}.
func NewClaim(at time.Time) []byte {
	var token [16]byte
	_, _ = rand.Read(token[:]) // it never fails
	b := make([]byte, 0, 64)
	b = append(b, claimPrefix...)
	b = tokenEncoding.AppendEncode(b, token[:])
	b = append(b, `","at":`...)
	b = strconv.AppendInt(b, at.UnixMilli(), 10)
	return append(b, '}')
}

// IsClaim reports whether the value was made by NewClaim. Adapters use it to
// decide what a value found in place means.
func IsClaim(value []byte) bool { return bytes.HasPrefix(value, []byte(claimPrefix)) }

// ParseClaim returns the claim in a value made by NewClaim.
func ParseClaim(value []byte) (Claim, bool) {
	if !IsClaim(value) {
		return Claim{}, false
	}
	var v struct {
		Claim string `json:"claim"`
		At    int64  `json:"at"`
	}
	if err := json.Unmarshal(value, &v); err != nil || v.Claim == "" {
		return Claim{}, false
	}
	return Claim{Token: v.Claim, At: time.UnixMilli(v.At)}, true
}
