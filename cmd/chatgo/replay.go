package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const replayTimeout = 30 * time.Second

// recording is the file of a webhook.Recorder of core/adapterkit/webhook.
type recording struct {
	Method     string      `json:"method"`
	Path       string      `json:"path"`
	Header     http.Header `json:"header"`
	Body       string      `json:"body"`
	BodyBase64 []byte      `json:"bodyBase64"`
}

func newReplayCommand() *cobra.Command {
	var server, adapter string
	cmd := &cobra.Command{
		Use: "replay FILE…", Short: "Send recorded webhooks to a bot that runs",
		Long: `Send recorded webhooks to a bot that runs, and print what it answers.

The files are those of a webhook.Recorder. A recording has no secrets, so it is signed
again with SLACK_SIGNING_SECRET, TELEGRAM_WEBHOOK_SECRET_TOKEN or GITHUB_WEBHOOK_SECRET,
as the adapter wants it. A message that was handled in the last ten minutes is known as
a duplicate and not handled again.`,
		Example: "  chatgo replay --adapter telegram testdata/recorded/20260101T120000.000-0001.json",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			for _, file := range files {
				status, err := replay(cmd.Context(), file, strings.TrimSuffix(server, "/")+"/webhooks/"+adapter, signers[adapter])
				if err != nil {
					return fmt.Errorf("%s: %w", file, err)
				}
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", file, status); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&server, "server", "http://127.0.0.1:8080", "where the bot listens")
	cmd.Flags().StringVar(&adapter, "adapter", "", "the adapter that takes the webhook")
	_ = cmd.MarkFlagRequired("adapter")
	return cmd
}

// replay sends one recording to an adapter. A status other than 2xx is an error.
func replay(ctx context.Context, file, server string, sign func(*http.Request, []byte)) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var r recording
	if err := json.Unmarshal(data, &r); err != nil {
		return "", fmt.Errorf("no recording: %w", err)
	}
	if r.Method == "" {
		return "", fmt.Errorf("no recording: it has no method")
	}
	body := r.BodyBase64
	if r.Body != "" {
		body = []byte(r.Body)
	}
	ctx, cancel := context.WithTimeout(ctx, replayTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.Method, server+r.Path, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header = r.Header.Clone()
	if req.Header == nil {
		req.Header = http.Header{}
	}
	if sign != nil {
		sign(req, body)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil {
		return "", err
	}
	if resp.StatusCode/100 != 2 {
		return "", fmt.Errorf("the bot answered %s: %s", resp.Status, bytes.TrimSpace(answer))
	}
	return resp.Status, nil
}

// signers add what proves that a request comes from its platform.
var signers = map[string]func(r *http.Request, body []byte){
	// https://docs.slack.dev/authentication/verifying-requests-from-slack
	"slack": func(r *http.Request, body []byte) {
		at := strconv.FormatInt(time.Now().Unix(), 10)
		r.Header.Set("X-Slack-Request-Timestamp", at)
		r.Header.Set("X-Slack-Signature", "v0="+sha256HMAC(os.Getenv("SLACK_SIGNING_SECRET"), []byte("v0:"+at+":"+string(body))))
	},
	// https://core.telegram.org/bots/api#setwebhook
	"telegram": func(r *http.Request, _ []byte) {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", os.Getenv("TELEGRAM_WEBHOOK_SECRET_TOKEN"))
	},
	// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
	"github": func(r *http.Request, body []byte) {
		r.Header.Set("X-Hub-Signature-256", "sha256="+sha256HMAC(os.Getenv("GITHUB_WEBHOOK_SECRET"), body))
	},
}

func sha256HMAC(key string, text []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(text)
	return hex.EncodeToString(mac.Sum(nil))
}
