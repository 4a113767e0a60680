//! Plug-ins in Zig 0.17, in one file and without any library.
//!
//! ```zig
//! const std = @import("std");
//! const plugwright = @import("plugwright.zig");
//!
//! pub const panic = plugwright.panic;
//! pub const std_options = plugwright.std_options;
//!
//! fn greet(allocator: std.mem.Allocator, name: []const u8) ![]const u8 {
//!     return std.mem.concat(allocator, u8, &.{ "Hello, ", name, "!" });
//! }
//!
//! comptime {
//!     plugwright.exportFunctions(.{ .greet = greet });
//! }
//! ```
//!
//! Build it by `zig build-exe greet.zig -target wasm32-freestanding -fno-entry -rdynamic -O ReleaseSmall -fstrip`.
//!
//! Words: *kernel memory* is what host and plug-in exchange bytes through; it is not the memory that Zig pointers
//! address. A *block* is a piece of it. Functions that take an allocator copy between the two, so that most plug-ins never
//! see a block.
//!
//! An empty value and a missing one are the same to the host. What the host refuses (a variable that does not fit, a
//! forbidden HTTP request, ...) ends the call, and no Zig code sees it.

const std = @import("std");
const root = @import("root");
const Allocator = std.mem.Allocator;

/// What a plug-in may choose, by a declaration in its root file:
/// `pub const plugwright_options: plugwright.Options = .{ .bulk = true };`.
pub const Options = struct {
    /// Copies are single calls of the host (`plugwright:host/mem`) rather than loops over 8 bytes. Such a plug-in runs on
    /// hosts that know Plugwright's functions, and no others.
    bulk: bool = false,
};

const options: Options = if (@hasDecl(root, "plugwright_options")) root.plugwright_options else .{};

// -- Exports ----------------------------------------------------------------------------------------------------------

/// Exports each function of a struct under its field's name. A function takes any of these, in any order:
///
/// - `std.mem.Allocator`: all that it allocates is freed when the call ends;
/// - `[]const u8`: the call's input.
///
/// It returns nothing, `[]const u8` or `?[]const u8` (the call's output), or an error union of one of these. An error
/// makes the call fail with code 1 and the error's name, or with what `fail` was told.
pub fn exportFunctions(comptime functions: anytype) void {
    const fields = @typeInfo(@TypeOf(functions)).@"struct".field_names;
    inline for (fields) |name| {
        const Entry = EntryPoint(@field(functions, name));
        @export(&Entry.run, .{ .name = name });
    }
}

fn EntryPoint(comptime function: anytype) type {
    return struct {
        fn run() callconv(.c) i32 {
            var arena: std.heap.ArenaAllocator = .init(std.heap.wasm_allocator);
            defer arena.deinit();
            answer(arena.allocator()) catch |problem| return report(problem);
            return 0;
        }

        fn answer(allocator: Allocator) anyerror!void {
            var arguments: std.meta.ArgsTuple(@TypeOf(function)) = undefined;
            inline for (&arguments) |*argument| {
                argument.* = switch (@TypeOf(argument.*)) {
                    Allocator => allocator,
                    []const u8 => try input(allocator),
                    else => |Type| @compileError("an exported function takes std.mem.Allocator and []const u8, not " ++ @typeName(Type)),
                };
            }
            const returned = @call(.auto, function, arguments);
            const result = if (@typeInfo(@TypeOf(returned)) == .error_union) try returned else returned;
            switch (@TypeOf(result)) {
                void => {},
                []const u8, []u8 => try output(result),
                ?[]const u8, ?[]u8 => try output(result orelse ""),
                else => |Type| @compileError("an exported function returns nothing, []const u8 or ?[]const u8, not " ++ @typeName(Type)),
            }
        }
    };
}

// -- Failing ----------------------------------------------------------------------------------------------------------

/// The code of the failure that `fail` announced.
var failure_code: i32 = 1;

/// Makes the call fail with a code and a message (UTF-8): `return plugwright.fail(7, "no such key");`. Code 0, which
/// would be success, becomes 1. By custom codes are 1 to 125.
pub fn fail(code: i32, message: []const u8) error{PluginFailed} {
    failure_code = if (code == 0) 1 else code;
    setError(message);
    return error.PluginFailed;
}

