package org.plugwright.conformance;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.extism.sdk.Plugin;
import org.extism.sdk.manifest.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WasiTest {
    @TempDir
    Path folder;

    @Test
    void mustBeAskedFor() {
        ErrorTest.assertFails("wasi", () -> Guests.load("wasi_file"));
    }

    @Test
    void foldersThatTheManifestOpens() {
        try (var plugin = plugin(folder.toString())) {
            plugin.call("create", "made.txt");
        }
        assertTrue(Files.exists(folder.resolve("made.txt")));
    }

    @Test
    void foldersThatTheManifestOpensForReading() {
        try (var plugin = plugin("ro:" + folder)) {
            ErrorTest.assertFails("", () -> plugin.call("create", "made.txt"));
        }
        assertFalse(Files.exists(folder.resolve("made.txt")));
    }

    private static Plugin plugin(String folder) {
        var sources = Guests.manifest("wasi_file").getSources();
        return new Plugin(new Manifest(sources, null, null, null, Map.of(folder, "/data")), true, null);
    }
}
