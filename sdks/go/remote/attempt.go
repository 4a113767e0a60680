package remote

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	plugwright "github.com/plugwright/plugwright/sdks/go"
)

// The headers of requests and replies.
const (
	headerTimeout   = "Plugwright-Timeout-Ms"
	headerHeartbeat = "Plugwright-Heartbeat-Ms"
	headerNotBegun  = "Plugwright-Not-Begun"
	headerErrorCode = "Nats-Service-Error-Code"
)

// outcome is what became of an attempt: the reason why nothing ran, or why nobody knows; an error; or else the output.
type outcome struct {
	notBegun, lost string
	failed         *plugwright.Error
	output         []byte
}

// attempt sends the call once, and waits for what becomes of it. Its worker is told when nobody waits any more.
func (p *Plugin) attempt(ctx context.Context, function string, data []byte) outcome {
	inbox := p.conn.NewRespInbox()
	replies, err := p.conn.SubscribeSync(inbox)
	if err != nil {
		return outcome{failed: failure(plugwright.KindUnavailable, p.name, function, "NATS takes no subscription: "+err.Error(), err)}
	}
	// What arrives later is nobody's.
	defer func() { _ = replies.Unsubscribe() }()

	request := nats.NewMsg("plugwright." + p.name + "." + function)
	request.Reply, request.Data = inbox, data
	request.Header.Set(headerHeartbeat, strconv.FormatInt(p.config.Heartbeat.Milliseconds(), 10))
	if deadline, ok := ctx.Deadline(); ok {
		left := max(time.Until(deadline).Milliseconds(), 0)
		request.Header.Set(headerTimeout, strconv.FormatInt(min(left, 9_999_999_999), 10))
	}
	if err := p.conn.PublishMsg(request); err != nil {
		return outcome{failed: failure(plugwright.KindUnavailable, p.name, function, "the call cannot be sent: "+err.Error(), err)}
	}
	result := p.wait(ctx, function, replies)
	if result.lost != "" {
		// A worker that does not hear of it ends by itself at the call's deadline.
		_ = p.conn.Publish("plugwright-cancel."+p.name, []byte(inbox))
	}
	return result
}

// wait waits for the reply that is no sign of life.
func (p *Plugin) wait(ctx context.Context, function string, replies *nats.Subscription) outcome {
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
		if reply.Header.Get(headerHeartbeat) != "" {
			continue
		}
		if reason := reply.Header.Get(headerNotBegun); reason != "" {
			return outcome{notBegun: reason}
		}
		if reply.Header.Get(headerErrorCode) == "" {
			return outcome{output: append([]byte{}, reply.Data...)}
		}
		failed := parseError(reply.Data, p.name, function)
		if failed.Kind == plugwright.KindLost {
			return outcome{lost: failed.Message}
		}
		return outcome{failed: failed}
	}
}