/// Makes the error the call's message, unless `fail` has said one, and returns its code.
fn report(problem: anyerror) i32 {
    switch (problem) {
        error.PluginFailed => return failure_code,
        error.OutOfMemory => setError("out of memory: the plug-in needs a higher memory limit (max_pages)"),
        else => setError(@errorName(problem)),
    }
    return 1;
}

/// Without kernel memory for it, the error has no message.
fn setError(message: []const u8) void {
    env.error_set(Block.from(message) catch .none);
}

/// Makes a panic's message the call's error, and traps. For the root file: `pub const panic = plugwright.panic;`.
pub const panic = std.debug.FullPanic(struct {
    fn panicked(message: []const u8, _: ?usize) noreturn {
        @branchHint(.cold);
        setError(message);
        @trap();
    }
}.panicked);

// -- Input and output -------------------------------------------------------------------------------------------------

/// The call's input, which belongs to the caller.
pub fn input(allocator: Allocator) Allocator.Error![]u8 {
    return load(allocator, env.input_offset(), env.input_length());
}

/// Makes a copy of `bytes` the call's output; `OutOfMemory` when no kernel memory is left for it.
pub fn output(bytes: []const u8) Allocator.Error!void {
    env.output_set((try Block.from(bytes)).offset(), bytes.len);
}

/// Makes a block the call's output, which must live until the call has returned.
pub fn outputBlock(block: Block) void {
    env.output_set(block.offset(), block.length());
}

// -- Config and variables ---------------------------------------------------------------------------------------------

/// The config value under `key`, which belongs to the caller; null when it is unset or empty.
pub fn configGet(allocator: Allocator, key: []const u8) Allocator.Error!?[]u8 {
    return env.config_get(try Block.from(key)).take(allocator);
}

/// The variable's value, which belongs to the caller; null when it is unset or empty. Variables live as long as the
/// plug-in.
pub fn varGet(allocator: Allocator, key: []const u8) Allocator.Error!?[]u8 {
    return env.var_get(try Block.from(key)).take(allocator);
}

/// Sets a variable. No bytes remove it: an empty variable and a missing one are the same.
pub fn varSet(key: []const u8, value: []const u8) Allocator.Error!void {
    const key_block = try Block.from(key);
    errdefer key_block.free();
    env.var_set(key_block, try Block.from(value));
}

/// Removes a variable, if it is set.
pub fn varRemove(key: []const u8) Allocator.Error!void {
    env.var_set(try Block.from(key), .none);
}

// -- Logging ----------------------------------------------------------------------------------------------------------

/// How much a message matters.
pub const Level = enum(i32) { trace, debug, info, warn, err };

/// Whether anybody reads messages of this level: ask before putting together one that is costly.
pub fn logEnabled(level: Level) bool {
    return @intFromEnum(level) >= env.get_log_level();
}

/// Logs text. Copies nothing when nobody reads that level; drops a message for which no kernel memory is left.
pub fn log(level: Level, message: []const u8) void {
    if (!logEnabled(level)) return;
    const block = Block.from(message) catch return;
    switch (level) {
        .trace => env.log_trace(block),
        .debug => env.log_debug(block),
        .info => env.log_info(block),
        .warn => env.log_warn(block),
        .err => env.log_error(block),
    }
}

/// Sends the messages of `std.log` to the host. For the root file: `pub const std_options = plugwright.std_options;`.
pub const std_options: std.Options = .{ .log_level = .debug, .logFn = stdLog };

/// The `logFn` of `std_options`. Messages are cut at 1024 bytes.
pub fn stdLog(
    comptime level: std.log.Level,
    comptime scope: @EnumLiteral(),
    comptime format: []const u8,
    arguments: anytype,
) void {
    const to: Level = switch (level) {
        .err => .err,
        .warn => .warn,
        .info => .info,
        .debug => .debug,
    };
    if (!logEnabled(to)) return;
    var buffer: [1024]u8 = undefined;
    var text: std.Io.Writer = .fixed(&buffer);
    const prefix = if (scope == .default) "" else "(" ++ @tagName(scope) ++ ") ";
    text.print(prefix ++ format, arguments) catch |problem| switch (problem) {
        error.WriteFailed => {}, // the buffer is full: the message is cut
    };
    log(to, text.buffered());
}

