package chat

import (
	"context"
	"fmt"
	"time"
)

// take waits for the right to post or edit; give must follow.
func (p *Plan) take(ctx context.Context) error {
	if ctx == nil {
		return errNilContext
	}
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Plan) give() { <-p.turn }

// post posts the plan, in a form of its own where the platform has one.
func (p *Plan) post(ctx context.Context, o outlet) (*SentMessage, error) {
	if p == nil || p.turn == nil {
		return nil, fmt.Errorf("%w: the plan is not made by NewPlan", ErrInvalidArgument)
	}
	if err := p.take(ctx); err != nil {
		return nil, err
	}
	defer p.give()
	if p.sent != nil {
		return nil, fmt.Errorf("%w: the plan is posted already", ErrInvalidArgument)
	}
	state, version := p.current()
	if state.empty() {
		return nil, fmt.Errorf("%w: the plan has neither a title nor tasks", ErrInvalidArgument)
	}
	post := &Post{Tree: state.tree()}
	thread, id, form, err := p.begin(ctx, o, state, post)
	if err != nil {
		return nil, err
	}
	p.form, p.shown, p.sent = form, version, o.sent(ctx, thread, id, time.Now(), post)
	return p.sent, nil
}

func (p *Plan) begin(ctx context.Context, o outlet, state PlanState, post *Post) (*Thread, MessageID, PlanPoster, error) {
	form, ok := o.adapter.(PlanPoster)
	if ok && o.thread != nil {
		var id MessageID
		err := o.do(ctx, func(ctx context.Context) (err error) {
			_, id, err = o.replace(ctx, false,
				func(ctx context.Context, prev posted) error { return form.EditPlan(ctx, prev.Thread, prev.ID, state) },
				func(ctx context.Context) (*Thread, MessageID, error) {
					id, err := form.PostPlan(ctx, o.thread.id, state)
					return o.thread, id, err
				})
			return err
		}, nil)
		if !isUnsupported(err) {
			return o.thread, id, form, err
		}
	}
	thread, id, err := o.send(ctx, post)
	return thread, id, nil, err
}

func (p *Plan) current() (PlanState, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stateLocked(), p.version
}

// change changes the plan and shows the change if the plan is posted.
func (p *Plan) change(ctx context.Context, change func(*PlanState) error) error {
	version, err := p.apply(change)
	if err != nil {
		return err
	}
	return p.show(ctx, version)
}

func (p *Plan) apply(change func(*PlanState) error) (version int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := change(&p.state); err != nil {
		return 0, err
	}
	p.version++
	return p.version, nil
}

// show makes the message show at least the version.
func (p *Plan) show(ctx context.Context, version int) error {
	if err := p.take(ctx); err != nil {
		return err
	}
	defer p.give()
	if p.sent == nil || p.shown >= version {
		return nil
	}
	t := p.sent.thread
	state, version := p.current()
	err := t.caller().do(ctx, func(ctx context.Context) error {
		// A call that has to be repeated shows what is so by then.
		state, version = p.current()
		if p.form != nil {
			return p.form.EditPlan(ctx, t.id, p.sent.ID(), state)
		}
		return t.adapter.EditMessage(ctx, t.id, p.sent.ID(), &Post{Tree: state.tree()})
	}, nil)
	if err == nil {
		p.shown = version
	}
	return err
}
