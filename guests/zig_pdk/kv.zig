//! A key-value store of the host.

const std = @import("std");
const plugwright = @import("plugwright");
const Allocator = std.mem.Allocator;
const Block = plugwright.Block;

extern "extism:host/user" fn kv_read(key: Block) Block;
extern "extism:host/user" fn kv_write(key: Block, value: Block) void;
extern "env" fn hostMemoryGet(key: Block) Block;

comptime {
    plugwright.exportFunctions(.{ .kv_get = kvGet, .kv_set = kvSet, .env_get = envGet });
}

fn kvGet(allocator: Allocator, key: []const u8) !?[]const u8 {
    return kv_read(try .from(key)).take(allocator);
}

fn kvSet(pair: []const u8) !void {
    const key, const value = std.mem.cutScalar(u8, pair, '=') orelse return plugwright.fail(1, "expected key=value");
    kv_write(try .from(key), try .from(value));
}

/// The same as `kvGet`, through a function in another module.
fn envGet(key: []const u8) !void {
    plugwright.outputBlock(hostMemoryGet(try .from(key)));
}
