package plugwright

import (
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync/atomic"
)

// LogLevel is the severity of a plug-in's message.
type LogLevel int32

// The levels, least severe first.
const (
	// logLevelUnset is that of a process that never called SetLogLevel.
	logLevelUnset LogLevel = iota
	// LogLevelTrace is for the finest detail.
	LogLevelTrace
	// LogLevelDebug is for whoever debugs the plug-in.
	LogLevelDebug
	// LogLevelInfo is for what the plug-in does.
	LogLevelInfo
	// LogLevelWarn means that something is odd.
	LogLevelWarn
	// LogLevelError means that something failed.
	LogLevelError

	// LogLevelOff is above every message: nothing is logged.
	LogLevelOff LogLevel = math.MaxInt32
)

// guestLogLevelOff is what get_log_level tells a guest when nothing is logged.
const guestLogLevelOff int32 = math.MaxInt32

// ExtismCompat is the level's number in the contract with guests: 0 for trace to 4 for error, and [math.MaxInt32] for
// everything else.
func (l LogLevel) ExtismCompat() int32 {
	if l < LogLevelTrace || l > LogLevelError {
		return guestLogLevelOff
	}
	return int32(l - LogLevelTrace)
}

// String is the level's name in upper case; OFF for what is no level of a message.
func (l LogLevel) String() string {
	switch l {
	case LogLevelTrace:
		return "TRACE"
	case LogLevelDebug:
		return "DEBUG"
	case LogLevelInfo:
		return "INFO"
	case LogLevelWarn:
		return "WARN"
	case LogLevelError:
		return "ERROR"
	default:
		return "OFF"
	}
}

// slogLevelTrace is below slog's finest named level, as the documentation of slog suggests for a level of one's own.
const slogLevelTrace = slog.LevelDebug - 4

// Slog is the level as log/slog counts: trace is 4 below [slog.LevelDebug], and off above every level.
func (l LogLevel) Slog() slog.Level {
	switch l {
	case LogLevelTrace:
		return slogLevelTrace
	case LogLevelDebug:
		return slog.LevelDebug
	case LogLevelInfo:
		return slog.LevelInfo
	case LogLevelWarn:
		return slog.LevelWarn
	case LogLevelError:
		return slog.LevelError
	default:
		return slog.Level(math.MaxInt)
	}
}

// ParseLogLevel returns the level of this name, in any case: trace, debug, info, warn, error or off.
func ParseLogLevel(name string) (LogLevel, error) {
	for _, level := range []LogLevel{
		LogLevelTrace, LogLevelDebug, LogLevelInfo, LogLevelWarn, LogLevelError, LogLevelOff,
	} {
		if strings.EqualFold(name, level.String()) {
			return level, nil
		}
	}
	return LogLevelOff, fmt.Errorf("%q is not a log level; use trace, debug, info, warn, error or off", name)
}

var processLogLevel atomic.Int32

// SetLogLevel sets the least severe messages that are logged by plug-ins of this process, but for those that have a level of
// their own, or log to [PluginConfig.Logger], which decides for itself. The others log nothing before it is called.
func SetLogLevel(level LogLevel) { processLogLevel.Store(int32(level)) }
