package plugwright

import "context"

// ErrorsAsValues returns the function as a fallible one: when it fails, by an error or a panic, the plug-in gets 0 for each
// result (0 is the offset of no block), its call goes on, and the import host_error_take of "plugwright:host/env" gives it
// the message once. The next fallible function that succeeds clears it, and the next that fails replaces it.
//
// What stays an end of the call: the deadline, a cancellation, memory that ran out, parameters that do not decode.
func (f HostFunction) ErrorsAsValues() HostFunction {
	name, callback := f.Name, f.callback()
	if callback == nil {
		// validate says what is wrong with it.
		return f
	}
	results := len(f.results())
	f.Callback = nil
	f.stackCallback = func(ctx context.Context, p *CurrentPlugin, stack []uint64) {
		defer func() {
			recovered := recover()
			if recovered == nil {
				p.plugin.hostError = ""
				return
			}
			failed := hostFunctionError(callOf(ctx), name, recovered)
			if failed.Kind != KindHostFunction {
				panic(recovered)
			}
			p.plugin.hostError = failed.Cause.Error()
			if p.plugin.hostError == "" {
				// A message without bytes would stand for a success.
				p.plugin.hostError = "host function `" + name + "` failed"
			}
			clear(stack[:results])
		}()
		callback(ctx, p, stack)
	}
	return f
}
