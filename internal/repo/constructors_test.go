package repo_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/chat-adapter/chat-go/adapters/discord"
	"github.com/chat-adapter/chat-go/adapters/gchat"
	"github.com/chat-adapter/chat-go/adapters/github"
	"github.com/chat-adapter/chat-go/adapters/instagram"
	"github.com/chat-adapter/chat-go/adapters/linear"
	"github.com/chat-adapter/chat-go/adapters/messenger"
	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/adapters/teams"
	"github.com/chat-adapter/chat-go/adapters/telegram"
	"github.com/chat-adapter/chat-go/adapters/twilio"
	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/adapters/whatsapp"
	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/credential"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/linearizability"
	"github.com/chat-adapter/chat-go/mcpchat"
	"github.com/chat-adapter/chat-go/otelchat"
	_ "github.com/chat-adapter/chat-go/state-memory"
	pgstate "github.com/chat-adapter/chat-go/state-postgres"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// refusing is a meter provider that gives no instruments.
type refusing struct{ noop.MeterProvider }

func (refusing) Meter(string, ...metric.MeterOption) metric.Meter { return refusingMeter{} }

type refusingMeter struct{ noop.Meter }

func (refusingMeter) Int64Counter(string, ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	return nil, errors.New("refused")
}

// refused has, for each exported function of the released modules that takes a
// configuration or an address and can fail, a call that can never work.
var refused = map[string]func(*testing.T) error{
	"adapters/discord.New":   func(*testing.T) error { _, err := discord.New(discord.Config{}); return err },
	"adapters/linear.New":    func(*testing.T) error { _, err := linear.New(linear.Config{}); return err },
	"adapters/messenger.New": func(*testing.T) error { _, err := messenger.New(messenger.Config{}); return err },
	"adapters/gchat.New":     func(*testing.T) error { _, err := gchat.New(gchat.Config{}); return err },
	"adapters/instagram.New": func(*testing.T) error { _, err := instagram.New(instagram.Config{}); return err },
	"adapters/github.New":    func(*testing.T) error { _, err := github.New(github.Config{}); return err },
	"adapters/slack.New":     func(*testing.T) error { _, err := slack.New(slack.Config{}); return err },
	"adapters/telegram.New":  func(*testing.T) error { _, err := telegram.New(telegram.Config{}); return err },
	"adapters/twilio.New":    func(*testing.T) error { _, err := twilio.New(twilio.Config{}); return err },
	"adapters/web.New":       func(*testing.T) error { _, err := web.New(web.Config{MaxText: -1}); return err },
	"adapters/teams.New":     func(*testing.T) error { _, err := teams.New(teams.Config{}); return err },
	"adapters/whatsapp.New":  func(*testing.T) error { _, err := whatsapp.New(whatsapp.Config{}); return err },
	"core/adapterkit.NewButtons": func(*testing.T) error {
		_, err := adapterkit.NewButtons(nil, adapterkit.ButtonsConfig{Limit: -1})
		return err
	},
	"core/adapterkit/credential.NewInstaller": func(*testing.T) error {
		_, err := credential.NewInstaller(nil, credential.InstallerConfig{})
		return err
	},
	"core/adapterkit/credential.NewOAuthState": func(*testing.T) error {
		_, err := credential.NewOAuthState(credential.OAuthStateConfig{})
		return err
	},
	"core/adapterkit/platform.NewClient": func(*testing.T) error {
		_, err := platform.NewClient(platform.ClientConfig{})
		return err
	},
	"core/adapterkit/platform.NewDownloader": func(*testing.T) error {
		_, err := platform.NewDownloader(platform.DownloaderConfig{})
		return err
	},
	"core/chat.New":      func(*testing.T) error { _, err := chat.New(chat.Config{}); return err },
	"core/chattools.New": func(*testing.T) error { _, err := chattools.New(chattools.Config{}); return err },
	"core/state.Open":    func(t *testing.T) error { _, err := state.Open(t.Context(), ""); return err },
	"core/state.Open of an unknown scheme": func(t *testing.T) error {
		_, err := state.Open(t.Context(), "elsewhere://host")
		return err
	},
	"core/state.Open of memory":   func(t *testing.T) error { _, err := state.Open(t.Context(), "memory://host"); return err },
	"core/state.Open of Postgres": func(t *testing.T) error { _, err := state.Open(t.Context(), "postgres://host?x=1"); return err },
	"core/state.Open of Redis":    func(t *testing.T) error { _, err := state.Open(t.Context(), "redis://host/x"); return err },
	"mcpchat.New":                 func(*testing.T) error { _, err := mcpchat.New(mcpchat.Config{}); return err },
	"mcpchat.NewHandler":          func(*testing.T) error { _, err := mcpchat.NewHandler(nil, mcpchat.HandlerConfig{}); return err },
	"otelchat.New":                func(*testing.T) error { _, err := otelchat.New(otelchat.Config{MeterProvider: refusing{}}); return err },
	"linearizability.Judge": func(t *testing.T) error {
		return linearizability.Judge(t.Context(), nil, linearizability.Config{Operations: -1})
	},
	"linearizability.JudgeEvents": func(*testing.T) error {
		return linearizability.JudgeEvents(linearizability.Locks, linearizability.Config{Slack: -1}, nil)
	},
	"state-postgres.New": func(*testing.T) error { _, err := pgstate.New(pgstate.Config{}); return err },
	"state-redis.New":    func(*testing.T) error { _, err := redisstate.New(redisstate.Config{}); return err },
}

// neverFail are such functions that no configuration makes fail today.
var neverFail = map[string]bool{"state-memory.New": true}

// TestConstructorsRefuseWithOneError checks that a configuration that can never work
// is one error, whichever module finds it.
func TestConstructorsRefuseWithOneError(t *testing.T) {
	t.Parallel()
	for name, call := range refused {
		err := call(t)
		require.ErrorIs(t, err, chat.ErrInvalidConfig, name)
		require.ErrorIs(t, err, state.ErrInvalidConfig, name)
		require.NotErrorIs(t, err, chat.ErrInvalidArgument, name)
	}
	for _, name := range constructors(t) {
		require.True(t, refused[name] != nil || neverFail[name], "%s has no call in the table", name)
	}
}

// constructors returns the functions for which refused needs a call, such as
// "core/chat.New".
func constructors(t *testing.T) []string {
	var found []string
	for _, m := range modules(t) {
		if !m.Released || m.Internal() {
			continue
		}
		require.NoError(t, filepath.WalkDir(filepath.Join(root, m.Folder), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (entry.Name() == "internal" || entry.Name() == "testdata"):
				return fs.SkipDir
			case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			folder, err := filepath.Rel(root, filepath.Dir(path))
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && isConstructor(f) {
					found = append(found, filepath.ToSlash(folder)+"."+f.Name.Name)
				}
			}
			return err
		}))
	}
	require.Greater(t, len(found), 8)
	return found
}

func isConstructor(f *ast.FuncDecl) bool {
	if f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil {
		return false
	}
	results := f.Type.Results.List
	if last, ok := results[len(results)-1].Type.(*ast.Ident); !ok || last.Name != "error" {
		return false
	}
	for _, p := range f.Type.Params.List {
		if named, ok := p.Type.(*ast.Ident); ok && strings.HasSuffix(named.Name, "Config") {
			return true
		}
	}
	return f.Name.Name == "Open"
}
