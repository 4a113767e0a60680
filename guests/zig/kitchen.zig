//! A plug-in without any library: wasm32-freestanding.

const std = @import("std");
const host = @import("host.zig");

export fn echo() i32 {
    return host.output(host.inputBlock());
}

export fn fail_message() i32 {
    return host.fail(host.inputBlock(), 1);
}

export fn fail_code() i32 {
    return host.fail(host.block("refused with code 42"), 42);
}

/// Counts vowels: the configuration says which letters count, a variable holds the total over all calls.
export fn count_vowels() i32 {
    var letters: [128]u8 = undefined;
    const vowels = vowelsToCount(&letters);
    var count: u64 = 0;
    for (0..@intCast(host.input_length())) |i| {
        if (std.mem.indexOfScalar(u8, vowels, host.input_load_u8(i)) != null) count += 1;
    }
    const total = addToTotal(count);

    var json: [512]u8 = undefined;
    var text = std.Io.Writer.fixed(&json);
    write(&text, count, total, vowels) catch return host.fail(host.block("the answer is too long"), 1);
    return host.output(host.block(text.buffered()));
}

fn vowelsToCount(buffer: []u8) []const u8 {
    const configured = host.config_get(host.block("vowels"));
    if (configured == 0) return "aeiouAEIOU";
    defer host.free(configured);
    return host.read(configured, buffer);
}

fn addToTotal(count: u64) u64 {
    const stored = host.var_get(host.block("total"));
    defer host.free(stored);
    const total = count + if (stored == 0) 0 else host.load_u64(stored);
    const sum = host.alloc(8);
    host.store_u64(sum, total);
    host.var_set(host.block("total"), sum);
    return total;
}

fn write(text: *std.Io.Writer, count: u64, total: u64, vowels: []const u8) std.Io.Writer.Error!void {
    try text.print("{{\"count\":{d},\"total\":{d},\"vowels\":\"", .{ count, total });
    for (vowels) |letter| {
        if (letter == '"' or letter == '\\') try text.writeByte('\\');
        try text.writeByte(letter);
    }
    try text.writeAll("\"}");
}
