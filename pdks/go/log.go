package pdk

import "github.com/plugwright/plugwright/pdks/go/contract"

// LogLevel says how severe a message is.
type LogLevel int

// The levels, from the least severe one.
const (
	LogTrace LogLevel = iota
	LogDebug
	LogInfo
	LogWarn
	LogError
)

// Log logs a message. It costs little when nobody listens to its level; see [LogEnabled] for messages that are costly to
// make.
func Log(level LogLevel, s string) {
	if LogEnabled(level) {
		logBlock(level, AllocateString(s))
	}
}

// LogMemory logs the message in a block, which it takes: do not use or free the block afterwards.
func LogMemory(level LogLevel, m Memory) {
	if LogEnabled(level) {
		logBlock(level, m)
	} else {
		m.Free()
	}
}

// LogEnabled says whether anybody listens to messages of this level.
func LogEnabled(level LogLevel) bool {
	return level >= LogTrace && level <= LogError && level >= LogLevel(contract.GetLogLevel())
}

func logBlock(level LogLevel, message Memory) {
	switch level {
	case LogTrace:
		contract.LogTrace(message.offset)
	case LogDebug:
		contract.LogDebug(message.offset)
	case LogInfo:
		contract.LogInfo(message.offset)
	case LogWarn:
		contract.LogWarn(message.offset)
	default:
		contract.LogError(message.offset)
	}
}
