package pdk

import (
	"runtime"
	"strconv"
	"strings"
)

// Run calls the body of an export and gives its return code: 0 when function returns nil, else what [Fail] gives. A panic
// becomes an error, see [Recover].
//
//	//go:wasmexport greet
//	func greet() int32 { return pdk.Run(hello) }
func Run(function func() error) (code int32) {
	defer Recover(&code)
	return Fail(function())
}

// Recover, deferred in an export, makes a panic the call's error message, with the file and line where it happened, and
// sets the return code to 1. So the instance stays, and can be called again.
//
//	//go:wasmexport greet
//	func greet() (code int32) {
//		defer pdk.Recover(&code)
//		…
//	}
//
// What Go itself cannot recover from, such as a stack that is exhausted or a panic in another goroutine, still ends the
// instance. TinyGo knows no files and lines at run time.
func Recover(code *int32) {
	if value := recover(); value != nil {
		SetErrorString(describePanic(value))
		*code = 1
	}
}

// describePanic must be called by a deferred function that has just recovered: it looks for the panic on the stack.
func describePanic(value any) string {
	if place := panicPlace(); place != "" {
		return "panicked at " + place + ": " + panicText(value)
	}
	return "panicked: " + panicText(value)
}

// panicText is what fmt would print, without fmt, which costs a plug-in 0.4 MB.
func panicText(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case error:
		return value.Error()
	case interface{ String() string }:
		return value.String()
	case int:
		return strconv.Itoa(value)
	default:
		return "a value that is neither text nor an error"
	}
}

// panicPlace is the file, with its folder, and the line of the newest panic on the stack; empty if that is not known.
func panicPlace() string {
	counters := make([]uintptr, 64)
	frames := runtime.CallersFrames(counters[:runtime.Callers(0, counters)])
	panicking := false
	for {
		frame, more := frames.Next()
		inRuntime := strings.HasPrefix(frame.Function, "runtime.")
		switch {
		case frame.Function == "runtime.gopanic":
			panicking = true
		case panicking && !inRuntime && frame.File != "":
			return lastTwo(frame.File) + ":" + strconv.Itoa(frame.Line)
		}
		if !more {
			return ""
		}
	}
}

// lastTwo shortens a path to the file and its folder: the rest says more about who built the plug-in than about it.
func lastTwo(path string) string {
	if slash := strings.LastIndexByte(path, '/'); slash > 0 {
		if slash = strings.LastIndexByte(path[:slash], '/'); slash >= 0 {
			return path[slash+1:]
		}
	}
	return path
}
