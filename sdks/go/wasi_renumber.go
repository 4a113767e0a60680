package plugwright

import "context"

// renumberFunction is the function of WASI that moves an open file to another number.
const renumberFunction = "fd_renumber"

// wasiNotSupported is WASI's number for what a system does not do.
const wasiNotSupported = 58

// wasiRenumber takes the place of wazero's function, whose table of open files has a place for each number: a guest with one
// open file could make it take 16 GiB. Plug-ins hardly use it; what does is freopen of C.
func wasiRenumber(_ context.Context, stack []uint64) { stack[0] = wasiNotSupported }
