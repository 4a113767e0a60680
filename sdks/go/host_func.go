package plugwright

import (
	"context"
	"fmt"
	"reflect"
)

// HostFunc makes a host function of a Go function; it is in the module "extism:host/user".
//
//	plugwright.HostFunc("kv_get", func(ctx context.Context, key string) (string, error) { … })
//
// The function may take a [context.Context] and a [*CurrentPlugin] first, in this order: they are the call's, and no
// parameters for plug-ins. It may return an error last. The other parameters and results cross like this:
//
//	int32, uint32, bool         an i32; anything but 0 is true
//	int64, uint64, int, uint    an i64
//	float32, float64            an f32, an f64
//	everything else             an i64, the offset of a block with the bytes that [Call] says
//	a pointer to such           0 for nil
//
// The plug-in keeps the blocks that it passes, and owns those that it gets. A value without bytes is offset 0.
//
// An error that the function returns ends the plug-in's call: with an error of KindHostFunction, from which [errors.Is]
// and [errors.As] find it. A panic does the same. See [HostFunction.ErrorsAsValues] for another way. Bytes that do not
// decode end the call with KindDecode, an offset at which no block starts with KindContract.
//
// Calls of several instances may run the function at the same time. What cannot be a host function is an error of
// KindSignature, which [NewPlugin] and [NewCompiledPlugin] return.
func HostFunc(name string, function any) HostFunction {
	f := HostFunction{Name: name, Namespace: userModule}
	// The shapes that most functions have, without the costs of reflection.
	switch function := function.(type) {
	case func(context.Context, string) (string, error):
		f.stackCallback = blockFunction(readText, (*CurrentPlugin).WriteString, function)
	case func(context.Context, []byte) ([]byte, error):
		f.stackCallback = blockFunction((*CurrentPlugin).ReadBytes, (*CurrentPlugin).WriteBytes, function)
	default:
		signature, err := newSignature(name, function)
		if err != nil {
			f.unusable = err
			return f
		}
		f.Params, f.Returns, f.stackCallback = signature.params, signature.results, signature.call
		return f
	}
	f.Params, f.Returns = []ValueType{ValueTypePTR}, []ValueType{ValueTypePTR}
	return f
}

// blockFunction is the code of a function from one block to another.
func blockFunction[T any](
	read func(*CurrentPlugin, uint64) (T, error),
	write func(*CurrentPlugin, T) (uint64, error),
	function func(context.Context, T) (T, error),
) HostFunctionStackCallback {
	return func(ctx context.Context, p *CurrentPlugin, stack []uint64) {
		input := must(read(p, stack[0]))
		stack[0] = must(write(p, must(function(ctx, input))))
	}
}

// readText is the text of a block.
func readText(p *CurrentPlugin, offset uint64) (string, error) {
	data, err := p.view(offset)
	if err != nil {
		return "", err
	}
	text, err := textOf(data, "string")
	if err != nil {
		return "", p.failed(badParameter(0, err))
	}
	return text, nil
}

func badParameter(index int, err error) *Error {
	return newError(KindDecode, "parameter %d of the host function: %s", index+1, err).because(err)
}

// signature is a function of Go as plug-ins see it.
type signature struct {
	function reflect.Value
	// context, plugin and err say whether the function takes a context, takes the plug-in, and returns an error.
	context, plugin, err bool
	parameters           []value
	returned             []value
	params, results      []ValueType
}

// value is a parameter or a result.
type value struct {
	goType reflect.Type
	codec  *codec
	// isOption is set for pointers: nil is offset 0.
	isOption bool
}

var (
	contextType       = reflect.TypeFor[context.Context]()
	currentPluginType = reflect.TypeFor[*CurrentPlugin]()
	errorType         = reflect.TypeFor[error]()
)

