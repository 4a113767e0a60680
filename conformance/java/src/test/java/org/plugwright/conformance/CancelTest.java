package org.plugwright.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Pointer;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.extism.sdk.HostFunction;
import org.extism.sdk.LibExtism;
import org.extism.sdk.LibExtism.ExtismValType;
import org.junit.jupiter.api.Test;

/** The SDK has a class for this, {@code CancelHandle}, whose method is not public. So: the library's own functions. */
class CancelTest {
    private static final ExtismValType[] NONE = {};

    @Test
    void fromAnotherThread() throws Exception {
        var lib = LibExtism.INSTANCE;
        var running = new CountDownLatch(1);
        // The plug-in calls it, then runs for ever.
        var function = new HostFunction<>("host_cancel", NONE, NONE, (plugin, in, out, data) -> running.countDown(),
            Optional.empty());
        byte[] wasm = Guests.bytes("host_cancel");
        var plugin = lib.extism_plugin_new(wasm, wasm.length, new Pointer[] {function.pointer}, 1, false, null);
        assertNotNull(plugin);
        var handle = lib.extism_plugin_cancel_handle(plugin);

        boolean[] cancelled = {false};
        var canceller = new Thread(() -> {
            try {
                running.await();
                cancelled[0] = lib.extism_plugin_cancel(handle);
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        });
        canceller.start();
        assertNotEquals(0, lib.extism_plugin_call(plugin, "cancel_me", new byte[0], 0));
        canceller.join();
        assertTrue(cancelled[0]);
        assertTrue(lib.extism_plugin_error(plugin).contains("cancel"), lib.extism_plugin_error(plugin));

        // The next call is not cancelled.
        assertEquals(0, lib.extism_plugin_call(plugin, "run", new byte[0], 0));
        lib.extism_plugin_free(plugin);
        function.free();
    }
}