// -- HTTP -------------------------------------------------------------------------------------------------------------

/// A header of a request.
pub const Header = struct { name: []const u8, value: []const u8 };

/// A request. Its URL's host must be among those that the host allows.
pub const Request = struct {
    url: []const u8,
    method: []const u8 = "GET",
    headers: []const Header = &.{},
    body: []const u8 = "",
};

/// A response, whatever its status.
pub const Response = struct {
    status: i32,
    /// Belongs to the caller.
    body: []u8,
};

/// Sends a request and waits for the response. A request that is forbidden, malformed or not answered ends the call.
pub fn http(allocator: Allocator, request: Request) Allocator.Error!Response {
    var json: std.ArrayList(u8) = .empty;
    defer json.deinit(allocator);
    try json.appendSlice(allocator, "{\"url\":");
    try appendJsonString(&json, allocator, request.url);
    try json.appendSlice(allocator, ",\"method\":");
    try appendJsonString(&json, allocator, request.method);
    try json.appendSlice(allocator, ",\"headers\":{");
    for (request.headers, 0..) |header, i| {
        if (i != 0) try json.append(allocator, ',');
        try appendJsonString(&json, allocator, header.name);
        try json.append(allocator, ':');
        try appendJsonString(&json, allocator, header.value);
    }
    try json.appendSlice(allocator, "}}");

    const head: Block = try .from(json.items);
    const content = Block.from(request.body) catch |problem| {
        head.free();
        return problem;
    };
    const body = env.http_request(head, content); // takes both
    return .{ .status = env.http_status_code(), .body = try body.take(allocator) orelse &.{} };
}

/// The last response's headers, as a JSON object of strings with names in lower case, which belongs to the caller; null
/// unless the host shows headers.
pub fn httpHeaders(allocator: Allocator) Allocator.Error!?[]u8 {
    return env.http_headers().take(allocator);
}

/// Appends UTF-8 text as a JSON string: in quotes, with quotes, backslashes and control characters escaped.
pub fn appendJsonString(json: *std.ArrayList(u8), allocator: Allocator, text: []const u8) Allocator.Error!void {
    try json.append(allocator, '"');
    for (text) |byte| switch (byte) {
        '"', '\\' => try json.appendSlice(allocator, &.{ '\\', byte }),
        0...0x1f => try json.appendSlice(allocator, "\\u00" ++ .{ '0' + (byte >> 4), "0123456789abcdef"[byte & 15] }),
        else => try json.append(allocator, byte),
    };
    try json.append(allocator, '"');
}

// -- Host functions ---------------------------------------------------------------------------------------------------

/// The message of the last fallible host function that failed in this call, which belongs to the caller; null when there
/// is none. Asking clears it. A plug-in that uses this runs on hosts that know Plugwright's functions, and no others.
pub fn hostError(allocator: Allocator) Allocator.Error!?[]u8 {
    return plugwright_env.host_error_take().take(allocator);
}

// -- Blocks -----------------------------------------------------------------------------------------------------------

/// A block of kernel memory, as host functions take and return it:
///
/// ```zig
/// extern "extism:host/user" fn kv_read(key: plugwright.Block) plugwright.Block;
/// ```
///
/// By custom the plug-in keeps the blocks that it passes, and owns the block that it gets. All blocks are freed when the
/// plug-in's next call begins; none may be kept for it.
pub const Block = enum(u64) {
    /// No block, and the block of an empty value.
    none = 0,
    _,

    /// A new block with a copy of `bytes`, `none` when there are none; `OutOfMemory` when no kernel memory is left.
    pub fn from(bytes: []const u8) Allocator.Error!Block {
        if (bytes.len == 0) return .none;
        const block = env.alloc(bytes.len);
        if (block == .none) return error.OutOfMemory;
        store(block.offset(), bytes);
        return block;
    }

    /// Where it starts in kernel memory; 0 for `none`.
    pub fn offset(block: Block) u64 {
        return @intFromEnum(block);
    }

    /// Its length in bytes; 0 for `none`.
    pub fn length(block: Block) u64 {
        return env.length(block);
    }

    /// Frees it. `none` is ignored.
    pub fn free(block: Block) void {
        env.free(block);
    }

    /// A copy of its content, which belongs to the caller. The block remains.
    pub fn read(block: Block, allocator: Allocator) Allocator.Error![]u8 {
        return load(allocator, block.offset(), block.length());
    }

    /// A copy of its content, which belongs to the caller, null for `none`. The block is freed.
    pub fn take(block: Block, allocator: Allocator) Allocator.Error!?[]u8 {
        defer block.free();
        return if (block == .none) null else try block.read(allocator);
    }
};

