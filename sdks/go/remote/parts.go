package remote

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	plugwright "github.com/plugwright/plugwright/sdks/go"
)

// partPatience is how long one part of an output may take.
const partPatience = 10 * time.Second

// room is how many bytes of an input or output fit into a message.
func (p *Plugin) room() int {
	return int(max(p.conn.MaxPayload()-headerBytes, 1))
}

// sendPart answers a worker that wants the input from some byte on. What no worker of ours asks for is an error.
func (p *Plugin) sendPart(function string, input []byte, from string, ask *nats.Msg) *plugwright.Error {
	begin, ok := parseNumber(from)
	if !ok || begin >= int64(len(input)) {
		message := fmt.Sprintf("the worker asks for the input from byte %s on, of %d; check that nothing else serves this subject", shown(from), len(input))
		return failure(plugwright.KindIncompatible, p.name, function, message, nil)
	}
	if isReply(ask.Reply) {
		part := input[begin:]
		// Without it the worker gives up, and says so.
		_ = p.conn.Publish(ask.Reply, part[:min(len(part), p.room())])
	}
	return nil
}

// collect fetches the output that a worker has in parts.
func (p *Plugin) collect(ctx context.Context, function, at string, told *nats.Msg) outcome {
	said, _ := header(told, headerOutputBytes)
	size, ok := parseNumber(said)
	if !ok || !hasParts(p.name, at) {
		message := fmt.Sprintf("the worker says that the output of %s bytes is at %s, where none can be; check that nothing else serves this subject", shown(said), shown(at))
		return outcome{failed: failure(plugwright.KindIncompatible, p.name, function, message, nil), given: true}
	}
	if size > int64(p.config.MaxBytes) {
		return outcome{failed: p.tooMany(function, "output", size), given: true}
	}
	whole, err := p.fetch(ctx, at, int(size))
	if err != nil {
		return outcome{lost: "its output did not arrive: " + err.Error()}
	}
	// The worker need not keep it. Without this it forgets it a while later.
	_ = p.conn.PublishMsg(partOf(at, len(whole)))
	return outcome{output: whole}
}

// fetch asks for so many bytes, one part at a time.
func (p *Plugin) fetch(ctx context.Context, at string, size int) ([]byte, error) {
	whole := []byte{}
	for len(whole) < size {
		part, err := p.part(ctx, at, len(whole))
		if err != nil {
			return nil, err
		}
		if len(part) == 0 || len(part) > size-len(whole) {
			return nil, fmt.Errorf("a part of %d bytes came at %d, of %d in all", len(part), len(whole), size)
		}
		whole = append(roomFor(whole, len(part), size), part...)
	}
	return whole, nil
}

// part asks for the part that begins there.
func (p *Plugin) part(ctx context.Context, at string, begin int) ([]byte, error) {
	patience, cancel := context.WithTimeout(ctx, partPatience)
	defer cancel()
	answer, err := p.conn.RequestMsgWithContext(patience, partOf(at, begin))
	switch {
	case err == nil:
		return answer.Data, nil
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("no part came for %v", partPatience)
	case errors.Is(err, nats.ErrNoResponders):
		return nil, errors.New("its worker is gone")
	default:
		return nil, err
	}
}

// partOf asks for the part that begins there, or tells that none is missing.
func partOf(at string, begin int) *nats.Msg {
	message := nats.NewMsg(at)
	setNumber(message, headerPart, int64(begin))
	return message
}

// roomFor gives some bytes room for more, of so many in all. What a worker says that there is costs nothing before it comes.
func roomFor(whole []byte, more, size int) []byte {
	needed := len(whole) + more
	if needed <= cap(whole) {
		return whole
	}
	return append(make([]byte, 0, min(size, max(needed, 2*cap(whole)))), whole...)
}
