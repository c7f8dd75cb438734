package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	gh "github.com/google/go-github/v92/github"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// GitHub delivers a webhook once. For three days it delivers it again on request.
// https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
const (
	longestLook = 72 * time.Hour
	firstLook   = time.Hour // how far a bot looks back that has never looked before
	// maxAttempts is how often a webhook is delivered at most, with the first delivery.
	maxAttempts = 5
	// maxPages is how many pages of deliveries are read, each of largestPage.
	maxPages = 50
)

// Run asks GitHub to deliver webhooks again that have failed, until ctx ends. GitHub lists
// the webhooks of an App with the status of each answer. In each Config.RedeliveryInterval
// one of all instances that share a state reads this list. With a token Run does nothing,
// because GitHub lists the webhooks of a repository only to its administrators. Failures
// are logged, and Run returns nil. The bot's Run calls it.
func (a *Adapter) Run(ctx context.Context) error {
	for a.config.key != nil {
		if err := a.redeliver(ctx, time.Now()); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "failed webhooks could not be asked for", "error", err)
		}
		if adapterkit.Sleep(ctx, a.config.RedeliveryInterval) != nil {
			return nil
		}
	}
	<-ctx.Done()
	return nil
}

// redeliver asks for the webhooks that have failed since the last look.
func (a *Adapter) redeliver(ctx context.Context, now time.Time) error {
	app := formatID(a.config.AppID)
	turn := adapterName + ":redelivery:" + app
	mine, err := a.host.State().SetIfNotExists(ctx, turn, []byte(strconv.FormatInt(now.UnixNano(), 10)), a.config.RedeliveryInterval)
	if err != nil || !mine {
		return err
	}
	mark := adapterName + ":redelivered:" + app
	since := now.Add(-firstLook)
	switch data, err := a.host.State().Get(ctx, mark); {
	case err == nil:
		if ms, err := strconv.ParseInt(string(data), 10, 64); err == nil {
			since = time.UnixMilli(ms)
		}
	case !errors.Is(err, state.ErrNotFound):
		return err
	}
	if oldest := now.Add(-longestLook); since.Before(oldest) {
		since = oldest
	}
	failed, err := a.failedSince(ctx, since)
	if err != nil {
		return err
	}
	for _, id := range failed {
		if err := a.askAgain(ctx, id); err != nil {
			return fmt.Errorf("the delivery %d: %w", id, err)
		}
	}
	if len(failed) > 0 {
		a.log.InfoContext(ctx, "GitHub was asked to deliver again", "deliveries", len(failed))
	}
	// The next look overlaps this one, for webhooks that are being delivered now.
	return a.host.State().Set(ctx, mark, []byte(strconv.FormatInt(now.Add(-a.config.RedeliveryInterval).UnixMilli(), 10)), 0)
}

// failedSince returns the ids of the last deliveries of the webhooks that have failed,
// oldest first.
// https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook
func (a *Adapter) failedSince(ctx context.Context, since time.Time) ([]int64, error) {
	attempts, taken := map[string]int{}, map[string]bool{}
	var last []*gh.HookDelivery
	opts := &gh.ListCursorOptions{PerPage: largestPage}
pages:
	for range maxPages {
		got, answer, err := a.root.Apps.ListHookDeliveries(ctx, opts)
		if err != nil {
			return nil, a.failure(ctx, "apps/list-webhook-deliveries", err)
		}
		for _, d := range got {
			if d.GetDeliveredAt().Before(since) {
				break pages
			}
			guid := d.GetGUID()
			if attempts[guid]++; attempts[guid] == 1 {
				last = append(last, d)
			}
			taken[guid] = taken[guid] || d.GetStatusCode()/100 == 2
		}
		if opts.Cursor = answer.Cursor; opts.Cursor == "" {
			break
		}
	}
	var failed []int64
	for _, d := range slices.Backward(last) {
		if guid := d.GetGUID(); !taken[guid] && attempts[guid] < maxAttempts && mayWork(d.GetStatusCode()) {
			failed = append(failed, d.GetID())
		}
	}
	return failed, nil
}

// mayWork reports whether another delivery may succeed after an answer with the status. 0
// means that there was no answer.
func mayWork(status int) bool {
	return status == 0 || status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// askAgain asks GitHub for another delivery.
// https://docs.github.com/en/rest/apps/webhooks#redeliver-a-delivery-for-an-app-webhook
func (a *Adapter) askAgain(ctx context.Context, id int64) error {
	patience := a.host.RateLimitWait()
	return adapterkit.Retry(ctx, &patience, func() error {
		_, _, err := a.root.Apps.RedeliverHookDelivery(ctx, id)
		if _, accepted := errors.AsType[*gh.AcceptedError](err); accepted {
			return nil
		}
		if err = a.failure(ctx, "apps/redeliver-webhook-delivery", err); errors.Is(err, chat.ErrInvalid) || errors.Is(err, chat.ErrNotFound) {
			a.log.WarnContext(ctx, "GitHub refuses to deliver a webhook again", "delivery", id, "error", err)
			return nil
		}
		return err
	})
}
