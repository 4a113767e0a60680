package conformance

import (
	"context"
)

// Surface is an SDK, as far as it differs from others with the same surface.
type Surface interface {
	// Abilities are what the SDK can do beyond the public one.
	Abilities() Abilities
	// Compile reads, checks, compiles and links a plug-in.
	Compile(ctx context.Context, source Source, options *Options, functions []Function) (Compiled, *Failure)
}

// Compiled is compiled code.
type Compiled interface {
	// Instance makes a plug-in, which logs to the function what is not less severe than the level of the options.
	Instance(ctx context.Context, log func(LogLine)) (Plugin, *Failure)
	// Close frees the code.
	Close(ctx context.Context) error
}

// Plugin is a plug-in with state of its own.
type Plugin interface {
	// Call makes a call, and returns its output, or how it failed.
	Call(ctx context.Context, function string, input []byte) ([]byte, *Failure)
	// Streams is what the plug-in wrote to standard output and error since the last time, as far as it is captured.
	Streams() (stdout, stderr []byte)
	// Close frees the plug-in.
	Close(ctx context.Context) error
}

// Source is what a plug-in is made from. One of both is set.
type Source struct {
	// Manifest in JSON, with the options that a manifest has.
	Manifest []byte
	// Binary is WebAssembly, or what a case takes for it.
	Binary []byte
}

// Abilities are what an SDK can do beyond the public one.
type Abilities map[Ability]bool

// Ability is one of them; its value says what is missing without it.
type Ability string

// Abilities that a case may need.
const (
	HostErrors     Ability = "a host function has no error to return"
	ErrorsAsValues Ability = "the errors of host functions are no values for guests"
	Fuel           Ability = "the engine has no fuel"
	OtherLimits    Ability = "no limits of log and output bytes"
	Text           Ability = "the engine reads no WebAssembly text"
	Toml           Ability = "a manifest is JSON"
)
