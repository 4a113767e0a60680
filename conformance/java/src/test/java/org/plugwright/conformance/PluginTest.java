package org.plugwright.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.extism.sdk.Extism;
import org.extism.sdk.Plugin;
import org.extism.sdk.manifest.Manifest;
import org.extism.sdk.wasm.WasmSourceResolver;
import org.junit.jupiter.api.Test;

class PluginTest {
    private static final String GREETING = "Hello, World!";
    private static final String ANSWER = "{\"count\":3}";

    @Test
    void ofBytes() throws IOException {
        try (var plugin = new Plugin(Guests.bytes("count_vowels"), false, null)) {
            assertEquals(ANSWER, plugin.call("count_vowels", GREETING));
        }
    }

    /** The resolver gives the file's hash along. */
    @Test
    void ofAFile() {
        try (var plugin = Guests.load("count_vowels")) {
            assertEquals(ANSWER, plugin.call("count_vowels", GREETING));
        }
    }

    @Test
    void ofBytesInAManifest() throws IOException {
        var source = new WasmSourceResolver().resolve("main", Guests.bytes("count_vowels"));
        try (var plugin = new Plugin(new Manifest(source), false, null)) {
            assertEquals(ANSWER, plugin.call("count_vowels", GREETING));
        }
    }

    @Test
    void ofSeveralModules() throws IOException {
        var resolver = new WasmSourceResolver();
        var library = resolver.resolve("library", Guests.path("linked_library"));
        var main = resolver.resolve("main", Guests.path("linked_main"));
        try (var plugin = new Plugin(new Manifest(List.of(library, main)), false, null)) {
            assertEquals("ABC", plugin.call("shout", "abc"));
        }
    }

    @Test
    void inOneGo() {
        assertEquals(ANSWER, Extism.invokeFunction(Guests.manifest("count_vowels"), "count_vowels", GREETING));
    }

    @Test
    void calledOften() {
        try (var plugin = Guests.load("count_vowels")) {
            for (int vowels = 0; vowels < 1000; vowels++) {
                assertEquals("{\"count\":" + vowels + "}", plugin.call("count_vowels", "xa".repeat(vowels)));
            }
        }
    }

    @Test
    void withInputsOfEachSize() {
        try (var plugin = Guests.load("echo")) {
            for (int size : new int[] {0, 1, 7, 8, 9, 65536, 1 << 20}) {
                byte[] input = new byte[size];
                for (int i = 0; i < size; i++) {
                    input[i] = (byte) (i * 31);
                }
                assertArrayEquals(input, plugin.call("echo", input));
            }
            assertArrayEquals(new byte[0], plugin.call("echo", (byte[]) null));
            assertEquals("çà et là 👋", plugin.call("echo", "çà et là 👋"));
        }
    }

    @Test
    void madeAndFreedOften() throws IOException {
        byte[] wasm = Guests.bytes("echo");
        for (int i = 0; i < 1000; i++) {
            try (var plugin = new Plugin(wasm, false, null)) {
                assertEquals("again", plugin.call("echo", "again"));
            }
        }
    }

    @Test
    void manyAtOnce() throws IOException {
        byte[] wasm = Guests.bytes("abi_config_vars");
        var plugins = new Plugin[100];
        Arrays.setAll(plugins, i -> new Plugin(wasm, false, null));
        // Each has variables of its own.
        for (int i = 0; i < plugins.length; i++) {
            plugins[i].call("set_color", "color " + i);
        }
        for (int i = 0; i < plugins.length; i++) {
            assertEquals("color " + i, plugins[i].call("get_color", ""));
            plugins[i].close();
        }
    }
}
