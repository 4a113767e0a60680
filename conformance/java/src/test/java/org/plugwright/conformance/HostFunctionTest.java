package org.plugwright.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.extism.sdk.ExtismFunction;
import org.extism.sdk.HostFunction;
import org.extism.sdk.HostUserData;
import org.extism.sdk.LibExtism.ExtismValType;
import org.junit.jupiter.api.Test;

class HostFunctionTest {
    private static final ExtismValType[] NONE = {};
    private static final ExtismValType[] BLOCK = {ExtismValType.I64};
    private static final ExtismValType[] BLOCKS = {ExtismValType.I64, ExtismValType.I64};

    private final Map<String, String> store = new HashMap<>();

    @Test
    void takesAndReturnsText() {
        try (var plugin = Guests.load("host_functions", catalogue())) {
            assertEquals("through the host", plugin.call("echo", "through the host"));
            assertEquals(0, code(() -> plugin.call("check_blocks", "")));
        }
    }

    @Test
    void takesAndReturnsNumbersOfEachType() {
        try (var plugin = Guests.load("host_functions", catalogue())) {
            assertEquals(0, code(() -> plugin.call("check_numbers", "")));
        }
    }

    @Test
    void changesWhatTheProgramHas() {
        try (var plugin = Guests.load("host_functions", catalogue())) {
            assertEquals("", plugin.call("read", "note"));
            plugin.call("write_note", "remember the milk");
            assertEquals(Map.of("note", "remember the milk"), store);
            assertEquals("remember the milk", plugin.call("read_note", ""));
            store.put("tea", "green");
            assertEquals("green", plugin.call("read", "tea"));
        }
    }

    @Test
    void withoutParametersAndResults() {
        boolean[] called = {false};
        var function = function("nothing", NONE, NONE, (plugin, in, out, data) -> {
            assertEquals(0, in.length + out.length);
            called[0] = true;
        });
        byte[] wasm = """
            (module
              (import "extism:host/user" "nothing" (func $nothing))
              (func (export "run") (call $nothing)))""".getBytes();
        try (var plugin = new org.extism.sdk.Plugin(wasm, false, new HostFunction<?>[] {function})) {
            plugin.call("run", "");
        }
        assertTrue(called[0]);
    }

    @Test
    void inAModuleOfItsOwn() {
        var function = function("answer", NONE, BLOCK, (plugin, in, out, data) -> out[0].v.i64 = 42)
            .withNamespace("my:module/name");
        byte[] wasm = """
            (module
              (import "my:module/name" "answer" (func $answer (result i64)))
              (func (export "run") (result i32) (i64.ne (call $answer) (i64.const 42))))""".getBytes();
        try (var plugin = new org.extism.sdk.Plugin(wasm, false, new HostFunction<?>[] {function})) {
            assertEquals(0, code(() -> plugin.call("run", "")));
        }
    }

    /** What a plug-in's last user does not free, the library frees: the SDK frees functions with the first plug-in. */
    @Test
    void ofSeveralPlugins() {
        var functions = catalogue();
        var first = Guests.load("host_functions", functions);
        var second = Guests.load("host_functions", functions);
        first.call("write_note", "from the first");
        first.close();
        assertEquals("from the first", second.call("read_note", ""));
        second.close();
    }

    /** The functions that `guests/wat/host_functions.wat` needs. */
    private HostFunction<?>[] catalogue() {
        return new HostFunction<?>[] {
            function("kv_read", BLOCK, BLOCK, (plugin, in, out, data) -> {
                String value = store.get(plugin.inputString(in[0]));
                if (value == null) {
                    out[0].v.i64 = 0;
                } else {
                    plugin.returnString(out[0], value);
                }
            }),
            function("kv_write", BLOCKS, NONE, (plugin, in, out, data) ->
                store.put(plugin.inputString(in[0]), plugin.inputString(in[1]))),
            function("host_add", BLOCKS, BLOCK, (plugin, in, out, data) ->
                out[0].v.i64 = in[0].v.i64 + in[1].v.i64),
            function("host_mix",
                new ExtismValType[] {ExtismValType.I32, ExtismValType.I64, ExtismValType.F32, ExtismValType.F64},
                new ExtismValType[] {ExtismValType.F64},
                (plugin, in, out, data) ->
                    out[0].v.f64 = in[0].v.i32 + (double) in[1].v.i64 + in[2].v.f32 + in[3].v.f64),
            function("host_echo", BLOCK, BLOCK, (plugin, in, out, data) -> {
                byte[] bytes = in[0].v.i64 == 0 ? new byte[0] : plugin.inputBytes(in[0]);
                if (bytes.length == 0) {
                    out[0].v.i64 = 0;
                } else {
                    plugin.returnBytes(out[0], bytes);
                }
            }),
        };
    }

    private static HostFunction<HostUserData> function(
        String name, ExtismValType[] parameters, ExtismValType[] results, ExtismFunction<HostUserData> body) {
        return new HostFunction<>(name, parameters, results, body, Optional.empty());
    }

    /** A check in a guest that fails returns its number, and the SDK throws. */
    private static int code(Runnable call) {
        call.run();
        return 0;
    }
}
