package plugwright

import (
	"errors"
	"strings"

	"github.com/tetratelabs/wazero/sys"

	"github.com/plugwright/plugwright/sdks/go/internal/kernel"
)

// maxMessageBytes is the longest error message that is taken from a guest: 64 KiB.
const maxMessageBytes = 64 << 10

// trapPrefix and tracePrefix are what the engine writes before the reason of a trap, and before the guest's functions.
const (
	trapPrefix  = "wasm error: "
	tracePrefix = "wasm stack trace:"
)

// ending is the meaning of an error that the engine returned from a call; nil when it is a success.
func (p *Plugin) ending(i *instance, err error) error {
	said := i.guestMessage()
	var exit *sys.ExitError
	if errors.As(err, &exit) {
		return exited(exit.ExitCode(), i.entered, said)
	}
	reason, trace := splitTrace(err.Error())
	var own *Error
	if errors.As(err, &own) {
		if own.Backtrace == nil {
			own.Backtrace = trace
		}
		return own
	}
	ended := newError(KindTrap, "")
	ended.Backtrace = trace
	ended.Cause = err
	trap, isTrap := strings.CutPrefix(reason, trapPrefix)
	unreachable := trap == "unreachable"
	switch {
	// What a guest does that got no memory: it aborts. Other traps have reasons of their own.
	case i.budget.Refused() && (!isTrap || unreachable):
		ended.Kind, ended.Code = KindOutOfMemory, codeHost
		ended.Message = newError(KindOutOfMemory,
			"the plug-in needs more memory than it may have: %d pages of 64 KiB; raise `memory.max_pages` if it needs more",
			p.compiled.memoryLimit/kernel.PageBytes).Message
	default:
		ended.Message = "trapped: " + oneLine(trap)
		if len(trace) > 0 && trace[0].Function != "" {
			ended.Message = "trapped in `" + trace[0].Function + "`: " + oneLine(trap)
		}
	}
	switch {
	case said == "":
	case ended.Kind == KindTrap && unreachable:
		// How guests panic: they say why, then trap. The reason is what their users want to read.
		ended.Message = guestLine(said) + " (" + ended.Message + ")"
	default:
		ended.Message += "; the plug-in said: " + guestLine(said)
	}
	return ended
}

// exited is the meaning of a guest's exit. One before the function was called is not its success.
func exited(code uint32, entered bool, said string) error {
	if code == 0 && entered {
		return nil
	}
	when := ""
	if !entered {
		when = " while it started up, before the function was called"
	}
	err := newError(KindExit, "the plug-in exited with code %d%s", int32(code), when)
	err.Code = int32(code)
	if said != "" {
		err.Message += "; the plug-in said: " + guestLine(said)
	}
	return err
}

// guestError is the error for a function that returned a code other than 0.
func guestError(code int32, message string) *Error {
	err := newError(KindGuest, "")
	err.Code, err.Message = code, message
	return err
}

// guestMessage is what the guest set by error_set, empty if there is none.
func (i *instance) guestMessage() string {
	block := i.kernel.block(i.kernel.failure)
	block.length = min(block.length, maxMessageBytes)
	view, err := i.kernel.bytes(block)
	if err != nil {
		return ""
	}
	return strings.ToValidUTF8(string(view), "\ufffd")
}

// splitTrace takes the engine's text of an error apart: the reason in one line, and the functions that were running.
func splitTrace(text string) (reason string, trace Backtrace) {
	reason, list, _ := strings.Cut(text, "\n"+tracePrefix)
	// Of a panic of Go there is more.
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "...") {
			continue
		}
		// A line is `module.function(parameters) results`; the plug-in's own modules have no name.
		if parameters := strings.LastIndexByte(line, '('); parameters > 0 && strings.Contains(line, ")") {
			line = line[:parameters]
			if end := strings.IndexByte(line, '('); end > 0 && strings.HasSuffix(line, ") ") {
				line = line[:end]
			}
		}
		// What comes before the dot is where the engine has the function.
		for _, module := range []string{functionsModule, contractHost, kernelModule, ""} {
			if name, ok := strings.CutPrefix(line, module+"."); ok {
				line = name
				break
			}
		}
		trace = append(trace, Frame{Function: line})
	}
	return oneLine(reason), trace
}

// guestLine is a guest's text in one line. A terminal must not obey a guest.
func guestLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '\ufffd'
		}
		return r
	}, oneLine(text))
}
