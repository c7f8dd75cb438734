package chat

import (
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each number and duration of a Config, in whatever group, is refused when it is
// negative, with the path of its field.
func TestNewRefusesEachNegativeNumber(t *testing.T) {
	var refused int
	var walk func(path string, at func(*Config) reflect.Value)
	walk = func(path string, at func(*Config) reflect.Value) {
		cfg := Config{UserName: "bot", Adapters: []Adapter{&able{}}, State: closing{}, Durability: DurabilityNone}
		switch v := at(&cfg); v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				name := v.Type().Field(i).Name
				if path != "" {
					name = path + "." + name
				}
				walk(name, func(c *Config) reflect.Value { return at(c).Field(i) })
			}
		case reflect.Int, reflect.Int64:
			cfg.Transcripts.Enabled, cfg.Identity = true, func(context.Context, IdentityQuery) (string, error) { return "", nil }
			v.SetInt(-1)
			_, err := New(cfg)
			require.ErrorIs(t, err, ErrInvalidConfig, path)
			require.ErrorContains(t, err, path+" is -1")
			refused++
		}
	}
	walk("", func(c *Config) reflect.Value { return reflect.ValueOf(c).Elem() })
	require.Greater(t, refused, 20)
}