fn load(allocator: Allocator, offset: u64, length: u64) Allocator.Error![]u8 {
    const size = std.math.cast(usize, length) orelse return error.OutOfMemory;
    const bytes = try allocator.alloc(u8, size);
    if (size == 0) return bytes; // its pointer is one that the host would refuse
    if (options.bulk) {
        mem.read(bytes.ptr, offset, length);
        return bytes;
    }
    const tail = size - size % 8;
    var i: usize = 0;
    while (i < tail) : (i += 8) word(bytes.ptr + i).* = env.load_u64(offset + i);
    for (bytes[tail..], tail..) |*byte, index| byte.* = @intCast(env.load_u8(offset + index));
    return bytes;
}

fn store(offset: u64, bytes: []const u8) void {
    if (options.bulk) return mem.write(offset, bytes.ptr, bytes.len);
    const tail = bytes.len - bytes.len % 8;
    var i: usize = 0;
    while (i < tail) : (i += 8) env.store_u64(offset + i, constWord(bytes.ptr + i).*);
    for (bytes[tail..], tail..) |byte, index| env.store_u8(offset + index, byte);
}

/// Eight bytes anywhere; both sides are little-endian. (Without optimisation for speed, `std.mem.readInt` is ten times slower.)
fn word(bytes: [*]u8) *align(1) u64 {
    return @ptrCast(bytes);
}

fn constWord(bytes: [*]const u8) *align(1) const u64 {
    return @ptrCast(bytes);
}

// -- The contract -----------------------------------------------------------------------------------------------------

/// The contract's own functions, for what the rest of this file does not do; docs/contract.md describes each. "Takes"
/// means that the host frees the block, and the plug-in must not use it any more.
pub const env = struct {
    /// `none` when the length is 0 or no kernel memory is left.
    pub extern "extism:host/env" fn alloc(length: u64) Block;
    pub extern "extism:host/env" fn free(block: Block) void;
    pub extern "extism:host/env" fn length(block: Block) u64;
    pub extern "extism:host/env" fn load_u8(offset: u64) u32;
    pub extern "extism:host/env" fn load_u64(offset: u64) u64;
    pub extern "extism:host/env" fn store_u8(offset: u64, value: u32) void;
    pub extern "extism:host/env" fn store_u64(offset: u64, value: u64) void;
    pub extern "extism:host/env" fn input_length() u64;
    pub extern "extism:host/env" fn input_offset() u64;
    pub extern "extism:host/env" fn output_set(offset: u64, length: u64) void;
    pub extern "extism:host/env" fn error_set(message: Block) void;
    /// Takes the key.
    pub extern "extism:host/env" fn config_get(key: Block) Block;
    /// Takes the key.
    pub extern "extism:host/env" fn var_get(key: Block) Block;
    /// Takes both.
    pub extern "extism:host/env" fn var_set(key: Block, value: Block) void;
    /// Takes both.
    pub extern "extism:host/env" fn http_request(request: Block, body: Block) Block;
    pub extern "extism:host/env" fn http_status_code() i32;
    pub extern "extism:host/env" fn http_headers() Block;
    /// Takes the message, as do the next four.
    pub extern "extism:host/env" fn log_trace(message: Block) void;
    pub extern "extism:host/env" fn log_debug(message: Block) void;
    pub extern "extism:host/env" fn log_info(message: Block) void;
    pub extern "extism:host/env" fn log_warn(message: Block) void;
    pub extern "extism:host/env" fn log_error(message: Block) void;
    pub extern "extism:host/env" fn get_log_level() i32;
};

const plugwright_env = struct {
    extern "plugwright:host/env" fn host_error_take() Block;
};

const mem = struct {
    extern "plugwright:host/mem" fn read(to: [*]u8, offset: u64, length: u64) void;
    extern "plugwright:host/mem" fn write(offset: u64, from: [*]const u8, length: u64) void;
};