// newSignature looks into a function. The error is of KindSignature.
func newSignature(name string, function any) (*signature, *Error) {
	s := &signature{function: reflect.ValueOf(function)}
	unusable := func(format string, args ...any) (*signature, *Error) {
		return nil, newError(KindSignature, "host function `%s`: %s", name, fmt.Sprintf(format, args...))
	}
	if s.function.Kind() != reflect.Func || s.function.IsNil() {
		return unusable("expected a function, found %T; give HostFunc one", function)
	}
	t := s.function.Type()
	if t.IsVariadic() {
		return unusable("a plug-in passes a fixed number of values; take a slice instead of `...`")
	}
	first := 0
	if s.context = t.NumIn() > first && t.In(first) == contextType; s.context {
		first++
	}
	if s.plugin = t.NumIn() > first && t.In(first) == currentPluginType; s.plugin {
		first++
	}
	for i := first; i < t.NumIn(); i++ {
		parameter, err := newValue(t.In(i))
		if err != nil {
			return unusable("parameter %d: %s", i+1, err)
		}
		s.parameters = append(s.parameters, parameter)
		s.params = append(s.params, parameter.valueType())
	}
	last := t.NumOut()
	if s.err = last > 0 && t.Out(last-1) == errorType; s.err {
		last--
	}
	for i := range last {
		result, err := newValue(t.Out(i))
		if err != nil {
			return unusable("result %d: %s", i+1, err)
		}
		s.returned = append(s.returned, result)
		s.results = append(s.results, result.valueType())
	}
	return s, nil
}

func newValue(t reflect.Type) (value, error) {
	switch {
	case t == contextType:
		return value{}, fmt.Errorf("the context comes first")
	case t == currentPluginType:
		return value{}, fmt.Errorf("the plug-in comes first, after the context if there is one")
	case t == errorType:
		return value{}, fmt.Errorf("an error comes last among the results")
	case t.Kind() == reflect.Struct && t.NumField() == 0:
		return value{}, fmt.Errorf("%s has no values; leave it out", t)
	}
	c, err := codecOf(t)
	if err != nil {
		return value{}, err
	}
	isOption := t.Kind() == reflect.Pointer
	if isOption {
		inner, err := codecOf(t.Elem())
		if err != nil {
			return value{}, err
		}
		if inner.number != nil {
			return value{}, fmt.Errorf("a number cannot be absent; use %s and not %s", t.Elem(), t)
		}
	}
	return value{goType: t, codec: c, isOption: isOption}, nil
}

func (v *value) valueType() ValueType {
	if v.codec.number != nil {
		return v.codec.number.valueType
	}
	return ValueTypePTR
}

// call is the code of the host function.
func (s *signature) call(ctx context.Context, p *CurrentPlugin, stack []uint64) {
	arguments := make([]reflect.Value, 0, 2+len(s.parameters))
	if s.context {
		arguments = append(arguments, reflect.ValueOf(ctx))
	}
	if s.plugin {
		arguments = append(arguments, reflect.ValueOf(p))
	}
	for i := range s.parameters {
		argument := reflect.New(s.parameters[i].goType).Elem()
		if err := s.parameters[i].decode(p, stack[i], argument); err != nil {
			panic(p.failed(badParameter(i, err)))
		}
		arguments = append(arguments, argument)
	}
	returned := s.function.Call(arguments)
	if s.err {
		if err, ok := returned[len(returned)-1].Interface().(error); ok {
			panic(err)
		}
	}
	for i := range s.returned {
		stack[i] = s.returned[i].encode(p, returned[i], i)
	}
}

// decode sets an argument. The error is about the bytes; what is wrong with the block ends the call.
func (v *value) decode(p *CurrentPlugin, bits uint64, argument reflect.Value) error {
	if v.codec.number != nil {
		v.codec.number.decode(bits, argument)
		return nil
	}
	if v.isOption && bits == 0 {
		return nil
	}
	return v.codec.decode(must(p.ReadBytes(bits)), argument)
}

func (v *value) encode(p *CurrentPlugin, result reflect.Value, index int) uint64 {
	if v.codec.number != nil {
		return v.codec.number.encode(result)
	}
	data, err := v.codec.encode(result)
	if err != nil {
		panic(p.failed(newError(KindEncode, "result %d of the host function: %s", index+1, err).because(err)))
	}
	return must(p.WriteBytes(data))
}
