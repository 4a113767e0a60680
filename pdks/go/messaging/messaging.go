// Package messaging reaches the message broker that the host granted this plug-in.
//
// Subjects are words with single dots between them, below the namespace that the host granted. A plug-in that uses this package is loaded
// only where the host grants it a broker: `plugwright call --messaging nats://…`, or `capabilities` in plugwright.toml. Errors are of type
// [*Error], whose code tells what may be tried again.
package messaging

import (
	"time"

	"github.com/plugwright/plugwright/pdks/go/internal/capability"
	"github.com/plugwright/plugwright/pdks/go/json"
)

// Error says why something was not done.
type Error = capability.Error

// Code is the kind of an [Error].
type Code = capability.Code

// The kinds of errors.
const (
	Invalid      = capability.Invalid      // no subject, no headers, or the broker cannot do that
	Forbidden    = capability.Forbidden    // the plug-in may not do that
	TooLarge     = capability.TooLarge     // more than the plug-in may send, or the broker takes
	RateLimited  = capability.RateLimited  // asked too often in a short time
	Unavailable  = capability.Unavailable  // no connection; the message may have arrived
	Timeout      = capability.Timeout      // no time left; the message may have arrived
	NoResponders = capability.NoResponders // nobody answers this subject
	Internal     = capability.Internal     // the broker failed
)

// CodeOf returns the code of an error of this package, "" for another one.
func CodeOf(err error) Code { return capability.CodeOf(err) }

// Publish publishes a message.
func Publish(subject string, payload []byte) error { return publish(subject, payload, nil) }

// PublishWithHeaders publishes a message with headers. MQTT 3.1.1 has none.
func PublishWithHeaders(subject string, payload []byte, headers map[string]string) error {
	written, err := json.Marshal(headers)
	if err != nil {
		return capability.Fail(Invalid, "cannot write the headers: "+err.Error())
	}
	return publish(subject, payload, written)
}

func publish(subject string, payload, headers []byte) error {
	return capability.Done(capability.Call(func(at []uint64) uint64 {
		return messagingPublish(at[0], at[1], at[2])
	}, []byte(subject), payload, headers))
}

// Request publishes a message and waits for an answer, as long as the host lets it.
func Request(subject string, payload []byte) ([]byte, error) { return request(subject, payload, 0) }

// RequestWithin is Request that waits no longer than this, to the millisecond.
func RequestWithin(subject string, payload []byte, wait time.Duration) ([]byte, error) {
	if wait < time.Millisecond {
		return nil, capability.Fail(Invalid, "the time is shorter than a millisecond")
	}
	return request(subject, payload, wait.Milliseconds())
}

func request(subject string, payload []byte, millis int64) ([]byte, error) {
	return capability.Result(capability.Call(func(at []uint64) uint64 {
		return messagingRequest(at[0], at[1], uint64(millis))
	}, []byte(subject), payload))
}
