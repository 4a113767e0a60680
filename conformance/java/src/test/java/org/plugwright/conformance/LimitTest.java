package org.plugwright.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.extism.sdk.Plugin;
import org.extism.sdk.manifest.Manifest;
import org.extism.sdk.manifest.MemoryOptions;
import org.junit.jupiter.api.Test;

class LimitTest {
    @Test
    void fuel() throws Exception {
        try (var plugin = new Plugin(Guests.bytes("spin"), false, null, 10_000)) {
            ErrorTest.assertFails("fuel", () -> plugin.call("spin", ""));
            // Each call has the whole amount.
            plugin.call("work", "");
            plugin.call("work", "");
        }
    }

    @Test
    void memory() {
        var sources = Guests.manifest("echo").getSources();
        try (var plugin = new Plugin(new Manifest(sources, new MemoryOptions(4, null)), false, null)) {
            assertEquals("small", plugin.call("echo", "small"));
            ErrorTest.assertFails("", () -> plugin.call("echo", new byte[1 << 20]));
            assertEquals("small", plugin.call("echo", "small"));
        }
    }
}
