package org.plugwright.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.extism.sdk.ExtismException;
import org.extism.sdk.LibExtism;
import org.extism.sdk.Plugin;
import org.extism.sdk.manifest.Manifest;
import org.extism.sdk.wasm.PathWasmSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ErrorTest {
    @Test
    void whatIsNoPlugin() {
        assertFails("", () -> new Plugin("{]".getBytes(), false, null));
        assertFails("", () -> new Plugin(new byte[] {0, 'a', 's', 'm', 1, 0, 0}, false, null));
        assertFails("", () -> new Plugin(new byte[0], false, null));
    }

    @Test
    void aFileThatIsNotThere() {
        var manifest = new Manifest(new PathWasmSource("main", "no/such/file.wasm", null));
        assertFails("no/such/file.wasm", () -> new Plugin(manifest, false, null));
    }

    @Test
    void aFileWithAnotherHash() {
        var hash = "0".repeat(64);
        var manifest = new Manifest(new PathWasmSource("main", Guests.path("echo").toString(), hash));
        assertFails("hash", () -> new Plugin(manifest, false, null));
    }

    @Test
    void importsThatNobodyOffers() {
        assertFails("no_such_function", () -> Guests.load("imports_unsatisfied"));
    }

    @Test
    void aFunctionThatIsNotThere() {
        try (var plugin = Guests.load("echo")) {
            assertFails("no_such_function", () -> plugin.call("no_such_function", ""));
            assertEquals("still here", plugin.call("echo", "still here"));
        }
    }

    @Test
    void traps() {
        try (var plugin = Guests.load("traps")) {
            for (var function : new String[] {"unreachable", "divide_by_zero", "infinite_recursion"}) {
                assertFails("", () -> plugin.call(function, ""));
                plugin.call("fine", "");
            }
        }
    }

    @Test
    void codesOfThePlugin() {
        try (var plugin = Guests.load("hazard_11_return_code")) {
            for (var function : new String[] {"one", "two_hundred", "smallest"}) {
                assertFails("", () -> plugin.call(function, ""));
                plugin.call("zero", "");
                plugin.call("none", "");
            }
        }
    }

    /** The numbers themselves, which the SDK's own classes do not show. */
    @Test
    void codesAsTheLibraryReturnsThem() throws IOException {
        assertEquals(200, code("hazard_11_return_code", "two_hundred"));
        assertEquals(Integer.MIN_VALUE, code("hazard_11_return_code", "smallest"));
        assertEquals(-1, code("hazard_11_return_code", "no_such_function"));
        assertEquals(134, code("traps", "unreachable"));
        assertEquals(3, code("wasi_exit", "exit_3"));
        assertEquals(0, code("wasi_exit", "exit_0"));
    }

    private static int code(String guest, String function) throws IOException {
        byte[] wasm = Guests.bytes(guest);
        var plugin = LibExtism.INSTANCE.extism_plugin_new(wasm, wasm.length, null, 0, true, null);
        try {
            return LibExtism.INSTANCE.extism_plugin_call(plugin, function, new byte[0], 0);
        } finally {
            LibExtism.INSTANCE.extism_plugin_free(plugin);
        }
    }

    static void assertFails(String part, Executable action) {
        var message = assertThrows(ExtismException.class, action).getMessage();
        assertTrue(message != null && message.contains(part), message);
    }
}
