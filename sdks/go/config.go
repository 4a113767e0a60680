package plugwright

import (
	"log/slog"

	"github.com/tetratelabs/wazero"
)

// PluginConfig says how to compile a plug-in, and what its instances get. The zero value is a plug-in without WASI.
type PluginConfig struct {
	// RuntimeConfig configures the engine; nil means the default. CloseOnContextDone has no effect: calls always end with their
	// context, without the engine's costly checks. Limits on memory belong in the manifest.
	RuntimeConfig wazero.RuntimeConfig
	// EnableWasi offers WASI preview 1 to the plug-in.
	EnableWasi bool
	// EnableHttpResponseHeaders shows the headers of HTTP responses to the plug-in.
	EnableHttpResponseHeaders bool
	// ModuleConfig configures the system that WASI shows, for a plug-in made by [NewPlugin]; for others give it to
	// [CompiledPlugin.Instance]. Names, start functions and Nanosleep in it have no effect (plug-ins sleep as long as they ask, or
	// until their call must end), nor has its file system when the manifest allows paths. Nil means real clocks and random numbers, no environment, no arguments, and closed standard streams.
	//
	// If the environment variable EXTISM_ENABLE_WASI_OUTPUT is set, standard output and error are those of the process.
	ModuleConfig wazero.ModuleConfig

	// Name is what errors and logs call the plug-in; empty means the file name of its main module.
	Name string
	// Logger gets the messages of the plug-in's instances that have no callback of their own ([Plugin.SetLogger]).
	Logger *slog.Logger
	// LogLevel is the least severe messages that are logged. The zero value stands for what Logger handles, or for the level of
	// [SetLogLevel] when there is none.
	LogLevel LogLevel
	// MaxLogBytes is how many bytes one call may log: 0 means [DefaultMaxLogBytes], and negative that all is dropped.
	MaxLogBytes int64
	// MaxOutputBytes is how many bytes the output of a call may have; 0 means without limit.
	MaxOutputBytes uint64
}

// PluginInstanceConfig says what one instance of a compiled plug-in gets.
type PluginInstanceConfig struct {
	// ModuleConfig is as in [PluginConfig].
	ModuleConfig wazero.ModuleConfig
}

// maxLogBytes is how many bytes one call may log.
func (c *PluginConfig) maxLogBytes() int64 {
	if c.MaxLogBytes == 0 {
		return DefaultMaxLogBytes
	}
	return max(c.MaxLogBytes, 0)
}

// RuntimeVersion is the version of this SDK.
func RuntimeVersion() string { return version }
