package plugwright

import "context"

// Caller is what [Call] calls a function of: a [*Plugin], a [*PooledPlugin] or a [*Pool].
type Caller interface {
	// CallWithContext calls a function with an input, and returns its code and its output, of which it keeps nothing.
	CallWithContext(ctx context.Context, name string, data []byte) (uint32, []byte, error)
}

// Call calls a function of a plug-in with a value, and makes a value of its output.
//
//	count, err := plugwright.Call[string, Count](ctx, plugin, "count_vowels", "Hello")
//
// These bytes stand for a value, the same in every SDK and PDK of Plugwright:
//
//	string                                      UTF-8
//	[]byte, [N]byte                             themselves
//	int32, uint32, float32                      4 bytes, little-endian
//	int64, uint64, int, uint, float64           8 bytes, little-endian
//	bool                                        one byte, 0 or 1
//	struct{}                                    none; as an output, whatever there is
//	a pointer                                   those of what it points to, or none for nil
//	a type that implements encoding.BinaryMarshaler (and BinaryUnmarshaler), such as [JSON] and [Base64]
//	                                            what that says
//	structs, maps, other slices and arrays, any JSON
//
// Decoding is strict: too few bytes, too many bytes and bytes that mean nothing are errors. The error is an [*Error]: as
// that of [Plugin.CallWithContext], or of KindEncode or KindDecode. A function that returned a code other than 0 is an
// error of KindGuest, and its output is not decoded.
func Call[In, Out any](ctx context.Context, plugin Caller, function string, input In) (Out, error) {
	var none Out
	data, err := toBytes(input)
	if err != nil {
		return none, newError(KindEncode, "the input cannot be passed: %s", err).because(err).in(nameOf(plugin), function)
	}
	_, data, err = plugin.CallWithContext(ctx, function, data)
	if err != nil {
		return none, err
	}
	output, err := fromBytes[Out](data)
	if err != nil {
		return none, newError(KindDecode, "the output is not what was expected: %s", err).because(err).in(nameOf(plugin), function)
	}
	return output, nil
}

// nameOf is the plug-in's name, for errors; empty if there is none.
func nameOf(caller Caller) string {
	switch caller := caller.(type) {
	case *Plugin:
		return caller.compiled.name
	case *PooledPlugin:
		return caller.compiled.name
	case *Pool:
		return caller.compiled.name
	default:
		return ""
	}
}

// hostContextKey is the key of a value of type T among those of a context.
type hostContextKey[T any] struct{}

// WithHostContext adds a value to a context that is given to a call, for host functions: [HostContext] finds it by its
// type, so that one context has one value of a type.
//
//	ctx = plugwright.WithHostContext(ctx, user)
//	_, err := plugwright.Call[string, string](ctx, plugin, "order", "tea")
func WithHostContext[T any](ctx context.Context, value T) context.Context {
	return context.WithValue(ctx, hostContextKey[T]{}, value)
}

// HostContext is the value of type T that the call's context has; ok is false when it has none.
func HostContext[T any](ctx context.Context) (value T, ok bool) {
	value, ok = ctx.Value(hostContextKey[T]{}).(T)
	return value, ok
}
