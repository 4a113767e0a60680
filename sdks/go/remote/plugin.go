package remote

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
	plugwright "github.com/plugwright/plugwright/sdks/go"
)

// The defaults of [Config].
const (
	DefaultWait      = 5 * time.Second
	DefaultHeartbeat = time.Second
	DefaultMaxBytes  = 64 << 20
)

const (
	minHeartbeat = 50 * time.Millisecond
	// maxHeartbeat is so long that nobody waits for it, and short enough to be multiplied.
	maxHeartbeat = 1000 * time.Hour
	// silence is after how many periods without a sign of life a worker counts as gone.
	silence = 4
	// maxLost is how many workers an idempotent call may lose.
	maxLost    = 3
	firstPause = 5 * time.Millisecond
	lastPause  = 250 * time.Millisecond
)

// Config says how a plug-in is called. The zero value is sound.
type Config struct {
	// Wait is how long a call looks for a worker that takes it, when there is none, all are busy, or NATS is away:
	// [DefaultWait] if it is 0.
	Wait time.Duration
	// Heartbeat is how often a worker says that it is at a call: [DefaultHeartbeat] if it is 0, and 50 ms at least. A
	// worker that was silent for four times as long counts as gone.
	Heartbeat time.Duration
	// Idempotent tells whether functions may run twice for one call. If so, a call whose worker is lost is made again
	// elsewhere.
	Idempotent bool
	// MaxBytes is the most bytes of an input, and of an output: [DefaultMaxBytes] if it is 0, 9 999 999 999 at most. What does not fit into a
	// message of the server goes in parts.
	MaxBytes int
}

// Plugin is a plug-in that runs on workers elsewhere: NATS gives each call to one of them. It is called like a
// [plugwright.Pool], by any number of goroutines, and what the plug-in does wrong is the same error as in a local call.
//
// Two kinds of errors are of the distance: [plugwright.KindUnavailable], when no worker took the call and nothing ran, and
// [plugwright.KindLost], when the worker or the connection to it is gone in mid-call, which may have run.
type Plugin struct {
	conn   *nats.Conn
	name   string
	config Config
}

// New describes the plug-in of this name. It sends nothing: whether there are workers shows at the first call. The
// connection stays the caller's.
//
// It fails with an [*plugwright.Error] of KindInvalidManifest when the name cannot be part of a subject.
func New(conn *nats.Conn, name string, config Config) (*Plugin, error) {
	if !names.MatchString(name) {
		message := "the name of a plug-in on NATS has 1 to 64 letters, digits, `-` and `_`"
		return nil, failure(plugwright.KindInvalidManifest, name, "", message, nil)
	}
	if config.Wait <= 0 {
		config.Wait = DefaultWait
	}
	if config.Heartbeat <= 0 {
		config.Heartbeat = DefaultHeartbeat
	}
	if config.MaxBytes <= 0 {
		config.MaxBytes = DefaultMaxBytes
	}
	config.Heartbeat = min(max(config.Heartbeat, minHeartbeat), maxHeartbeat)
	config.MaxBytes = int(min(int64(config.MaxBytes), maxNumber))
	return &Plugin{conn: conn, name: name, config: config}, nil
}

// Name is the plug-in's name.
func (p *Plugin) Name() string { return p.name }

// Call calls a function of the plug-in; see [Plugin.CallWithContext].
func (p *Plugin) Call(function string, data []byte) (uint32, []byte, error) {
	return p.CallWithContext(context.Background(), function, data)
}

// CallWithContext calls a function of the plug-in on some worker. The context's deadline ends the call there, too, and a
// context that is cancelled cancels it. The results are those of [plugwright.Plugin.CallWithContext]; every error is an
// [*plugwright.Error].
func (p *Plugin) CallWithContext(ctx context.Context, function string, data []byte) (uint32, []byte, error) {
	output, err := p.call(ctx, function, data)
	switch {
	case err == nil:
		return 0, output, nil
	case err.Code == codeHost:
		// As every call of an SDK for Go has it.
		return 1, []byte{}, err
	default:
		return uint32(err.Code), []byte{}, err
	}
}

func (p *Plugin) call(ctx context.Context, function string, data []byte) ([]byte, *plugwright.Error) {
	if !names.MatchString(function) {
		message := "the plug-in exports no function of this name that can be called over NATS, where names have letters, digits, `-` and `_`"
		return nil, failure(plugwright.KindFunctionNotFound, p.name, function, message, nil)
	}
	if len(data) > p.config.MaxBytes {
		return nil, p.tooMany(function, "input", int64(len(data)))
	}
	pause, lost := firstPause, 0
	patience := time.Now().Add(p.config.Wait)
	for {
		if err := p.connected(ctx, function, patience); err != nil {
			return nil, err
		}
		outcome := p.attempt(ctx, function, data)
		switch {
		case ctx.Err() != nil && outcome.output == nil && outcome.failed == nil:
			return nil, p.ended(ctx, function)
		case outcome.notBegun != "":
			if time.Now().Add(pause).After(patience) {
				return nil, failure(plugwright.KindUnavailable, p.name, function, outcome.notBegun, nil)
			}
			select {
			case <-time.After(pause/2 + rand.N(pause/2)):
			case <-ctx.Done():
				return nil, p.ended(ctx, function)
			}
			pause = min(2*pause, lastPause)
		case outcome.lost != "":
			lost++
			if !p.config.Idempotent || lost > maxLost {
				message := "the call is lost: " + outcome.lost + "; it may have run; set Idempotent if calls may be repeated"
				return nil, failure(plugwright.KindLost, p.name, function, message, nil)
			}
			// It is not the time that was spent on looking.
			patience = time.Now().Add(p.config.Wait)
		case outcome.failed != nil:
			return nil, outcome.failed
		default:
			return outcome.output, nil
		}
	}
}

// connected waits for a connection.
func (p *Plugin) connected(ctx context.Context, function string, patience time.Time) *plugwright.Error {
	changed := p.conn.StatusChanged(nats.CONNECTED)
	defer p.conn.RemoveStatusListener(changed)
	if p.conn.IsConnected() {
		return nil
	}
	timer := time.NewTimer(time.Until(patience))
	defer timer.Stop()
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return p.ended(ctx, function)
	case <-timer.C:
		message := "there is no connection to NATS; check that its server runs"
		return failure(plugwright.KindUnavailable, p.name, function, message, p.conn.LastError())
	}
}

// ended is the error for a context that is done.
func (p *Plugin) ended(ctx context.Context, function string) *plugwright.Error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return failure(plugwright.KindTimeout, p.name, function, "the call did not end before its deadline", context.Cause(ctx))
	}
	return failure(plugwright.KindCancelled, p.name, function, "the call was cancelled", context.Cause(ctx))
}

// tooMany is the error for more bytes than the caller allows.
func (p *Plugin) tooMany(function, what string, size int64) *plugwright.Error {
	message := fmt.Sprintf("the %s has %d bytes, and the caller allows %d; raise its MaxBytes", what, size, p.config.MaxBytes)
	return failure(plugwright.KindLimit, p.name, function, message, nil)
}

func failure(kind plugwright.Kind, plugin, function, message string, cause error) *plugwright.Error {
	return &plugwright.Error{Kind: kind, Code: codeHost, Message: message, Plugin: plugin, Function: function, Cause: cause}
}
