package pdk

import "github.com/plugwright/plugwright/pdks/go/json"

// InputJSON decodes the call's input, which is JSON, into v, a pointer.
func InputJSON(v any) error {
	return json.Unmarshal(Input(), v)
}

// OutputJSON makes the JSON of v the call's output. It panics when the host has no room for it.
func OutputJSON(v any) error {
	memory, err := AllocateJSON(v)
	if err == nil {
		OutputMemory(memory)
	}
	return err
}

// AllocateJSON returns a new block with the JSON of v. It panics when there is no room.
func AllocateJSON(v any) (Memory, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return Memory{}, err
	}
	return AllocateBytes(data), nil
}

// JSONFrom decodes the JSON in the block at offset into v, a pointer.
func JSONFrom(offset uint64, v any) error {
	return json.Unmarshal(ParamBytes(offset), v)
}

// Handle is an export whose input and output are JSON: it decodes the input, calls function, encodes what that returns,
// and gives the return code. Errors and panics are those of [Run].
//
//	//go:wasmexport add
//	func add() int32 {
//		return pdk.Handle(func(in addends) (sum, error) { return sum{in.A + in.B}, nil })
//	}
func Handle[In, Out any](function func(In) (Out, error)) int32 {
	return Run(func() error {
		var in In
		if err := InputJSON(&in); err != nil {
			return err
		}
		out, err := function(in)
		if err != nil {
			return err
		}
		return OutputJSON(out)
	})
}
