//! The plug-in `edges` with bulk copies.

const plugwright = @import("plugwright");

pub const plugwright_options: plugwright.Options = .{ .bulk = true };
pub const panic = plugwright.panic;
pub const std_options = plugwright.std_options;

comptime {
    _ = @import("edges.zig");
}
