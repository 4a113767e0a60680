//! One function for each service of the host.

const std = @import("std");
const plugwright = @import("plugwright");
const Allocator = std.mem.Allocator;

pub const panic = plugwright.panic;
pub const std_options = plugwright.std_options;

comptime {
    plugwright.exportFunctions(.{
        .echo = echo,
        .count_vowels = countVowels,
        .config_get = plugwright.configGet,
        .var_get = plugwright.varGet,
        .var_set = varSet,
        .var_remove = plugwright.varRemove,
        .log_all = logAll,
        .http_get = httpGet,
        .http_status = httpStatus,
        .fail_message = failMessage,
        .fail_code = failCode,
        .panic = panicWith,
    });
}

fn echo(input: []const u8) []const u8 {
    return input;
}

/// Counts vowels: the configuration says which letters count, a variable holds the total over all calls.
fn countVowels(allocator: Allocator, text: []const u8) ![]const u8 {
    const vowels = try plugwright.configGet(allocator, "vowels") orelse "aeiouAEIOU";
    var count: u64 = 0;
    for (text) |letter| count += @intFromBool(std.mem.findScalar(u8, vowels, letter) != null);

    const total = count + try readTotal(allocator);
    var stored: [8]u8 = undefined;
    std.mem.writeInt(u64, &stored, total, .little);
    try plugwright.varSet("total", &stored);

    var json: std.ArrayList(u8) = .empty;
    try json.print(allocator, "{{\"count\":{d},\"total\":{d},\"vowels\":", .{ count, total });
    try plugwright.appendJsonString(&json, allocator, vowels);
    try json.append(allocator, '}');
    return json.items;
}

fn readTotal(allocator: Allocator) !u64 {
    const stored = try plugwright.varGet(allocator, "total") orelse return 0;
    if (stored.len != 8) return error.TotalIsNoNumber;
    return std.mem.readInt(u64, stored[0..8], .little);
}

fn varSet(pair: []const u8) !void {
    const key, const value = std.mem.cutScalar(u8, pair, '=') orelse return plugwright.fail(1, "expected key=value");
    try plugwright.varSet(key, value);
}

fn logAll(message: []const u8) void {
    for (std.enums.values(plugwright.Level)) |level| plugwright.log(level, message);
}

fn httpGet(allocator: Allocator, url: []const u8) ![]const u8 {
    return (try plugwright.http(allocator, .{ .url = url })).body;
}

fn httpStatus(allocator: Allocator, url: []const u8) ![]const u8 {
    const response = try plugwright.http(allocator, .{ .url = url });
    const headers = try plugwright.httpHeaders(allocator) orelse "{}";
    return std.fmt.allocPrint(allocator, "{{\"status\":{d},\"headers\":{s}}}", .{ response.status, headers });
}

fn failMessage(message: []const u8) !void {
    return plugwright.fail(1, message);
}

fn failCode() !void {
    return plugwright.fail(42, "refused with code 42");
}

fn panicWith(message: []const u8) void {
    @panic(message);
}
