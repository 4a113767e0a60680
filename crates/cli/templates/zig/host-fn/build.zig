const std = @import("std");

/// `zig build` makes the plug-in, `zig build test` calls it with host.wat in place of a host.
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

    const call = b.addSystemCommand(&.{ "plugwright", "call" });
    call.addArtifactArg(plugin);
    call.addArgs(&.{ "greet", "--input", "Ada" });
    call.addPrefixedFileArg("--link=extism:host/user=", b.path("host.wat"));
    call.expectStdOutEqual("Good day, Ada!");
    b.step("test", "Call the plug-in").dependOn(&call.step);
}
