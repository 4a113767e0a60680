package org.plugwright.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.extism.sdk.HostFunction;
import org.extism.sdk.Plugin;
import org.extism.sdk.manifest.Manifest;
import org.extism.sdk.wasm.WasmSourceResolver;

/** The plug-ins of {@code guests/wat}. Maven runs tests in the project's folder. */
final class Guests {
    private Guests() {
    }

    static Path path(String name) {
        return Path.of("..", "..", "guests", "wat", name + ".wat");
    }

    static byte[] bytes(String name) throws IOException {
        return Files.readAllBytes(path(name));
    }

    static Manifest manifest(String name) {
        return new Manifest(new WasmSourceResolver().resolve(path(name)));
    }

    static Plugin load(String name, HostFunction<?>... functions) {
        return new Plugin(manifest(name), false, functions);
    }
}
