"""Configuration, its updates, and variables."""

from __future__ import annotations

import json
from typing import Any

from .conftest import GUESTS

PATH = str(GUESTS / "wat" / "abi_config_vars.wat")


def update(extism: Any, plugin: Any, config: bytes) -> bool:
    """The package's classes take a configuration when a plug-in is made; its bindings have a function for later."""
    return bool(extism.extism._lib.extism_plugin_config(plugin.plugin, config, len(config)))


def get(plugin: Any, key: str) -> bytes:
    return bytes(plugin.call("config_get", key))


def test_config_of_the_manifest_and_of_the_plugin(extism: Any) -> None:
    manifest = {"wasm": [{"path": PATH}], "config": {"a": "manifest", "b": "manifest"}}
    plugin = extism.Plugin(manifest, config={"b": "plug-in", "c": "naïve 💜"})
    assert [get(plugin, key) for key in "abcd"] == [b"manifest", b"plug-in", "naïve 💜".encode(), b""]
    # The compiled plug-in that it was made from keeps its own.
    compiled = extism.extism.CompiledPlugin(manifest)
    assert get(extism.Plugin(compiled, config={"b": "plug-in"}), "b") == b"plug-in"
    assert get(extism.Plugin(compiled), "b") == b"manifest"


def test_updates_are_merged(extism: Any) -> None:
    plugin = extism.Plugin(PATH, config={"a": "1", "b": "2"})
    assert get(plugin, "a") == b"1"
    assert update(extism, plugin, json.dumps({"a": None, "b": "two", "c": "three"}).encode())
    assert [get(plugin, key) for key in "abc"] == [b"", b"two", b"three"]


def test_a_bad_update_changes_nothing(extism: Any) -> None:
    plugin = extism.Plugin(PATH, config={"a": "1"})
    for bad in (b"{", b"[]", b'{"a": 2}', b"", b"\xff"):
        assert not update(extism, plugin, bad)
    assert get(plugin, "a") == b"1"


def test_variables_are_each_plugins_own(extism: Any) -> None:
    compiled = extism.extism.CompiledPlugin(PATH)
    painted, other = extism.Plugin(compiled), extism.Plugin(compiled)
    painted.call("set_color", "red")
    for _ in range(3):
        assert painted.call("get_color", b"") == b"red"
        assert other.call("get_color", b"") == b""
    painted.call("set_color", "blue")
    assert painted.call("get_color", b"") == b"blue"
