//! What the helpers do at their edges: sizes around 8 bytes, text that needs escapes, memory that runs out.

const std = @import("std");
const plugwright = @import("plugwright");
const Allocator = std.mem.Allocator;

pub const panic = plugwright.panic;
pub const std_options = plugwright.std_options;

comptime {
    plugwright.exportFunctions(.{
        .copy = copy,
        .quote = quote,
        .nothing = nothing,
        .no_output = noOutput,
        .post = post,
        .exhaust = exhaust,
        .error_name = errorName,
        .fail_with_zero = failWithZero,
        .std_log = stdLog,
    });
}

/// Takes the input into the plug-in's memory and back.
fn copy(allocator: Allocator, input: []const u8) ![]u8 {
    return allocator.dupe(u8, input);
}

/// The input as a JSON string.
fn quote(allocator: Allocator, text: []const u8) ![]const u8 {
    var json: std.ArrayList(u8) = .empty;
    try plugwright.appendJsonString(&json, allocator, text);
    return json.items;
}

/// Nothing at all, where bytes may be given.
fn nothing(allocator: Allocator) !?[]const u8 {
    if (try plugwright.Block.from("") != .none) return error.BlockOfNoBytes;
    try plugwright.varSet("empty", "");
    if (try plugwright.varGet(allocator, "empty") != null) return error.EmptyVariable;
    if ((try plugwright.Block.none.read(allocator)).len != 0) return error.BytesOfNoBlock;
    plugwright.Block.none.free();
    plugwright.log(.err, "");
    return null;
}

fn noOutput() void {}

/// Posts the input to the configured URL, with a header that needs escapes. The response is the output.
fn post(allocator: Allocator, body: []const u8) ![]const u8 {
    const response = try plugwright.http(allocator, .{
        .url = try plugwright.configGet(allocator, "url") orelse return error.NoUrl,
        .method = "post",
        .headers = &.{
            .{ .name = "X-Quoted", .value = "say \"hi\" \\ to C:\\" },
            .{ .name = "X-Config", .value = try plugwright.configGet(allocator, "header") orelse "" },
        },
        .body = body,
    });
    return response.body;
}

/// Writes until no kernel memory is left, which is an error rather than a write to offset 0.
fn exhaust() !void {
    const zeros: [4096]u8 = @splat(0);
    while (true) _ = try plugwright.Block.from(&zeros);
}

fn errorName() !void {
    return error.KeyNotFound;
}

fn failWithZero() !void {
    return plugwright.fail(0, "code 0 would be success");
}

fn stdLog(text: []const u8) void {
    std.log.warn("got {d} bytes", .{text.len});
    std.log.scoped(.net).info("{s}", .{text});
    std.log.debug("nobody reads this", .{});
}
