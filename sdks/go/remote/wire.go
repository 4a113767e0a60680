package remote

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
)

// The headers of requests and replies.
const (
	headerTimeout     = "Plugwright-Timeout-Ms"
	headerHeartbeat   = "Plugwright-Heartbeat-Ms"
	headerNotBegun    = "Plugwright-Not-Begun"
	headerInputBytes  = "Plugwright-Input-Bytes"
	headerTakesBytes  = "Plugwright-Takes-Bytes"
	headerOutputBytes = "Plugwright-Output-Bytes"
	headerOutputAt    = "Plugwright-Output-At"
	headerPart        = "Plugwright-Part"
	headerErrorCode   = "Nats-Service-Error-Code"
)

// What the subjects begin with of calls, of cancellations, and of outputs in parts.
const (
	calls         = "plugwright"
	cancellations = "plugwright-cancel"
	outputs       = "plugwright-part"
)

const (
	// headerBytes is what headers may need of a message.
	headerBytes = 1024
	// maxNumber is the largest number that travels: ten digits.
	maxNumber = 9_999_999_999
	// maxShown is how much of what somebody sent is in messages of errors, in bytes.
	maxShown = 64
)

var (
	// names are what can be a part of a subject.
	names = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	// numbers are what a header can say.
	numbers = regexp.MustCompile(`^[0-9]{1,10}$`)
)

// header is a header of a message, and whether there is one.
func header(message *nats.Msg, name string) (string, bool) {
	values, ok := message.Header[name]
	if !ok || len(values) == 0 {
		return "", false
	}
	return values[0], true
}

// setNumber says a number, or the largest that can be said.
func setNumber(message *nats.Msg, name string, number int64) {
	message.Header.Set(name, strconv.FormatInt(min(number, maxNumber), 10))
}

// parseNumber is the number that a header says, and whether it is one.
func parseNumber(text string) (int64, bool) {
	if !numbers.MatchString(text) {
		return 0, false
	}
	number, err := strconv.ParseInt(text, 10, 64)
	return number, err == nil
}

// isReply tells whether a caller may send something there because a worker says so: it may publish what workers may not.
func isReply(subject string) bool {
	first, _, _ := strings.Cut(subject, ".")
	return first != "" && !strings.HasPrefix(first, "$") && first != calls && first != cancellations && first != outputs
}

// hasParts tells whether a worker of the plug-in may have an output in parts there: a caller asks there and nowhere else.
func hasParts(plugin, subject string) bool {
	tokens := strings.Split(subject, ".")
	return len(tokens) == 4 && tokens[0] == outputs && tokens[1] == plugin && names.MatchString(tokens[2]) && names.MatchString(tokens[3])
}

// shown is what somebody sent, for a message of an error, which must not grow with it.
func shown(text string) string {
	if len(text) > maxShown {
		return strconv.QuoteToASCII(text[:maxShown]) + "…"
	}
	return strconv.QuoteToASCII(text)
}
