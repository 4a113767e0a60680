//! A plug-in that greets.

const std = @import("std");
const plugwright = @import("pdk/plugwright.zig");

pub const panic = plugwright.panic;
pub const std_options = plugwright.std_options;

comptime {
    plugwright.exportFunctions(.{ .greet = greet });
}

/// Greets whoever the input names. The greeting comes from the config, and is "Hello" without one.
fn greet(allocator: std.mem.Allocator, name: []const u8) ![]const u8 {
    const greeting = try plugwright.configGet(allocator, "greeting") orelse "Hello";
    return std.mem.concat(allocator, u8, &.{ greeting, ", ", name, "!" });
}
