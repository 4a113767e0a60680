package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const shownBytes = 200

// Failure is how a call or a load failed.
type Failure struct {
	Message string
	// Kind is "" where the SDK does not tell kinds; the code is then nobody's business either.
	Kind string
	// Code is the return or exit code, for kinds that have one.
	Code *int32
}

func (f *Failure) String() string {
	kind, code := f.Kind, ""
	if kind == "" {
		kind = "an error of an unknown kind"
	}
	if f.Code != nil {
		code = fmt.Sprintf(" (code %d)", *f.Code)
	}
	return kind + code + ": " + f.Message
}

// LogLine is a message that the guest logged.
type LogLine struct{ Level, Message string }

// Outcome is what a call did.
type Outcome struct {
	// Failure is nil when the call succeeded.
	Failure        *Failure
	Output         []byte
	Logs           []LogLine
	Stdout, Stderr []byte
}

// checkStep compares a call with its step, and returns the first difference.
func checkStep(step *Step, outcome *Outcome) error {
	var err error
	switch wanted := step.Expect.Error; {
	case wanted != nil && outcome.Failure == nil:
		err = fmt.Errorf("succeeded with %s, but %s was expected", show(outcome.Output), wanted.Kind)
	case wanted != nil:
		err = checkFailure(wanted, outcome.Failure)
	case outcome.Failure != nil:
		err = fmt.Errorf("failed: %s", outcome.Failure)
	default:
		err = checkOutput(&step.Expect, outcome.Output)
	}
	if err == nil && step.ExpectLogs != nil {
		err = checkLogs(step.ExpectLogs, outcome.Logs)
	}
	if err == nil && step.ExpectStdout != nil {
		err = same(*step.ExpectStdout, outcome.Stdout)
	}
	if err == nil && step.ExpectStderr != nil {
		err = same(*step.ExpectStderr, outcome.Stderr)
	}
	return err
}

// checkLoad compares how loading failed, or that it did not, with what a case expects.
func checkLoad(wanted *ExpectError, failure *Failure) error {
	switch {
	case wanted == nil && failure == nil:
		return nil
	case wanted == nil:
		return fmt.Errorf("loading failed: %s", failure)
	case failure == nil:
		return fmt.Errorf("loading succeeded, but %s was expected", wanted.Kind)
	}
	return checkFailure(wanted, failure)
}

func checkOutput(expect *Expect, output []byte) error {
	switch {
	case expect.Output != nil:
		return same(*expect.Output, output)
	case expect.OutputBase64 != nil:
		wanted, err := decodeBase64("output_base64", *expect.OutputBase64)
		if err != nil {
			return err
		}
		return same(string(wanted), output)
	case expect.OutputRepeat != nil:
		return same(string(expect.OutputRepeat.bytes()), output)
	case expect.OutputLength != nil && *expect.OutputLength != len(output):
		return fmt.Errorf("%d bytes of output instead of %d", len(output), *expect.OutputLength)
	case expect.OutputContains != nil:
		return containsAll(string(output), expect.OutputContains, "output")
	case expect.OutputJSON != nil:
		return sameJSON(expect.OutputJSON, output)
	}
	return nil
}

func checkFailure(wanted *ExpectError, got *Failure) error {
	if got.Kind == "" {
		return nil
	}
	if wanted.Kind != got.Kind {
		return fmt.Errorf("%s was expected, but got %s", wanted.Kind, got)
	}
	if wanted.Code != nil && (got.Code == nil || *wanted.Code != *got.Code) {
		return fmt.Errorf("code %d was expected, but got %s", *wanted.Code, got)
	}
	if strings.Contains(got.Message, "\n") && got.Kind != "Guest" {
		return fmt.Errorf("the message has more than one line: %q", got.Message)
	}
	return containsAll(got.Message, wanted.MessageContains, "message")
}

// checkLogs compares all messages of a call, in order.
func checkLogs(wanted []ExpectLog, got []LogLine) error {
	for index := range min(len(wanted), len(got)) {
		want, line := wanted[index], got[index]
		if want.Level != line.Level || !strings.Contains(line.Message, want.Contains) {
			return fmt.Errorf("log message %d is %s %s instead of %v", index, line.Level, show([]byte(line.Message)), want)
		}
	}
	if len(wanted) != len(got) {
		return fmt.Errorf("%d log messages instead of %d", len(got), len(wanted))
	}
	return nil
}

func containsAll(text string, parts []string, what string) error {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return fmt.Errorf("the %s %s does not contain %q", what, show([]byte(text)), part)
		}
	}
	return nil
}

func same(wanted string, got []byte) error {
	if wanted != string(got) {
		return fmt.Errorf("output %s instead of %s", show(got), show([]byte(wanted)))
	}
	return nil
}

func sameJSON(wanted, got []byte) error {
	var a, b any
	if err := numbers(wanted, &a); err != nil {
		return err
	}
	if err := numbers(got, &b); err != nil {
		return fmt.Errorf("output %s is not JSON: %w", show(got), err)
	}
	if !equal(a, b) {
		return fmt.Errorf("output %s instead of %s", show(got), show(wanted))
	}
	return nil
}

// numbers reads one JSON value, and keeps its numbers as they are written.
func numbers(data []byte, value any) error {
	if !json.Valid(data) {
		return fmt.Errorf("not one value of JSON: %s", show(data))
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode(value)
}

// equal says whether values of JSON are the same. 1 is not 1.0, but 1.50 is 1.5.
func equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		other, same := b.(map[string]any)
		return same && maps.EqualFunc(a, other, equal)
	case []any:
		other, same := b.([]any)
		return same && slices.EqualFunc(a, other, equal)
	case json.Number:
		other, same := b.(json.Number)
		return same && (a == other || isFloat(a) && isFloat(other) && float(a) == float(other))
	}
	return a == b
}

func isFloat(number json.Number) bool { return strings.ContainsAny(string(number), ".eE") }

func float(number json.Number) float64 {
	// The text has been read as a number; one that is too large is infinite.
	value, _ := number.Float64()
	return value
}

// show is bytes for a person: their beginning as text, and how many they are.
func show(data []byte) string {
	more := ""
	if len(data) > shownBytes {
		more = "…"
	}
	return fmt.Sprintf("%q%s (%d bytes)", data[:min(len(data), shownBytes)], more, len(data))
}
