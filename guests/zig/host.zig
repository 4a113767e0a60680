//! The plug-in contract for Zig, by hand: the imports that the plug-in here uses, and a few helpers over them.
//!
//! Offsets and lengths count bytes of the kernel memory, which is not the memory that Zig pointers address: bytes
//! travel between the two through load and store functions. Offset 0 means "none".

pub const Offset = u64;

pub extern "extism:host/env" fn alloc(length: u64) Offset;
pub extern "extism:host/env" fn free(block: Offset) void;
pub extern "extism:host/env" fn length(block: Offset) u64;
pub extern "extism:host/env" fn load_u8(at: Offset) u8;
pub extern "extism:host/env" fn load_u64(at: Offset) u64;
pub extern "extism:host/env" fn store_u8(at: Offset, value: u8) void;
pub extern "extism:host/env" fn store_u64(at: Offset, value: u64) void;
pub extern "extism:host/env" fn input_length() u64;
pub extern "extism:host/env" fn input_load_u8(index: u64) u8;
pub extern "extism:host/env" fn output_set(at: Offset, bytes: u64) void;
pub extern "extism:host/env" fn error_set(message: Offset) void;
/// Takes ownership of `key`.
pub extern "extism:host/env" fn config_get(key: Offset) Offset;
/// Takes ownership of `key`.
pub extern "extism:host/env" fn var_get(key: Offset) Offset;
/// Takes ownership of both.
pub extern "extism:host/env" fn var_set(key: Offset, value: Offset) void;

/// Copies bytes into a new block.
pub fn block(bytes: []const u8) Offset {
    const start = alloc(bytes.len);
    for (bytes, 0..) |byte, i| store_u8(start + i, byte);
    return start;
}

/// Copies the input into a new block, which the caller may give away.
pub fn inputBlock() Offset {
    const start = alloc(input_length());
    for (0..@intCast(input_length())) |i| store_u8(start + i, input_load_u8(i));
    return start;
}

/// Copies a block into `buffer` and returns the part that it filled; what does not fit is left out.
pub fn read(from: Offset, buffer: []u8) []u8 {
    const part = buffer[0..@intCast(@min(length(from), buffer.len))];
    for (part, 0..) |*byte, i| byte.* = load_u8(from + i);
    return part;
}

/// Makes a whole block the output; the code that it returns says "success".
pub fn output(from: Offset) i32 {
    output_set(from, length(from));
    return 0;
}

/// Ends the call with a message and a code that is not 0.
pub fn fail(message: Offset, code: i32) i32 {
    error_set(message);
    return code;
}
