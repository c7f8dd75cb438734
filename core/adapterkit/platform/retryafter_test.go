package platform

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	for _, test := range []struct {
		header map[string]string
		want   time.Duration
	}{
		{nil, 0},
		{map[string]string{"Retry-After": "3"}, 3 * time.Second},
		{map[string]string{"Retry-After": "0.25"}, 250 * time.Millisecond},
		{map[string]string{"Retry-After": "0"}, time.Millisecond},
		{map[string]string{"Retry-After": "Tue, 14 Nov 2023 22:13:50 GMT"}, 30 * time.Second},
		{map[string]string{"Retry-After": "Tue, 14 Nov 2023 22:13:10 GMT"}, time.Millisecond},
		{map[string]string{"Retry-After": "soon"}, 0},
		{map[string]string{"Retry-After": "-1"}, 0},
		{map[string]string{"Retry-After": "NaN"}, 0},
		{map[string]string{"Retry-After": "Inf"}, 0},
		{map[string]string{"Retry-After": "1e300"}, 24 * time.Hour},
		{map[string]string{"Retry-After": "9223372036854775807"}, 24 * time.Hour},
		{map[string]string{"Retry-After-Ms": "1500", "Retry-After": "9"}, 1500 * time.Millisecond},
		{map[string]string{"X-Ms-Retry-After-Ms": "20"}, 20 * time.Millisecond},
		{map[string]string{"Retry-After": "5", "X-RateLimit-Reset": "1700000060"}, 5 * time.Second},
		{map[string]string{"X-RateLimit-Reset": "1700000060"}, time.Minute},
		{map[string]string{"X-RateLimit-Reset": "1700000060.5", "X-RateLimit-Reset-After": "1.25"}, 1250 * time.Millisecond},
		{map[string]string{"X-RateLimit-Reset": "60"}, time.Minute},
		{map[string]string{"X-RateLimit-Reset": "1600000000"}, time.Millisecond},
		{map[string]string{"X-RateLimit-Reset": "1700000060", "X-RateLimit-Remaining": "7"}, 0},
		{map[string]string{"X-RateLimit-Reset": "1700000060", "X-RateLimit-Remaining": "0"}, time.Minute},
		{map[string]string{
			"X-RateLimit-Requests-Reset": "1700000090000", "X-RateLimit-Requests-Remaining": "12",
			"X-RateLimit-Complexity-Reset": "1700000030000", "X-RateLimit-Complexity-Remaining": "0",
		}, 30 * time.Second},
		{map[string]string{"RateLimit-Reset": "7"}, 7 * time.Second},
	} {
		h := http.Header{}
		for name, value := range test.header {
			h.Set(name, value)
		}
		require.Equal(t, test.want, RetryAfter(h, now), "%v", test.header)
	}
	require.Zero(t, RetryAfter(nil, now))
}

func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{"3", "0.5", "-1", "1e308", "NaN", "Tue, 14 Nov 2023 22:13:50 GMT", "1700000060000", "0x1p-2", "99999999999999999999999"} {
		f.Add(value, value)
	}
	f.Fuzz(func(t *testing.T, after, reset string) {
		for _, h := range []http.Header{{"Retry-After": {after}}, {"X-Ratelimit-Reset": {reset}}, {"Retry-After-Ms": {after}, "Ratelimit-Reset": {reset}}} {
			wait := RetryAfter(h, time.Now())
			require.GreaterOrEqual(t, wait, time.Duration(0))
			require.LessOrEqual(t, wait, 24*time.Hour)
		}
	})
}
