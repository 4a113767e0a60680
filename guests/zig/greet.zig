//! A plug-in that asks its host, without any library: wasm32-freestanding.

const host = @import("host.zig");

extern "extism:host/user" fn kv_read(key: host.Offset) host.Offset;

/// Greets the one whose name is the input, with the greeting that the host keeps.
export fn greet() i32 {
    const key = host.block("greeting");
    const greeting = kv_read(key);
    host.free(key);
    const before = host.length(greeting);
    const name = host.input_length();

    const start = host.alloc(before + 2 + name + 1);
    for (0..@intCast(before)) |i| host.store_u8(start + i, host.load_u8(greeting + i));
    host.store_u8(start + before, ',');
    host.store_u8(start + before + 1, ' ');
    for (0..@intCast(name)) |i| host.store_u8(start + before + 2 + i, host.input_load_u8(i));
    host.store_u8(start + before + 2 + name, '!');
    return host.output(start);
}
