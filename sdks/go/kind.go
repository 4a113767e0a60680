package plugwright

// Kind says what went wrong, by the names that all SDKs use. It is an error itself, so that it can be looked for:
//
//	if errors.Is(err, plugwright.KindTimeout) { … }
type Kind string

// The kinds of errors.
const (
	// KindInvalidManifest means that the manifest is not valid: an unknown field, a wrong type, a value out of range.
	KindInvalidManifest Kind = "InvalidManifest"
	// KindLoad means that the plug-in's code could not be read: a missing file, an unreachable URL, too many bytes.
	KindLoad Kind = "Load"
	// KindHashMismatch means that the code does not have the SHA-256 that the manifest gives.
	KindHashMismatch Kind = "HashMismatch"
	// KindCompile means that the code is not valid WebAssembly, or uses a feature that is not supported.
	KindCompile Kind = "Compile"
	// KindLink means that nothing satisfies some imports of the plug-in; [Error.Missing] lists them. No guest code has
	// run.
	KindLink Kind = "Link"
	// KindFunctionNotFound means that the plug-in exports no function of this name.
	KindFunctionNotFound Kind = "FunctionNotFound"
	// KindSignature means that a function exists, but not of the type that is needed.
	KindSignature Kind = "Signature"
	// KindGuest means that the plug-in's function returned a code other than 0.
	KindGuest Kind = "Guest"
	// KindTrap means that the plug-in did something that WebAssembly forbids. Its next call gets a fresh instance.
	KindTrap Kind = "Trap"
	// KindContract means that the plug-in broke the contract, for example by an output outside of its memory.
	KindContract Kind = "Contract"
	// KindTimeout means that the call did not end before its deadline. It is also [context.DeadlineExceeded].
	KindTimeout Kind = "Timeout"
	// KindCancelled means that the call's context was cancelled. It is also [context.Canceled].
	KindCancelled Kind = "Cancelled"
	// KindOutOfFuel means that the call used up its fuel.
	KindOutOfFuel Kind = "OutOfFuel"
	// KindOutOfMemory means that the plug-in needs more memory than it may have.
	KindOutOfMemory Kind = "OutOfMemory"
	// KindExit means that the plug-in left by proc_exit with a code other than 0.
	KindExit Kind = "Exit"
	// KindLimit means that a limit other than time, fuel and memory was reached; the message names it.
	KindLimit Kind = "Limit"
	// KindHostFunction means that a host function returned an error or panicked; [Error.HostFunction] is its name and
	// [Error.Unwrap] what it returned.
	KindHostFunction Kind = "HostFunction"
	// KindHTTP means that an HTTP request of the plug-in was refused or failed.
	KindHTTP Kind = "Http"
	// KindEncode means that a value could not be turned into bytes.
	KindEncode Kind = "Encode"
	// KindDecode means that bytes could not be turned into the value asked for.
	KindDecode Kind = "Decode"
	// KindPoolTimeout means that no instance of a pool became free before the context was done.
	KindPoolTimeout Kind = "PoolTimeout"
	// KindIncompatible means that a worker elsewhere answered what no worker of ours does: it is of another version, or
	// something else serves its subject.
	KindIncompatible Kind = "Incompatible"
	// KindUnavailable means that no worker elsewhere took the call. Nothing has run, so it may be tried again.
	KindUnavailable Kind = "Unavailable"
	// KindLost means that the worker elsewhere is gone, or the connection to it. The call may have run.
	KindLost Kind = "Lost"
	// KindClosed means that the plug-in or the pool has been closed.
	KindClosed Kind = "Closed"
	// KindBusy means that the plug-in is in the middle of a call already: another goroutine's, or the one that called the
	// host function which calls the plug-in.
	KindBusy Kind = "Busy"
)

// Error is the kind's name.
func (k Kind) Error() string { return string(k) }
