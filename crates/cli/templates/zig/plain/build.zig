const std = @import("std");

/// `zig build` makes the plug-in, `zig build test` calls it as a host would.
pub fn build(b: *std.Build) void {
    const plugin = b.addExecutable(.{
        .name = "{{name}}",
        .root_module = b.createModule(.{
            .root_source_file = b.path("plugin.zig"),
            .target = b.resolveTargetQuery(.{ .cpu_arch = .wasm32, .os_tag = .freestanding }),
            .optimize = b.standardOptimizeOption(.{}),
        }),
    });
    plugin.entry = .disabled;
    plugin.rdynamic = true;
    b.installArtifact(plugin);

    const test_step = b.step("test", "Call the plug-in");
    expect(b, test_step, plugin, "Hello, Ada!", &.{});
    expect(b, test_step, plugin, "Hi, Ada!", &.{ "--config", "greeting=Hi" });
}

/// The greeting of Ada, with these flags of `plugwright call`, is this text.
fn expect(b: *std.Build, step: *std.Build.Step, plugin: *std.Build.Step.Compile, text: []const u8, flags: []const []const u8) void {
    const call = b.addSystemCommand(&.{ "plugwright", "call" });
    call.addArtifactArg(plugin);
    call.addArgs(&.{ "greet", "--input", "Ada" });
    call.addArgs(flags);
    call.expectStdOutEqual(text);
    step.dependOn(&call.step);
}
