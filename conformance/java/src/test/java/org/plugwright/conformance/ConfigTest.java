package org.plugwright.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.extism.sdk.Plugin;
import org.extism.sdk.manifest.Manifest;
import org.junit.jupiter.api.Test;

class ConfigTest {
    private static Plugin plugin() {
        var sources = Guests.manifest("abi_config_vars").getSources();
        return new Plugin(new Manifest(sources, null, Map.of("greeting", "hello", "empty", "")), false, null);
    }

    @Test
    void ofTheManifest() {
        try (var plugin = plugin()) {
            plugin.call("check_config", "");
            assertEquals("hello", plugin.call("config_get", "greeting"));
            assertEquals("", plugin.call("config_get", "another"));
        }
    }

    @Test
    void updates() {
        try (var plugin = plugin()) {
            assertTrue(plugin.updateConfig("{\"greeting\": \"bonjour\", \"tea\": \"green\"}"));
            assertEquals("bonjour", plugin.call("config_get", "greeting"));
            assertEquals("green", plugin.call("config_get", "tea"));
            assertTrue(plugin.updateConfig("{\"tea\": null}"));
            assertEquals("", plugin.call("config_get", "tea"));
            assertEquals("bonjour", plugin.call("config_get", "greeting"));
        }
    }

    @Test
    void whatIsNoConfigChangesNothing() {
        try (var plugin = plugin()) {
            for (var json : List.of("{", "[]", "{\"greeting\": 1}", "")) {
                assertFalse(plugin.updateConfig(json), json);
                assertEquals("hello", plugin.call("config_get", "greeting"));
            }
        }
    }
}
