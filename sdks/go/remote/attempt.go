package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	plugwright "github.com/plugwright/plugwright/sdks/go"
)

// outcome is what became of an attempt: the reason why nothing ran, or why nobody knows; an error; or else the output.
type outcome struct {
	notBegun, lost string
	failed         *plugwright.Error
	output         []byte
	// given tells that a worker may still have something for the call.
	given bool
}

// attempt sends the call once, and waits for what becomes of it. Its worker is told when nobody waits any more.
func (p *Plugin) attempt(ctx context.Context, function string, input []byte) outcome {
	// Not below the subject that the connection's own requests have, where everything would arrive twice.
	inbox := p.conn.NewInbox()
	replies, err := p.conn.SubscribeSync(inbox)
	if err != nil {
		return outcome{failed: failure(plugwright.KindUnavailable, p.name, function, "NATS takes no subscription: "+err.Error(), err)}
	}
	// What arrives later is nobody's.
	defer func() { _ = replies.Unsubscribe() }()

	if err := p.conn.PublishMsg(p.request(ctx, inbox, function, input)); err != nil {
		return outcome{failed: failure(plugwright.KindUnavailable, p.name, function, "the call cannot be sent: "+err.Error(), err)}
	}
	result := p.wait(ctx, function, input, replies)
	if result.lost != "" || result.given {
		// A worker that does not hear of it ends by itself at the call's deadline.
		_ = p.conn.Publish(cancellations+"."+p.name, []byte(inbox))
	}
	return result
}

// request is the call as a message.
func (p *Plugin) request(ctx context.Context, inbox, function string, input []byte) *nats.Msg {
	request := nats.NewMsg(calls + "." + p.name + "." + function)
	request.Reply = inbox
	setNumber(request, headerHeartbeat, p.config.Heartbeat.Milliseconds())
	setNumber(request, headerTakesBytes, int64(p.config.MaxBytes))
	if deadline, ok := ctx.Deadline(); ok {
		setNumber(request, headerTimeout, max(time.Until(deadline).Milliseconds(), 0))
	}
	if len(input) > p.room() {
		setNumber(request, headerInputBytes, int64(len(input)))
	} else {
		request.Data = input
	}
	return request
}

// wait waits for the reply that is the call's result.
func (p *Plugin) wait(ctx context.Context, function string, input []byte, replies *nats.Subscription) outcome {
	for {
		patience, cancel := context.WithTimeout(ctx, silence*p.config.Heartbeat)
		reply, err := replies.NextMsgWithContext(patience)
		cancel()
		switch {
		case errors.Is(err, nats.ErrNoResponders):
			return outcome{notBegun: "no worker serves the plug-in; start one with `plugwright worker`"}
		case err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
			return outcome{lost: fmt.Sprintf("its worker has been silent for %v", silence*p.config.Heartbeat)}
		case err != nil:
			return outcome{lost: err.Error()}
		}
		if _, ok := header(reply, headerHeartbeat); ok {
			continue
		}
		if from, ok := header(reply, headerPart); ok {
			if failed := p.sendPart(function, input, from, reply); failed != nil {
				return outcome{failed: failed, given: true}
			}
			continue
		}
		return p.result(ctx, function, reply)
	}
}

// result is what a reply says became of the call.
func (p *Plugin) result(ctx context.Context, function string, reply *nats.Msg) outcome {
	if reason, ok := header(reply, headerNotBegun); ok {
		return outcome{notBegun: cmp.Or(reason, "a worker refused the call")}
	}
	if _, ok := header(reply, headerErrorCode); ok {
		failed := parseError(reply.Data, p.name, function)
		if failed.Kind == plugwright.KindLost {
			return outcome{lost: cmp.Or(failed.Message, "its worker lost it")}
		}
		return outcome{failed: failed}
	}
	if at, ok := header(reply, headerOutputAt); ok {
		return p.collect(ctx, function, at, reply)
	}
	if len(reply.Data) > p.config.MaxBytes {
		return outcome{failed: p.tooMany(function, "output", int64(len(reply.Data)))}
	}
	return outcome{output: append([]byte{}, reply.Data...)}
}
