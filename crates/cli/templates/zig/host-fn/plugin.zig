//! A plug-in that greets, with a greeting that its host keeps.

const std = @import("std");
const plugwright = @import("pdk/plugwright.zig");

pub const panic = plugwright.panic;
pub const std_options = plugwright.std_options;

/// The value that the host stores under a key, `none` if there is none.
extern "extism:host/user" fn kv_read(key: plugwright.Block) plugwright.Block;

comptime {
    plugwright.exportFunctions(.{ .greet = greet });
}

/// Greets whoever the input names. The greeting comes from the host's store, and is "Hello" without one.
fn greet(allocator: std.mem.Allocator, name: []const u8) ![]const u8 {
    const value = kv_read(try .from("greeting"));
    const greeting = try value.take(allocator) orelse "Hello";
    return std.mem.concat(allocator, u8, &.{ greeting, ", ", name, "!" });
}
