package plugwright

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"strings"
)

// DefaultMaxLogBytes is how many bytes a plug-in may log in one call: 1 MiB. What is more is dropped, and a last message
// says so.
const DefaultMaxLogBytes int64 = 1 << 20

// leastMessageBytes is the least that a message counts against the limit: short ones cost a line each.
const leastMessageBytes = 16

// logSink is where a plug-in's messages go: to the callback if there is one, else to the logger, else to the standard
// library's default logger.
type logSink struct {
	callback func(LogLevel, string)
	logger   *slog.Logger
	// level is the least severe that goes there; logLevelUnset stands for what the logger handles, or for the level of
	// SetLogLevel when there is none.
	level LogLevel
	// plugin is the plug-in's name, which structured messages carry.
	plugin string
}

// threshold is the least severe level that somebody listens to; LogLevelOff when nobody does.
func (s *logSink) threshold(ctx context.Context) LogLevel {
	least := s.level
	if s.logger != nil && s.callback == nil {
		for level := max(least, LogLevelTrace); level <= LogLevelError; level++ {
			if s.logger.Enabled(ctx, level.Slog()) {
				return level
			}
		}
		return LogLevelOff
	}
	if least == logLevelUnset {
		least = LogLevel(processLogLevel.Load())
	}
	if least == logLevelUnset || least > LogLevelError {
		return LogLevelOff
	}
	return max(least, LogLevelTrace)
}

// emit passes a message on, whatever its level. It runs code of the host's, which may panic.
func (s *logSink) emit(ctx context.Context, level LogLevel, message string) {
	switch {
	case s.callback != nil:
		s.callback(level, message)
	case s.logger != nil:
		var attrs []slog.Attr
		if s.plugin != "" {
			attrs = append(attrs, slog.String("plugin", s.plugin))
		}
		s.logger.LogAttrs(ctx, level.Slog(), message, attrs...)
	default:
		log.Print(message)
	}
}

// logBudget is how much a guest may still log in the current call, and what was dropped.
type logBudget struct {
	left            int64
	droppedBytes    int64
	droppedMessages int64
	// droppedLevel is the most severe of what was dropped.
	droppedLevel LogLevel
}

// newCall gives a call its own limit.
func (b *logBudget) newCall(maxBytes int64) { *b = logBudget{left: maxBytes} }

// log passes a guest's message on, or what still fits of it. Bytes that are not UTF-8 are replaced.
func (b *logBudget) log(ctx context.Context, sink *logSink, level LogLevel, message []byte) {
	length := int64(len(message))
	fits := min(max(b.left, 0), length)
	if b.left <= 0 || fits < length {
		b.droppedBytes += length - fits
		b.droppedMessages++
		b.droppedLevel = max(b.droppedLevel, level)
	}
	if b.left > 0 {
		// Counted before the host's code runs, which may panic.
		b.left -= max(length, leastMessageBytes)
		sink.emit(ctx, level, strings.ToValidUTF8(string(message[:fits]), "\ufffd"))
	}
}

// finish says in one line what was dropped, if anything was. The line is as severe as the most severe of that.
func (b *logBudget) finish(ctx context.Context, sink *logSink) {
	if b.droppedMessages == 0 {
		return
	}
	message := fmt.Sprintf("dropped %d bytes of %d log messages: the call logged more than its limit",
		b.droppedBytes, b.droppedMessages)
	level := b.droppedLevel
	*b = logBudget{left: b.left}
	sink.emit(ctx, level, message)
}
