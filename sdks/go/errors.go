package plugwright

import (
	"context"
	"fmt"
	"strings"
)

// Codes of errors that have no code of the guest's own.
const (
	codeHost int32 = -1
	codeTrap int32 = 134
)

// Error is whatever goes wrong with a plug-in. Find it with [errors.As], or ask for its kind with [errors.Is]:
//
//	if errors.Is(err, plugwright.KindTimeout) { … }
type Error struct {
	// Kind says what happened, for programs.
	Kind Kind
	// Code is the plug-in's code for KindGuest and KindExit, 134 for a trap, and -1 for everything else.
	Code int32
	// Message says what happened, for people, without the names of the plug-in and the function. For KindGuest it is
	// what the plug-in said, or empty; for every other kind it is one line.
	Message string
	// Plugin is the plug-in's name, if it has one.
	Plugin string
	// Function is the plug-in's function that was called, if one was.
	Function string
	// HostFunction is the host function that failed, for KindHostFunction.
	HostFunction string
	// Missing has the imports that nothing satisfies, for KindLink.
	Missing []MissingImport
	// Nearest has the exported functions with the most similar names, best first, for KindFunctionNotFound.
	Nearest []string
	// Backtrace tells where in the guest it happened, if it happened in one.
	Backtrace Backtrace
	// Cause is the error that led to this one, if there is one. [Error.Unwrap] returns it.
	Cause error
}

// MissingImport is an import of a plug-in that nothing satisfies.
type MissingImport struct {
	// Module and Name are what the plug-in asks for.
	Module, Name string
	// Type is its type as the plug-in declares it, for example "(i64) -> i64".
	Type string
	// Hint says what to do about it when something is known: another type is offered, or WASI is off.
	Hint string
}

// String shows the import in one line.
func (m MissingImport) String() string {
	text := fmt.Sprintf("`%s.%s` %s", m.Module, m.Name, m.Type)
	if m.Hint != "" {
		text += " (" + m.Hint + ")"
	}
	return text
}

// Backtrace has the guest's functions that were running when a call ended in the middle, innermost first.
type Backtrace []Frame

// Frame is one function of a [Backtrace].
type Frame struct {
	// Function is its name as far as the plug-in tells, else empty.
	Function string
	// File and Line are where it was, if the plug-in carries such information; lines count from 1.
	File string
	Line int
}

// String shows one line for each frame.
func (b Backtrace) String() string {
	var text strings.Builder
	for i, frame := range b {
		if i > 0 {
			text.WriteByte('\n')
		}
		name := frame.Function
		if name == "" {
			name = "<unknown function>"
		}
		fmt.Fprintf(&text, "%3d: %s", i, name)
		switch {
		case frame.File != "" && frame.Line > 0:
			fmt.Fprintf(&text, " (%s:%d)", frame.File, frame.Line)
		case frame.File != "":
			fmt.Fprintf(&text, " (%s)", frame.File)
		}
	}
	return text.String()
}

// Error says in one line what happened, where, and what to do about it where something can be done. When the plug-in
// itself said what is wrong, it is the plug-in's text alone.
func (e *Error) Error() string {
	message := e.Message
	if e.Kind == KindGuest {
		if message != "" {
			return message
		}
		message = fmt.Sprintf("the plug-in returned code %d without a message", e.Code)
	}
	switch {
	case e.Plugin != "" && e.Function != "":
		return fmt.Sprintf("plug-in `%s`, function `%s`: %s", e.Plugin, e.Function, message)
	case e.Plugin != "":
		return fmt.Sprintf("plug-in `%s`: %s", e.Plugin, message)
	case e.Function != "":
		return fmt.Sprintf("function `%s`: %s", e.Function, message)
	default:
		return message
	}
}

// Unwrap returns the cause, such as what a host function returned; nil if there is none.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is the error's [Kind]. A timeout, in a pool too, is also [context.DeadlineExceeded], and
// what was cancelled [context.Canceled].
func (e *Error) Is(target error) bool {
	switch target {
	case context.DeadlineExceeded:
		return e.Kind == KindTimeout || e.Kind == KindPoolTimeout
	case context.Canceled:
		return e.Kind == KindCancelled
	}
	kind, ok := target.(Kind)
	return ok && kind == e.Kind
}

// newError makes an error of a kind without a code of its own. The message is one line.
func newError(kind Kind, format string, args ...any) *Error {
	code := codeHost
	if kind == KindTrap {
		code = codeTrap
	}
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// because sets the cause and returns the error.
func (e *Error) because(cause error) *Error {
	e.Cause = cause
	return e
}

// in names the plug-in and the function where the error does not name them yet; either may be empty. It changes the
// error, so it is for one that nobody else holds.
func (e *Error) in(plugin, function string) *Error {
	if e.Plugin == "" {
		e.Plugin = plugin
	}
	if e.Function == "" {
		e.Function = function
	}
	return e
}

// oneLine joins the lines of a text, because a message is one line.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
