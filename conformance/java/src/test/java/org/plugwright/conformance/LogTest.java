package org.plugwright.conformance;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.extism.sdk.LibExtism;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A process has one log file: there is one test. */
class LogTest {
    // The file stays open.
    @TempDir(cleanup = CleanupMode.NEVER)
    Path folder;

    @Test
    void toAFile() throws Exception {
        Path file = folder.resolve("plugin.log");
        assertTrue(LibExtism.INSTANCE.extism_log_file(file.toString(), "warn"));
        try (var plugin = Guests.load("abi_log")) {
            plugin.call("log_all", "");
        }
        String log = Files.readString(file);
        assertTrue(log.contains("WARN") && log.contains("ERROR"), log);
        assertFalse(log.contains("INFO") || log.contains("DEBUG"), log);
    }
}
