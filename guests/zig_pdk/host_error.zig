//! A fallible host function's error, as a value.

const std = @import("std");
const plugwright = @import("plugwright");

extern "extism:host/user" fn host_try_fail() u64;

comptime {
    plugwright.exportFunctions(.{ .try_fail = tryFail });
}

fn tryFail(allocator: std.mem.Allocator) ![]const u8 {
    const result = host_try_fail();
    const message = try plugwright.hostError(allocator) orelse return error.HostFunctionDidNotFail;
    if (result != 0) return error.HostFunctionDidNotFail;
    if (try plugwright.hostError(allocator) != null) return error.ErrorIsThereTwice;
    return message;
}
