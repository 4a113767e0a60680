package plugwright

import (
	"bytes"
	"context"
	"io"
	"log"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
)

// collected is a sink that keeps what it gets.
func collected(level LogLevel) (*logSink, *[]string) {
	var lines []string
	return &logSink{level: level, callback: func(level LogLevel, message string) {
		lines = append(lines, level.String()+" "+message)
	}}, &lines
}

func TestLogLevels(t *testing.T) {
	for number, level := range []LogLevel{LogLevelTrace, LogLevelDebug, LogLevelInfo, LogLevelWarn, LogLevelError} {
		if level.ExtismCompat() != int32(number) {
			t.Error(level)
		}
		if found, err := ParseLogLevel(strings.ToLower(level.String())); err != nil || found != level {
			t.Error(found, err)
		}
	}
	if LogLevelOff.ExtismCompat() != math.MaxInt32 || logLevelUnset.ExtismCompat() != math.MaxInt32 {
		t.Error("off has the largest number")
	}
	if level, err := ParseLogLevel("Off"); err != nil || level != LogLevelOff {
		t.Error(level, err)
	}
	if _, err := ParseLogLevel("loud"); err == nil || !strings.Contains(err.Error(), "trace, debug") {
		t.Error(err)
	}
	if LogLevelTrace.Slog() >= LogLevelDebug.Slog() || LogLevelOff.Slog() <= LogLevelError.Slog() {
		t.Error("slog's order")
	}
}

func TestWhoListens(t *testing.T) {
	ctx := context.Background()
	callback, _ := collected(logLevelUnset)
	if callback.threshold(ctx) != LogLevelOff {
		t.Error("nothing is logged before SetLogLevel")
	}
	SetLogLevel(LogLevelWarn)
	defer SetLogLevel(logLevelUnset)
	if callback.threshold(ctx) != LogLevelWarn || (&logSink{}).threshold(ctx) != LogLevelWarn {
		t.Error("the process's level")
	}
	callback.level = LogLevelDebug
	if callback.threshold(ctx) != LogLevelDebug {
		t.Error("a level of one's own")
	}
	logger := &logSink{logger: slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelInfo}))}
	if logger.threshold(ctx) != LogLevelInfo {
		t.Error("what the logger handles")
	}
	logger.level = LogLevelError
	if logger.threshold(ctx) != LogLevelError {
		t.Error("the least of both")
	}
	logger.level = LogLevelOff
	if logger.threshold(ctx) != LogLevelOff {
		t.Error("off")
	}
	if (&logSink{logger: slog.New(slog.DiscardHandler)}).threshold(ctx) != LogLevelOff {
		t.Error("nobody listens")
	}
}

func TestMessagesAreCutAtTheLimit(t *testing.T) {
	ctx := context.Background()
	sink, lines := collected(LogLevelTrace)
	var budget logBudget
	budget.newCall(40)
	budget.log(ctx, sink, LogLevelInfo, []byte("1234567890123456789012345"))
	budget.log(ctx, sink, LogLevelWarn, []byte("123456789012345é"))
	budget.log(ctx, sink, LogLevelError, []byte("dropped"))
	budget.finish(ctx, sink)
	budget.finish(ctx, sink)
	expected := []string{
		"INFO 1234567890123456789012345", "WARN 123456789012345",
		"ERROR dropped 9 bytes of 2 log messages: the call logged more than its limit",
	}
	if !slices.Equal(*lines, expected) {
		t.Errorf("%q", *lines)
	}
	// A character that is cut in the middle, and a limit of its own for each call.
	budget.newCall(17)
	budget.log(ctx, sink, LogLevelInfo, []byte("1234567890123456é"))
	if last := (*lines)[len(*lines)-1]; last != "INFO 1234567890123456\ufffd" {
		t.Errorf("%q", last)
	}
}

func TestShortMessagesAreNotFree(t *testing.T) {
	ctx := context.Background()
	sink, lines := collected(LogLevelTrace)
	var budget logBudget
	budget.newCall(16 * 10)
	for range 1000 {
		budget.log(ctx, sink, LogLevelInfo, nil)
	}
	budget.finish(ctx, sink)
	if len(*lines) != 11 || (*lines)[10] != "INFO dropped 0 bytes of 990 log messages: the call logged more than its limit" {
		t.Errorf("%q", *lines)
	}
}

func TestMessagesWithoutCallback(t *testing.T) {
	ctx := context.Background()
	var out bytes.Buffer
	handler := slog.NewTextHandler(&out, &slog.HandlerOptions{
		Level: slog.Level(-100),
		ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr {
			if attr.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return attr
		},
	})
	sink := &logSink{logger: slog.New(handler), plugin: "shout"}
	sink.emit(ctx, LogLevelTrace, "quiet")
	sink.emit(ctx, LogLevelError, "two\nlines")
	if expected := "level=DEBUG-4 msg=quiet plugin=shout\nlevel=ERROR msg=\"two\\nlines\" plugin=shout\n"; out.String() != expected {
		t.Errorf("%q", out.String())
	}
	out.Reset()
	writer, flags := log.Writer(), log.Flags()
	defer func() {
		log.SetOutput(writer)
		log.SetFlags(flags)
	}()
	log.SetOutput(&out)
	log.SetFlags(0)
	(&logSink{}).emit(ctx, LogLevelInfo, "plain")
	if out.String() != "plain\n" {
		t.Errorf("%q", out.String())
	}
}
