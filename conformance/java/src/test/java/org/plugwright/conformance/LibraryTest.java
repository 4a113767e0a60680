package org.plugwright.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.sun.jna.NativeLibrary;
import java.nio.file.Path;
import org.extism.sdk.LibExtism;
import org.junit.jupiter.api.Test;

/** What follows says nothing unless the SDK has loaded our library. */
class LibraryTest {
    @Test
    void ofTheFolderThatWasGiven() {
        assertFalse(LibExtism.INSTANCE.extism_version().isEmpty());
        Path loaded = NativeLibrary.getInstance("extism").getFile().toPath();
        assertEquals(Path.of(System.getProperty("jna.library.path")), loaded.getParent());
    }
}
